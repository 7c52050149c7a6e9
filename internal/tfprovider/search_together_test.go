package tfprovider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// setsOf are the permission sets of a change: the one that it has, and the one that it
// shall have.
func (r *searchRun) setsOf(ch *searchChange, now *searchSnap) map[string]bool {
	out := map[string]bool{}
	for _, v := range []tftypes.Value{ch.before, ch.planned} {
		if arn := searchText(v, "permission_set_arn"); arn != "" {
			out[arn] = true
		} else if arn := now.setNamed(searchSetName(v)); arn != "" && r.made[arn] {
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
			r.w.violate("P2 "+op+": more than before and after", "%s: %s in %s can do %05b, within neither %05b nor %05b", ch.addr, now.users[p.user], now.accounts[p.account], extra, before[p]&^extra, after[p])
		}
	}
}

func (r *searchRun) recentReach(ch *searchChange, now *searchSnap, p searchPerson) bool {
	ids := append(searchSorted(r.setsOf(ch, now)), p.user, p.account)
	for m := range now.members {
		if m.user == p.user {
			ids = append(ids, m.group)
		}
	}
	return r.recent(ids...)
}

// after is what everybody shall have by a resource, as its plan shows it. Who is in a
// group of somebody else's is decided there.
func (r *searchRun) after(ch *searchChange, now *searchSnap) map[searchPerson]searchBits {
	out := map[searchPerson]searchBits{}
	if ch.planned.IsNull() {
		return out
	}
	var in []string
	if ch.kind == accessGroup {
		for _, name := range searchTexts(ch.planned, "members") {
			in = append(in, now.userNamed(name))
		}
	} else {
		for m := range now.members {
			if m.group == searchText(ch.planned, "id") {
				in = append(in, m.user)
			}
		}
	}
	for _, account := range searchIDs(ch.planned, r.start) {
		for _, u := range in {
			out[searchPerson{u, account}] |= searchValueBits(ch.planned)
		}
	}
	return out
}

// judgeOthers judges that nothing of another owner is written, by its mark when it is.
func (r *searchRun) judgeOthers(op string, was *searchSnap, effects []searchEffect) {
	for _, x := range effects {
		for _, id := range []string{x.grant.set, x.member.group, x.role.set, x.id} { // to whom a set is granted is not written
			owner, _ := was.groups[id].ownerMarked()
			if own := was.sets[id].tags["rolecall:owner"]; own != "" {
				owner = own
			}
			byMembers := slices.ContainsFunc(r.changes, func(ch *searchChange) bool {
				return ch.kind == groupMembers && (searchText(ch.planned, "id") == id || searchText(ch.before, "id") == id)
			})
			if owner == searchRival && !byMembers && !r.recent(id) {
				r.w.violate("P3 something of another owner is written: "+x.kind, "%s on %q", op, was.name(id))
			}
		}
	}
}
