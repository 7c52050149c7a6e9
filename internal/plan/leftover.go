package plan

import "github.com/rolecall-dev/rolecall/internal/access"

// leftovers are the permission sets and groups of ours that the config no longer
// has.
type leftovers struct {
	*draft
	names   *memory
	members *departures
	moves   *moves
	losses  *losses
	// onSet and onGroup count, for each live set and group that the config does not
	// name, the grants that this plan leaves: they keep it alive.
	onSet, onGroup []int
	// deleted are the live groups that the plan deletes; nil where nobody asked.
	deleted []int
}

func newLeftovers(d *draft, names *memory, members *departures, moves *moves, losses *losses) *leftovers {
	l := &leftovers{draft: d, names: names, members: members, moves: moves, losses: losses,
		onSet: make([]int, len(d.Live.Sets)), onGroup: make([]int, len(d.Live.Groups))}
	for _, g := range d.Live.Grants {
		named := g.Kind == access.GroupPrincipal && d.desiredGroup[g.Principal] >= 0
		if named && d.desiredSet[g.Set] >= 0 || losses.revoked[keyOf(g)] {
			continue
		}
		l.onSet[g.Set]++
		if g.Kind == access.GroupPrincipal {
			l.onGroup[g.Principal]++
		}
	}
	return l
}

// goingOnRecord gives the groups that the plan deletes and that a record has. They
// stay on record until they are gone: a run that is cut off in between has then
// still used them.
func (l *leftovers) goingOnRecord(r access.Recorded) (groups []int, waits []ID) {
	if !r.There {
		return nil, nil
	}
	if l.deleted == nil {
		l.deleted = []int{}
		for i, g := range l.Live.Groups {
			if !l.leftoverGroup(i) {
				continue
			}
			if _, stays := l.groupStays(i, g); !stays {
				l.deleted = append(l.deleted, i)
			}
		}
	}
	for _, i := range l.deleted {
		if g := l.Live.Groups[i]; r.KnowsID(g.ID) {
			groups, waits = append(groups, i), append(waits, makeID(Group, Delete, Key{Group: g.Name}))
		}
	}
	return groups, waits
}
