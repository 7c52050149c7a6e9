package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// rebind is a group that was deleted and made again: its access names ids that
// no longer exist.
type rebind struct {
	oldIDs []string
	newID  string
	where  []string // "set in account"
}

// findRebinds looks for groups that the config grants access to where a group
// that is gone has it. Whoever can make a group of that name outside of
// rolecall would get the access, so the plan asks. A group that rolecall makes
// itself, or that carries our mark, gets only whom the config names.
func (d *differ) findRebinds() {
	for s := range d.Desired.Sets {
		live := d.sets[s].live
		if live < 0 {
			continue
		}
		have := d.Live.SetGrants(int(live))
		orphans := orphanGroups(d.Live, have)
		if orphans == nil {
			continue
		}
		for _, w := range d.wantedOn(s) {
			if !holds(have, live, w) && d.madeElsewhere(w.desired.Principal) {
				d.noteRebind(s, w, orphans[w.account])
			}
		}
	}
	for g, r := range d.rebinds {
		if r != nil {
			d.reportRebind(g, r)
		}
	}
}

func (d *differ) madeElsewhere(group int32) bool {
	b := d.groups[group]
	return b.live >= 0 && (b.hold == grantOnly || b.hold == additive)
}

func (d *differ) noteRebind(set int, w wanted, orphans []access.Grant) {
	if w.account < 0 || len(orphans) == 0 {
		return
	}
	r := d.rebinds[w.desired.Principal]
	if r == nil {
		r = &rebind{newID: d.Live.Groups[w.group].ID}
		d.rebinds[w.desired.Principal] = r
	}
	for _, o := range orphans {
		if id := d.Live.Orphans[o.Principal].ID; !slices.Contains(r.oldIDs, id) {
			r.oldIDs = append(r.oldIDs, id)
		}
	}
	r.where = append(r.where, fmt.Sprintf("%s in %s", d.Desired.Sets[set].Name, d.Live.Accounts[w.account].Name))
}

func (d *differ) reportRebind(group int, r *rebind) {
	g := d.Desired.Groups[group]
	severity, hint := diag.Error, fmt.Sprintf("Make sure who made the group and who is in it; then `--allow-rebind %q`.", g.Name)
	if d.mayRebind(group) {
		severity, hint = diag.Warning, "Agreed to with `--allow-rebind`."
	}
	d.Findings = append(d.Findings, diag.Diagnostic{Severity: severity, Code: Rebind, Range: d.Desired.Range(g.Origin),
		Summary: fmt.Sprintf("group %q was deleted and made again: its access names id %s, the group is now %s", g.Name, strings.Join(r.oldIDs, ", "), r.newID),
		Detail:  "Whoever could make a group of this name would get its access: " + cut(r.where, 5) + ".",
		Hint:    hint})
}

func (d *differ) mayRebind(group int) bool {
	return slices.Contains(d.options.Guards.AllowRebind, d.Desired.Groups[group].Name)
}

func (d *differ) rebindInTheWay(group int32) *diag.Diagnostic {
	if d.rebinds[group] == nil || d.mayRebind(int(group)) {
		return nil
	}
	return &diag.Diagnostic{Code: Rebind, Summary: fmt.Sprintf("group %q was made again with another id; see --allow-rebind", d.Desired.Groups[group].Name)}
}

// cut names the first n of a list and counts the rest.
func cut(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:n], ", "), len(list)-n)
}
