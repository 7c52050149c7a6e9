package tfprovider

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// searchRun is a plan that was approved, and its apply, while they are judged.
type searchRun struct {
	w       *searchWorld
	changes []*searchChange
	start   *searchSnap // when it was approved
	made    map[string]bool
	touched map[string]time.Time // by others
	before  map[*searchChange]map[searchPerson]searchBits
}

func (w *searchWorld) newRun(pl *searchPlan) *searchRun {
	w.catchUp(nil)
	r := &searchRun{w: w, changes: pl.acts(), start: w.last, made: map[string]bool{}, touched: map[string]time.Time{}, before: map[*searchChange]map[searchPerson]searchBits{}}
	for _, ch := range r.changes {
		if searchIsGroup(ch.kind) {
			r.before[ch] = w.last.reach(r.setsOf(ch, w.last))
		}
	}
	w.runs = append(w.runs, r)
	return r
}

func (r *searchRun) end() {
	r.w.runs = slices.DeleteFunc(r.w.runs, func(x *searchRun) bool { return x == r })
}

// happened takes what others did: what they gave counts as before.
func (r *searchRun) happened(ids []string, was, now *searchSnap) {
	for _, id := range ids {
		r.touched[id] = time.Now()
	}
	for ch, before := range r.before {
		had, has := was.reach(r.setsOf(ch, was)), now.reach(r.setsOf(ch, now))
		for p, b := range has {
			before[p] |= b &^ had[p]
		}
		for p, b := range had {
			before[p] &^= b &^ has[p]
		}
	}
}

// recent says that somebody else changed one of these after the last look at it was due.
func (r *searchRun) recent(ids ...string) bool {
	for _, id := range ids {
		if at, ok := r.touched[id]; ok && time.Since(at) < searchLook+10*time.Second {
			return true
		}
	}
	return false
}

func searchIsGroup(kind string) bool { return kind == accessGroup || kind == externalGroup }

func searchAttr(v tftypes.Value, name string) tftypes.Value {
	var m map[string]tftypes.Value
	if v.IsNull() || !v.IsKnown() || v.As(&m) != nil {
		return tftypes.NewValue(tftypes.String, nil)
	}
	return m[name]
}

func searchText(v tftypes.Value, name string) string {
	var s string
	if a := searchAttr(v, name); a.IsKnown() && !a.IsNull() {
		_ = a.As(&s)
	}
	return s
}

func searchTexts(v tftypes.Value, name string) (out []string) {
	a := searchAttr(v, name)
	if !a.IsFullyKnown() || a.IsNull() {
		return nil
	}
	var list []tftypes.Value
	_ = a.As(&list)
	for _, e := range list {
		var s string
		_ = e.As(&s)
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

// searchIDs returns the ids of the accounts of a group's value.
func searchIDs(v tftypes.Value, s *searchSnap) (out []string) {
	var ids map[string]tftypes.Value
	if a := searchAttr(v, "account_ids"); !a.IsNull() && a.IsFullyKnown() && a.As(&ids) == nil {
		for _, id := range ids {
			var text string
			_ = id.As(&text)
			out = append(out, text)
		}
		return out
	}
	for _, name := range searchTexts(v, "accounts_names") {
		for id, n := range s.accounts {
			if n == name {
				out = append(out, id)
			}
		}
	}
	return out
}

func searchValueBits(v tftypes.Value) searchBits {
	text := ""
	if a := searchAttr(v, "inline_policies"); !a.IsNull() {
		text = show(a)
	}
	return searchBitsOf(strings.Join(searchTexts(v, "aws_managed_policies"), " "), text)
}

// judge is P1, P3 and P2 of one write.
func (r *searchRun) judge(op string, was, now *searchSnap, effects []searchEffect) {
	for _, x := range effects {
		switch x.kind {
		case "grant+":
			r.judgeGrant(op, now, x.grant)
		case "grant-":
			r.judgeRevoke(was, x.grant)
		case "member+":
			r.judgeJoin(now, x.member)
		case "member-":
			r.judgeLeave(was, now, x.member)
		case "role":
			r.judgeRole(op, now, x)
		case "set-", "group-", "user-":
			r.judgeGone(was, x)
		}
	}
	r.judgeOthers(op, was, effects)
	r.judgeTogether(op, now)
}

// leads says whether a value means the object by id, or by name where this run made it.
func (r *searchRun) leads(v tftypes.Value, attribute, id, nameAttribute, name string) (byName, byID bool) {
	a := searchAttr(v, attribute)
	if a.IsKnown() && !a.IsNull() {
		return searchText(v, nameAttribute) == name, searchText(v, attribute) == id
	}
	return searchText(v, nameAttribute) == name, r.made[id] && searchText(v, nameAttribute) == name
}

func searchSetName(v tftypes.Value) string {
	if name := searchText(v, "permission_set_name"); name != "" {
		return name
	}
	return searchText(v, "name")
}

func (r *searchRun) judgeGrant(op string, now *searchSnap, g searchGrant) {
	who := fmt.Sprintf("%s %q got %q in %q", g.kind, now.name(g.principal), now.sets[g.set].name, now.accounts[g.account])
	if r.recent(g.set, g.account, g.principal) {
		return
	}
	named := false
	for _, ch := range r.changes {
		if !searchIsGroup(ch.kind) || ch.planned.IsNull() || g.kind != "GROUP" {
			continue
		}
		_, set := r.leads(ch.planned, "permission_set_arn", g.set, "permission_set_name", now.sets[g.set].name)
		byName, group := r.leads(ch.planned, "id", g.principal, "name", now.groups[g.principal].name)
		account := slices.Contains(searchIDs(ch.planned, r.start), g.account)
		switch {
		case set && group && account && byName:
			r.judgeContent(op, now, ch, g)
			return
		case byName && account && searchSetName(ch.planned) == now.sets[g.set].name:
			named = true
		}
	}
	if named {
		r.w.violate("P1 a grant to what has the name and is another", "%s", who)
		return
	}
	r.w.violate("P1 a grant that was not shown", "%s", who)
}

// judgeContent finds what a grant gives beyond what the plan showed of the set.
func (r *searchRun) judgeContent(op string, now *searchSnap, ch *searchChange, g searchGrant) {
	extra := now.roles[searchRole{g.set, g.account}] &^ (searchValueBits(ch.planned) | searchValueBits(ch.before) | r.start.roles[searchRole{g.set, g.account}])
	if extra != 0 {
		r.w.violate("P1 a grant gives what others put on the set", "%s: %q in %q gives %05b more", op, now.sets[g.set].name, now.accounts[g.account], extra)
	}
}

// drifts says whether a change's drift names all of these.
func (ch *searchChange) drifts(parts ...string) bool {
	return slices.ContainsFunc(searchTexts(ch.before, "drift"), func(line string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) })
	})
}

func (r *searchRun) judgeRevoke(was *searchSnap, g searchGrant) {
	if r.recent(g.set, g.account, g.principal) || r.made[g.set] {
		return
	}
	for _, ch := range r.changes {
		if !searchIsGroup(ch.kind) || ch.before.IsNull() {
			continue
		}
		goes := ch.planned.IsNull() || ch.action == "replace" || searchSetName(ch.planned) != searchSetName(ch.before) || !slices.Contains(searchIDs(ch.planned, r.start), g.account)
		set := searchText(ch.before, "permission_set_arn") == g.set
		if set && goes && searchText(ch.before, "id") == g.principal && slices.Contains(searchIDs(ch.before, r.start), g.account) {
			return
		}
		if set && ch.drifts(fmt.Sprintf("%q", was.sets[g.set].name), g.account, fmt.Sprintf("%q", was.name(g.principal))) {
			return
		}
	}
	r.w.violate("P3 a revocation that was not shown", "%s %q lost %q in %q", g.kind, was.name(g.principal), was.sets[g.set].name, was.accounts[g.account])
}

func (r *searchRun) judgeJoin(now *searchSnap, m searchMember) {
	who := fmt.Sprintf("%q joined %q", now.users[m.user], now.groups[m.group].name)
	if r.recent(m.group, m.user) {
		return
	}
	named := false
	for _, ch := range r.changes {
		name := map[string]string{accessGroup: "name", groupMembers: "group"}[ch.kind]
		if name == "" || ch.planned.IsNull() || !slices.Contains(searchTexts(ch.planned, "members"), now.users[m.user]) {
			continue
		}
		byName, byID := r.leads(ch.planned, "id", m.group, name, now.groups[m.group].name)
		if byName && byID {
			return
		}
		named = named || byName
	}
	if named {
		r.w.violate("P1 a member of what has the name and is another", "%s", who)
		return
	}
	r.w.violate("P1 a membership that was not shown", "%s", who)
}

func (r *searchRun) judgeLeave(was, now *searchSnap, m searchMember) {
	if r.recent(m.group, m.user) || now.users[m.user] == "" || r.made[m.group] {
		return // who is deleted is judged as that
	}
	name := was.users[m.user]
	for _, ch := range r.changes {
		if searchText(ch.before, "id") != m.group {
			continue
		}
		goes := ch.planned.IsNull() || ch.action == "replace" || !slices.Contains(searchTexts(ch.planned, "members"), name)
		had := map[string]string{accessGroup: "members", groupMembers: "added"}[ch.kind]
		if had != "" && goes && slices.Contains(searchTexts(ch.before, had), name) || ch.kind == accessGroup && ch.drifts(fmt.Sprintf("%q", name), "group") {
			return
		}
	}
	r.w.violate("P3 a membership was taken that was not shown", "%q left %q", name, was.groups[m.group].name)
}

// judgeRole is about a role that others hold and that allows something else.
func (r *searchRun) judgeRole(op string, now *searchSnap, x searchEffect) {
	held := false
	for g := range now.grants {
		held = held || g.set == x.role.set && g.account == x.role.account
	}
	if !held || r.recent(x.role.set, x.role.account) {
		return
	}
	var given, taken searchBits
	for _, ch := range r.changes {
		_, byID := r.leads(ch.planned, "permission_set_arn", x.role.set, "permission_set_name", now.sets[x.role.set].name)
		if !searchIsGroup(ch.kind) || !byID && searchText(ch.before, "permission_set_arn") != x.role.set {
			continue
		}
		given |= searchValueBits(ch.planned)
		if taken |= searchValueBits(ch.before) &^ searchValueBits(ch.planned); ch.drifts("provision") || ch.drifts("polic") {
			taken |= ^searchValueBits(ch.planned)
		}
	}
	what := fmt.Sprintf("%s: the role of %q in %q", op, now.sets[x.role.set].name, now.accounts[x.role.account])
	if extra := x.wider &^ given; extra != 0 {
		r.w.violate("P1 a set widens by what was not shown", "%s allows %05b more", what, extra)
	}
	if lost := x.narrow &^ taken; lost != 0 {
		r.w.violate("P3 a set narrows by what was not shown", "%s allows %05b less", what, lost)
	}
}

func (r *searchRun) judgeGone(was *searchSnap, x searchEffect) {
	if r.made[x.id] || r.recent(x.id) {
		return
	}
	for _, ch := range r.changes {
		goes := ch.planned.IsNull() || ch.action == "replace"
		switch {
		case x.kind == "set-" && searchIsGroup(ch.kind) && searchText(ch.before, "permission_set_arn") == x.id && (goes || searchSetName(ch.planned) != searchSetName(ch.before)):
			return
		case x.kind == "group-" && ch.kind == accessGroup && searchText(ch.before, "id") == x.id && goes:
			return
		case x.kind == "user-" && ch.kind == user && searchText(ch.before, "id") == x.id && goes:
			return
		case x.kind == "user-" && ch.kind == removedUser && searchText(ch.planned, "username") == was.users[x.id]:
			return
		}
	}
	r.w.violate("P3 something was deleted that was not shown to go: "+x.kind, "%q (%s)", was.name(x.id), x.id)
}
