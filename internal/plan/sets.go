package plan

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// setChanges makes the permission sets that are missing, whole, and brings tags up
// to date. It returns the desired sets of which tags change.
func (d *draft) setChanges() map[int32]bool {
	retagged := map[int32]bool{}
	for i, p := range d.Desired.Sets {
		switch bound := d.sets[i]; bound.handling {
		case created:
			d.createSet(i, p)
		case ours, adopted:
			retagged[int32(i)] = d.updateTags(i, p, d.Live.Sets[bound.live])
		default:
			if bound.why.Code == Ignored && d.sameSet(bound.live, p) {
				continue // nobody asks for a change that a pattern hides
			}
			d.block(Change{Kind: PermissionSet, Action: Create, Key: Key{PermissionSet: p.Name},
				After: &Value{PermissionSet: attributesOfSet(p)}}, bound.why)
		}
	}
	return retagged
}

// sameSet says that a live set is as the config has it, its tags aside.
func (b *Bound) sameSet(live int32, p access.PermissionSet) bool {
	if live < 0 {
		return false
	}
	have, want := attributesOfSet(b.Live.Sets[live]), attributesOfSet(p)
	want.ARN = have.ARN
	return sameAttributes(*have, *want) && b.Live.Sets[live].SameContent(p)
}

// attributesOfSet returns what CreatePermissionSet and UpdatePermissionSet write.
func attributesOfSet(p access.PermissionSet) *access.PermissionSet {
	return &access.PermissionSet{Name: p.Name, Description: p.Description,
		SessionDuration: p.SessionDuration, RelayState: p.RelayState, ARN: p.ARN}
}

func (d *draft) createSet(i int, p access.PermissionSet) {
	value := attributesOfSet(p)
	// The mark goes in with the call that creates: a run that is cut off leaves
	// nothing unowned behind.
	value.Tags, value.Owner = p.Tags, p.Owner
	id := d.add(Change{Kind: PermissionSet, Action: Create, Key: Key{PermissionSet: p.Name},
		After: &Value{PermissionSet: value}, Reason: "not in IAM Identity Center", Source: d.Desired.Range(p.Origin)})
	d.needs.sets[i] = append([]ID{id}, d.policies(p, []ID{id})...)
}

func sameAttributes(a, b access.PermissionSet) bool {
	return a.Description == b.Description && a.SessionDuration == b.SessionDuration && a.RelayState == b.RelayState
}

// takenOver is the reason of what is taken over: the command has patterns, resources say
// it one by one.
func (b *Bound) takenOver(from string) string {
	if b.options.Via == access.ViaTerraform {
		return "taken over" + from
	}
	return "taken over" + from + ": an adopt pattern matches it"
}

// updateTags says whether tags change.
func (d *draft) updateTags(i int, p, have access.PermissionSet) bool {
	if slices.Equal(p.Tags, have.Tags) {
		return false
	}
	reason := "tags differ from the config"
	switch {
	case have.Owner != p.Owner:
		reason = d.takenOver("")
	case d.sets[i].handling == adopted:
		reason = d.takenOver(" from " + d.otherDoorName())
	}
	id := d.add(Change{Kind: Tags, Action: Update, Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: have.ARN},
		Before: &Value{Tags: have.Tags}, After: &Value{Tags: p.Tags}, Reason: reason, Source: d.Desired.Range(p.Origin)})
	if have.Owner != p.Owner {
		d.needs.sets[i] = append(d.needs.sets[i], id)
		d.needs.taken[d.sets[i].live] = []ID{id}
	}
	return true
}

// policies returns the changes that put everything onto a set that the plan
// creates: nobody has it yet, so their order means nothing.
func (d *draft) policies(p access.PermissionSet, needs []ID) []ID {
	s := stepper{d: d, base: Change{Key: Key{PermissionSet: p.Name}, Source: d.Desired.Range(p.Origin)}, waits: needs, apart: true}
	s.policies(Create, ManagedPolicy, p.ManagedPolicies)
	s.policies(Create, CustomerManagedPolicy, p.CustomerPolicyNames())
	s.inline("", p.InlinePolicy)
	if !p.Boundary.IsZero() {
		s.boundary(access.Boundary{}, p.Boundary)
	}
	return s.ids
}

// missingFrom returns the elements of has that want lacks; both are sorted.
func missingFrom(want, has []string) []string {
	return slices.DeleteFunc(slices.Clone(has), func(h string) bool {
		_, found := slices.BinarySearch(want, h)
		return found
	})
}

func policyChange(c Change, kind Kind, action Action, policy string) Change {
	c.Kind, c.Action, c.Key.Policy = kind, action, policy
	c.Reason = "in the config, not on the permission set"
	if action == Delete {
		c.Reason = "on the permission set, not in the config"
	}
	return c
}

func valueChange(c Change, kind Kind, wasNone, becomesNone bool) Change {
	c.Kind, c.Action, c.Reason = kind, Update, "differs from the config"
	switch {
	case wasNone:
		c.Action, c.Reason = Create, "in the config, not on the permission set"
	case becomesNone:
		c.Action, c.Reason = Delete, "on the permission set, not in the config"
	}
	return c
}

func document(policy string) *Value {
	if policy == "" {
		return nil
	}
	return &Value{Document: policy}
}

func boundary(b access.Boundary) *Value {
	if b.IsZero() {
		return nil
	}
	return &Value{Boundary: &b}
}
