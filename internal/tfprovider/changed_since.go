package tfprovider

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// What an update or a destroy may touch is what Terraform's state had when the plan was
// made: its objects by their ids, and of what it takes away only what the state showed.
// The state is all that both the plan and its apply are given.

// changedSince says that AWS is not as the plan showed it.
func changedSince(attribute, summary string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: identitycenter.CodeChanged, Range: place(attribute), Summary: summary,
		Detail: "Nothing of this resource is written.", Hint: "Run `terraform plan` again, with the refresh: it shows the current state."}
}

// anotherGroup says that the name is that of another group than the state's.
func anotherGroup(attribute string, have access.Group, id string) findings.Diagnostic {
	return changedSince(attribute, fmt.Sprintf("group %q is not the one in Terraform's state: its id is %s there, and %s in AWS", have.Name, id, have.ID))
}

// replacedOutside says whether the group and the permission set are still those of the state.
func (r *groupResource) replacedOutside(w *want, live *access.State, before groupData) findings.List {
	var out findings.List
	if f := r.sameGroup(w, live, before); f != nil {
		out = append(out, *f)
	}
	arn, set := before.PermissionSetARN.ValueString(), cmp.Or(w.formerSet, w.set)
	switch i := live.SetIndex(set); {
	case arn != "" && i < 0:
		out = append(out, changedSince("permission_set_name", fmt.Sprintf("permission set %q has been deleted since Terraform's state was read", set)))
	case arn != "" && live.Sets[i].ARN != arn:
		out = append(out, changedSince("permission_set_name", fmt.Sprintf("permission set %q has been deleted and recreated since Terraform's state was read", set)))
	}
	if i := live.SetIndex(w.set); i >= 0 && (arn == "" || w.formerSet != "") && !r.resumes(w, live, i) {
		out = append(out, changedSince("permission_set_name", fmt.Sprintf("there is already a permission set %q, which this resource did not create", w.set)))
	}
	return out
}

// changedPlaces is what to do where resources have each other's objects.
func changedPlaces() string {
	return "If resources have changed places, as after removing an element of a list with `count`, fix the state with `terraform state mv`; with `for_each` over the names this does not happen. To exchange two names, give one of them a third name in a separate apply."
}

// resumes says that a set which the state does not have is this resource's all the same:
// an apply that was cut off made it for this group.
func (r *groupResource) resumes(w *want, live *access.State, set int) bool {
	p := live.Sets[set]
	if p.Owner != w.owner { // whether it may be taken over is the plan's to say
		return true
	}
	return p.Via == access.ViaTerraform && slices.ContainsFunc(p.Tags, func(t access.Tag) bool {
		return t.Key == access.GroupTag && (t.Value == access.TagText(w.name) || t.Value == access.TagText(w.previously))
	})
}

func (r *groupResource) sameGroup(w *want, live *access.State, before groupData) *findings.Diagnostic {
	id, i := before.ID.ValueString(), w.group(live)
	var f findings.Diagnostic
	switch {
	case id == "", i >= 0 && live.Groups[i].ID == id, i < 0 && w.renamed[w.name].ID == id:
		return nil
	case i >= 0 && w.previously != "" && live.GroupIndex(w.previously) >= 0 && live.Groups[live.GroupIndex(w.previously)].ID == id:
		f = findings.Diagnostic{Severity: findings.Error, Code: plan.RenameUnclear, Range: place("name"),
			Summary: fmt.Sprintf("group %q cannot be renamed to %q, which already exists", w.previously, w.name),
			Detail:  fmt.Sprintf("Terraform's state has %q at this address. In AWS only one group can have a name.", w.previously),
			Hint:    changedPlaces()}
	case i >= 0:
		f = anotherGroup("name", live.Groups[i], id)
	case r.external: // missing, which is told anyway; the apply does not make it
		return nil
	default:
		f = changedSince("name", fmt.Sprintf("group %q has been deleted since Terraform's state was read", w.name))
	}
	return &f
}

// unshown are what a plan takes away that the state did not have: somebody came since,
// or it was not looked at.
func (r *groupResource) unshown(live *access.State, p *plan.Plan, before groupData) findings.List {
	var news []string
	content := before.showsContent(live)
	for _, c := range meant(p) {
		if takesAccess(c) && !before.shows(c) || (narrows(c) || c.Kind == plan.Provisioning) && !content {
			news = append(news, c.Describe())
		}
	}
	if len(news) == 0 {
		return nil
	}
	f := changedSince("drift", "this would remove what the plan did not show")
	f.Detail = joined("It would "+findings.First(10, news, "; ")+".", f.Detail)
	f.Hint += " With `complete = true` in the provider block, a plan also shows what it otherwise does not look at."
	return findings.List{f}
}

// shows says whether the state has what a change takes away.
func (g groupData) shows(c plan.Change) bool {
	if slices.Contains(g.said, c.Describe()) {
		return true
	}
	if slices.ContainsFunc(stringsOf(g.Drift), func(text string) bool {
		return strings.HasPrefix(text, willDo+c.Describe()) || strings.HasPrefix(text, willNotDo+c.Describe()) || strings.HasPrefix(text, c.Describe())
	}) {
		return true
	}
	own := c.Refs.GroupID == g.ID.ValueString() && c.Refs.GroupID != ""
	switch c.Kind {
	case plan.Membership:
		return own && slices.Contains(stringsOf(g.Members), c.Key.User)
	case plan.Assignment:
		return own && slices.ContainsFunc(slices.Collect(maps.Values(g.AccountIDs.Elements())), func(id attr.Value) bool { return id.Equal(types.StringValue(c.Key.Account)) })
	case plan.PermissionSet:
		return c.Refs.PermissionSetARN == g.PermissionSetARN.ValueString()
	default: // the group itself
		return own
	}
}

// showsContent says whether the state has what is on its permission set now.
func (g groupData) showsContent(live *access.State) bool {
	set := live.SetIndex(g.PermissionSetName.ValueString())
	if set < 0 || live.Sets[set].ARN == "" {
		return true
	}
	now, p := g, live.Sets[set]
	p.Description = g.spec().Description.Value // whose it is depends; and it gives nobody anything
	now.observeSet(p)
	had, has := attributesOf(&g), attributesOf(&now)
	return !slices.ContainsFunc(groupKeys(g.external).keys(), func(k access.Key) bool {
		return had[k.Path] != nil && !sameValue(had[k.Path], has[k.Path])
	})
}

// handedOver refuses what the command has taken over since: its mark had our word, and
// has it no more.
func (r *groupResource) handedOver(w *want, live *access.State, before groupData) findings.List {
	set, group := live.SetIndex(cmp.Or(w.formerSet, w.set)), live.GroupIndex(w.name)
	taken := set >= 0 && live.Sets[set].Owner == w.owner && live.Sets[set].Via == "" ||
		!r.external && set < 0 && group >= 0 && live.Groups[group].Owner == w.owner && live.Groups[group].Via == ""
	if !taken || !before.saidDoor || before.Owner.ValueString() != w.owner {
		return nil
	}
	return findings.List{{Severity: findings.Error, Code: plan.OtherDoor, Range: place("name"),
		Summary: fmt.Sprintf("group %q and its permission set have been taken over by the rolecall command", w.name),
		Detail:  "Their mark no longer says that Terraform created them. Nothing of this resource is written or deleted.",
		Hint:    "Remove it from the config with a `removed` block that has `destroy = false`. To get it back, do the same, and import it."}}
}

// replaces refuses a permission set that another one replaces where the plan does not say
// so, because somebody of the config is still to come: what it would revoke is held back.
func (r *groupResource) replaces(w *want, live *access.State, p *plan.Plan, before, g groupData) findings.List {
	set := live.SetIndex(w.formerSet)
	if w.formerSet == "" || w.formerSet == w.set || set < 0 || allows(stringsOf(g.Allow), "replace") || only(p.Findings, plan.Replacement) != nil {
		return nil
	}
	var accounts []string
	for _, grant := range live.SetAssignments(set) {
		accounts = append(accounts, live.Accounts[grant.Account].ID)
	}
	if len(accounts) == 0 || live.Sets[set].Owner != before.Owner.ValueString() {
		return nil
	}
	return findings.List{findings.Diagnostic{Severity: findings.Error, Code: plan.Replacement, Range: place("permission_set_name"),
		Summary: fmt.Sprintf("permission set %q is replaced by %q: its roles get new ARNs", w.formerSet, w.set),
		Detail:  "Anything that uses the old ones stops working. They are in " + findings.First(10, accounts, ", ") + ".",
	}.With(findings.Remedy{Way: findings.KeepRoles, Name: w.formerSet})}
}
