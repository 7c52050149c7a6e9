package write

import (
	"cmp"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// shown is what the plan was made from and what it does, as far as groups, users
// and accounts are concerned. All ids are AWS's.
type shown struct {
	groups   notes[string, access.Group] // as the plan saw them, or this run made them
	accounts notes[string, string]       // the names that the plan saw
	// groupNames and userNames are pairs of names that the plan has for one id,
	// because it renames it.
	groupNames, userNames notes[string, [][2]string]
	marks                 notes[string, []access.Mark] // that the plan gives a group
	// groupRows and setRows say where the latest read has groups and sets.
	groupRows, setRows notes[string, liveRow]
	// assigned and membered are what the plan makes or ends, true for what it ends;
	// of a set that it creates, it knows the name only.
	assigned notes[access.AssignmentID, bool]
	membered notes[[2]string, bool]   // group, user
	grantees notes[string, []grantee] // by the set's name
}

// grantee is a group that the plan assigns a set to; id is "" where it creates it.
type grantee struct{ name, id string }

// liveRow is a row of a read.
type liveRow struct {
	live *access.State
	row  int
}

// young says that the read which saw the object is itself the look.
func (p liveRow) young() bool { return IsLook(p.live) }

// assigned returns who had the set in an account.
func (p liveRow) assigned(account string) map[string]bool {
	known := map[string]bool{}
	if p.live == nil {
		return known
	}
	for _, g := range p.live.SetAssignments(p.row) {
		if p.live.Accounts[g.Account].ID == account {
			known[p.live.PrincipalID(g)] = true
		}
	}
	return known
}

// Expect takes in what more changes were planned from, and the changes
// themselves: for a process that plans and applies more than once.
func (t *Target) Expect(live *access.State, changes []plan.Change) {
	if live != nil {
		t.expectState(live)
	}
	t.planned = t.planned || len(changes) > 0
	for _, ch := range changes {
		t.expectChange(ch)
	}
}

func (t *Target) expectState(live *access.State) {
	for i, p := range live.Sets {
		if p.ARN != "" {
			t.sight(p.ARN).expect(p, time.Time{})
		}
		if t.unfinished.drop(p.ARN); p.Unfinished != "" {
			t.unfinished.put(p.ARN, true)
		}
		t.shown.setRows.put(p.ARN, liveRow{live, i})
	}
	for i, g := range live.Groups {
		t.shown.groups.put(g.ID, g)
		t.shown.groupRows.put(g.ID, liveRow{live, i})
		t.arrivals.had.drop(g.ID)
	}
	for _, a := range live.Accounts {
		t.shown.accounts.put(a.ID, a.Name)
	}
	t.groups.expectAll(len(live.Groups))
	t.users.expectAll(len(live.Users))
	t.accounts.expectAll(len(live.Accounts))
}

// expectChange notes what a change is about.
func (t *Target) expectChange(ch plan.Change) {
	if ch.Kind == plan.Assignment {
		t.expectAssignment(ch)
	} else { // an assignment that goes does so by id, whatever its principal is called
		t.groups.expect(ch.Refs.GroupID)
		t.users.expect(ch.Refs.UserID)
	}
	for _, id := range after(ch).Accounts {
		t.accounts.expect(id)
	}
	if arn := ch.Refs.PermissionSetARN; arn != "" {
		t.sight(arn).expectChange(ch)
	}
	was, will := before(ch), after(ch)
	switch {
	case ch.Kind == plan.Membership:
		key := [2]string{ch.Refs.GroupID, ch.Refs.UserID}
		t.shown.membered.update(key, func(ends bool) bool { return ends || ch.Action == plan.Delete })
	case ch.Kind == plan.Group && was.Group != nil && will.Group != nil:
		id := cmp.Or(ch.Refs.GroupID, t.made.of(object{plan.Group, ch.Key.Group}).id)
		t.shown.groupNames.update(id, adding([2]string{was.Group.Name, will.Group.Name}))
		t.shown.marks.update(id, adding(will.Group.Mark()))
	case ch.Kind == plan.User && was.User != nil && will.User != nil:
		id := cmp.Or(ch.Refs.UserID, t.made.of(object{plan.User, ch.Key.User}).id)
		t.shown.userNames.update(id, adding([2]string{was.User.Username, will.User.Username}))
	}
}

func adding[T any](one T) func([]T) []T {
	return func(list []T) []T { return append(list, one) }
}

func (t *Target) expectAssignment(ch plan.Change) {
	pair := access.SetInAccount{SetARN: cmp.Or(ch.Refs.PermissionSetARN, ch.Key.PermissionSet), Account: ch.Key.Account}
	key := access.AssignmentID{SetInAccount: pair, Kind: access.GroupPrincipal, Principal: ch.Refs.GroupID}
	if ch.Key.User != "" {
		key.Kind, key.Principal = access.UserPrincipal, ch.Refs.UserID
	}
	t.shown.assigned.update(key, func(ends bool) bool { return ends || ch.Action == plan.Delete })
	if ch.Action != plan.Create {
		return
	}
	t.groups.expect(ch.Refs.GroupID)
	t.users.expect(ch.Refs.UserID)
	t.accounts.expect(ch.Key.Account)
	if ch.Key.User == "" {
		t.shown.grantees.update(ch.Key.PermissionSet, adding(grantee{ch.Key.Group, ch.Refs.GroupID}))
	}
}

// mayBeCalled says whether the name that an id has is the one that the plan
// showed, or the other one where the plan renames it.
func mayBeCalled(have, showed string, renames [][2]string) bool {
	return have == showed || slices.ContainsFunc(renames, func(pair [2]string) bool {
		return (pair[0] == showed || pair[1] == showed) && (pair[0] == have || pair[1] == have)
	})
}

func before(ch plan.Change) *plan.Value { return cmp.Or(ch.Before, &plan.Value{}) }

func after(ch plan.Change) *plan.Value { return cmp.Or(ch.After, &plan.Value{}) }
