package cli

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/report"
)

// A read of more than two seconds is announced to people, any to programs.
func TestAnnounce(t *testing.T) {
	for _, c := range []struct {
		json    bool
		calls   int
		seconds float64
		want    string
	}{
		{false, 30, 2, ""},
		{false, 5000, 333.3, "Only the management account can ask by user or group. Reading all assignments instead: 5000 calls, about 5m33s.\n"},
		{true, 3, 0.2, `{"type":"estimate","data":{"what":"assignments","calls":3,"seconds":0.2}}` + "\n"},
	} {
		var out bytes.Buffer
		a := &app{json: c.json, sys: System{Stderr: &out, Getenv: func(string) string { return "" }}}
		a.watchRead().announce(read.AccessEstimate{What: "assignments", Calls: c.calls, Seconds: c.seconds})
		if diff := cmp.Diff(c.want, out.String()); diff != "" {
			t.Errorf("%d calls in %g s (-want +got):\n%s", c.calls, c.seconds, diff)
		}
	}
}

func TestNobodyCalled(t *testing.T) {
	names := []string{"anna.berg@company.com", "jane", "jane.smith@company.com", "joan"}
	var people []access.User
	for _, name := range names {
		people = append(people, access.User{Username: name, Email: name + "@elsewhere.example"})
	}
	for _, c := range []struct {
		kind    report.Kind
		name    string
		read    read.Access
		scanned bool
		want    string
	}{
		{report.User, "Jane", read.Access{Users: people, Complete: true}, false, `Did you mean "jane" (differs in upper and lower case)?`},
		{report.User, "berg", read.Access{Users: people, Complete: true}, false, `Did you mean "anna.berg@company.com"?`},
		{report.User, "zoltan", read.Access{Users: people}, false,
			"Only the first hundred names were searched; --scan searches all of them, one call per hundred. Run `rolecall doctor user \"zoltan\"` to find out why it is missing."},
		{report.Group, "x", read.Access{Names: names, Complete: true}, true,
			"None of the 4 names in AWS is similar. Run `rolecall doctor group \"x\"` to find out why it is missing."},
		{report.Account, "12345678901", read.Access{Accounts: []access.Account{{ID: "012345678901", Name: "old"}}}, false,
			`An account's id has 12 digits, and a number loses its leading zeros: write "012345678901", in quotes.`},
		{report.Account, "0123-4567-8901", read.Access{Accounts: []access.Account{{ID: "012345678901", Name: "old"}}}, false,
			`An account's id is 12 digits without anything between them: "012345678901". That is account "old".`},
		{report.Account, "x", read.Access{}, false, "AWS Organizations lists the accounts: `aws organizations list-accounts`."},
	} {
		got := nobodyCalled(c.kind, c.name, c.read, c.scanned)
		if diff := cmp.Diff(c.want, got.Hint); diff != "" || got.Detail == "" || got.Code != CodeUnknownName {
			t.Errorf("%s %s (-want +got):\n%s", c.kind, c.name, diff)
		}
	}
}

func TestAccessArgs(t *testing.T) {
	for _, args := range [][]string{{"user", "jane"}, {"group", "Ops"}, {"account", "production"}} {
		if err := accessArgs(nil, args); err != nil {
			t.Errorf("%q: %v", args, err)
		}
	}
	for _, args := range [][]string{nil, {"user"}, {"person", "jane"}, {"user", ""}, {"user", "jane", "doe"}} {
		if accessArgs(nil, args) == nil {
			t.Errorf("%q was taken", args)
		}
	}
}
