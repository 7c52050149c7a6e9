package identitycenter_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/hostile"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// Whoever answers, every list ends: with an error that names the operation, and
// not as a list that lacks something.
func TestListsEnd(t *testing.T) {
	for operation, read := range calls() {
		if !strings.HasPrefix(operation, "List") {
			continue
		}
		for _, k := range hostile.Lists("NextToken") {
			if strings.HasSuffix(operation, "Status") && operation != "ListAccountAssignmentCreationStatus" && k.Name != "ever new tokens and nothing" {
				continue // of jobs so many pages are read that one of the three lists tries the rest
			}
			t.Run(operation+"/"+k.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := centertest.NewBehind(t)
					b.Only(operation, k)
					began := time.Now()
					_, err := read(t.Context(), b)
					n, took := b.Proxy.Asked.Load(), time.Since(began)
					if n == 0 {
						t.Fatal("nobody was asked")
					}
					found := diag.FromError(b.Client.Explain(err))
					if len(found) != 1 || !strings.Contains(found[0].Summary+found[0].Detail, operation) || found[0].Hint == "" {
						t.Errorf("after %d pages: %v, %v", n, err, found)
					}
					if n > identitycenter.MaxIdleJobPages+1 || n > identitycenter.MaxIdlePages+1 && !strings.HasSuffix(operation, "Status") || took > identitycenter.MaxListTime {
						t.Errorf("%d pages, %s", n, took)
					}
				})
			})
		}
	}
}

// A list that goes on with new items is ended too: soon where a page has hardly
// anything, else where no list of AWS is as long.
func TestEndlessItems(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := centertest.NewBehind(t)
		b.Only("ListGroups", hostile.Endless("NextToken", func(n int64, like any) any {
			g := maps.Clone(like.(map[string]any))
			g["GroupId"], g["DisplayName"] = fmt.Sprintf("id-%d", n), fmt.Sprintf("group %d", n)
			return g
		}))
		_, _, err := b.Client.ListGroups().All(t.Context())
		centertest.CheckFinding(t, b.Client.Explain(err), identitycenter.CodeEndlessList, "ListGroups")
		if n := b.Proxy.Asked.Load(); n != identitycenter.ManyPages {
			t.Errorf("%d pages", n)
		}
	})
}

// What is listed twice counts once.
func TestListedTwice(t *testing.T) {
	twice := hostile.Changed("twice", func(_ int64, doc map[string]any) {
		for key, value := range doc {
			if list, ok := value.([]any); ok {
				doc[key] = slices.Concat(list, list)
			}
		}
	})
	for operation, read := range calls() {
		if !strings.HasPrefix(operation, "List") {
			continue
		}
		b := centertest.NewBehind(t)
		want, err := read(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		b.Only(operation, twice)
		if got, err := read(t.Context(), b); err != nil || b.Proxy.Asked.Load() == 0 || !cmp.Equal(want, got) {
			t.Errorf("%s: %v, %v, want %v", operation, got, err, want)
		}
	}
}

// Whatever answers, every call ends in time with an error that names host and
// operation, a write is sent once, and no credentials go anywhere else.
func TestCallsEndWhateverAnswers(t *testing.T) {
	// Answers that are dear to make are tried on one operation of each API.
	all := []string{"DescribePermissionSet", "ListGroups", "ListAccounts"}
	cheap := []string{"broken connection", "elsewhere", "a page", "a failing page", "empty", "a text", "null", "half", "garbage", "an empty failure"}
	hosts := map[string]string{identitycenter.SSOAdmin: "sso.", identitycenter.IdentityStore: "identitystore.", identitycenter.Organizations: "organizations.", identitycenter.STS: "sts."}
	table := calls()
	for _, o := range identitycenter.Operations() {
		for _, k := range hostile.Answers() {
			if !slices.Contains(all, o.Name) && !slices.Contains(cheap, k.Name) {
				continue
			}
			t.Run(o.Name+"/"+k.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := centertest.NewBehind(t)
					b.Only(o.Name, k)
					began := time.Now()
					_, err := table[o.Name](t.Context(), b)
					if took := time.Since(began); took > 4*time.Minute {
						t.Errorf("took %s", took)
					}
					if n := b.Proxy.Asked.Load(); n == 0 || n > identitycenter.ReadAttempts || o.Write && n != 1 {
						t.Errorf("asked %d times", n)
					}
					found := diag.FromError(b.Client.Explain(err))
					if len(found) != 1 {
						t.Fatalf("err = %v", err)
					}
					said := fmt.Sprint(found[0].Summary, found[0].Detail, found[0].Evidence)
					for _, want := range []string{o.Name, hosts[o.Family] + centertest.Region} {
						if !strings.Contains(said, want) {
							t.Errorf("%q is not said: %s", want, said)
						}
					}
					if b.Proxy.Hosts()[hostile.Elsewhere] || strings.Contains(said, "planted") || len(said) > 2000 {
						t.Errorf("hosts %v, %d bytes said: %.200s", b.Proxy.Hosts(), len(said), said)
					}
				})
			})
		}
	}
}

// An answer to another question, and one without what AWS always says, is an
// error and no data.
func TestWrongAnswersAreNoData(t *testing.T) {
	const other = "ssoins-9999999999999999"
	elsewhere := func(doc map[string]any) {
		for _, key := range []string{"PermissionSetArn", "PermissionSets"} {
			hostile.Each(doc, key, func(v any) any {
				if list, ok := v.([]any); ok {
					for i := range list {
						list[i] = "arn:aws:sso:::permissionSet/" + other + "/ps-9999999999999999"
					}
					return list
				}
				return "arn:aws:sso:::permissionSet/" + other + "/ps-9999999999999999"
			})
		}
	}
	set := func(name string, value any) func(map[string]any) {
		return func(doc map[string]any) { hostile.Each(doc, name, func(any) any { return value }) }
	}
	without := func(name string) func(map[string]any) {
		return func(doc map[string]any) { hostile.Without(doc, name) }
	}
	for operation, changes := range map[string]map[string]func(map[string]any){
		"DescribePermissionSet":                   {"another instance": elsewhere, "nothing": without("PermissionSet"), "no name": without("Name"), "a number": set("Name", 7)},
		"ListPermissionSets":                      {"another instance": elsewhere, "numbers": set("PermissionSets", []any{1}), "null": set("PermissionSets", []any{nil})},
		"ListPermissionSetsProvisionedToAccount":  {"another instance": elsewhere},
		"ListAccountAssignments":                  {"another set": elsewhere, "another account": set("AccountId", "999999999999"), "no account": without("AccountId"), "no principal": without("PrincipalId"), "no kind": without("PrincipalType"), "another kind": set("PrincipalType", "ROLE")},
		"ListAccountAssignmentsForPrincipal":      {"another instance": elsewhere, "another group": set("PrincipalId", "94682448-0000-0000-0000-000000000000"), "no account": without("AccountId"), "an account that is none": set("AccountId", "development")},
		"ListAccountsForProvisionedPermissionSet": {"no accounts": set("AccountIds", []any{"development"})},
		"ListAccounts":                            {"no id": without("Id"), "an id that is none": set("Id", "1")},
		"ListGroups":                              {"no id": without("GroupId"), "no list": without("Groups"), "null": set("Groups", nil), "another store": set("IdentityStoreId", "d-9999999999"), "numbers": set("DisplayName", 1)},
		"ListUsers":                               {"no id": without("UserId"), "no list": without("Users"), "another store": set("IdentityStoreId", "d-9999999999")},
		"ListGroupMemberships":                    {"another group": set("GroupId", "94682448-0000-0000-0000-000000000000"), "no member": without("MemberId"), "no list": without("GroupMemberships"), "no id": without("MembershipId")},
		"ListGroupMembershipsForMember":           {"another user": set("UserId", "94682448-0000-0000-0000-000000000000"), "no group": without("GroupId")},
		"ListTagsForResource":                     {"no key": without("Key")},
		"ListManagedPoliciesInPermissionSet":      {"no ARN": without("Arn")},
		"ListInstances":                           {"no ARN": without("InstanceArn"), "no store": without("IdentityStoreId")},
	} {
		for name, change := range changes {
			t.Run(operation+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := centertest.NewBehind(t)
					b.Only(operation, hostile.Changed(name, func(_ int64, doc map[string]any) { change(doc) }))
					_, err := calls()[operation](t.Context(), b)
					if b.Proxy.Asked.Load() == 0 {
						t.Fatal("nobody was asked")
					}
					found := diag.FromError(b.Client.Explain(err))
					if len(found) != 1 || !strings.Contains(fmt.Sprint(found[0]), operation) {
						t.Errorf("err = %v, %v", err, found)
					}
				})
			})
		}
	}
}

// Single answers too: what comes back is what was asked for.
func TestSingleAnswers(t *testing.T) {
	for _, operation := range []string{"DescribeUser", "DescribeGroup", "GetUserId", "GetGroupId", "DescribeAccount", "DescribeOrganization"} {
		for name, change := range map[string]func(map[string]any){
			"nothing": func(doc map[string]any) { clear(doc) },
			"of another": func(doc map[string]any) {
				for _, key := range []string{"UserId", "GroupId", "Id", "MasterAccountId"} {
					hostile.Each(doc, key, func(any) any { return nobody })
				}
				hostile.Each(doc, "IdentityStoreId", func(any) any { return "d-9999999999" })
			},
		} {
			t.Run(operation+"/"+name, func(t *testing.T) {
				b := centertest.NewBehind(t)
				b.Only(operation, hostile.Changed(name, func(_ int64, doc map[string]any) { change(doc) }))
				_, err := calls()[operation](t.Context(), b)
				centertest.CheckFinding(t, b.Client.Explain(err), identitycenter.CodeForeignAnswer, operation)
			})
		}
	}
}

// Credentials that nobody gives are said to be missing, in time.
func TestCredentialsThatNeverCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := centertest.OptionsFor(centertest.Start(t, emulator.Options{}).Transport(), "")
		o.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			select { // a source that does not know the context ends by its client's own limit
			case <-ctx.Done():
			case <-time.After(10 * time.Minute):
			}
			return aws.Credentials{}, errors.New("too late")
		})
		began := time.Now()
		_, err := identitycenter.Connect(t.Context(), o)
		centertest.CheckFinding(t, err, identitycenter.CodeNoCredentials, identitycenter.CredentialsIn.String())
		if took := time.Since(began); took > identitycenter.CredentialsIn+time.Second || !identitycenter.CredentialError(err) {
			t.Errorf("took %s, %v", took, err)
		}
		time.Sleep(10 * time.Minute)
	})
}

// One page without its list is read as one; nobody goes on without.
func TestPagesBelongToAList(t *testing.T) {
	b := centertest.NewBehind(t)
	token := "x"
	if err := identitycenter.PageOfGroups(t.Context(), b.Client, &token); err == nil || !strings.Contains(err.Error(), "list") {
		t.Errorf("err = %v", err)
	}
	if err := identitycenter.PageOfGroups(t.Context(), b.Client, nil); err != nil {
		t.Error(err)
	}
}

// An answer as large as one may be is read whole, and the turn is given back.
func TestLargeAnswers(t *testing.T) {
	b := centertest.NewBehind(t)
	b.Only("DescribeGroup", hostile.Changed("large", func(_ int64, doc map[string]any) {
		doc["Unknown"] = strings.Repeat("x", identitycenter.MaxAnswer-identitycenter.LightAnswer)
	}))
	for range 3 {
		if g, _, err := b.Client.DescribeGroup(t.Context(), b.IDs.Group); err != nil || g.Name != "Developers" {
			t.Fatal(g, err)
		}
	}
	b.Only("DescribeGroup", hostile.Changed("larger", func(_ int64, doc map[string]any) {
		doc["Unknown"] = strings.Repeat("x", identitycenter.MaxAnswer+identitycenter.LightAnswer)
	}))
	_, _, err := b.Client.DescribeGroup(t.Context(), b.IDs.Group)
	centertest.CheckFinding(t, b.Client.Explain(err), identitycenter.CodeForeignAnswer, "16 MiB")
}
