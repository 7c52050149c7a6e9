package render_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/render"
	"github.com/rolecall-dev/rolecall/internal/report"
)

// staff is an organization in which people have access in every way: the office of the
// tests of package report, with names, states and notes that only a text shows.
func staff() access.State {
	var b access.Builder
	dev := b.AddAccount(access.Account{ID: "222233334444", Name: "development", State: "ACTIVE"})
	closed := b.AddAccount(access.Account{ID: "333344445555", Name: "closed", State: "PENDING_CLOSURE"})
	lost := b.AddAccount(access.Account{ID: "999988887777"})
	b.AddAccount(access.Account{ID: "444455556666", Name: "idle", State: "ACTIVE", Management: true})
	jane := b.AddUser(access.User{Username: "jane@company.com", DisplayName: "Jane Smith", Email: "jane@company.com", ID: "u-jane"})
	off := b.AddUser(access.User{Username: "off", DisplayName: "Joe Off", Email: "joe@company.com", ID: "u-off", Disabled: true})
	b.AddUser(access.User{Username: "new", ID: "u-new"})
	ops := b.AddGroup(access.Group{Name: "AWS-Operations-Team", ID: "g-ops", Owner: "platform"})
	empty := b.AddGroup(access.Group{Name: "Empty", ID: "g-empty", SCIM: true})
	unread := b.AddGroup(access.Group{Name: "Unread", ID: "g-unread"})
	admin := b.AddSet(access.PermissionSet{Name: "AdministratorAccess", ARN: "arn:admin", Tags: []access.Tag{{Key: access.OwnerTag, Value: "platform"}}})
	read := b.AddSet(access.PermissionSet{Name: "ReadOnly", ARN: "arn:read"})
	gone := b.AddOrphan(access.Orphan{Kind: access.GroupPrincipal, ID: "906722b2f3-aaaaaaaa-1111-2222-3333-444444444444"})
	b.AddMembership(ops, jane, 0)
	b.AddMembership(ops, off, 0)
	grant := func(set, account int32, kind access.PrincipalKind, principal int32) {
		b.AddAssignment(access.Assignment{Set: set, Account: account, Kind: kind, Principal: principal})
	}
	grant(admin, dev, access.GroupPrincipal, ops)
	grant(read, dev, access.UserPrincipal, jane)
	grant(read, dev, access.GroupPrincipal, empty)
	grant(read, dev, access.GroupPrincipal, unread)
	grant(admin, dev, access.OrphanPrincipal, gone)
	grant(admin, closed, access.GroupPrincipal, ops)
	grant(read, lost, access.UserPrincipal, jane)
	b.Observed = access.Observed{Read: "account", Members: map[string]bool{"g-ops": true, "g-empty": true},
		CannotSee: []string{"who is in the groups, as identitystore:ListGroupMemberships was refused", "assignments to applications"}}
	return b.State()
}

func TestAccess(t *testing.T) {
	s := staff()
	for name, r := range map[string]report.Report{
		"user": report.OfUser(&s, s.UserIndex("jane@company.com")), "user-disabled": report.OfUser(&s, s.UserIndex("off")), "user-nothing": report.OfUser(&s, s.UserIndex("new")),
		"group": report.OfGroup(&s, s.GroupIndex("AWS-Operations-Team")), "group-empty": report.OfGroup(&s, s.GroupIndex("Empty")), "group-unread": report.OfGroup(&s, s.GroupIndex("Unread")),
		"account": report.OfAccount(&s, 0), "account-closed": report.OfAccount(&s, 1), "account-nobody": report.OfAccount(&s, 2), "account-unknown": report.OfAccount(&s, 3),
	} {
		golden(t, "access-"+name+".txt", written(t, func(w *bytes.Buffer) error { return render.Access(w, r, file) }))
	}
	account := report.OfAccount(&s, 0)
	golden(t, "access-account-narrow.txt", written(t, func(w *bytes.Buffer) error { return render.Access(w, account, render.Style{Width: 70}) }))
	golden(t, "access-account-color.txt", written(t, func(w *bytes.Buffer) error { return render.Access(w, account, render.Style{Color: true}) }))
	golden(t, "access-account.csv", written(t, func(w *bytes.Buffer) error { return render.AccessCSV(w, account) }))
}

// A name cannot steer the terminal of whoever looks.
func TestAccessIsSafe(t *testing.T) {
	evil := "Ops\x1b[2J\u202e\r"
	var b access.Builder
	account := b.AddAccount(access.Account{ID: "222233334444", Name: evil, State: evil})
	group := b.AddGroup(access.Group{Name: evil, ID: "g"})
	b.AddMembership(group, b.AddUser(access.User{Username: evil, DisplayName: evil, Email: evil, ID: "u"}), 0)
	b.AddAssignment(access.Assignment{Set: b.AddSet(access.PermissionSet{Name: evil}), Account: account, Kind: access.GroupPrincipal, Principal: group})
	b.Observed.CannotSee = []string{evil}
	s := b.State()
	for _, r := range []report.Report{report.OfUser(&s, 0), report.OfGroup(&s, 0), report.OfAccount(&s, 0)} {
		for _, got := range [][]byte{
			written(t, func(w *bytes.Buffer) error { return render.Access(w, r, terminal) }),
			written(t, func(w *bytes.Buffer) error { return render.AccessCSV(w, r) }),
		} {
			if i := bytes.IndexAny(got, "\x1b\u202e\r"); i >= 0 {
				t.Errorf("%s sends %q", r.Kind, got[max(0, i-20):i+3])
			}
		}
	}
}

func records(t testing.TB, r report.Report) [][]string {
	t.Helper()
	got, err := csv.NewReader(bytes.NewReader(written(t, func(w *bytes.Buffer) error { return render.AccessCSV(w, r) }))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// The columns of the CSV are the keys of a row of the JSON, each with the same
// value.
func TestCSVIsTheJSON(t *testing.T) {
	s := staff()
	r := report.OfAccount(&s, 0)
	text, err := json.Marshal(r.Rows)
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	got := records(t, r)
	if len(got) != len(rows)+1 {
		t.Fatalf("%d records of %d rows", len(got), len(rows))
	}
	if fields := reflect.TypeFor[report.Row]().NumField() - 1 + reflect.TypeFor[report.Assignment]().NumField(); len(got[0]) != fields {
		t.Errorf("%d columns of %d fields", len(got[0]), fields)
	}
	for i, row := range rows {
		for c, column := range got[0] {
			if value, ok := row[column]; !ok || got[i+1][c] != value {
				t.Errorf("row %d, %s: CSV has %q, JSON %q", i, column, got[i+1][c], value)
			}
		}
	}
}

// No cell of a CSV is a formula to a spreadsheet or steers a terminal, and none
// is lost, whatever the names are.
func TestCSVIsOnlyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("=+-@\t\r\n\", '\u00a0\u202e\uff1d")))).Filter(func(s string) bool { return s != "" })
		row := report.Row{Assignment: report.Assignment{Account: name.Draw(t, "account"), Principal: name.Draw(t, "group")}, User: name.Draw(t, "user"), Status: report.Works}
		var b bytes.Buffer
		if err := render.AccessCSV(&b, report.Report{Rows: []report.Row{row}}); err != nil {
			t.Fatal(err)
		}
		if strings.Count(b.String(), "\n") != 2 || strings.ContainsAny(b.String(), "\x1b\r\t\u202e") {
			t.Fatalf("CSV is %q", b.String())
		}
		got, err := csv.NewReader(&b).ReadAll()
		if err != nil || len(got) != 2 {
			t.Fatalf("%v, %v", got, err)
		}
		for _, cell := range got[1] {
			if first := strings.TrimLeft(cell, " \u00a0"); first != "" && strings.ContainsRune("=+-@\uff1d\uff0b\uff0d\uff20", []rune(first)[0]) {
				t.Fatalf("a spreadsheet computes %q", cell)
			}
		}
		if plain := strings.ContainsAny(row.User, "=+-@\uff1d\uff0b\uff0d\uff20"); !plain && strings.IndexFunc(row.User, func(r rune) bool { return r < ' ' || r > '~' }) < 0 && !slices.Contains(got[1], row.User) {
			t.Fatalf("%q is not in %q", row.User, got[1])
		}
	})
}

func TestCSVCells(t *testing.T) {
	for given, want := range map[string]string{
		"=HYPERLINK(\"http://x\")": "'=HYPERLINK(\"http://x\")", "+1": "'+1", "-ops": "'-ops", "@all": "'@all", " =1+1": "' =1+1",
		"a=b": "a=b", "Ops, Berlin": "Ops, Berlin", "quo\"te": "quo\"te", "two\nlines": `two\nlines`, "": "", "＝1": "'＝1",
	} {
		got := records(t, report.Report{Rows: []report.Row{{Assignment: report.Assignment{Principal: given}}}})
		if diff := cmp.Diff(want, got[1][6]); diff != "" {
			t.Errorf("%q (-want +got):\n%s", given, diff)
		}
	}
}
