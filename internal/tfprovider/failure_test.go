package tfprovider

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// tenAccounts is an organization with ten accounts for one group.
func tenAccounts() (*emulator.Estate, object) { return teams(10) }

func teams(accounts int) (*emulator.Estate, object) {
	e := emulator.DefaultEstate()
	config := development()
	var names []string
	for i := range accounts {
		name := "team-" + string(rune('a'+i))
		names = append(names, name)
		e.Accounts = append(e.Accounts, emulator.EstateAccount{Name: name, ID: fmt.Sprintf("9000000000%02d", i)})
	}
	config["accounts_names"] = names
	return e, config
}

// One account of ten refuses: nine are done, the error is AWS's own reason, and
// the state has the nine. Once the account lets it, the tenth follows and
// nothing else is touched.
func TestPartialFailure(t *testing.T) {
	for _, name := range []string{"create", "update"} {
		t.Run(name, func(t *testing.T) {
			estate, config := tenAccounts()
			bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
				var state *stored
				if name == "update" {
					state = tf.apply(accessGroup, nil, with(config, "accounts_names", []string{"development"}))
				}
				fail(t, tf.e, emulator.Fault{Operation: "sso-admin.CreateAccountAssignment", Kind: emulator.FailJob, Call: 5, Times: 1, Reason: "Received a 403 status error: a service control policy denies it"})
				state, diags := tf.try(accessGroup, state, config)
				if !hasErrors(diags) || !strings.Contains(words(diags), "a service control policy denies it") {
					t.Fatalf("no error with AWS's reason:\n%s", words(diags))
				}
				switch {
				case name == "create" && state != nil:
					t.Errorf("a creation that is not whole is in the state, so Terraform taints it: %s", show(state.value))
				case name == "create":
				case strings.Count(state.get("accounts_names"), "team-") != 9:
					t.Errorf("accounts in the state: %s", state.get("accounts_names"))
				case !strings.Contains(state.get("drift"), "create the assignment"):
					t.Errorf("drift %s", state.get("drift"))
				}
				made := roleARNs(tf.e, "90000000000")
				before := tf.e.Stats().Calls["sso-admin.CreateAccountAssignment"]
				state = tf.apply(accessGroup, state, config)
				if n := tf.e.Stats().Calls["sso-admin.CreateAccountAssignment"] - before; n != 1 {
					t.Errorf("%d assignments were made to complete one", n)
				}
				for _, arn := range made {
					if !slices.Contains(roleARNs(tf.e, "90000000000"), arn) {
						t.Errorf("role %s was touched", arn)
					}
				}
				tf.empty(accessGroup, state, config)
			})
		})
	}
}

func fail(t *testing.T, e *emulator.Emulator, faults ...emulator.Fault) {
	t.Helper()
	if err := e.SetFaults(faults...); err != nil {
		t.Fatal(err)
	}
}

// eachKind is a config of each resource that makes something.
func eachKind() map[string]object {
	return map[string]object{accessGroup: development(), externalGroup: pushed(), user: jane(), groupMembers: responders(john, wei, smith)}
}

func TestWrongCredentials(t *testing.T) {
	for key, want := range map[string]string{
		emulator.ExpiredKey: "expired", emulator.InvalidKey: "", emulator.MemberKey: "", emulator.DeniedKey: "",
	} {
		for kind, config := range eachKind() {
			t.Run(key+" "+kind, func(t *testing.T) {
				bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
					before := contents(tf.e)
					tf.key = key
					state, diags := tf.try(kind, nil, config)
					if !hasErrors(diags) || !strings.Contains(strings.ToLower(words(diags)), want) || state != nil {
						t.Errorf("state %v, diagnostics:\n%s", state, words(diags))
					}
					if got := contents(tf.e); got != before {
						t.Errorf("something was written:\n%s", got)
					}
				})
			})
		}
	}
}

// operationOf returns the last part of X-Amz-Target, which names the operation.
func operationOf(req *http.Request) string {
	target := req.Header.Get("X-Amz-Target")
	return target[strings.LastIndexByte(target, '.')+1:]
}

// A destroy that one account of ten refuses keeps the resource, with what is
// left, and the next one ends it.
func TestPartialDestroy(t *testing.T) {
	estate, config := tenAccounts()
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		before := holdings(tf.e)
		state := tf.apply(accessGroup, nil, config)
		fail(t, tf.e, emulator.Fault{Operation: "sso-admin.DeleteAccountAssignment", Kind: emulator.FailJob, Call: 5, Times: 1, Reason: "Received a 403 status error: a service control policy denies it"})
		state, diags := tf.try(accessGroup, state, nil)
		if !hasErrors(diags) || !strings.Contains(words(diags), "a service control policy denies it") || state == nil {
			t.Fatalf("no error with AWS's reason:\n%s", words(diags))
		}
		if n := strings.Count(state.get("accounts_names"), "team-"); n != 1 {
			t.Errorf("%d accounts in the state, want 1: %s", n, state.get("accounts_names"))
		}
		if left := tf.apply(accessGroup, state, nil); left != nil {
			t.Errorf("left in the state: %s", show(left.value))
		}
		if got := holdings(tf.e); got != before {
			t.Errorf("left in AWS:\n%s", got)
		}
	})
}

// What a group's resource may not take is refused at plan, and nothing is written.
func TestRefusals(t *testing.T) {
	marked := access.Mark{Owner: "other"}.On("theirs")
	cases := []struct {
		name   string
		estate func(*emulator.Estate)
		kind   string
		config object
		want   string
	}{
		{"unmarked group", func(e *emulator.Estate) {
			e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "DevelopmentTeam"})
		}, accessGroup, development(), "adopt = true"},
		{"unmarked set", func(e *emulator.Estate) {
			e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "DevelopmentTeam"})
		}, accessGroup, development(), "adopt = true"},
		{"another owner's set", func(e *emulator.Estate) {
			e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "DevelopmentTeam", Tags: map[string]string{access.OwnerTag: "other"}})
		}, accessGroup, with(development(), "adopt", true), `belongs to owner "other"`},
		{"another owner's group", func(e *emulator.Estate) {
			e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "DevelopmentTeam", Description: marked})
		}, accessGroup, development(), `belongs to owner "other"`},
		{"set of another group", func(e *emulator.Estate) {
			e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: "DevelopmentTeam", Tags: map[string]string{access.OwnerTag: "platform", access.GroupTag: "Others"}})
		}, accessGroup, development(), `in use for group "Others"`},
		{"no owner's rule", nil, accessGroup, with(development(), "session_duration", "8h"), `Did you mean "PT8H"?`},
		{"SCIM's group", func(e *emulator.Estate) {
			e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: "DevelopmentTeam", Source: emulator.FromSCIM, ExternalID: "00g1"})
		}, accessGroup, with(development(), "adopt", true), "rolecall_external_group"},
		{"no owner", nil, accessGroup, with(development(), "owner", ""), "No owner is set"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			estate := emulator.DefaultEstate()
			if c.estate != nil {
				c.estate(estate)
			}
			bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
				before := holdings(tf.e)
				pl := tf.plan(c.kind, nil, c.config)
				if !pl.failed || !strings.Contains(words(pl.diags), c.want) {
					t.Errorf("want %q in\n%s", c.want, words(pl.diags))
				}
				if got := holdings(tf.e); got != before {
					t.Errorf("something was written:\n%s", got)
				}
			})
		})
	}
}

// A group that SCIM has not brought is an error at plan, as it is for the command,
// and at apply where it went meanwhile; waiting for it makes what comes by then good
// enough, but not another name.
func TestWaitForSync(t *testing.T) {
	late := with(with(pushed(), "name", "AWS-Late-Team"), "accounts_names", []string{"development"})
	bubble(t, emulator.Options{}, func(tf *terraform) {
		pl := tf.plan(externalGroup, nil, late)
		if !pl.failed || !strings.Contains(words(pl.diags), `Group "AWS-Late-Team" is not in IAM Identity Center`) || !strings.Contains(words(pl.diags), "`wait_for_sync = true`") {
			t.Fatalf("plan:\n%s", words(pl.diags))
		}
		pl = tf.plan(externalGroup, nil, pushed())
		rename(t, tf.e, "AWS-Development-Team", "Cloud-Builders")
		state, diags := tf.start().apply(pl)
		if !hasErrors(diags) || state != nil || !strings.Contains(words(diags), `Group "AWS-Development-Team" is not in IAM Identity Center`) {
			t.Fatalf("applied although it is missing:\n%s", words(diags))
		}
		rename(t, tf.e, "Cloud-Builders", "AWS-Development-Team")
		near := tf.plan(externalGroup, nil, with(with(pushed(), "name", "aws-development-team"), "wait_for_sync", true))
		if !near.failed || !strings.Contains(words(near.diags), `AWS has "AWS-Development-Team"`) {
			t.Errorf("nothing near was named:\n%s", words(near.diags))
		}
		waiting := with(late, "wait_for_sync", true)
		if pl := tf.plan(externalGroup, nil, waiting); pl.failed || !strings.Contains(words(pl.diags), "The apply waits for it, as long as `timeouts` says.") {
			t.Errorf("plan that waits:\n%s", words(pl.diags))
		}
		go func() {
			time.Sleep(10 * time.Minute)
			push(t, tf.e, "AWS-Late-Team")
		}()
		began := time.Now()
		state = tf.apply(externalGroup, nil, waiting)
		if took := time.Since(began); took < 10*time.Minute || took > 11*time.Minute {
			t.Errorf("waited %s for what came after 10 minutes", took)
		}
		tf.empty(externalGroup, state, waiting)
	})
}

// A delegated administrator reads and writes what does not concern the
// management account. What else uses a group it cannot see, so the group stays,
// and the destroy says so.
func TestDelegatedAdministrator(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		tf.key = emulator.DelegatedKey
		state := tf.apply(accessGroup, nil, development())
		tf.empty(accessGroup, state, development())
		there := with(development(), "accounts_names", []string{"development", "management"})
		if pl := tf.plan(accessGroup, state, there); !pl.failed || !strings.Contains(words(pl.diags), "management account's credentials") {
			t.Errorf("the management account was not refused: %s\n%s", pl.action(), words(pl.diags))
		}
		left, diags := tf.try(accessGroup, state, nil)
		if left != nil || hasErrors(diags) || !strings.Contains(words(diags), "could not be read, so it stays") {
			t.Errorf("left %v\n%s", left, words(diags))
		}
		if got := holdings(tf.e); strings.Contains(got, "set DevelopmentTeam") || !strings.Contains(got, "group DevelopmentTeam") {
			t.Errorf("in AWS:\n%s", got)
		}
		tf.empty(accessGroup, tf.applyOrImport(accessGroup, development()), development())
	})
}

// The lock-out guard is on: who takes away the access that they are using is
// refused at plan, unless they say that they mean it.
func TestLockout(t *testing.T) {
	estate := emulator.DefaultEstate()
	config := with(pushed(), "accounts_names", []string{"management", "development"})
	estate.Callers = append(estate.Callers, emulator.EstateCaller{AccessKey: "AKIDOFJANE", PermissionSet: "AWS-Development-Team", Session: "jane.smith@company.com"})
	estate.PermissionSets = append(estate.PermissionSets, emulator.EstatePermissionSet{Name: "AWS-Development-Team", Description: "Development team access",
		AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/PowerUserAccess"}})
	estate.Assignments = append(estate.Assignments, emulator.EstateAssignment{PermissionSet: "AWS-Development-Team", Group: "AWS-Development-Team", Accounts: []string{"management", "development"}})
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		state := tf.apply(externalGroup, nil, with(config, "adopt", true))
		tf.key = "AKIDOFJANE"
		fewer := with(config, "accounts_names", []string{"development"})
		for name, wanted := range map[string]object{"without the account": fewer, "destroy": nil} {
			if pl := tf.plan(externalGroup, state, wanted); !pl.failed || !strings.Contains(words(pl.diags), `allow = ["lockout"]`) {
				t.Errorf("%s: %s\n%s", name, pl.action(), words(pl.diags))
			}
		}
		meant := with(fewer, "allow", []string{"lockout"})
		state = tf.apply(externalGroup, state, meant)
		if state.get("accounts_names") != "[development]" {
			t.Errorf("accounts %s", state.get("accounts_names"))
		}
	})
}

// Only one group is read, so an administrator who goes is a warning here: there
// may be others.
func TestLastAdministratorIsAWarning(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		config := with(development(), "aws_managed_policies", []string{"arn:aws:iam::aws:policy/AdministratorAccess"})
		state := tf.apply(accessGroup, nil, config)
		fewer := with(config, "accounts_names", []string{"development"})
		pl := tf.plan(accessGroup, state, fewer)
		if pl.failed || !strings.Contains(words(pl.diags), "loses an administrator") {
			t.Errorf("planned %s\n%s", pl.action(), words(pl.diags))
		}
		tf.empty(accessGroup, tf.apply(accessGroup, state, fewer), fewer)
	})
}

// Interrupted, the apply sees what is in flight to its end, keeps what is done
// in the state, and the next one does the rest. Where nothing is left, it succeeds.
func TestInterrupted(t *testing.T) {
	for accounts, left := range map[int]bool{26: true, 10: false} { // ten at once
		t.Run(fmt.Sprint(accounts), func(t *testing.T) {
			estate, config := teams(accounts)
			slow := emulator.Options{Estate: estate, Limits: emulator.AWSLimits(), JobLatency: emulator.Latency{Min: 3 * time.Second, Max: 20 * time.Second}}
			bubble(t, slow, func(tf *terraform) {
				pl := tf.start().plan(accessGroup, nil, config)
				ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
				defer cancel()
				state, diags := tf.start().applyUntil(ctx, pl)
				if hasErrors(diags) != left || len(diags) == 0 || (state == nil) != left {
					t.Fatalf("state %v\n%s", state, words(diags))
				}
				if there := len(tf.e.State().Instances[0].Assignments); there < accounts != left || there == 0 {
					t.Errorf("%d assignments in AWS", there)
				}
				if left {
					pl := tf.plan(accessGroup, nil, config)
					if pl.failed || !strings.Contains(words(pl.diags), "what an interrupted apply began") || (&stored{value: pl.planned}).get("id") == "(unknown)" {
						t.Errorf("the plan does not show that it goes on:\n%s\n%s", show(pl.planned), words(pl.diags))
					}
					state = tf.apply(accessGroup, state, config)
				}
				if left := unfinished(tf.e); left != "" {
					t.Errorf("marked as unfinished: %s", left)
				}
				tf.empty(accessGroup, state, config)
			})
		})
	}
}

// An update over things that are gone meanwhile makes nothing that its plan did not show,
// and leaves a state in which nothing is unknown.
func TestUpdateOfWhatIsGoneFails(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		config := with(development(), "accounts_names", []string{"development"})
		state := tf.apply(accessGroup, nil, config)
		pl := tf.plan(accessGroup, state, with(config, "description", "Another text"))
		tf.apply(accessGroup, state, nil)
		after, diags := tf.start().apply(pl)
		if !hasErrors(diags) || after == nil || !strings.Contains(words(diags), "has been deleted since") {
			t.Fatalf("state %v\n%s", after, words(diags))
		}
		if !after.value.IsFullyKnown() || len(tf.e.State().Instances[0].PermissionSets) > 0 {
			t.Errorf("state %s", show(after.value))
		}
		tf.empty(accessGroup, tf.apply(accessGroup, nil, config), config)
	})
}

// A group that the identity provider renamed is known by its id: the plan says what
// it is called now, and nothing waits for the old name.
func TestRenamedGroupIsNotWaitedFor(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		waiting := with(pushed(), "wait_for_sync", true)
		state := tf.apply(externalGroup, nil, waiting)
		before := holdings(tf.e)
		rename(t, tf.e, "AWS-Development-Team", "Cloud-Builders")
		began := time.Now()
		pl := tf.plan(externalGroup, state, waiting)
		if pl.failed || pl.action() != "update" || !strings.Contains(words(pl.diags), `now called "Cloud-Builders"`) {
			t.Fatalf("plan:\n%s", words(pl.diags))
		}
		rename(t, tf.e, "Cloud-Builders", "AWS-Development-Team")
		tf.empty(externalGroup, state, waiting)
		// Renamed between plan and apply: the wait ends at once.
		pl = tf.plan(externalGroup, state, with(waiting, "accounts_names", []string{"development"}))
		rename(t, tf.e, "AWS-Development-Team", "Cloud-Builders")
		if _, diags := tf.start().apply(pl); !hasErrors(diags) || !strings.Contains(words(diags), `now called "Cloud-Builders"`) {
			t.Errorf("apply:\n%s", words(diags))
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("waited for %s", took)
		}
		rename(t, tf.e, "Cloud-Builders", "AWS-Development-Team")
		if got := holdings(tf.e); got != before {
			t.Errorf("something was taken:\n%s", got)
		}
	})
}

// A renamed group that a new resource takes up while its former one is destroyed, as
// without a moved block, is refused at plan in both orders; moved, it keeps all.
func TestARenamedGroupIsNotDestroyedWithItsFormerResource(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(externalGroup, nil, pushed())
		before := roles(tf.e)
		rename(t, tf.e, "AWS-Development-Team", "Cloud-Builders")
		renamed := with(with(pushed(), "name", "Cloud-Builders"), "permission_set_name", "AWS-Development-Team")
		created := with(renamed, "previously", "AWS-Development-Team")
		p := tf.start()
		destroy, create := p.plan(externalGroup, state, nil), p.plan(externalGroup, nil, created)
		if destroy.failed || !create.failed || !strings.Contains(words(create.diags), "`moved`") || strings.Contains(words(create.diags), "import {") {
			t.Errorf("destroyed first: %t, %t:\n%s", destroy.failed, create.failed, words(create.diags))
		}
		if create = tf.start().plan(externalGroup, nil, created); !create.failed || !strings.Contains(words(create.diags), "`moved`") {
			t.Errorf("before it is planned to be destroyed:\n%s", words(create.diags))
		}
		state = tf.apply(externalGroup, state, renamed)
		tf.empty(externalGroup, state, renamed)
		if got := roles(tf.e); got != before {
			t.Errorf("roles %s, want %s", got, before)
		}
		// A set that just goes is destroyed.
		if pl := tf.plan(externalGroup, state, nil); pl.failed {
			t.Errorf("destroy:\n%s", words(pl.diags))
		}
	})
}

func roles(e *emulator.Emulator) string {
	var all []string
	for _, r := range e.State().Instances[0].Roles {
		all = append(all, r.Account+" "+r.PermissionSet+" "+r.Name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func rename(t *testing.T, e *emulator.Emulator, name, now string) {
	c := byHand(t, e)
	for _, g := range e.State().Instances[0].Groups {
		if g.DisplayName == name {
			_, err := c.store.UpdateGroup(context.Background(), &identitystore.UpdateGroupInput{IdentityStoreId: c.storeID, GroupId: &g.ID,
				Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("displayName"), AttributeValue: lazy(now)}}})
			c.ok(err)
			return
		}
	}
	t.Fatalf("there is no group %q", name)
}
