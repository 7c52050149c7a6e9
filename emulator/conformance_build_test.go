package emulator_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/rolecall-dev/rolecall/emulator"
)

// TestClientBuildsItsOwnEstate begins with nothing but an account.
func TestClientBuildsItsOwnEstate(t *testing.T) {
	c := start(t, emulator.Options{Estate: &emulator.Estate{Instances: []emulator.EstateInstance{}}})
	if _, err := c.orgs.ListAccounts(ctx(), nil); code(err) != "AWSOrganizationsNotInUseException" {
		t.Errorf("accounts before there is an organization: %v", err)
	}
	must[*organizations.CreateOrganizationOutput](t)(c.orgs.CreateOrganization(ctx(), nil))
	for _, name := range []string{"one", "two"} {
		must[*organizations.CreateAccountOutput](t)(c.orgs.CreateAccount(ctx(), &organizations.CreateAccountInput{AccountName: &name, Email: aws.String(name + "@company.com")}))
	}
	again := must[*organizations.CreateAccountOutput](t)(c.orgs.CreateAccount(ctx(), &organizations.CreateAccountInput{AccountName: aws.String("three"), Email: aws.String("ONE@company.com")}))
	status := must[*organizations.DescribeCreateAccountStatusOutput](t)(c.orgs.DescribeCreateAccountStatus(ctx(), &organizations.DescribeCreateAccountStatusInput{CreateAccountRequestId: again.CreateAccountStatus.Id})).CreateAccountStatus
	if status.State != "FAILED" || status.FailureReason != "EMAIL_ALREADY_EXISTS" {
		t.Errorf("a second account of the same address = %s %s", status.State, status.FailureReason)
	}
	if err := c.Change(emulator.Change{Instance: &emulator.EstateInstance{Name: "organization"}}); err != nil {
		t.Fatal(err)
	}
	if got := must[*ssoadmin.ListInstancesOutput](t)(c.sso.ListInstances(ctx(), nil)); len(got.Instances) != 1 || *got.Instances[0].OwnerAccountId != management {
		t.Errorf("instances = %+v", got.Instances)
	}
	if c.SCIM().Path == "" {
		t.Error("the new instance has no SCIM endpoint")
	}
}

func TestOrganizationsRefuse(t *testing.T) {
	c := start(t, emulator.Options{})
	root := must[*organizations.ListRootsOutput](t)(c.orgs.ListRoots(ctx(), nil)).Roots[0].Id
	_, duplicate := c.orgs.CreateOrganizationalUnit(ctx(), &organizations.CreateOrganizationalUnitInput{Name: aws.String("Security"), ParentId: root})
	_, unit := c.orgs.ListAccountsForParent(ctx(), &organizations.ListAccountsForParentInput{ParentId: aws.String("ou-root-00000000")})
	_, account := c.orgs.DescribeAccount(ctx(), &organizations.DescribeAccountInput{AccountId: aws.String("000000000000")})
	_, child := c.orgs.ListParents(ctx(), &organizations.ListParentsInput{ChildId: aws.String("000000000000")})
	_, own := c.orgs.CloseAccount(ctx(), &organizations.CloseAccountInput{AccountId: aws.String(management)})
	_, there := c.orgs.MoveAccount(ctx(), &organizations.MoveAccountInput{AccountId: aws.String(management), SourceParentId: root, DestinationParentId: root})
	for want, err := range map[string]error{
		"DuplicateOrganizationalUnitException": duplicate, "ParentNotFoundException": unit, "AccountNotFoundException": account,
		"ChildNotFoundException": child, "ConstraintViolationException": own, "DuplicateAccountException": there,
	} {
		if code(err) != want {
			t.Errorf("error = %v, want %s", err, want)
		}
	}
	parent := root
	for depth := range 6 {
		out, err := c.orgs.CreateOrganizationalUnit(ctx(), &organizations.CreateOrganizationalUnitInput{Name: aws.String("deep"), ParentId: parent})
		if depth == 5 {
			if code(err) != "ConstraintViolationException" {
				t.Errorf("a sixth level: %v", err)
			}
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		parent = out.OrganizationalUnit.Id
	}
}
