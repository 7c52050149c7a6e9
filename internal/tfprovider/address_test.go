package tfprovider

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// Whatever makes Terraform destroy what another address, or the same one, creates is
// refused at plan, in whichever order it plans the two: a renamed for_each key, a resource
// that moves into a module, -replace, replace_triggered_by, and a tainted resource.
func TestReplacementIsRefused(t *testing.T) {
	orders := map[string]func(p *process, kind string, state *stored, config object) []planned{
		"destroyed, then created": func(p *process, kind string, state *stored, config object) []planned {
			return []planned{p.plan(kind, p.refresh(state), nil), p.plan(kind, nil, config)}
		},
		"created, then destroyed": func(p *process, kind string, state *stored, config object) []planned {
			return []planned{p.plan(kind, nil, config), p.plan(kind, p.refresh(state), nil)}
		},
		"replaced": func(p *process, kind string, state *stored, config object) []planned {
			return []planned{p.plan(kind, p.refresh(state), config), p.plan(kind, nil, config)}
		},
		"tainted": func(p *process, kind string, state *stored, config object) []planned {
			p.refresh(state)
			return []planned{p.plan(kind, nil, config)}
		},
		"at two addresses": func(p *process, kind string, state *stored, config object) []planned {
			return []planned{p.plan(kind, p.refresh(state), config), p.plan(kind, p.refresh(state), config)}
		},
		"kept, and destroyed": func(p *process, kind string, state *stored, config object) []planned {
			return []planned{p.plan(kind, p.refresh(state), config), p.plan(kind, p.refresh(state), nil)}
		},
		"destroyed, and kept": func(p *process, kind string, state *stored, config object) []planned {
			return []planned{p.plan(kind, p.refresh(state), nil), p.plan(kind, p.refresh(state), config)}
		},
	}
	for kind, config := range eachKind() {
		for name, order := range orders {
			t.Run(kind+" "+name, func(t *testing.T) {
				bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
					state := tf.apply(kind, nil, config)
					refused, said := false, ""
					for _, pl := range order(tf.start(), kind, state, config) {
						refused, said = refused || pl.failed, said+words(pl.diags)
					}
					if !refused || !strings.Contains(said, "`moved`") && !strings.Contains(said, "import") {
						t.Errorf("not refused, or without a way:\n%s", said)
					}
				})
			})
		}
	}
}

// A change to another permission set that was interrupted leaves an unfinished set beside a
// whole group: no creation may take that for an interrupted one of its own.
func TestReplacementAfterAnInterruptedChangeIsRefused(t *testing.T) {
	other := with(with(development(), "permission_set_name", "Another"), "allow", []string{"replace"})
	for name, order := range map[string]func(p *process, state *stored) planned{
		"tainted": func(p *process, state *stored) planned {
			p.refresh(state)
			return p.plan(accessGroup, nil, other)
		},
		"tainted, without a refresh": func(p *process, _ *stored) planned { return p.plan(accessGroup, nil, other) },
	} {
		t.Run(name, func(t *testing.T) {
			left := 0
			for writes := range 4 {
				bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
					state := tf.apply(accessGroup, nil, development())
					p := tf.start().plan(accessGroup, state, other)
					tf.http = &killed{next: tf.e.Transport(), left: writes}
					tf.start().apply(p) // and nobody hears of it
					tf.http = nil
					left += len(unfinished(tf.e))
					if pl := order(tf.start(), state); !pl.failed {
						t.Errorf("killed after %d writes: not refused: %s\n%s", writes, pl.action(), words(pl.diags))
					}
				})
			}
			if left == 0 {
				t.Error("no kill left anything unfinished")
			}
		})
	}
}

// Two new resources of one object are refused, and so are the members of a group that
// another resource decides.
func TestTwoResourcesOfOneObject(t *testing.T) {
	otherSet := with(development(), "permission_set_name", "Another")
	cases := map[string][2]struct {
		kind   string
		config object
	}{
		"group":          {{accessGroup, development()}, {accessGroup, otherSet}},
		"permission set": {{accessGroup, development()}, {externalGroup, with(pushed(), "permission_set_name", "DevelopmentTeam")}},
		"user":           {{user, jane()}, {user, jane()}},
		"membership":     {{groupMembers, responders(john, wei)}, {groupMembers, responders(wei, smith)}},
		"members":        {{accessGroup, development()}, {groupMembers, object{"group": "DevelopmentTeam", "members": []string{wei}}}},
	}
	for name, two := range cases {
		t.Run(name, func(t *testing.T) {
			bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
				for _, order := range [][2]int{{0, 1}, {1, 0}} {
					p := tf.start()
					first, second := two[order[0]], two[order[1]]
					if pl := p.plan(first.kind, nil, first.config); pl.failed {
						t.Errorf("the first:\n%s", words(pl.diags))
					}
					if pl := p.plan(second.kind, nil, second.config); !pl.failed {
						t.Errorf("the second is not refused:\n%s", words(pl.diags))
					}
				}
				// An external group may have several permission sets.
				p := tf.start()
				p.plan(externalGroup, nil, pushed())
				if pl := p.plan(externalGroup, nil, with(pushed(), "permission_set_name", "Another")); pl.failed {
					t.Errorf("another permission set of the same group:\n%s", words(pl.diags))
				}
			})
		})
	}
}

// What another owner has taken over since is neither changed nor deleted, however often
// Terraform refreshes, and also where the mark was off for a while.
func TestTakenOverByAnotherOwner(t *testing.T) {
	for _, kind := range []string{accessGroup, externalGroup} {
		config := eachKind()[kind]
		for _, unmarked := range []bool{false, true} {
			for _, renamed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, unmarked first: %t, renamed: %t", kind, unmarked, renamed), func(t *testing.T) {
					bubble(t, emulator.Options{}, func(tf *terraform) {
						state, p := tf.apply(kind, nil, config), tf.start()
						state = p.refresh(state)
						c, set := byHand(t, tf.e), state.get("permission_set_arn")
						if unmarked {
							_, err := c.sso.UntagResource(context.Background(), &ssoadmin.UntagResourceInput{InstanceArn: c.instance, ResourceArn: &set, TagKeys: []string{access.OwnerTag}})
							c.ok(err)
							state = tf.start().refresh(state)
						}
						_, err := c.sso.TagResource(context.Background(), &ssoadmin.TagResourceInput{InstanceArn: c.instance, ResourceArn: &set, Tags: []ssotypes.Tag{{Key: aws.String(access.OwnerTag), Value: aws.String("team-b")}}})
						c.ok(err)
						if renamed {
							_, err := c.store.UpdateGroup(context.Background(), &identitystore.UpdateGroupInput{IdentityStoreId: c.storeID, GroupId: aws.String(state.get("id")),
								Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("displayName"), AttributeValue: lazy("Renamed")}}})
							c.ok(err)
						}
						before := contents(tf.e)
						for range 3 {
							for what, wanted := range map[string]object{"update": with(config, "accounts_names", []string{"development"}), "unchanged": config, "destroy": nil} {
								after, diags := tf.try(kind, state, wanted)
								if !hasErrors(diags) || !strings.Contains(words(diags), "belongs to owner \"team-b\"") && !renamed {
									t.Errorf("%s: not refused:\n%s", what, words(diags))
								}
								if got := contents(tf.e); got != before {
									t.Fatalf("%s: something was written:\n%s", what, got)
								}
								if after == nil {
									t.Fatalf("%s: the state has it no more", what)
								}
							}
							state = tf.start().refresh(state)
						}
					})
				})
			}
		}
	}
}

// What the command has taken over since is neither changed nor deleted; a mark that never
// said who made it is no change.
func TestTakenOverByTheCommand(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.start().refresh(tf.apply(accessGroup, nil, development()))
		c := byHand(t, tf.e)
		_, err := c.sso.UntagResource(context.Background(), &ssoadmin.UntagResourceInput{InstanceArn: c.instance, ResourceArn: aws.String(state.get("permission_set_arn")), TagKeys: []string{access.ViaTag}})
		c.ok(err)
		_, err = c.store.UpdateGroup(context.Background(), &identitystore.UpdateGroupInput{IdentityStoreId: c.storeID, GroupId: aws.String(state.get("id")),
			Operations: []idtypes.AttributeOperation{{AttributePath: aws.String("description"), AttributeValue: lazy(access.Mark{Owner: "platform"}.On("Development team access"))}}})
		c.ok(err)
		before := contents(tf.e)
		for name, wanted := range map[string]object{"update": with(development(), "accounts_names", []string{"development"}), "unchanged": development(), "destroy": nil} {
			if pl := tf.plan(accessGroup, state, wanted); !pl.failed || !strings.Contains(words(pl.diags), "taken over by the rolecall command") {
				t.Errorf("%s: %s\n%s", name, pl.action(), words(pl.diags))
			}
		}
		if got := contents(tf.e); got != before {
			t.Errorf("something was written:\n%s", got)
		}
		state.private = nil // as of an earlier version
		tf.empty(accessGroup, state, development())
	})
}

// After an interruption the config may be corrected: what the interrupted creation did not
// do is done as it is written now, and what it did is not taken without a plan that shows it.
func TestInterruptedThenCorrected(t *testing.T) {
	for name, c := range map[string]struct {
		key     string
		value   any
		refused bool
	}{
		"a policy":       {"aws_managed_policies", []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, true},
		"one more":       {"accounts_names", []string{"development", "staging", "production"}, false},
		"another member": {"members", []string{"wei.chen@company.com"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, emulator.Options{}, func(tf *terraform) {
				fail(t, tf.e, emulator.Fault{Operation: "sso-admin.CreateAccountAssignment", Kind: emulator.FailJob, Call: 2, Times: 1, Reason: "Received a 403 status error: a service control policy denies it"})
				if state, diags := tf.try(accessGroup, nil, development()); state != nil || !hasErrors(diags) {
					t.Fatalf("state %v", state)
				}
				tf.e.ClearFaults()
				corrected := with(development(), c.key, c.value)
				if pl := tf.plan(accessGroup, nil, corrected); pl.failed != c.refused {
					t.Errorf("refused %t:\n%s", pl.failed, words(pl.diags))
				}
				if c.refused {
					corrected["allow"] = []string{"strangers"} // an import says who goes
				}
				state := tf.applyOrImport(accessGroup, corrected)
				tf.empty(accessGroup, state, corrected)
				if left := unfinished(tf.e); left != "" {
					t.Errorf("marked as unfinished: %s", left)
				}
			})
		})
	}
}

// With count, an element that is taken out of the middle gives each one behind it another
// address: nobody is renamed into what the next one is.
func TestResourcesThatChangePlaces(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		first := tf.apply(accessGroup, nil, development())
		other := with(development(), "name", "Others")
		tf.apply(accessGroup, nil, other)
		before := contents(tf.e)
		if pl := tf.plan(accessGroup, first, other); !pl.failed || !strings.Contains(words(pl.diags), "`count`") {
			t.Errorf("%s:\n%s", pl.action(), words(pl.diags))
		}
		if got := contents(tf.e); got != before {
			t.Error("something was written")
		}
	})
}
