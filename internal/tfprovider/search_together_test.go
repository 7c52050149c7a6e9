package tfprovider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// setsOf are the permission sets of a change: the one that it has, and the one that it
// shall have.
func (r *searchRun) setsOf(ch *searchChange, now *searchSnap) map[string]bool {
	out := map[string]bool{}
	for _, v := range []tftypes.Value{ch.before, ch.planned} {
		if arn := searchText(v, "permission_set_arn"); arn != "" {
			out[arn] = true
		} else if arn := now.SetNamed(searchSetName(v)); arn != "" && r.made[arn] {
			out[arn] = true
		}
	}
	return out
}

// judgeTogether is P2: within one resource, nobody has at any moment more than before
// and after together. Terraform orders resources itself, so it holds for each alone.
func (r *searchRun) judgeTogether(op string, now *searchSnap) {
	for _, ch := range r.changes {
		before, ok := r.before[ch]
		if !ok {
			continue
		}
		after := r.after(ch, now)
		for p, b := range now.reach(r.setsOf(ch, now)) {
			extra := b &^ (before[p] | after[p])
			if extra == 0 {
				continue
			}
			before[p] |= extra // once
			if r.recentReach(ch, now, p) {
				continue
			}
			r.w.violate("P2 "+op+": more than before and after", "%s: %s in %s can do %05b, within neither %05b nor %05b", ch.addr, now.Users[p.User], now.Accounts[p.Account], extra, before[p]&^extra, after[p])
		}
	}
}

func (r *searchRun) recentReach(ch *searchChange, now *searchSnap, p searchtest.Person) bool {
	ids := append(searchSorted(r.setsOf(ch, now)), p.User, p.Account)
	for m := range now.Memberships {
		if m.User == p.User {
			ids = append(ids, m.Group)
		}
	}
	return r.recent(ids...)
}

// after is what everybody shall have by a resource, as its plan shows it. Who is in a
// group of somebody else's is decided there.
func (r *searchRun) after(ch *searchChange, now *searchSnap) map[searchtest.Person]searchBits {
	out := map[searchtest.Person]searchBits{}
	if ch.planned.IsNull() {
		return out
	}
	var in []string
	if ch.kind == accessGroup {
		for _, name := range searchTexts(ch.planned, "members") {
			in = append(in, now.UserNamed(name))
		}
	} else {
		for m := range now.Memberships {
			if m.Group == searchText(ch.planned, "id") {
				in = append(in, m.User)
			}
		}
	}
	for _, account := range searchIDs(ch.planned, r.start) {
		for _, u := range in {
			out[searchtest.Person{User: u, Account: account}] |= searchValueBits(ch.planned)
		}
	}
	return out
}

// judgeOthers judges that nothing of another owner is written, by its mark when it is.
func (r *searchRun) judgeOthers(op string, was *searchSnap, effects []searchtest.Effect) {
	for _, x := range effects {
		for _, id := range []string{x.Assignment.Set, x.Membership.Group, x.Role.Set, x.ID} { // to whom a set is granted is not written
			owner := was.Groups[id].Owner
			if own := was.Sets[id].Tags["rolecall:owner"]; own != "" {
				owner = own
			}
			byMembers := slices.ContainsFunc(r.changes, func(ch *searchChange) bool {
				return ch.kind == groupMembers && (searchText(ch.planned, "id") == id || searchText(ch.before, "id") == id)
			})
			if owner == searchRival && !byMembers && !r.recent(id) {
				r.w.violate("P3 something of another owner is written: "+x.Kind, "%s on %q", op, was.name(id))
			}
		}
	}
}
