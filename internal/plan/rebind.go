package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// rebind is a name of the config that leads to another principal or account
// than it did when a plan was last carried out.
type rebind struct {
	oldIDs []string
	newID  string
	where  []string
}

// rebinds are those of the plan, parallel to the desired tables; nil is none.
type rebinds struct{ groups, accounts []*rebind }

// findRebinds looks for names that no longer mean what they meant: the record of
// any permission set of ours says so, whatever else the config changes, or, of a
// set without a record, an assignment of a group that is gone. Whoever can take a
// name outside of rolecall would get its access, so the plan asks. A group that
// the plan creates itself has only the members of the config.
func (d *differ) findRebinds() {
	d.rebinds = rebinds{make([]*rebind, len(d.Desired.Groups)), make([]*rebind, len(d.Desired.Accounts))}
	granted := d.grantedNames()
	d.readRecords()
	for g := range d.Desired.Groups {
		if live := d.groups[g].live; live >= 0 && granted[int32(g)] {
			d.rebindByRecord(int32(g), d.Live.Groups[live].ID)
		}
	}
	for a := range d.Desired.Accounts {
		if live := d.accounts[a].live; live >= 0 && !access.IsAccountID(d.Desired.Accounts[a].Name) {
			d.accountByRecord(int32(a), d.Live.Accounts[live].ID)
		}
	}
	for s := range d.Desired.Sets {
		d.accountsByBucket(s)
	}
	d.accountsByTwins()
	d.rebindByOrphans()
	d.findOpen()
	for g, r := range d.rebinds.groups {
		if r != nil {
			d.reportRebind(d.Desired.Groups[g].Name, "group", d.howGroupMoved(r), d.Desired.Groups[g].Origin, r)
		}
	}
	for a, r := range d.rebinds.accounts {
		if r != nil {
			d.reportRebind(d.Desired.Accounts[a].Name, "account", "is now the name of another account", d.Desired.Accounts[a].Origin, r)
		}
	}
}

// grantedNames says which desired groups the config grants anything.
func (d *differ) grantedNames() map[int32]bool {
	out := map[int32]bool{}
	for _, g := range d.Desired.Grants {
		if g.Kind == access.GroupPrincipal {
			out[g.Principal] = true
		}
	}
	return out
}

// remembered is what the records of ours say that names meant, by the names' keys.
type remembered struct {
	principals, accounts map[string][]meant
	ids                  map[string]bool // of principals
	// overflowed says that a record had no room for its principals.
	overflowed bool
}

// knows says that a record has the id of a principal.
func (r remembered) knows(id string) bool {
	return r.ids[id] || len(r.ids) > 0 && r.ids[access.PrincipalMark(id)]
}

// meant is an id, or the mark of one, and a set whose record says so.
type meant struct{ id, where string }

// readRecords takes in every record of ours that was written for the set that has
// it, whoever's mark the set has now.
func (d *differ) readRecords() {
	d.remembered = remembered{map[string][]meant{}, map[string][]meant{}, map[string]bool{}, false}
	take := func(r access.Recorded, where string) {
		d.remembered.overflowed = d.remembered.overflowed || !r.PrincipalsFit()
		r.Meanings(func(key, id string) {
			d.remembered.ids[id] = true
			remember(d.remembered.principals, key, meant{id, where})
		}, func(key, mark string) { remember(d.remembered.accounts, key, meant{mark, where}) })
	}
	for _, p := range d.Live.Sets {
		if p.Record.FitsSet(d.options.Owner, p.ARN) {
			take(p.Record, p.Name)
		}
	}
	for _, r := range d.Live.Evidence {
		take(r, "a permission set that was ours")
	}
}

// remember keeps each meaning of a name once: thousands of sets say the same.
func remember(of map[string][]meant, key string, m meant) {
	if !slices.ContainsFunc(of[key], func(have meant) bool { return have.id == m.id }) {
		of[key] = append(of[key], m)
	}
}

// rebindByRecord holds a group's name, and its former one, against the records:
// who is called so now is to be who was called so before. Every one that a record
// knows has to be this very group.
func (d *differ) rebindByRecord(group int32, id string) {
	d.rebindByFormer(group, id)
	if len(d.remembered.principals) == 0 {
		return
	}
	for _, name := range d.namesOf(group) {
		for _, m := range d.meaningsOf(name) {
			if !access.MeansPrincipal(m.id, id) {
				note(&d.rebinds.groups[group], id, d.groupOnce(m.id), m.where)
			}
		}
	}
}

// namesOf gives the names that have to lead to a group of the config: its own,
// and the former one unless the config has another group of that name.
func (d *differ) namesOf(group int32) []string {
	g := d.Desired.Groups[group]
	if g.Previously == "" || d.Desired.GroupIndex(g.Previously) >= 0 {
		return []string{g.Name}
	}
	return []string{g.Name, g.Previously}
}

// meaningsOf gives what the records say that a group's name meant.
func (d *differ) meaningsOf(name string) []meant {
	if len(d.remembered.principals) == 0 {
		return nil
	}
	keys := access.PrincipalKeys(access.GroupPrincipal, name)
	whole, short := d.remembered.principals[keys[0]], d.remembered.principals[keys[1]]
	if short == nil {
		return whole
	}
	return slices.Concat(whole, short)
}

// unknownFormer gives the former name of a group of the config of which no record
// knows whom it meant; "" for none.
func (d *differ) unknownFormer(group int32) string {
	if d.Desired.Groups[group].Previously == "" {
		return ""
	}
	if names := d.namesOf(group); len(names) > 1 && d.meaningsOf(names[1]) == nil {
		return names[1]
	}
	return ""
}

// rebindByFormer asks where another group has the former name still, and something
// on a set that has no names on record: what it has is then all that says who
// was meant.
func (d *differ) rebindByFormer(group int32, id string) {
	name := d.unknownFormer(group)
	if name == "" {
		return
	}
	i := d.Live.GroupIndex(name)
	if i < 0 || d.Live.Groups[i].ID == id {
		return
	}
	for _, g := range d.Live.Grants {
		if p := d.Live.Sets[g.Set]; g.Kind == access.GroupPrincipal && g.Principal == int32(i) && p.Owner == d.options.Owner && p.Owner != "" && !d.hasNames(g.Set) {
			note(&d.rebinds.groups[group], id, d.Live.Groups[i].ID, fmt.Sprintf("%s in %s", p.Name, d.Live.Accounts[g.Account].Name))
		}
	}
}

// hasNames says that a live set of ours has a record that names whom it is
// granted to.
func (d *differ) hasNames(set int32) bool {
	return d.recorded(set) && d.Live.Sets[set].Record.PrincipalsFit()
}

func (d *differ) accountByRecord(account int32, id string) {
	if len(d.remembered.accounts) == 0 {
		return
	}
	mark := access.AccountIDMark(id)
	for _, m := range d.remembered.accounts[access.AccountKey(d.Desired.Accounts[account].Name)] {
		if m.id != mark {
			note(&d.rebinds.accounts[account], id, d.accountOnce(m.id), m.where)
		}
	}
}

// accountsByBucket looks where a record has no room for its accounts: of some names
// together it can tell that one of them leads elsewhere. It is one of those with
// something to be granted.
func (d *differ) accountsByBucket(s int) {
	live := d.sets[s].live
	if live < 0 || !d.recorded(live) || d.Live.Sets[live].Record.AccountsFit() {
		return
	}
	now, rows := []access.RecordedAccount{}, map[string]int32{}
	for _, g := range d.Desired.SetGrants(s) {
		name := d.Desired.Accounts[g.Account].Name
		if _, there := rows[name]; there {
			continue
		}
		a := access.RecordedAccount{Name: name}
		if at := d.accounts[g.Account].live; at >= 0 {
			a.ID = d.Live.Accounts[at].ID
		}
		now, rows[name] = append(now, a), g.Account
	}
	granted := map[int32]bool{}
	have := d.Live.SetGrants(int(live))
	for _, w := range d.wantedOn(s) {
		granted[w.desired.Account] = granted[w.desired.Account] || !holds(have, live, w)
	}
	for _, a := range d.Live.Sets[live].Record.Moved(now) {
		if granted[rows[a.Name]] && !access.IsAccountID(a.Name) {
			note(&d.rebinds.accounts[rows[a.Name]], a.ID, "of another account", d.Live.Sets[live].Name)
		}
	}
}

// accountsByTwins looks at names of which no record knows what they meant, and that
// several accounts have. What a closed one of them still has says that it was meant.
func (d *differ) accountsByTwins() {
	twins := map[int32][]int32{} // by desired account
	for a, bound := range d.accounts {
		name := d.Desired.Accounts[a].Name
		if same := d.organization.Find(name); bound.live >= 0 && len(same.Same) > 1 && len(d.remembered.accounts[access.AccountKey(name)]) == 0 {
			twins[int32(a)] = same.Others()
		}
	}
	if len(twins) == 0 {
		return
	}
	for s, bound := range d.sets {
		if bound.live < 0 || d.Live.Sets[bound.live].Owner != d.options.Owner {
			continue
		}
		for _, w := range d.wantedOn(s) {
			if w.account >= 0 && w.group >= 0 {
				d.accountByTwins(bound.live, w, twins[w.desired.Account])
			}
		}
	}
}

func (d *differ) accountByTwins(set int32, w wanted, twins []int32) {
	if len(twins) == 0 || holds(d.Live.SetGrants(int(set)), set, w) {
		return
	}
	for _, twin := range twins {
		if holds(d.Live.SetGrants(int(set)), set, wanted{account: twin, group: w.group}) {
			note(&d.rebinds.accounts[w.desired.Account], d.Live.Accounts[w.account].ID, d.Live.Accounts[twin].ID, d.Live.Sets[set].Name)
		}
	}
}

// groupOnce gives the id of a group that a record has only the mark of, as far as
// anything has that id still.
func (d *differ) groupOnce(meant string) string {
	if meant != access.PrincipalMark(meant) {
		return meant
	}
	for _, g := range d.Live.Groups {
		if access.PrincipalMark(g.ID) == meant {
			return g.ID
		}
	}
	for _, o := range d.Live.Orphans {
		if access.PrincipalMark(o.ID) == meant {
			return o.ID
		}
	}
	return "of a group that is gone"
}

// accountOnce gives the id that a mark stands for, as far as the account is still
// there.
func (d *differ) accountOnce(mark string) string {
	for _, a := range d.Live.Accounts {
		if access.AccountIDMark(a.ID) == mark {
			return a.ID
		}
	}
	return "of an account that is gone"
}

func note(at **rebind, newID, oldID, where string) {
	if *at == nil {
		*at = &rebind{newID: newID}
	}
	r := *at
	if !slices.Contains(r.oldIDs, oldID) {
		r.oldIDs = append(r.oldIDs, oldID)
	}
	if !slices.Contains(r.where, where) {
		r.where = append(r.where, where)
	}
}

// rebindByOrphans looks at the sets that have no names on record. A group that
// is gone has one of them, and a group that has nothing of the set yet is to get
// it, or one that had another name: that may be the same. Where the config no longer has the set, it may
// be any group that has nothing of ours yet.
func (d *differ) rebindByOrphans() {
	var known map[int32]bool // live groups that hold anything of ours
	for i, p := range d.Live.Sets {
		if p.Owner != d.options.Owner || p.Owner == "" || d.hasNames(int32(i)) {
			continue
		}
		have := d.Live.SetGrants(i)
		orphans := orphanGroups(d.Live, have)
		if orphans == nil {
			continue
		}
		if s := d.desiredSet[i]; s >= 0 {
			d.orphansOnWanted(int(s), int32(i), have, orphans)
		}
		// A record without room for its names may have had any name of the config.
		if d.options.Scope.all() && (d.desiredSet[i] < 0 || d.recorded(int32(i))) {
			if known == nil {
				known = d.holdersOfOurs()
			}
			d.orphansOnLeftover(p.Name, orphans, known)
		}
	}
}

func (d *differ) orphansOnWanted(s int, live int32, have []access.Grant, orphans map[int32][]access.Grant) {
	holders := map[int32]bool{}
	for _, g := range have {
		if g.Kind == access.GroupPrincipal {
			holders[g.Principal] = true
		}
	}
	for _, w := range d.wantedOn(s) {
		if w.group >= 0 && !holds(have, live, w) && (!holders[w.group] || d.unknownFormer(w.desired.Principal) != "") {
			d.noteOrphans(w.desired.Principal, d.Desired.Sets[s].Name, orphans)
		}
	}
}

func (d *differ) orphansOnLeftover(set string, orphans map[int32][]access.Grant, known map[int32]bool) {
	for g := range d.grantedNames() {
		former := d.unknownFormer(g) != ""
		if !former && d.meaningsOf(d.Desired.Groups[g].Name) != nil {
			continue // a record says whom the name meant
		}
		if live := d.groups[g].live; live >= 0 && (!known[live] || former) {
			d.noteOrphans(g, set, orphans)
		}
	}
}

func (d *differ) noteOrphans(group int32, set string, orphans map[int32][]access.Grant) {
	for _, account := range slices.Sorted(maps.Keys(orphans)) {
		for _, o := range orphans[account] {
			note(&d.rebinds.groups[group], d.Live.Groups[d.groups[group].live].ID, d.Live.Orphans[o.Principal].ID,
				fmt.Sprintf("%s in %s", set, d.Live.Accounts[account].Name))
		}
	}
}

// holdersOfOurs gives the live groups that have any permission set of ours, so that
// they are not new. Where any set has a record, only records say so: whoever may
// tag can make a set that looks like ours, and anybody can be given it.
func (d *differ) holdersOfOurs() map[int32]bool {
	records := false
	for i := range d.Live.Sets {
		records = records || d.recorded(int32(i))
	}
	out := map[int32]bool{}
	for _, g := range d.Live.Grants {
		if p := d.Live.Sets[g.Set]; g.Kind == access.GroupPrincipal && p.Owner == d.options.Owner && (!records || d.isOnRecord(d.Live.Groups[g.Principal].ID)) {
			out[g.Principal] = true
		}
	}
	return out
}

func (d *differ) reportRebind(name, what, how string, origin int32, r *rebind) {
	severity, remedy := diag.Error, diag.Remedy{Way: diag.AllowRebind, Name: name, What: what}
	if d.mayRebind(name) {
		severity, remedy = diag.Warning, diag.Remedy{Way: diag.Agreed, Name: "--allow-rebind"}
	}
	d.Findings = append(d.Findings, diag.Diagnostic{Severity: severity, Code: Rebind, Range: d.Desired.Range(origin),
		Summary: fmt.Sprintf("%s %q %s: its access is that of id %s, the name now leads to %s", what, name, how, strings.Join(r.oldIDs, ", "), r.newID),
		Detail:  "Whoever could take this name would get its access: " + cut(r.where, 5) + ".",
	}.With(remedy))
}

// howGroupMoved says what became of the group that had a name.
func (d *differ) howGroupMoved(r *rebind) string {
	for _, g := range d.Live.Groups {
		if slices.Contains(r.oldIDs, g.ID) || slices.Contains(r.oldIDs, access.PrincipalMark(g.ID)) {
			return fmt.Sprintf("is now the name of another group, and the one that had it is called %q", g.Name)
		}
	}
	return "was deleted and recreated, or another group took its name"
}

func (d *differ) mayRebind(name string) bool {
	return slices.Contains(d.options.Guards.AllowRebind, name)
}

// rebindInTheWay says that a grant would go to whoever took a name.
func (d *differ) rebindInTheWay(w wanted) *diag.Diagnostic {
	if name := d.Desired.Groups[w.desired.Principal].Name; d.rebinds.groups[w.desired.Principal] != nil && !d.mayRebind(name) {
		return &diag.Diagnostic{Code: Rebind, Summary: fmt.Sprintf("group %q leads to another id than before; see --allow-rebind", name)}
	}
	if name := d.Desired.Accounts[w.desired.Account].Name; d.rebinds.accounts[w.desired.Account] != nil && !d.mayRebind(name) {
		return &diag.Diagnostic{Code: Rebind, Summary: fmt.Sprintf("account %q leads to another id than before; see --allow-rebind", name)}
	}
	return nil
}

// cut names the first n of a list and counts the rest.
func cut(list []string, n int) string {
	if len(list) <= n {
		return strings.Join(list, ", ")
	}
	return cutOf(list[:n], len(list))
}

// cutOf gives the first of so many names, and how many more there are.
func cutOf(first []string, all int) string {
	text := strings.Join(first, ", ")
	if more := all - len(first); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
