package plan

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

func (d *differ) setChanges() {
	for i, p := range d.Desired.Sets {
		switch bound := d.sets[i]; bound.hold {
		case fresh:
			d.createSet(i, p)
		case ours, adopted:
			d.updateSet(i, p, bound.live)
		default:
			d.block(Change{Kind: PermissionSet, Action: Create, Key: Key{PermissionSet: p.Name},
				After: &Value{PermissionSet: attributesOfSet(p)}}, bound.why)
		}
	}
}

// attributesOfSet gives what CreatePermissionSet and UpdatePermissionSet write.
func attributesOfSet(p access.PermissionSet) *access.PermissionSet {
	return &access.PermissionSet{Name: p.Name, Description: p.Description,
		SessionDuration: p.SessionDuration, RelayState: p.RelayState, ARN: p.ARN}
}

func (d *differ) createSet(i int, p access.PermissionSet) {
	value := attributesOfSet(p)
	// The mark goes in with the call that creates: a run that is cut off leaves
	// nothing unowned behind.
	value.Tags, value.Owner = p.Tags, p.Owner
	id := d.add(Change{Kind: PermissionSet, Action: Create, Key: Key{PermissionSet: p.Name},
		After: &Value{PermissionSet: value}, Reason: "not in IAM Identity Center", Source: d.Desired.Range(p.Origin)})
	d.setNeeds[i] = append([]ID{id}, d.policies(p, access.PermissionSet{}, []ID{id})...)
}

func (d *differ) updateSet(i int, p access.PermissionSet, live int32) {
	have := d.Live.Sets[live]
	refs := Refs{PermissionSetARN: have.ARN}
	before, after := attributesOfSet(have), attributesOfSet(p)
	after.ARN = have.ARN
	if !sameAttributes(*before, *after) {
		id := d.add(Change{Kind: PermissionSet, Action: Update, Key: Key{PermissionSet: p.Name}, Refs: refs,
			Before: &Value{PermissionSet: before}, After: &Value{PermissionSet: after},
			Reason: "attributes differ from the config", Source: d.Desired.Range(p.Origin)})
		d.setNeeds[i] = append(d.setNeeds[i], id)
	}
	policies := d.policies(p, have, nil)
	d.setNeeds[i] = append(d.setNeeds[i], policies...)
	d.setTouched[live] = slices.Clone(d.setNeeds[i])
	d.updateTags(p, have, refs)
}

func sameAttributes(a, b access.PermissionSet) bool {
	return a.Description == b.Description && a.SessionDuration == b.SessionDuration && a.RelayState == b.RelayState
}

func (d *differ) updateTags(p, have access.PermissionSet, refs Refs) {
	if slices.Equal(p.Tags, have.Tags) {
		return
	}
	reason := "tags differ from the config"
	if have.Owner != p.Owner {
		reason = "taken over, as --adopt says"
	}
	d.add(Change{Kind: Tags, Action: Update, Key: Key{PermissionSet: p.Name}, Refs: refs,
		Before: &Value{Tags: have.Tags}, After: &Value{Tags: p.Tags}, Reason: reason, Source: d.Desired.Range(p.Origin)})
}

// policies gives the changes to everything that hangs on a set. What goes goes
// first, so that a set at AWS's limit has room.
func (d *differ) policies(p, have access.PermissionSet, needs []ID) []ID {
	var ids []ID
	base := Change{Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: have.ARN},
		Source: d.Desired.Range(p.Origin), DependsOn: needs}
	list := func(kind Kind, want, has []string) {
		for _, gone := range missingFrom(want, has) {
			ids = append(ids, d.add(policyChange(base, kind, Delete, gone)))
		}
		for _, wanted := range missingFrom(has, want) {
			ids = append(ids, d.add(policyChange(base, kind, Create, wanted)))
		}
	}
	list(ManagedPolicy, p.ManagedPolicies, have.ManagedPolicies)
	list(CustomerManagedPolicy, policyNames(p.CustomerPolicies), policyNames(have.CustomerPolicies))
	if p.InlinePolicy != have.InlinePolicy {
		c := valueChange(base, InlinePolicy, have.InlinePolicy == "", p.InlinePolicy == "")
		c.Before, c.After = document(have.InlinePolicy), document(p.InlinePolicy)
		ids = append(ids, d.add(c))
	}
	if p.Boundary != have.Boundary {
		c := valueChange(base, PermissionsBoundary, have.Boundary.IsZero(), p.Boundary.IsZero())
		c.Before, c.After = boundary(have.Boundary), boundary(p.Boundary)
		ids = append(ids, d.add(c))
	}
	return ids
}

// missingFrom gives the elements of has that want lacks; both are sorted.
func missingFrom(want, has []string) []string {
	var out []string
	for _, h := range has {
		if _, found := slices.BinarySearch(want, h); !found {
			out = append(out, h)
		}
	}
	return out
}

func policyNames(list []access.CustomerPolicy) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return out
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

// leftoverSets deletes permission sets of ours that the config no longer asks
// for, after their grants.
func (d *differ) leftoverSets() {
	for i, p := range d.Live.Sets {
		if !d.leftoverSet(i) {
			continue
		}
		c := Change{Kind: PermissionSet, Action: Delete, Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: p.ARN},
			Before: &Value{PermissionSet: attributesOfSet(p)}, Reason: "carries our mark and is no longer in the config", DependsOn: d.setGoes[i]}
		switch {
		case !d.Live.Observed.SetUses[p.ARN]:
			d.block(c, d.notObserved(fmt.Sprintf("the assignments of permission set %q", p.Name)))
		case d.keptOnSet[i] > 0:
			d.block(c, diag.Diagnostic{Code: DependsOnBlocked, Summary: fmt.Sprintf("%d of its assignments stay", d.keptOnSet[i])})
		default:
			d.add(c)
		}
	}
}

func (d *differ) leftoverSet(i int) bool {
	p := d.Live.Sets[i]
	return p.Owner == d.options.Owner && p.Owner != "" && d.desiredSet[i] < 0 && d.setInScope(p.Name)
}

func (d *differ) setInScope(name string) bool {
	return d.options.Scope.all() || slices.Contains(d.options.Scope.Sets, name)
}

// provisioning brings each changed or outdated set up to date in the accounts
// that keep it, once, after all its changes and revocations.
func (d *differ) provisioning() {
	for i, p := range d.Live.Sets {
		if d.desiredSet[i] < 0 || len(d.Live.Sets[i].Provisioned) == 0 {
			continue
		}
		if hold := d.sets[d.desiredSet[i]].hold; hold != ours && hold != adopted {
			continue
		}
		accounts, reason := p.Outdated, "AWS says it is not the latest there"
		if len(d.setTouched[i]) > 0 {
			accounts, reason = p.Provisioned, "the permission set changes"
		}
		accounts = slices.DeleteFunc(slices.Clone(accounts), func(a string) bool { return d.emptied[setAccount{int32(i), a}] })
		if len(accounts) == 0 {
			continue
		}
		d.add(Change{Kind: Provisioning, Action: Update, Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: p.ARN},
			After: &Value{Accounts: accounts}, Reason: reason, Source: d.Desired.Range(d.Desired.Sets[d.desiredSet[i]].Origin),
			DependsOn: slices.Concat(d.setTouched[i], d.setGoes[i])})
	}
}
