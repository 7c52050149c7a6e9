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
			d.updateTags(i, p, d.Live.Sets[bound.live], Refs{PermissionSetARN: d.Live.Sets[bound.live].ARN})
		default:
			if bound.why.Code == Ignored && d.sameSet(bound.live, p) {
				continue // nobody asks for a change that a pattern hides
			}
			d.block(Change{Kind: PermissionSet, Action: Create, Key: Key{PermissionSet: p.Name},
				After: &Value{PermissionSet: attributesOfSet(p)}}, bound.why)
		}
	}
}

// sameSet says that a live set is as the config has it, its tags aside.
func (d *differ) sameSet(live int32, p access.PermissionSet) bool {
	if live < 0 {
		return false
	}
	have, want := attributesOfSet(d.Live.Sets[live]), attributesOfSet(p)
	want.ARN = have.ARN
	return sameAttributes(*have, *want) && d.Live.Sets[live].SameContent(p)
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
	d.setNeeds[i] = append([]ID{id}, d.policies(p, []ID{id})...)
}

func sameAttributes(a, b access.PermissionSet) bool {
	return a.Description == b.Description && a.SessionDuration == b.SessionDuration && a.RelayState == b.RelayState
}

func (d *differ) updateTags(i int, p, have access.PermissionSet, refs Refs) {
	if slices.Equal(p.Tags, have.Tags) {
		return
	}
	reason := "tags differ from the config"
	if have.Owner != p.Owner {
		reason = "taken over: an adopt pattern matches it"
	}
	id := d.add(Change{Kind: Tags, Action: Update, Key: Key{PermissionSet: p.Name}, Refs: refs,
		Before: &Value{Tags: have.Tags}, After: &Value{Tags: p.Tags}, Reason: reason, Source: d.Desired.Range(p.Origin)})
	if have.Owner != p.Owner {
		d.setNeeds[i] = append(d.setNeeds[i], id)
		d.taken[d.sets[i].live] = id
	}
	d.retagged[int32(i)] = true
}

// policies gives the changes that put everything onto a set that the plan
// creates: nobody has it yet, so their order means nothing.
func (d *differ) policies(p access.PermissionSet, needs []ID) []ID {
	var ids []ID
	base := Change{Key: Key{PermissionSet: p.Name}, Source: d.Desired.Range(p.Origin)}
	add := func(c Change) {
		c.DependsOn = needs
		ids = append(ids, d.add(c))
	}
	for _, arn := range p.ManagedPolicies {
		add(policyChange(base, ManagedPolicy, Create, arn))
	}
	for _, name := range policyNames(p.CustomerPolicies) {
		add(policyChange(base, CustomerManagedPolicy, Create, name))
	}
	if p.InlinePolicy != "" {
		c := valueChange(base, InlinePolicy, true, false)
		c.After = document(p.InlinePolicy)
		add(c)
	}
	if !p.Boundary.IsZero() {
		c := valueChange(base, PermissionsBoundary, true, false)
		c.After = boundary(p.Boundary)
		add(c)
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
	var left []string
	for i, p := range d.Live.Sets {
		if !d.leftoverSet(i) {
			if d.leftToOtherDoor(i) {
				left = append(left, p.Name)
			}
			continue
		}
		c := Change{Kind: PermissionSet, Action: Delete, Key: Key{PermissionSet: p.Name}, Refs: Refs{PermissionSetARN: p.ARN},
			Before: &Value{PermissionSet: attributesOfSet(p)}, Reason: "carries our mark and is no longer in the config", DependsOn: slices.Concat(d.setEmpties[i], d.madeAnew(p.Record))}
		_, deleted := d.goingOnRecord(p.Record)
		c.DependsOn = append(c.DependsOn, deleted...)
		evidence := d.holdsEvidence(i)
		switch {
		case evidence != nil:
			d.block(c, *evidence)
		case !d.Live.Observed.SetUses[p.ARN]:
			d.block(c, d.notObserved(fmt.Sprintf("the assignments of permission set %q", p.Name)))
		case d.keptOnSet[i] > 0 && d.staying[int32(i)] == 0:
			d.once(d.stuckElsewhere(int32(i)))
		case d.keptOnSet[i] > 0:
			d.block(c, diag.Diagnostic{Code: DependsOnBlocked, Summary: fmt.Sprintf("%d of its assignments stay", d.keptOnSet[i])})
		case len(d.provisionedForNobody(i)) > 0:
			d.once(d.leftProvisioned(i))
		default:
			id := d.add(c)
			// A run that was cut off leaves a set that is not whole, and nobody has it.
			if begun := p.Unfinished != "" && len(d.Live.SetGrants(i)) == 0; !d.recorded(int32(i)) && !begun {
				d.unrecorded[id] = true
			}
		}
	}
	d.tellOtherDoor("permission set", left)
}

// stuckElsewhere says why a set of ours that nobody wants any more is kept.
func (d *differ) stuckElsewhere(set int32) diag.Diagnostic {
	name := d.Live.Sets[set].Name
	switch left := d.leftOn[set]; {
	case len(d.orphansKept[set]) > 0:
		return KeptByOrphan(name)
	case left.ignored > 0:
		return diag.Diagnostic{Severity: diag.Note, Code: Ignored,
			Summary: fmt.Sprintf("permission set %q is no longer in the config and stays, because ignore patterns keep %s of it", name, counted(left.ignored, "assignment", "assignments")),
			Hint:    "Change the patterns in rolecall.hcl where this is not intended."}
	case left.others > 0:
		return diag.Diagnostic{Severity: diag.Note, Code: OutsideScope,
			Summary: fmt.Sprintf("permission set %q is no longer in the config and stays, because somebody whom --only does not name has it", name),
			Hint:    "Leave --only out."}
	default:
		return diag.Diagnostic{Severity: diag.Warning, Code: AccountInactive,
			Summary: fmt.Sprintf("permission set %q is no longer in the config, and stays as long as accounts that are not active have it", name),
			Detail:  "AWS cannot change access there, and nobody can sign in to them.", Hint: "Nothing has to be done."}
	}
}

// leftoverSet says that a live set is ours, and that the config no longer has it.
func (d *differ) leftoverSet(i int) bool {
	p := d.Live.Sets[i]
	return d.ownedElsewhere(i) && !d.otherVia(p.Via) && !hasTag(p, access.LockTag)
}

// ownedElsewhere says that a live set carries our mark, whoever put it there, and
// that the config does not have it.
func (d *differ) ownedElsewhere(i int) bool {
	p := d.Live.Sets[i]
	return p.Owner == d.options.Owner && p.Owner != "" && d.desiredSet[i] < 0 && d.setInScope(p.Name) && !d.ignored(access.SetThing, p.Name)
}

// leftToOtherDoor says of a set that is not deleted, though the config does not
// have it, whether it is because the other front door made it.
func (d *differ) leftToOtherDoor(i int) bool {
	if !d.ownedElsewhere(i) {
		return false
	}
	if p := d.Live.Sets[i]; hasTag(p, access.LockTag) {
		d.once(lockMark(p))
		return false
	}
	return true
}

func (d *differ) setInScope(name string) bool {
	return d.options.Scope.all() || slices.Contains(d.options.Scope.Sets, name)
}
