package render

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/report"
)

// accessColumns are the columns of AccessCSV: the keys of a row of --json, in
// its order. New ones come at the end.
func accessColumns() []string {
	return []string{
		"account", "account_id", "account_state", "permission_set", "permission_set_owner", "principal_type", "principal", "principal_id", "orphan_type",
		"user_name", "display_name", "email", "user_id", "status",
	}
}

// AccessCSV writes the rows of a report as CSV (RFC 4180, with plain line ends)
// under a line of headers.
//
// A spreadsheet takes a cell that begins with =, +, - or @ for a formula, and
// names come from whoever may make a group or an account: such a cell gets an
// apostrophe before it, which spreadsheets take for "this is text". Control and
// invisible characters are shown as escapes, as in text. --json has the names
// as they are.
func AccessCSV(w io.Writer, r report.Report) error {
	out := csv.NewWriter(w)
	_ = out.Write(accessColumns()) // Error returns it
	for i := range r.Rows {
		_ = out.Write(accessRecord(&r.Rows[i]))
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func accessRecord(r *report.Row) []string {
	record := []string{
		r.Account, r.AccountID, r.AccountState, r.PermissionSet, r.Owner, r.PrincipalType, r.Principal, r.PrincipalID, r.OrphanType,
		r.User, r.DisplayName, r.Email, r.UserID, string(r.Status),
	}
	for i, cell := range record {
		record[i] = textCell(cell)
	}
	return record
}

// formulaStarts begin a formula in some spreadsheet, full-width forms included
// (https://owasp.org/www-community/attacks/CSV_Injection).
const formulaStarts = "=+-@\uff1d\uff0b\uff0d\uff20"

// textCell keeps a spreadsheet from taking a text for a formula.
func textCell(text string) string {
	text = clean(text)
	if strings.IndexAny(strings.TrimLeft(text, " \u00a0"), formulaStarts) == 0 {
		return "'" + text
	}
	return text
}
