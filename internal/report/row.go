package report

import (
	"cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// Assignment is an account assignment with the names of everything in it.
type Assignment struct {
	Account       string `json:"account"` // name; "" where it is not known
	AccountID     string `json:"account_id"`
	AccountState  string `json:"account_state"` // AWS's own: ACTIVE, SUSPENDED, ...; "" where it is not known
	PermissionSet string `json:"permission_set"`
	// Owner is whose mark the permission set carries; "" where it has none.
	Owner string `json:"permission_set_owner"`
	// PrincipalType is GROUP, USER, or ORPHAN where nobody has the id any more.
	PrincipalType string `json:"principal_type"`
	Principal     string `json:"principal"` // the group's name or the user's user name; an orphan has none
	PrincipalID   string `json:"principal_id"`
	// OrphanType is what an orphan was, GROUP or USER, as AWS asks for it where
	// the assignment is to be deleted; "" of whatever still exists.
	OrphanType string `json:"orphan_type"`
}

// Row is an assignment and one person whom it lets in. Where it lets nobody in,
// the person's fields are "" and Status says why.
type Row struct {
	Assignment
	User        string `json:"user_name"`
	DisplayName string `json:"display_name"`
	Email       string `json:"email"`
	UserID      string `json:"user_id"`
	Status      Status `json:"status"`
}

// Direct says that the permission set was assigned to the person, not to a
// group.
func (r Row) Direct() bool { return r.PrincipalType == access.UserPrincipal.String() }

// Status says whether the person can use the access, and if not, why.
type Status string

// The statuses. Where several hold, the first of this order is reported.
const (
	PrincipalGone    Status = "principal_gone"     // the group or user was deleted; the assignment stayed
	AccountNotActive Status = "account_not_active" // suspended, closed or not yet there: nobody gets in
	NoMembers        Status = "no_members"         // the group is empty
	MembersUnknown   Status = "members_unknown"    // the group's members were not, or not all, read
	UserDisabled     Status = "user_disabled"      // disabled in AWS
	AccountUnknown   Status = "account_unknown"    // nothing is known of the account but its id
	Works            Status = "works"
)

func statusOf(a Assignment, disabled bool) Status {
	switch {
	case a.AccountState != access.ActiveState && a.AccountState != "":
		return AccountNotActive
	case disabled:
		return UserDisabled
	case a.AccountState == "":
		return AccountUnknown
	default:
		return Works
	}
}

// compare orders assignments by account, permission set and principal.
func (a *Assignment) compare(b *Assignment) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account), cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.PermissionSet, b.PermissionSet),
		cmp.Compare(a.PrincipalType, b.PrincipalType), cmp.Compare(a.Principal, b.Principal), cmp.Compare(a.PrincipalID, b.PrincipalID),
	)
}

func compareRows(a, b Row) int {
	return cmp.Or(a.compare(&b.Assignment), cmp.Compare(a.User, b.User), cmp.Compare(a.UserID, b.UserID))
}

// assignmentOf names everything in an assignment.
func assignmentOf(s *access.State, g access.Assignment) Assignment {
	account, set := &s.Accounts[g.Account], &s.Sets[g.Set]
	a := Assignment{
		Account: account.Name, AccountID: account.ID, AccountState: account.State,
		PermissionSet: set.Name, Owner: set.Owner, PrincipalType: g.Kind.String(),
	}
	a.Principal, a.PrincipalID = s.Principal(g)
	if g.Kind == access.OrphanPrincipal {
		a.OrphanType = s.Orphans[g.Principal].Kind.String()
	}
	return a
}

// rowOf says that an assignment lets a user in, if nothing stands in the way.
func rowOf(a Assignment, u *access.User) Row {
	return Row{Assignment: a, User: u.Username, DisplayName: u.DisplayName, Email: u.Email, UserID: u.ID, Status: statusOf(a, u.Disabled)}
}

// nobody says that an assignment lets in nobody who is known.
func nobody(a Assignment, why Status) Row {
	if s := statusOf(a, false); why != PrincipalGone && s == AccountNotActive {
		why = s
	}
	return Row{Assignment: a, Status: why}
}
