package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/report"
)

// nearNames is how many names a missing one is explained with.
const nearNames = 3

// nobodyCalled explains that AWS has none of the name, by the names that are
// near it.
func nobodyCalled(kind report.Kind, name string, read read.Access, scanned bool) diag.Diagnostic {
	d := diag.Diagnostic{Code: CodeUnknownName, Summary: fmt.Sprintf("AWS has no %s %q", kind, name), Detail: exactly(kind)}
	if kind == report.Account {
		if x := access.NewAccountIndex(read.Accounts); x.Find(name).LostZeros != "" || access.SpacedID(name) != "" {
			d.Hint = x.Instead(name)
			return d
		}
	}
	near, all := nearWords(name, read.Names), len(read.Names)
	if kind == report.User {
		near, all = nearUsers(name, read.Users), len(read.Users)
	}
	var hints []string
	if near != "" {
		hints = append(hints, "Did you mean "+near+"?")
	}
	switch {
	case kind != report.Account && !read.Complete && !scanned:
		hints = append(hints, "Only the first hundred names were searched; --scan searches all of them, one call per hundred.")
	case near == "" && all > 0:
		hints = append(hints, fmt.Sprintf("None of the %d names in AWS is similar.", all))
	}
	if near == "" {
		hints = append(hints, whereElse(kind, name))
	}
	d.Hint = strings.Join(hints, " ")
	return d
}

// saidInCase notes that AWS has a name in another case: it finds users and groups in
// any, and a config must have the exact one.
func saidInCase(name string, read *read.Access) diag.List {
	has := func(exact ...string) bool { return slices.Contains(exact, name) }
	called := ""
	for _, u := range read.State.Users {
		if u.ID == read.ID && !has(u.Username, u.Email) {
			called = u.Username
		}
	}
	for _, g := range read.State.Groups {
		if g.ID == read.ID && !has(g.Name) {
			called = g.Name
		}
	}
	if called == "" {
		return nil
	}
	return diag.List{{Severity: diag.Note, Code: plan.NameDiffersInCase, Summary: fmt.Sprintf("%q is in AWS as %q", name, called),
		Hint: fmt.Sprintf("Write %q in a config: names must match exactly.", called)}}
}

func exactly(kind report.Kind) string {
	switch kind {
	case report.User:
		return "Nobody has exactly this user name or e-mail address."
	case report.Group:
		return "No group has exactly this name."
	default:
		return "No account of the organization has exactly this name or id."
	}
}

// whereElse says what to do where no name is near.
func whereElse(kind report.Kind, name string) string {
	if kind == report.Account {
		return "AWS Organizations lists the accounts: `aws organizations list-accounts`."
	}
	return fmt.Sprintf("Run `rolecall doctor %s %q` to find out why it is missing.", kind, name)
}

// nearUsers returns the users that are near, by their user names, and by what.
func nearUsers(name string, users []access.User) string {
	var words, called []string
	for _, s := range presence.NearUsers(name, users) {
		words = append(words, fmt.Sprintf("%q (%s)", s.Name, s.Differs()))
	}
	if len(words) > 0 {
		return strings.Join(words, " or ")
	}
	for _, u := range users {
		called = append(called, u.Username)
	}
	return nearWords(name, called)
}

// nearWords returns the names that are near, and in what they differ; else those
// of which the name is a part.
func nearWords(name string, all []string) string {
	var words []string
	for _, c := range names.NewIndex(all).Nearest(name, nearNames, nil) {
		words = append(words, fmt.Sprintf("%q (differs in %s)", all[c.At], c.Match.Words()))
	}
	if len(words) > 0 || len(name) < shortestPart {
		return strings.Join(words, " or ")
	}
	for _, n := range all {
		if strings.Contains(strings.ToLower(n), strings.ToLower(name)) && len(words) < nearNames {
			words = append(words, fmt.Sprintf("%q", n))
		}
	}
	return strings.Join(words, " or ")
}

// shortestPart is how long a part of a name has to be to say something.
const shortestPart = 3
