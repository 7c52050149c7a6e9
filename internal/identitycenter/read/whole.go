package read

import (
	"cmp"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// need is how much of who has a set must be seen, whatever the way of reading.
type need int

const (
	needExpected need = iota // whoever the config names, and who else is where nobody is expected
	needWhole                // everybody alive, where that is cheap
	needAlive                // everybody alive
	needAll                  // every assignment, those of principals that are gone among them
)

// need decides it. A set that goes or is taken over is read whole. Of one that
// changes, that is outdated somewhere, or whose record does not fit, everybody
// alive has to be seen: what changes for them would else be changed unseen, and
// what they keep would be called nothing.
func (r *run) need(arn string, s *setRead) need {
	owned := s.owned(r.o.Owner)
	named := slices.Contains(r.o.Sets, s.Name)
	switch {
	case !owned && named && r.o.Alive:
		return needAlive
	case !owned && named:
		return needAll
	}
	if r.ignored(s.Name) {
		return needExpected
	}
	at := r.o.Desired.SetIndex(s.Name)
	switch {
	case !owned && access.Matches(r.o.Adopt, access.SetThing, s.Name), owned && at < 0:
		return needAll
	case owned && !r.asDesired(arn, s, at):
		return needAlive
	case named && r.o.Alive:
		return needWhole
	default:
		return needExpected
	}
}

// asDesired says that the set is what the config says wherever AWS can change it,
// and that its record has nothing that the config does not have, or that means
// something else now.
func (r *run) asDesired(arn string, s *setRead, at int) bool {
	want := r.o.Desired.Sets[at]
	if !s.SameContent(want) || s.SessionDuration != want.SessionDuration || r.outdated(s) {
		return false
	}
	// Where somebody ignored has it, nothing of it is written.
	if len(r.o.Ignore) > 0 && (s.Description != want.Description || s.RelayState != want.RelayState) {
		return false
	}
	if r.o.NoRecords && !s.Record.There {
		return true
	}
	return s.Record.Covers(r.o.Desired.RecordOf(at, r.meaning(s.Record), r.accountMeaning), r.o.Owner, arn)
}

// outdated says that the set is not the latest in an account in which AWS can
// change something.
func (r *run) outdated(s *setRead) bool {
	for _, id := range s.Outdated {
		if !slices.ContainsFunc(r.accountRows, func(a access.Account) bool { return a.ID == id && !a.Active() }) {
			return true
		}
	}
	return false
}

// nobody stands for an id where a name leads nowhere: no id is so spelled.
const nobody = "-"

// meaning returns the ids that the names of Desired have now. Of groups and users
// that are not looked up, since only some groups are read, it returns what the
// record says: they are not what is judged.
func (r *run) meaning(record access.Recorded) func(access.PrincipalKind, int32) string {
	d := &r.o.Desired
	return func(kind access.PrincipalKind, i int32) string {
		var name string
		var ids []string
		if kind == access.UserPrincipal {
			name = d.Users[i].Username
			if id, ok := r.userID[name]; ok {
				ids = []string{id}
			}
		} else {
			name = d.Groups[i].Name
			ids = r.liveGroups(d.Groups[i])
		}
		if len(ids) > 0 {
			return ids[0]
		}
		if len(r.o.Only) > 0 && (kind == access.UserPrincipal || !r.only(name)) {
			if id, ok := record.PrincipalID(kind, name); ok {
				return id
			}
		}
		return nobody
	}
}

// accountMeaning returns the id of an account of Desired; a name of which it is not
// clear which account it means, means none.
func (r *run) accountMeaning(i int32) string {
	return cmp.Or(r.meansAccount[r.o.Desired.Accounts[i].Name], nobody)
}
