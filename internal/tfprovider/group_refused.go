package tfprovider

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// withoutUnmarked leaves out what is said of a group or permission set without a mark:
// of a creation, the provider says more.
func withoutUnmarked(list findings.List) findings.List {
	return slices.DeleteFunc(slices.Clone(list), func(f findings.Diagnostic) bool { return f.Code == plan.GroupUnmarked || f.Code == plan.SetUnmarked })
}

// stillThere refuses to go on with what is no longer as the state has it.
func (r *groupResource) stillThere(w *want, live *access.State, before *groupData, p *plan.Plan) findings.List {
	if before == nil {
		return nil
	}
	return slices.Concat(r.replacedOutside(w, live, *before), r.unshown(live, p, *before), r.handedOver(w, live, *before))
}

// leftBehind refuses another permission set while the one of the state carries somebody
// else's mark, or none: nothing would take its assignments away, and the state would
// know of it no more.
func leftBehind(w *want, live *access.State, before *groupData) findings.List {
	set := live.SetIndex(w.formerSet)
	if before == nil || w.formerSet == w.set || set < 0 || live.Sets[set].Owner == w.owner {
		return nil
	}
	f := findings.Diagnostic{Severity: findings.Error, Code: plan.Replacement, Range: place("permission_set_name"),
		Summary: fmt.Sprintf("permission set %q would stay as it is, with what it grants, next to %q", w.formerSet, w.set),
		Detail:  fmt.Sprintf("It carries no mark of owner %q, and what is not ours is not removed.", w.owner),
		Hint:    fmt.Sprintf("Apply with `permission_set_name = %q` first, which takes it over; then write the new name.", w.formerSet)}
	if has := live.Sets[set].Owner; has != "" && has != before.Owner.ValueString() {
		f.Hint = fmt.Sprintf("It belongs to owner %q: have it removed there, or remove this resource from the state and create another one.", has)
	}
	return findings.List{f}
}

// foreign refuses a permission set of ours that another group uses: Terraform
// has one resource a group, and each would take the other's assignments away.
func (r *groupResource) foreign(w *want, live *access.State, before *groupData) findings.List {
	set := live.SetIndex(w.set)
	if set < 0 || live.Sets[set].Owner != w.owner || before != nil && before.PermissionSetName.ValueString() == w.set {
		return nil
	}
	for _, t := range live.Sets[set].Tags {
		if t.Key == access.GroupTag && t.Value != access.TagText(w.name) && t.Value != access.TagText(w.previously) {
			return findings.List{{Severity: findings.Error, Code: plan.SetOfOther, Range: place("permission_set_name"),
				Summary: fmt.Sprintf("permission set %q is in use for group %q", w.set, t.Value),
				Detail:  "In Terraform a permission set belongs to one group.",
				Hint:    "Give this group another permission_set_name."}}
		}
	}
	return nil
}

// strangers refuses to take over what others use: to own a permission set or a
// group is to take away what the config does not name, and nobody has seen that
// in a plan yet. The group itself has the id, whatever it is called.
func strangers(w *want, p *plan.Plan, id string) findings.List {
	var taken []string
	for _, c := range meant(p) {
		another := c.Kind == plan.Assignment && (id == "" || c.Refs.GroupID != id) && (c.Key.Group == "" || c.Key.Group != w.name && c.Key.Group != w.previously)
		if c.Action == plan.Delete && (another || c.Kind == plan.Membership) {
			taken = append(taken, c.Describe())
		}
	}
	if len(taken) == 0 {
		return nil
	}
	return findings.List{{Severity: findings.Error, Code: plan.SetUnmarked, Range: place("permission_set_name"),
		Summary: fmt.Sprintf("taking over group %q and permission set %q removes access from others", w.name, w.set),
		Detail:  "It would " + findings.First(10, taken, "; ") + ".",
		Hint:    "Give the group a separate permission set with permission_set_name, or list the members; if all that should be removed, set `allow = [\"strangers\"]`."}}
}

// refuseOthers refuses a group that is another owner's. The command would grant it
// access all the same, but a resource says that the group is its own.
func refuseOthers(list findings.List) findings.List {
	out := slices.Clone(list)
	for i, f := range out {
		if f.Code == plan.GroupOfOther {
			out[i].Severity = findings.Error
		}
	}
	return out
}

// ofSCIM refuses a group of SCIM as one of ours.
func ofSCIM(w *want, live *access.State) findings.List {
	i := live.GroupIndex(w.name)
	if i < 0 || !live.Groups[i].SCIM {
		return nil
	}
	return findings.List{{Severity: findings.Error, Code: plan.GroupOfSCIM, Range: place("name"),
		Summary: fmt.Sprintf("group %q belongs to %s, which brings it by SCIM", w.name, w.idp),
		Hint:    "use rolecall_external_group, which grants it access and leaves the group alone"}}
}
