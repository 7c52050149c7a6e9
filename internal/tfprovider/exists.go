package tfprovider

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// A creation makes what is missing. It takes up what is there only where that is an
// earlier creation of ours that never became whole, or carries no mark and `adopt`
// says so; and never takes anything from anybody, because the plan of a creation
// cannot show it. What is there whole may be another resource's: Terraform plans each
// on its own, and replaces one by destroying it.

// found is what a creation finds of what it would make: rows of the live state, -1
// where it is missing.
type found struct{ group, set int }

func (r *groupResource) found(w *want, live *access.State) found {
	f := found{-1, live.SetIndex(w.set)}
	if r.external { // SCIM brings the group
		return f
	}
	f.group = w.group(live)
	return f
}

func (f found) nothing() bool { return f.group < 0 && f.set < 0 }

// begun says that all that is there is an unfinished creation of this owner's: the
// mark goes off the group first, so a set that has it speaks for both.
func (f found) begun(live *access.State, owner string) bool {
	ours := func(m access.Mark) bool { return m.Owner == owner && m.Via == access.ViaTerraform && !m.Unknown }
	set := f.set >= 0 && live.Sets[f.set].Unfinished != "" && ours(access.Mark{Owner: live.Sets[f.set].Owner, Via: live.Sets[f.set].Via})
	if f.group < 0 || f.set >= 0 && !set {
		return set
	}
	g := live.Groups[f.group]
	return ours(g.Mark()) && !g.UnknownMark && (set || g.Unfinished != "")
}

// unmarked says that nothing of it carries a mark, unless it is begun.
func (f found) unmarked(live *access.State, owner string) bool {
	group, set := f.group < 0 || live.Groups[f.group].Owner == "", f.set < 0 || live.Sets[f.set].Owner == ""
	return group && set ||
		set && found{f.group, -1}.begun(live, owner) ||
		group && found{-1, f.set}.begun(live, owner)
}

// ofOthers says that another owner's mark is on it, which is refused anyway.
func (f found) ofOthers(live *access.State, owner string) bool {
	theirs := func(o string) bool { return o != "" && o != owner }
	return f.group >= 0 && theirs(live.Groups[f.group].Owner) || f.set >= 0 && theirs(live.Sets[f.set].Owner)
}

// madeBy says who made what carries this owner's mark and not Terraform's word; "" else.
func (f found) madeBy(live *access.State, owner string) string {
	group := f.group >= 0 && live.Groups[f.group].Owner == owner && live.Groups[f.group].Via == ""
	set := f.set >= 0 && live.Sets[f.set].Owner == owner && live.Sets[f.set].Via == ""
	if !group && !set || f.unmarked(live, owner) {
		return ""
	}
	return fmt.Sprintf("It carries the mark of owner %q and was created by the rolecall command, or by an earlier version of the provider. To hand it over to Terraform, import it, apply, and then remove it from the command's config.", owner)
}

func (f found) words(live *access.State) string {
	var out []string
	if f.group >= 0 {
		out = append(out, fmt.Sprintf("group %q", live.Groups[f.group].Name))
	}
	if f.set >= 0 {
		out = append(out, fmt.Sprintf("permission set %q", live.Sets[f.set].Name))
	}
	return strings.Join(out, " and ")
}

// creation says what is wrong with a creation that finds something, and warns where it
// goes on with what an interrupted one began.
func (r *groupResource) creation(w *want, live *access.State, g groupData, p *plan.Plan) findings.List {
	f := r.found(w, live)
	begun := f.begun(live, w.owner) && !r.session.objectPlans.seen(f.objects(live)...) && !f.replaces(live, p)
	switch {
	case f.nothing(), f.ofOthers(live, w.owner), only(p.Findings, plan.SetOfOther, plan.GroupOfSCIM, plan.OtherDoor).HasErrors():
		return nil
	case !begun && !(g.Adopt.ValueBool() && f.unmarked(live, w.owner)):
		return findings.List{r.exists(w, live, f)}
	}
	unassigned := begun && (f.set < 0 || len(live.SetAssignments(f.set)) == 0) // its content is nobody's yet
	if taken := r.takes(p, unassigned); len(taken) > 0 {
		return findings.List{{Severity: findings.Error, Code: plan.SetUnmarked, Range: place("name"),
			Summary: fmt.Sprintf("taking over %s removes something that no plan of a creation can show", f.words(live)),
			Detail:  "It would " + findings.First(10, taken, "; ") + ".",
			Hint:    "Import it: then the plan shows each of these as a change. If others lose something by it, `allow = [\"strangers\"]` says that this is intended.\n\n" + importBlock(r.importID(w, live, f))}}
	}
	if !begun {
		detail := "Terraform manages it from then on: what the config no longer has is removed, and a destroy deletes it."
		if !r.external {
			detail += " If an identity provider pushes the group, use rolecall_external_group instead: AWS does not show this for every group."
		}
		return findings.List{{Severity: findings.Warning, Code: plan.GroupUnmarked, Range: place("adopt"),
			Summary: fmt.Sprintf("this takes over %s, which somebody else created", f.words(live)), Detail: detail}}
	}
	return findings.List{{Severity: findings.Warning, Code: plan.GroupUnmarked, Range: place("name"),
		Summary: fmt.Sprintf("this continues what an interrupted apply began: %s", f.words(live)),
		Detail:  "It carries our mark of an unfinished creation."}}
}

// replaces says that the set is unfinished and the group is whole: of a creation, no
// more than the mark is left to take off then, so anything else was to become of an
// interrupted change to another permission set.
func (f found) replaces(live *access.State, p *plan.Plan) bool {
	return f.group >= 0 && f.set >= 0 && live.Groups[f.group].Unfinished == "" &&
		slices.ContainsFunc(meant(p), func(c plan.Change) bool {
			return c.Action != plan.Update || c.Kind != plan.PermissionSet && c.Kind != plan.Group
		})
}

// objects are the ids and ARNs of what is there.
func (f found) objects(live *access.State) []string {
	var out []string
	if f.group >= 0 {
		out = append(out, live.Groups[f.group].ID)
	}
	if f.set >= 0 {
		out = append(out, live.Sets[f.set].ARN)
	}
	return out
}

// exists refuses a creation of what is there whole.
func (r *groupResource) exists(w *want, live *access.State, f found) findings.Diagnostic {
	former := ""
	switch {
	case r.external: // whose group is not looked for
		former = w.previously
	case f.group >= 0 && live.Groups[f.group].Name != w.name:
		former = live.Groups[f.group].Name
	}
	out := findings.Diagnostic{Severity: findings.Error, Code: plan.GroupUnmarked, Range: place("name"),
		Summary: fmt.Sprintf("there is already %s, and a creation does not take it over", f.words(live))}
	out.Detail, out.Hint = takeUp{kind: r.kind(), former: former, name: w.name, importID: r.importID(w, live, f), adoptable: f.unmarked(live, w.owner), made: f.madeBy(live, w.owner), known: r.session.objectPlans.seen(f.objects(live)...)}.ways()
	return out
}

// takeUp is what a creation finds whole.
type takeUp struct {
	kind, former, name, importID string
	adoptable                    bool
	made                         string // who made it, where the marks say so
	known                        bool   // this process has seen it in the state
}

// ways says why a creation does not take something up, and which ways there are: that
// of a new address, where this process has seen it in the state; where it has not, it may
// be still to come, so the others are named as well.
func (t takeUp) ways() (detail, hint string) {
	detail = "If the address of the resource has changed, or it is replaced, Terraform would destroy what is there as well, and with it everybody's access."
	if t.known {
		detail = "Terraform's state has it: at another address, or at this one, where it is tainted or to be replaced. If that is destroyed, everybody's access goes with it."
	}
	if t.former != "" { // it is renamed
		hint := fmt.Sprintf("It is renamed from %q, and Terraform has it at the address of that name. Write a `moved` block in addition to `previously`:\n\n", t.former) + movedBlock(t.kind, t.former, t.name)
		if t.known {
			return detail, hint
		}
		return detail, hint + "\n\nIf it is in no state at all, import it:\n\n" + importBlock(t.importID)
	}
	ways := []string{"- Its address has changed: write a `moved` block.\n\n" + movedBlock(t.kind, t.former, t.name),
		"- It is tainted: run `terraform untaint` with its address.",
		"- It is to be replaced: no change requires that, so omit `-replace`, `replace_triggered_by` and the like."}
	if !t.known {
		way := "- It is in no state, as after an apply that Terraform did not see finish: import it. If another state has it, leave it there, and use a separate owner for each state."
		if t.made != "" {
			way = "- " + t.made
		}
		if t.adoptable {
			way = "- Somebody else created it: set `adopt = true` (in the module, add the name to `adopt`), which takes it over if nobody loses anything by it; or import it, and the plan shows what it removes."
		}
		ways = append(ways, way+"\n\n"+importBlock(t.importID))
	}
	return detail, strings.Join(ways, "\n\n")
}

const thisAddress = "ADDRESS # the address after \"with\" in this message"

// movedBlock is the block for a new address. Where the former name is known, so are both
// addresses in the module, which has them by name.
func movedBlock(kind, former, name string) string {
	from, to := "OLD_ADDRESS", thisAddress
	if former != "" {
		from = fmt.Sprintf("module.NAME.rolecall_%s.this[%q] # NAME is what the module is called", kind, former)
		to = fmt.Sprintf("module.NAME.rolecall_%s.this[%q]", kind, name)
	}
	return fmt.Sprintf("  moved {\n    from = %s\n    to   = %s\n  }", from, to)
}

// importBlock is the block for the resource that Terraform names beside the message.
func importBlock(id string) string {
	return fmt.Sprintf("  import {\n    to = %s\n    id = %q\n  }", thisAddress, id)
}

// importID is what ImportState takes.
func (r *groupResource) importID(w *want, live *access.State, f found) string {
	name := w.name
	if f.group >= 0 {
		name = live.Groups[f.group].Name
	}
	if w.set == access.PermissionSetName(name) {
		return name
	}
	return name + "::" + w.set
}

// takes are the changes of a plan that take something from somebody. Content of a set
// that nobody has takes nothing.
func (r *groupResource) takes(p *plan.Plan, unassigned bool) []string {
	var out []string
	for _, c := range meant(p) {
		if takesAccess(c) || !unassigned && narrows(c) {
			out = append(out, c.Describe())
		}
	}
	return out
}

// meant are the changes of a plan, and those that it keeps back while something is missing
// that the same apply may make.
func meant(p *plan.Plan) []plan.Change {
	out := slices.Clone(p.Changes)
	for _, b := range p.Blocked {
		out = append(out, b.Change)
	}
	return out
}

// takesAccess says that a change takes a person out of a group, or an assignment away.
// Nobody has those of a principal that is gone.
func takesAccess(c plan.Change) bool {
	return c.Action == plan.Delete && c.Key.OrphanID == "" && slices.Contains([]plan.Kind{plan.Membership, plan.Assignment, plan.Group, plan.PermissionSet, plan.User}, c.Kind)
}

// narrows says that a change of a set's content may allow less.
func narrows(c plan.Change) bool {
	switch c.Kind {
	case plan.ManagedPolicy, plan.CustomerManagedPolicy:
		return c.Action == plan.Delete
	case plan.InlinePolicy, plan.PermissionsBoundary:
		return c.Action != plan.Create || c.Kind == plan.PermissionsBoundary
	case plan.PermissionSet:
		b, a := c.Before, c.After
		return c.Action == plan.Update && b != nil && a != nil && (b.PermissionSet.SessionDuration != a.PermissionSet.SessionDuration || b.PermissionSet.RelayState != a.PermissionSet.RelayState)
	}
	return false
}
