package report

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// Kind is what a report is about.
type Kind string

// The kinds.
const (
	User    Kind = "user"
	Group   Kind = "group"
	Account Kind = "account"
)

// Report is who has what, as far as one user, group or account is concerned.
// Exactly one of User, Group and Account is there: the one of Kind.
type Report struct {
	Kind    Kind            `json:"kind"`
	User    *access.User    `json:"user,omitempty"`
	Group   *access.Group   `json:"group,omitempty"`
	Account *access.Account `json:"account,omitempty"`
	// Groups are those of the user; only of a user.
	Groups []string `json:"groups,omitempty"`
	// Members are those of the group, by user name; only of a group.
	Members []access.User `json:"members,omitempty"`
	Counts  Counts        `json:"counts"`
	// Rows are the ways in, by account, permission set, principal and user;
	// never absent.
	Rows     []Row           `json:"access"`
	Observed access.Observed `json:"observed"`
}

// Counts sums the rows up: distinct things, but for Rows.
type Counts struct {
	Rows int `json:"rows"`
	// People can use at least one of the rows.
	People int `json:"people"`
	// Reached are those of Accounts that at least one person can get into.
	Reached        int `json:"accounts_reached"`
	Accounts       int `json:"accounts"`
	PermissionSets int `json:"permission_sets"`
	Assignments    int `json:"assignments"`
	// ByStatus counts rows; what there is none of is left out.
	ByStatus map[Status]int `json:"by_status"`
}

// OfUser returns what the user at the index has, directly and through groups.
func OfUser(s *access.State, user int) Report {
	u := s.Users[user]
	r := Report{Kind: User, User: &u, Observed: s.Observed}
	in := map[int32]bool{}
	for _, m := range s.Memberships {
		if m.User == int32(user) {
			in[m.Group] = true
			r.Groups = append(r.Groups, s.Groups[m.Group].Name)
		}
	}
	for _, g := range s.Assignments {
		if g.Kind == access.UserPrincipal && g.Principal == int32(user) || g.Kind == access.GroupPrincipal && in[g.Principal] {
			r.Rows = append(r.Rows, rowOf(assignmentOf(s, g), &u))
		}
	}
	return r.done()
}

// OfGroup returns what the group at the index has, and for whom.
func OfGroup(s *access.State, group int) Report {
	g := s.Groups[group]
	r := Report{Kind: Group, Group: &g, Observed: s.Observed}
	for _, m := range s.Members(group) {
		r.Members = append(r.Members, s.Users[m.User])
	}
	r.Rows = rows(s, func(g access.Assignment) bool { return g.Kind == access.GroupPrincipal && g.Principal == int32(group) })
	return r.done()
}

// OfAccount returns who gets into the account at the index, and with what.
func OfAccount(s *access.State, account int) Report {
	a := s.Accounts[account]
	r := Report{Kind: Account, Account: &a, Observed: s.Observed}
	r.Rows = rows(s, func(g access.Assignment) bool { return g.Account == int32(account) })
	return r.done()
}

// Assignments returns the assignments that are kept with all their names, in the order
// of the state: by permission set, account and principal.
func Assignments(s *access.State, keep func(access.Assignment) bool) []Assignment {
	out := []Assignment{}
	for _, g := range s.Assignments {
		if keep(g) {
			out = append(out, assignmentOf(s, g))
		}
	}
	return out
}

// rows returns every way that the assignments which are kept open, and a row for each
// that opens none.
func rows(s *access.State, keep func(access.Assignment) bool) []Row {
	var out []Row
	for _, g := range s.Assignments {
		if keep(g) {
			out = ways(out, s, g)
		}
	}
	return out
}

// ways adds the rows of one assignment.
func ways(to []Row, s *access.State, g access.Assignment) []Row {
	a := assignmentOf(s, g)
	switch g.Kind {
	case access.UserPrincipal:
		return append(to, rowOf(a, &s.Users[g.Principal]))
	case access.GroupPrincipal:
		return throughGroup(to, s, a, int(g.Principal))
	default:
		return append(to, nobody(a, PrincipalGone))
	}
}

func throughGroup(to []Row, s *access.State, a Assignment, group int) []Row {
	members := s.Members(group)
	for _, m := range members {
		to = append(to, rowOf(a, &s.Users[m.User]))
	}
	switch {
	case !s.Observed.Members[s.Groups[group].ID]:
		return append(to, nobody(a, MembersUnknown))
	case len(members) == 0:
		return append(to, nobody(a, NoMembers))
	default:
		return to
	}
}

// done puts the rows in order and counts them.
func (r Report) done() Report {
	if r.Rows == nil {
		r.Rows = []Row{}
	}
	slices.SortFunc(r.Rows, compareRows)
	slices.Sort(r.Groups)
	r.Counts = count(r.Rows)
	return r
}

// assignmentKey tells assignments apart as AWS does, but for the instance.
type assignmentKey struct{ account, set, principalType, principal string }

func count(rows []Row) Counts {
	people, reached, accounts, sets, assignments := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}, map[assignmentKey]bool{}
	c := Counts{Rows: len(rows), ByStatus: map[Status]int{}}
	for i := range rows {
		r := &rows[i]
		c.ByStatus[r.Status]++
		if r.Status == Works {
			people[r.UserID], reached[r.AccountID] = true, true
		}
		accounts[r.AccountID], sets[r.PermissionSet] = true, true
		assignments[assignmentKey{r.AccountID, r.PermissionSet, r.PrincipalType, r.PrincipalID}] = true
	}
	c.People, c.Reached, c.Accounts, c.PermissionSets, c.Assignments = len(people), len(reached), len(accounts), len(sets), len(assignments)
	return c
}
