package write

import (
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// A deletion whose job fails is done where the assignment is gone, whatever
// AWS's text says, and failed where it is not, unless AWS itself keeps saying that
// there is none: its lists come late.
func TestDeletionOfWhatIsGone(t *testing.T) {
	const entitlement, other = "Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key EntitlementKey{x}", "Something else"
	for _, test := range []struct {
		name, reason string
		gone, done   bool
		deletions    int
	}{
		{"gone, and no entitlement", entitlement, true, true, 1},
		{"gone, whatever is said", other, true, true, 1},
		{"listed, and no entitlement", entitlement, false, true, 3},
		{"listed, and something else", other, false, false, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBetween(t)
			revoke := b.planned("revoke")
			if test.gone {
				if result := b.run(revoke); !result.Complete() {
					t.Fatal(result.Failed)
				}
			}
			b.must(b.e.SetFaults(emulator.Fault{Operation: "sso-admin.DeleteAccountAssignment", Kind: emulator.FailJob, Reason: test.reason}))
			before := b.e.Stats().Calls["sso-admin.DeleteAccountAssignment"]
			if result := b.run(revoke); result.Complete() != test.done || !test.done && result.Failed[0].Reason != test.reason {
				t.Errorf("failed: %+v", result.Failed)
			}
			if n := int(b.e.Stats().Calls["sso-admin.DeleteAccountAssignment"] - before); n != test.deletions {
				t.Errorf("%d deletions, want %d", n, test.deletions)
			}
		})
	}
}

// The record names whom the plan creates by the id that this run got for it, and
// ends the set's creation.
func TestRecordOfWhatThePlanCreates(t *testing.T) {
	b := newBetween(t)
	group, set := b.planned("group"), b.planned("set")
	want := access.Record{Plans: []string{"p1"}, Principals: []access.RecordedPrincipal{{Kind: access.GroupPrincipal, Name: "New"},
		{Kind: access.GroupPrincipal, Name: "Developers", ID: b.group("Developers")}}, Accounts: []access.RecordedAccount{{Name: "account-000", ID: "200000000000"}}}
	record := plan.Change{ID: "record", Kind: plan.Record, Action: plan.Update, Key: plan.Key{PermissionSet: "New"}, After: &plan.Value{Record: &want}, DependsOn: []plan.ID{group.ID, set.ID}}
	if result := b.run(group, set, record); !result.Complete() {
		t.Fatal(result.Failed)
	}
	arn, err := b.other.SetByName(t.Context(), "New", false)
	b.must(err)
	tags, _, err := b.other.ListTagsForResource(t.Context(), arn)
	b.must(err)
	got := access.ParseRecord(tags)
	if id, known := got.PrincipalID(access.GroupPrincipal, "New"); !known || id != b.group("New") || !got.FitsSet("platform", arn) || want.Principals[0].ID != "" {
		t.Errorf("the record has %q for the group that was made (%t), fits %t; the plan's has %q", id, known, got.FitsSet("platform", arn), want.Principals[0].ID)
	}
	if m := identitycenter.MarkOf(tags); m.Owner != "platform" || len(tags) != 4 {
		t.Errorf("tags %v, want the owner and three of the record", tags)
	}
	// Tags of the config are written beside the record.
	b.live = access.State{}
	before := []access.Tag{{Key: access.OwnerTag, Value: "platform"}}
	retag := plan.Change{ID: "tags", Kind: plan.Tags, Action: plan.Update, Key: plan.Key{PermissionSet: "New"}, Refs: plan.Refs{PermissionSetARN: arn},
		Before: &plan.Value{Tags: before}, After: &plan.Value{Tags: append(before, access.Tag{Key: "team", Value: "a"})}}
	if result := b.run(retag); !result.Complete() {
		t.Fatal(result.Failed)
	}
	if tags, _, _ = b.other.ListTagsForResource(t.Context(), arn); len(tags) != 5 || !access.ParseRecord(tags).FitsSet("platform", arn) {
		t.Errorf("tags %v, want the record as it was and one more", tags)
	}
}

// A group that an earlier run left unfinished is resumed by the plan's update.
func TestUnfinishedGroupIsResumed(t *testing.T) {
	b := newBetween(t)
	b.updateGroup("Developers", func(g *access.Group) { g.Unfinished = "ffffffff" })
	for i, g := range b.live.Groups {
		if g.Name == "Developers" {
			b.live.Groups[i].Unfinished = "ffffffff"
		}
	}
	same := plan.Value{Group: &access.Group{Name: "Developers", Owner: "platform"}}
	ch := b.planned("rename")
	ch.Before, ch.After = &same, &same
	if result := b.run(ch); !result.Complete() {
		t.Fatal(result.Failed)
	}
	if g := b.e.State().Instances[0].Groups[0]; g.Description != "[rolecall:platform]" {
		t.Errorf("description %q", g.Description)
	}
}

// A set that this run edits up and down is expected as the run left it, and
// between the two nobody else may touch it.
func TestDetourOfASet(t *testing.T) {
	deny := func(action string) *plan.Value {
		return &plan.Value{Document: access.CanonicalPolicy(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"` + action + `","Resource":"*"}]}`)}
	}
	for _, disturbed := range []bool{false, true} {
		b := newBetween(t)
		key := func(l plan.Level) plan.Key { return plan.Key{PermissionSet: "Developers", Level: l} }
		refs := plan.Refs{PermissionSetARN: b.set()}
		accounts := &plan.Value{Accounts: []string{"200000000000", "200000000001"}}
		changes := []plan.Change{
			{ID: "down", Kind: plan.InlinePolicy, Action: plan.Create, Key: key(plan.Down), Refs: refs, After: deny("s3:*")},
			{ID: "provision down", Kind: plan.Provisioning, Action: plan.Update, Key: key(plan.Down), Refs: refs, After: accounts, DependsOn: []plan.ID{"down"}},
			{ID: "up", Kind: plan.InlinePolicy, Action: plan.Update, Key: key(plan.Up), Refs: refs, Before: deny("s3:*"), After: deny("ec2:*"), DependsOn: []plan.ID{"provision down"}},
			{ID: "provision up", Kind: plan.Provisioning, Action: plan.Update, Key: key(plan.Up), Refs: refs, After: accounts, DependsOn: []plan.ID{"up"}},
		}
		target := New(b.c, Options{Owner: "platform", Live: &b.live, Changes: changes})
		run := func(part []plan.Change) *apply.Result {
			part[0].DependsOn = nil
			result, err := apply.New(target, apply.Options{}).Run(t.Context(), part)
			b.must(err)
			return result
		}
		if result := run(changes[:2]); !result.Complete() {
			t.Fatal(result.Failed)
		}
		if disturbed {
			b.attach(admin)
			target.sight(b.set()).whole = time.Time{} // half a minute later
		}
		if result := run(changes[2:]); result.Complete() == disturbed {
			t.Errorf("disturbed %t: failed %+v", disturbed, result.Failed)
		}
		if got := centertest.Set(b.e, "Developers").InlinePolicy; !disturbed && got != deny("ec2:*").Document {
			t.Errorf("inline policy %s", got)
		}
	}
}
