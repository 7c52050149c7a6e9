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

// recordedNames is what the names of the config meant when a plan was last carried
// out.
type recordedNames struct {
	*Bound
	meanings   recordedMeanings
	rebinds    rebinds
	unresolved unresolved
}

// findRecordedNames looks for names that no longer mean what they meant: the record of
// any permission set of ours says so, whatever else the config changes, or, of a
// set without a record, an assignment of a group that is gone. Whoever can take a
// name outside of rolecall would get its access, so the plan asks. A group that
// the plan creates itself has only the members of the config.
func findRecordedNames(b *Bound) *recordedNames {
	n := &recordedNames{Bound: b, meanings: readRecords(b), rebinds: rebinds{make([]*rebind, len(b.Desired.Groups)), make([]*rebind, len(b.Desired.Accounts))}}
	granted := groupsIn(n.Desired.Assignments)
	for g := range n.Desired.Groups {
		if live := n.groups[g].live; live >= 0 && granted[int32(g)] {
			n.rebindByRecord(int32(g), n.Live.Groups[live].ID)
		}
	}
	for a := range n.Desired.Accounts {
		if live := n.accounts[a].live; live >= 0 && !access.IsAccountID(n.Desired.Accounts[a].Name) {
			n.accountByRecord(int32(a), n.Live.Accounts[live].ID)
		}
	}
	for s := range n.Desired.Sets {
		n.accountsByBucket(s)
	}
	n.accountsByTwins()
	n.rebindByOrphans()
	n.findUnresolved(granted)
	n.reportRebinds()
	return n
}

func (n *recordedNames) reportRebinds() {
	for g, r := range n.rebinds.groups {
		if r != nil {
			n.reportRebind(n.Desired.Groups[g].Name, "group", n.howGroupMoved(r), n.Desired.Groups[g].Origin, r)
		}
	}
	for a, r := range n.rebinds.accounts {
		if r != nil {
			n.reportRebind(n.Desired.Accounts[a].Name, "account", "is now the name of another account", n.Desired.Accounts[a].Origin, r)
		}
	}
}

// recordedMeanings is what the records of ours say that names meant, by the names' keys.
type recordedMeanings struct {
	principals, accounts map[string][]meaning
	ids                  map[string]bool // of principals
	// overflowed says that a record had no room for its principals.
	overflowed bool
}

// knows says that a record has the id of a principal.
func (r recordedMeanings) knows(id string) bool {
	return r.ids[id] || len(r.ids) > 0 && r.ids[access.PrincipalMark(id)]
}

// isOnRecord says that the record of a set of ours has the principal, or may have
// it.
func (n *recordedNames) isOnRecord(id string) bool {
	return n.meanings.knows(id) || n.meanings.overflowed
}

// meaning is an id, or the mark of one, and a set whose record says so.
type meaning struct{ id, where string }

// readRecords takes in every record of ours that was written for the set that has
// it, whoever's mark the set has now.
func readRecords(b *Bound) recordedMeanings {
	out := recordedMeanings{map[string][]meaning{}, map[string][]meaning{}, map[string]bool{}, false}
	take := func(r access.Recorded, where string) {
		out.overflowed = out.overflowed || !r.PrincipalsFit()
		r.Meanings(func(key, id string) {
			out.ids[id] = true
			addMeaning(out.principals, key, meaning{id, where})
		}, func(key, mark string) { addMeaning(out.accounts, key, meaning{mark, where}) })
	}
	for _, p := range b.Live.Sets {
		if p.Record.FitsSet(b.options.Owner, p.ARN) {
			take(p.Record, p.Name)
		}
	}
	for _, r := range b.Live.Evidence {
		take(r, "a permission set that was ours")
	}
	return out
}

// addMeaning keeps each meaning of a name once: thousands of sets say the same.
func addMeaning(of map[string][]meaning, key string, m meaning) {
	if !slices.ContainsFunc(of[key], func(have meaning) bool { return have.id == m.id }) {
		of[key] = append(of[key], m)
	}
}

// rebindByRecord holds a group's name, and its former one, against the records:
// who is called so now is to be who was called so before. Every one that a record
// knows has to be this very group.
func (n *recordedNames) rebindByRecord(group int32, id string) {
	n.rebindByFormer(group, id)
	if len(n.meanings.principals) == 0 {
		return
	}
	for _, name := range n.namesOf(group) {
		for _, m := range n.meaningsOf(name) {
			if !access.MeansPrincipal(m.id, id) {
				noteRebind(&n.rebinds.groups[group], id, n.formerGroupID(m.id), m.where)
			}
		}
	}
}

// namesOf returns the names that have to lead to a group of the config: its own,
// and the former one unless the config has another group of that name.
func (n *recordedNames) namesOf(group int32) []string {
	g := n.Desired.Groups[group]
	if g.Previously == "" || n.Desired.GroupIndex(g.Previously) >= 0 {
		return []string{g.Name}
	}
	return []string{g.Name, g.Previously}
}

// meaningsOf returns what the records say that a group's name meant.
func (n *recordedNames) meaningsOf(name string) []meaning {
	if len(n.meanings.principals) == 0 {
		return nil
	}
	keys := access.PrincipalKeys(access.GroupPrincipal, name)
	whole, short := n.meanings.principals[keys[0]], n.meanings.principals[keys[1]]
	if short == nil {
		return whole
	}
	return slices.Concat(whole, short)
}

// unknownFormer returns the former name of a group of the config of which no record
// knows whom it meant; "" for none.
func (n *recordedNames) unknownFormer(group int32) string {
	if n.Desired.Groups[group].Previously == "" {
		return ""
	}
	if names := n.namesOf(group); len(names) > 1 && n.meaningsOf(names[1]) == nil {
		return names[1]
	}
	return ""
}

// rebindByFormer asks where another group has the former name still, and something
// on a set that has no names on record: what it has is then all that says who
// was meant.
func (n *recordedNames) rebindByFormer(group int32, id string) {
	name := n.unknownFormer(group)
	if name == "" {
		return
	}
	i := n.Live.GroupIndex(name)
	if i < 0 || n.Live.Groups[i].ID == id {
		return
	}
	for _, g := range n.Live.Assignments {
		if p := n.Live.Sets[g.Set]; g.Kind == access.GroupPrincipal && g.Principal == int32(i) && p.Owner == n.options.Owner && p.Owner != "" && !n.hasNames(g.Set) {
			noteRebind(&n.rebinds.groups[group], id, n.Live.Groups[i].ID, fmt.Sprintf("%s in %s", p.Name, n.Live.Accounts[g.Account].Name))
		}
	}
}

// hasNames says that a live set of ours has a record that names whom it is
// granted to.
func (b *Bound) hasNames(set int32) bool {
	return b.recorded(set) && b.Live.Sets[set].Record.PrincipalsFit()
}

func (n *recordedNames) accountByRecord(account int32, id string) {
	if len(n.meanings.accounts) == 0 {
		return
	}
	mark := access.AccountIDMark(id)
	for _, m := range n.meanings.accounts[access.AccountKey(n.Desired.Accounts[account].Name)] {
		if m.id != mark {
			noteRebind(&n.rebinds.accounts[account], id, n.formerAccountID(m.id), m.where)
		}
	}
}

// accountsByBucket looks where a record has no room for its accounts: of some names
// together it can tell that one of them leads elsewhere. It is one of those with
// something to be granted.
func (n *recordedNames) accountsByBucket(s int) {
	live := n.sets[s].live
	if live < 0 || !n.recorded(live) || n.Live.Sets[live].Record.AccountsFit() {
		return
	}
	now, rows := []access.RecordedAccount{}, map[string]int32{}
	for _, g := range n.Desired.SetAssignments(s) {
		name := n.Desired.Accounts[g.Account].Name
		if _, there := rows[name]; there {
			continue
		}
		a := access.RecordedAccount{Name: name}
		if at := n.accounts[g.Account].live; at >= 0 {
			a.ID = n.Live.Accounts[at].ID
		}
		now, rows[name] = append(now, a), g.Account
	}
	granted := map[int32]bool{}
	have := n.Live.SetAssignments(int(live))
	for _, w := range n.wantedOn(s) {
		granted[w.desired.Account] = granted[w.desired.Account] || !hasAssignment(have, live, w)
	}
	for _, a := range n.Live.Sets[live].Record.Moved(now) {
		if granted[rows[a.Name]] && !access.IsAccountID(a.Name) {
			noteRebind(&n.rebinds.accounts[rows[a.Name]], a.ID, "of another account", n.Live.Sets[live].Name)
		}
	}
}

// accountsByTwins looks at names of which no record knows what they meant, and that
// several accounts have. What a closed one of them still has says that it was meant.
func (n *recordedNames) accountsByTwins() {
	twins := map[int32][]int32{} // by desired account
	for a, bound := range n.accounts {
		name := n.Desired.Accounts[a].Name
		if same := n.organization.Find(name); bound.live >= 0 && len(same.Same) > 1 && len(n.meanings.accounts[access.AccountKey(name)]) == 0 {
			twins[int32(a)] = same.Others()
		}
	}
	if len(twins) == 0 {
		return
	}
	for s, bound := range n.sets {
		if bound.live < 0 || n.Live.Sets[bound.live].Owner != n.options.Owner {
			continue
		}
		for _, w := range n.wantedOn(s) {
			if w.account >= 0 && w.group >= 0 {
				n.accountByTwins(bound.live, w, twins[w.desired.Account])
			}
		}
	}
}

func (n *recordedNames) accountByTwins(set int32, w wantedAssignment, twins []int32) {
	if len(twins) == 0 || hasAssignment(n.Live.SetAssignments(int(set)), set, w) {
		return
	}
	for _, twin := range twins {
		if hasAssignment(n.Live.SetAssignments(int(set)), set, wantedAssignment{account: twin, group: w.group}) {
			noteRebind(&n.rebinds.accounts[w.desired.Account], n.Live.Accounts[w.account].ID, n.Live.Accounts[twin].ID, n.Live.Sets[set].Name)
		}
	}
}

// formerGroupID returns the id of a group that a record has only the mark of, as far as
// anything has that id still.
func (b *Bound) formerGroupID(meant string) string {
	if meant != access.PrincipalMark(meant) {
		return meant
	}
	is := func(id string) bool { return access.PrincipalMark(id) == meant }
	if i := slices.IndexFunc(b.Live.Groups, func(g access.Group) bool { return is(g.ID) }); i >= 0 {
		return b.Live.Groups[i].ID
	}
	if i := slices.IndexFunc(b.Live.Orphans, func(o access.Orphan) bool { return is(o.ID) }); i >= 0 {
		return b.Live.Orphans[i].ID
	}
	return "of a group that is gone"
}

// formerAccountID returns the id that a mark stands for, as far as the account is still
// there.
func (b *Bound) formerAccountID(mark string) string {
	for _, a := range b.Live.Accounts {
		if access.AccountIDMark(a.ID) == mark {
			return a.ID
		}
	}
	return "of an account that is gone"
}

func noteRebind(at **rebind, newID, oldID, where string) {
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
func (n *recordedNames) rebindByOrphans() {
	var known map[int32]bool // live groups that hold anything of ours
	for i, p := range n.Live.Sets {
		if p.Owner != n.options.Owner || p.Owner == "" || n.hasNames(int32(i)) {
			continue
		}
		have := n.Live.SetAssignments(i)
		orphans := orphanedAssignments(n.Live, have)
		if len(orphans) == 0 {
			continue
		}
		if s := n.desiredSet[i]; s >= 0 {
			n.orphansOnWanted(int(s), int32(i), have, orphans)
		}
		// A record without room for its names may have had any name of the config.
		if n.options.Scope.all() && (n.desiredSet[i] < 0 || n.recorded(int32(i))) {
			if known == nil {
				known = n.groupsOnOurSets()
			}
			n.orphansOnLeftover(p.Name, orphans, known)
		}
	}
}

func (n *recordedNames) orphansOnWanted(s int, live int32, have []access.Assignment, orphans map[int32][]access.Assignment) {
	assigned := groupsIn(have)
	for _, w := range n.wantedOn(s) {
		if w.group >= 0 && !hasAssignment(have, live, w) && (!assigned[w.group] || n.unknownFormer(w.desired.Principal) != "") {
			n.noteOrphans(w.desired.Principal, n.Desired.Sets[s].Name, orphans)
		}
	}
}

func (n *recordedNames) orphansOnLeftover(set string, orphans map[int32][]access.Assignment, known map[int32]bool) {
	for g := range groupsIn(n.Desired.Assignments) {
		former := n.unknownFormer(g) != ""
		if !former && n.meaningsOf(n.Desired.Groups[g].Name) != nil {
			continue // a record says whom the name meant
		}
		if live := n.groups[g].live; live >= 0 && (!known[live] || former) {
			n.noteOrphans(g, set, orphans)
		}
	}
}

func (n *recordedNames) noteOrphans(group int32, set string, orphans map[int32][]access.Assignment) {
	for _, account := range slices.Sorted(maps.Keys(orphans)) {
		for _, o := range orphans[account] {
			noteRebind(&n.rebinds.groups[group], n.Live.Groups[n.groups[group].live].ID, n.Live.Orphans[o.Principal].ID,
				fmt.Sprintf("%s in %s", set, n.Live.Accounts[account].Name))
		}
	}
}

// groupsOnOurSets returns the live groups that have any permission set of ours, so that
// they are not new. Where any set has a record, only records say so: whoever may
// tag can make a set that looks like ours, and anybody can be given it.
func (n *recordedNames) groupsOnOurSets() map[int32]bool {
	records := slices.ContainsFunc(n.Live.Sets, func(p access.PermissionSet) bool { return p.Record.FitsSet(n.options.Owner, p.ARN) })
	out := map[int32]bool{}
	for _, g := range n.Live.Assignments {
		if p := n.Live.Sets[g.Set]; g.Kind == access.GroupPrincipal && p.Owner == n.options.Owner && (!records || n.isOnRecord(n.Live.Groups[g.Principal].ID)) {
			out[g.Principal] = true
		}
	}
	return out
}

func (b *Bound) reportRebind(name, what, how string, origin int32, r *rebind) {
	severity, remedy := diag.Error, diag.Remedy{Way: diag.AllowRebind, Name: name, What: what}
	if b.mayRebind(name) {
		severity, remedy = diag.Warning, diag.Remedy{Way: diag.Agreed, Name: "--allow-rebind"}
	}
	b.Findings = append(b.Findings, diag.Diagnostic{Severity: severity, Code: Rebind, Range: b.Desired.Range(origin),
		Summary: fmt.Sprintf("%s %q %s: its access belongs to id %s, the name now refers to %s", what, name, how, strings.Join(r.oldIDs, ", "), r.newID),
		Detail:  "Anyone who could take this name would get its access: " + diag.First(5, r.where, ", ") + ".",
	}.With(remedy))
}

// howGroupMoved says what became of the group that had a name.
func (b *Bound) howGroupMoved(r *rebind) string {
	for _, g := range b.Live.Groups {
		if slices.Contains(r.oldIDs, g.ID) || slices.Contains(r.oldIDs, access.PrincipalMark(g.ID)) {
			return fmt.Sprintf("is now the name of another group, and the one that had it is called %q", g.Name)
		}
	}
	return "was deleted and recreated, or another group took its name"
}

func (b *Bound) mayRebind(name string) bool {
	return slices.Contains(b.options.Guards.AllowRebind, name)
}

// rebindInTheWay says that an assignment would go to whoever took a name.
func (n *recordedNames) rebindInTheWay(w wantedAssignment) *diag.Diagnostic {
	if g := w.desired.Principal; n.reboundGroup(g) {
		return &diag.Diagnostic{Code: Rebind, Summary: fmt.Sprintf("group %q refers to a different id than before, which must be agreed to", n.Desired.Groups[g].Name)}
	}
	if a := w.desired.Account; n.reboundAccount(a) {
		return &diag.Diagnostic{Code: Rebind, Summary: fmt.Sprintf("account %q refers to a different id than before, which must be agreed to", n.Desired.Accounts[a].Name)}
	}
	return nil
}

// reboundGroup says that a group's name leads elsewhere, and that nobody agreed.
func (n *recordedNames) reboundGroup(g int32) bool {
	return n.rebinds.groups[g] != nil && !n.mayRebind(n.Desired.Groups[g].Name)
}

// reboundAccount says the same of an account's.
func (n *recordedNames) reboundAccount(a int32) bool {
	return n.rebinds.accounts[a] != nil && !n.mayRebind(n.Desired.Accounts[a].Name)
}
