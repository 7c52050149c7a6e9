package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/report"
)

// Access writes who has what through what: of a user, a group or an account.
func Access(w io.Writer, r report.Report, s Style) error {
	p := newPage(s)
	switch r.Kind {
	case report.User:
		p.accessOfUser(r)
	case report.Group:
		p.accessOfGroup(r)
	default:
		p.accessOfAccount(r)
	}
	p.cannotSee(r.Observed)
	return p.writeTo(w)
}

func (p *page) accessOfUser(r report.Report) {
	u := r.User
	title := []span{say("User "), bold(u.Username), say(personWords(*u))}
	if u.Disabled {
		title = append(title, say("  "), disabled())
	}
	p.line(0, title...)
	p.prose(0, dim("in "), cmp.Or(strings.Join(r.Groups, ", "), "no group"))
	var rows [][]cell
	for _, row := range r.Rows {
		rows = append(rows, []cell{accountCell(row.Assignment), say(row.PermissionSet), say(throughWords(row)), ownerCell(row.Owner), statusCell(row)})
	}
	p.gap()
	p.accessTable([]string{"ACCOUNT", "PERMISSION SET", "THROUGH", "OWNER", "STATUS"}, rows)
	p.gap()
	if len(r.Rows) == 0 {
		p.line(0, bold("No access: "), say("no account assignment was found, neither for the user nor for a group of the user."))
		return
	}
	p.line(0, bold("Reaches "+ofAll(r.Counts.Reached, r.Counts.Accounts)+": "), say(countsWords(r.Counts)+"."))
}

// ofAll returns "3 accounts", or "2 of 3 accounts".
func ofAll(n, all int) string {
	if n == all {
		return counted(n, "account", "accounts")
	}
	return number(n) + " of " + counted(all, "account", "accounts")
}

func (p *page) accessOfGroup(r report.Report) {
	g := r.Group
	p.line(0, say("Group "), bold(g.Name), say(groupWords(*g)))
	var rows [][]cell
	for _, u := range r.Members {
		rows = append(rows, []cell{say(u.Username), say(u.DisplayName), say(u.Email), memberStatus(u)})
	}
	p.gap()
	p.accessTable([]string{"MEMBER", "NAME", "E-MAIL", "STATUS"}, rows)
	rows = nil
	for _, row := range assignmentsOf(r.Rows) {
		rows = append(rows, []cell{accountCell(row.Assignment), say(row.PermissionSet), ownerCell(row.Owner), statusCell(row)})
	}
	p.gap()
	p.accessTable([]string{"ACCOUNT", "PERMISSION SET", "OWNER", "STATUS"}, rows)
	p.gap()
	members := counted(len(r.Members), "member", "members")
	if !r.Observed.Members[g.ID] {
		members = "members not read"
	}
	if len(r.Rows) == 0 {
		p.line(0, bold("Grants no access: "), say("no account assignment, "+members+"."))
		return
	}
	p.line(0, bold(members+", "+counted(r.Counts.Accounts, "account", "accounts")+": "), say(countsWords(r.Counts)+"."))
}

// assignmentsOf returns one row for each assignment, without a person: what
// stands in the way of all.
func assignmentsOf(rows []report.Row) []report.Row {
	var out []report.Row
	for _, row := range rows {
		if row.Status == report.UserDisabled { // which is the person's
			row.Status = report.Works
			if row.AccountState == "" {
				row.Status = report.AccountUnknown
			}
		}
		if n := len(out); n > 0 && out[n-1].Assignment == row.Assignment {
			continue
		}
		out = append(out, row)
	}
	return out
}

func (p *page) accessOfAccount(r report.Report) {
	a := r.Account
	p.line(0, say("Account "), bold(cmp.Or(a.Name, a.ID)), say(accountWords(*a)))
	var people, nobody [][]cell
	for _, row := range byPerson(r.Rows) {
		if row.User == "" {
			nobody = append(nobody, []cell{say(row.PermissionSet), say(principalWords(row.Assignment)), ownerCell(row.Owner), statusCell(row)})
			continue
		}
		people = append(people, []cell{say(row.User), say(row.PermissionSet), say(throughWords(row)), ownerCell(row.Owner), statusCell(row)})
	}
	p.gap()
	p.accessTable([]string{"USER", "PERMISSION SET", "THROUGH", "OWNER", "STATUS"}, people)
	if len(nobody) > 0 {
		p.gap()
		p.line(0, bold("Assignments that nobody can use:"))
		p.accessTable([]string{"PERMISSION SET", "ASSIGNED TO", "OWNER", "STATUS"}, nobody)
	}
	p.gap()
	p.line(0, bold(whoGetsIn(r.Counts)), say(countsWords(r.Counts)+"."))
}

// whoGetsIn counts the people; where not everything is known, it says so.
func whoGetsIn(c report.Counts) string {
	unsure := c.ByStatus[report.MembersUnknown]+c.ByStatus[report.AccountUnknown] > 0
	people := counted(c.People, "person", "people")
	switch {
	case c.People == 0 && unsure:
		return "Nobody is known to get in: "
	case c.People == 0:
		return "Nobody gets in: "
	case unsure:
		return "At least " + people + " can get in: "
	default:
		return people + " can get in: "
	}
}

// byPerson orders rows by person, those of nobody last.
func byPerson(rows []report.Row) []report.Row {
	out := slices.Clone(rows)
	slices.SortStableFunc(out, func(a, b report.Row) int {
		if (a.User == "") != (b.User == "") {
			return cmp.Compare(b.User, a.User)
		}
		return cmp.Compare(a.User, b.User)
	})
	return out
}

// accessTable writes a table, without the status in its last column where there
// is nothing to say of any row.
func (p *page) accessTable(headers []string, rows [][]cell) {
	last := len(headers) - 1
	if !slices.ContainsFunc(rows, func(row []cell) bool { return row[last].tone != good }) {
		headers = headers[:last]
		for i := range rows {
			rows[i] = rows[i][:last]
		}
	}
	p.table(0, headers, rows)
}

func (p *page) cannotSee(o access.Observed) {
	if len(o.CannotSee) == 0 {
		return
	}
	p.gap()
	p.line(0, dim("Not seen:"))
	for _, what := range o.CannotSee {
		p.prose(0, dim("- "), what)
	}
}

func personWords(u access.User) string {
	var parts []string
	if u.DisplayName != "" && u.DisplayName != u.Username {
		parts = append(parts, u.DisplayName)
	}
	if u.Email != "" && u.Email != u.Username {
		parts = append(parts, u.Email)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func disabled() span { return in(bad, "x disabled in AWS") }

func memberStatus(u access.User) cell {
	if u.Disabled {
		return disabled()
	}
	return in(good, "+ enabled")
}

func groupWords(g access.Group) string {
	switch {
	case g.Owner != "":
		return ", owner " + g.Owner
	case g.SCIM:
		return ", from SCIM"
	default:
		return ""
	}
}

func accountWords(a access.Account) string {
	text := ""
	if a.Name != "" {
		text = " (" + a.ID + ")"
	}
	if a.State != "" && a.State != "ACTIVE" {
		text += ", " + stateOfAccount(a.State)
	}
	if a.Management {
		text += ", the management account"
	}
	return text
}

func stateOfAccount(state string) string {
	return strings.ReplaceAll(strings.ToLower(state), "_", " ")
}

func accountCell(a report.Assignment) cell {
	if a.Account == "" {
		return say(a.AccountID)
	}
	return say(fmt.Sprintf("%s (%s)", a.Account, a.AccountID))
}

func ownerCell(owner string) cell {
	if owner == "" {
		return dim("-")
	}
	return say(owner)
}

func throughWords(r report.Row) string {
	if r.Direct() {
		return "directly"
	}
	return principalWords(r.Assignment)
}

func principalWords(a report.Assignment) string {
	if a.OrphanType != "" {
		return strings.ToLower(a.OrphanType) + " id " + a.PrincipalID
	}
	return strings.ToLower(a.PrincipalType) + " " + a.Principal
}

// statusCell says whether the access can be used, and what stands in the way.
func statusCell(r report.Row) cell {
	switch r.Status {
	case report.Works:
		return in(good, "+ works")
	case report.PrincipalGone:
		return in(bad, "x deleted, assignment remains")
	case report.AccountNotActive:
		return in(bad, "x account "+stateOfAccount(r.AccountState))
	case report.UserDisabled:
		return in(bad, "x user disabled")
	case report.NoMembers:
		return in(change, "! nobody is in the group")
	case report.MembersUnknown:
		return in(halted, "? members not read")
	default:
		return in(halted, "? account not known")
	}
}

func countsWords(c report.Counts) string {
	return counted(c.Assignments, "account assignment", "account assignments") + ", " + counted(c.PermissionSets, "permission set", "permission sets")
}
