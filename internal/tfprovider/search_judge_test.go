package tfprovider

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// searchRun is a plan that was approved, and its apply, while they are judged.
type searchRun struct {
	w       *searchWorld
	changes []*searchChange
	start   *searchSnap // when it was approved
	made    map[string]bool
	touched map[string]time.Time // by others
	before  map[*searchChange]map[searchtest.Person]searchBits
}

func (w *searchWorld) newRun(pl *searchPlan) *searchRun {
	w.catchUp(nil)
	r := &searchRun{w: w, changes: pl.acts(), start: w.last, made: map[string]bool{}, touched: map[string]time.Time{}, before: map[*searchChange]map[searchtest.Person]searchBits{}}
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
		for id, n := range s.Accounts {
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
func (r *searchRun) judge(op string, was, now *searchSnap, effects []searchtest.Effect) {
	for _, x := range effects {
		switch x.Kind {
		case "assignment+":
			r.judgeGrant(op, now, x.Assignment)
		case "assignment-":
			r.judgeRevoke(was, x.Assignment)
		case "member+":
			r.judgeJoin(now, x.Membership)
		case "member-":
			r.judgeLeave(was, now, x.Membership)
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

func (r *searchRun) judgeGrant(op string, now *searchSnap, g searchtest.Assignment) {
	who := fmt.Sprintf("%s %q got %q in %q", g.Kind, now.name(g.Principal), now.Sets[g.Set].Name, now.Accounts[g.Account])
	if r.recent(g.Set, g.Account, g.Principal) {
		return
	}
	named := false
	for _, ch := range r.changes {
		if !searchIsGroup(ch.kind) || ch.planned.IsNull() || g.Kind != "GROUP" {
			continue
		}
		_, set := r.leads(ch.planned, "permission_set_arn", g.Set, "permission_set_name", now.Sets[g.Set].Name)
		byName, group := r.leads(ch.planned, "id", g.Principal, "name", now.Groups[g.Principal].Name)
		account := slices.Contains(searchIDs(ch.planned, r.start), g.Account)
		switch {
		case set && group && account && byName:
			r.judgeContent(op, now, ch, g)
			return
		case byName && account && searchSetName(ch.planned) == now.Sets[g.Set].Name:
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
func (r *searchRun) judgeContent(op string, now *searchSnap, ch *searchChange, g searchtest.Assignment) {
	role := searchtest.Role{Set: g.Set, Account: g.Account}
	extra := searchContentBits(now.Roles[role]) &^ (searchValueBits(ch.planned) | searchValueBits(ch.before) | searchContentBits(r.start.Roles[role]))
	if extra != 0 {
		r.w.violate("P1 a grant gives what others put on the set", "%s: %q in %q gives %05b more", op, now.Sets[g.Set].Name, now.Accounts[g.Account], extra)
	}
}

// drifts says whether a change's drift names all of these.
func (ch *searchChange) drifts(parts ...string) bool {
	return slices.ContainsFunc(searchTexts(ch.before, "drift"), func(line string) bool {
		return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(line, p) })
	})
}

func (r *searchRun) judgeRevoke(was *searchSnap, g searchtest.Assignment) {
	if r.recent(g.Set, g.Account, g.Principal) || r.made[g.Set] {
		return
	}
	for _, ch := range r.changes {
		if !searchIsGroup(ch.kind) || ch.before.IsNull() {
			continue
		}
		goes := ch.planned.IsNull() || ch.action == "replace" || searchSetName(ch.planned) != searchSetName(ch.before) || !slices.Contains(searchIDs(ch.planned, r.start), g.Account)
		set := searchText(ch.before, "permission_set_arn") == g.Set
		if set && goes && searchText(ch.before, "id") == g.Principal && slices.Contains(searchIDs(ch.before, r.start), g.Account) {
			return
		}
		if set && ch.drifts(fmt.Sprintf("%q", was.Sets[g.Set].Name), g.Account, fmt.Sprintf("%q", was.name(g.Principal))) {
			return
		}
	}
	r.w.violate("P3 a revocation that was not shown", "%s %q lost %q in %q", g.Kind, was.name(g.Principal), was.Sets[g.Set].Name, was.Accounts[g.Account])
}

func (r *searchRun) judgeJoin(now *searchSnap, m searchtest.Membership) {
	who := fmt.Sprintf("%q joined %q", now.Users[m.User], now.Groups[m.Group].Name)
	if r.recent(m.Group, m.User) {
		return
	}
	named := false
	for _, ch := range r.changes {
		name := map[string]string{accessGroup: "name", groupMembers: "group"}[ch.kind]
		if name == "" || ch.planned.IsNull() || !slices.Contains(searchTexts(ch.planned, "members"), now.Users[m.User]) {
			continue
		}
		byName, byID := r.leads(ch.planned, "id", m.Group, name, now.Groups[m.Group].Name)
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

func (r *searchRun) judgeLeave(was, now *searchSnap, m searchtest.Membership) {
	if r.recent(m.Group, m.User) || now.Users[m.User] == "" || r.made[m.Group] {
		return // who is deleted is judged as that
	}
	name := was.Users[m.User]
	for _, ch := range r.changes {
		if searchText(ch.before, "id") != m.Group {
			continue
		}
		goes := ch.planned.IsNull() || ch.action == "replace" || !slices.Contains(searchTexts(ch.planned, "members"), name)
		had := map[string]string{accessGroup: "members", groupMembers: "added"}[ch.kind]
		if had != "" && goes && slices.Contains(searchTexts(ch.before, had), name) || ch.kind == accessGroup && ch.drifts(fmt.Sprintf("%q", name), "group") {
			return
		}
	}
	r.w.violate("P3 a membership was taken that was not shown", "%q left %q", name, was.Groups[m.Group].Name)
}

// judgeRole is about a role that others hold and that allows something else.
func (r *searchRun) judgeRole(op string, now *searchSnap, x searchtest.Effect) {
	held := false
	for g := range now.Assignments {
		held = held || g.Set == x.Role.Set && g.Account == x.Role.Account
	}
	if !held || r.recent(x.Role.Set, x.Role.Account) {
		return
	}
	var given, taken searchBits
	for _, ch := range r.changes {
		_, byID := r.leads(ch.planned, "permission_set_arn", x.Role.Set, "permission_set_name", now.Sets[x.Role.Set].Name)
		if !searchIsGroup(ch.kind) || !byID && searchText(ch.before, "permission_set_arn") != x.Role.Set {
			continue
		}
		given |= searchValueBits(ch.planned)
		if taken |= searchValueBits(ch.before) &^ searchValueBits(ch.planned); ch.drifts("provision") || ch.drifts("polic") {
			taken |= ^searchValueBits(ch.planned)
		}
	}
	what := fmt.Sprintf("%s: the role of %q in %q", op, now.Sets[x.Role.Set].Name, now.Accounts[x.Role.Account])
	if extra := x.Wider &^ given; extra != 0 {
		r.w.violate("P1 a set widens by what was not shown", "%s allows %05b more", what, extra)
	}
	if lost := x.Narrower &^ taken; lost != 0 {
		r.w.violate("P3 a set narrows by what was not shown", "%s allows %05b less", what, lost)
	}
}

func (r *searchRun) judgeGone(was *searchSnap, x searchtest.Effect) {
	if r.made[x.ID] || r.recent(x.ID) {
		return
	}
	for _, ch := range r.changes {
		goes := ch.planned.IsNull() || ch.action == "replace"
		switch {
		case x.Kind == "set-" && searchIsGroup(ch.kind) && searchText(ch.before, "permission_set_arn") == x.ID && (goes || searchSetName(ch.planned) != searchSetName(ch.before)):
			return
		case x.Kind == "group-" && ch.kind == accessGroup && searchText(ch.before, "id") == x.ID && goes:
			return
		case x.Kind == "user-" && ch.kind == user && searchText(ch.before, "id") == x.ID && goes:
			return
		case x.Kind == "user-" && ch.kind == removedUser && searchText(ch.planned, "username") == was.Users[x.ID]:
			return
		}
	}
	r.w.violate("P3 something was deleted that was not shown to go: "+x.Kind, "%q (%s)", was.name(x.ID), x.ID)
}
