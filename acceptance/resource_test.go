package acceptance

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/tfprovider"
)

// factories serve the provider from this process, over an emulator of its own.
func factories(t *testing.T) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	return factoriesOver(t, nil)
}

func factoriesOver(t *testing.T, estate *emulator.Estate) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	t.Setenv("TF_ACC_TERRAFORM_PATH", program(t))
	if strings.HasPrefix(filepath.Base(program(t)), "tofu") { // it looks for a provider without a source elsewhere
		t.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
		t.Setenv("TF_ACC_PROVIDER_NAMESPACE", "hashicorp")
	}
	t.Setenv("CHECKPOINT_DISABLE", "1")
	if rc, err := mirror(); err == nil {
		t.Setenv("TF_CLI_CONFIG_FILE", rc)
	}
	e, err := emulator.New(emulator.Options{Estate: estate, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	o := tfprovider.Options{HTTPClient: &http.Client{Transport: e.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")}
	return map[string]func() (tfprotov6.ProviderServer, error){"rolecall": providerserver.NewProtocol6WithError(tfprovider.New("test", o)())}
}

func groupConfig(kind, name, extra string) string {
	return fmt.Sprintf(`
provider "rolecall" {
  owner  = "platform"
  region = "us-east-1"
}

resource "rolecall_%s" "team" {
  name                 = %q
  description          = "Development team access"
  permission_set_name  = "Developers"
  accounts_names       = ["development", "staging"]
  aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
  %s
}
`, kind, name, extra)
}

// steps applies, changes something, imports, and finds nothing left to do.
func steps(address, importID, first, second string) []resource.TestStep {
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	inPlace := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
	return []resource.TestStep{
		{Config: first},
		{Config: first, ConfigPlanChecks: empty},
		{Config: second, ConfigPlanChecks: inPlace},
		{Config: second, ConfigPlanChecks: empty},
		{ResourceName: address, ImportState: true, ImportStateId: importID, ImportStateVerify: true},
		{Config: second, ConfigPlanChecks: empty},
	}
}

func TestExternalGroup(t *testing.T) {
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(t),
		Steps: steps("rolecall_external_group.team", "AWS-Development-Team::Developers",
			groupConfig("external_group", "AWS-Development-Team", ""), groupConfig("external_group", "AWS-Development-Team", `session_duration = "PT8H"`))})
}

func TestAccessGroup(t *testing.T) {
	config := func(extra string) string {
		return groupConfig("access_group", "Own-Team", "members = [\"jane.smith@company.com\"]\n  "+extra)
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(t),
		Steps: steps("rolecall_access_group.team", "Own-Team::Developers", config(""), config(`tags = { team = "development" }`))})
}

func TestUser(t *testing.T) {
	config := func(display string) string {
		return fmt.Sprintf(`
provider "rolecall" {
  owner  = "platform"
  region = "us-east-1"
}

resource "rolecall_user" "jane" {
  display_name = %q
  email        = "jane.doe@company.com"
  given_name   = "Jane"
  family_name  = "Doe"
}
`, display)
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(t),
		Steps: steps("rolecall_user.jane", "jane.doe@company.com", config("Jane Doe"), config("Jane D."))})
}

const providerBlock = `
provider "rolecall" {
  owner  = "platform"
  region = "us-east-1"
}
`

// Another group is another resource: the members go from the one to the other.
func TestGroupMembers(t *testing.T) {
	e := emulator.DefaultEstate()
	for _, name := range []string{"Responders", "Others"} {
		e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: name, Members: []string{"john.miller@company.com"}})
	}
	config := func(group, members string) string {
		return providerBlock + fmt.Sprintf("\nresource \"rolecall_group_members\" \"responders\" {\n  group   = %q\n  members = [%s]\n}\n", group, members)
	}
	const address, john, wei = "rolecall_group_members.responders", `"john.miller@company.com"`, `"wei.chen@company.com"`
	list := steps(address, "Responders", config("Responders", john), config("Responders", john+", "+wei))
	list[4].ImportStateVerifyIgnore = []string{"added.#", "added.0", "added"} // an import added nobody
	replaced := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)}}
	list = append(list, resource.TestStep{Config: config("Others", wei), ConfigPlanChecks: replaced,
		Check: resource.ComposeAggregateTestCheckFunc(resource.TestCheckResourceAttr(address, "added.#", "1"), resource.TestCheckResourceAttr(address, "members.#", "1"))})
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factoriesOver(t, e), Steps: list})
}

// Another name is another resource, and destroying one brings nobody back.
func TestRemovedUser(t *testing.T) {
	config := func(name string) string {
		return providerBlock + fmt.Sprintf("\nresource \"rolecall_removed_user\" \"gone\" {\n  username = %q\n}\n", name)
	}
	const address = "rolecall_removed_user.gone"
	e := emulator.DefaultEstate()
	e.Users = append(e.Users, emulator.EstateUser{UserName: "by.hand@company.com", DisplayName: "By Hand", GivenName: "By", FamilyName: "Hand", Email: "by.hand@company.com"})
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	replaced := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionDestroyBeforeCreate)}}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factoriesOver(t, e), Steps: []resource.TestStep{
		{Config: config("nobody@company.com")},
		{Config: config("nobody@company.com"), ConfigPlanChecks: empty},
		{ResourceName: address, ImportState: true, ImportStateId: "nobody@company.com", ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "username"},
		{Config: config("by.hand@company.com"), ConfigPlanChecks: replaced},
		{Config: config("by.hand@company.com"), ConfigPlanChecks: empty},
	}})
}
