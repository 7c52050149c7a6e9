package render

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// asConfigured is what may be said only where everybody was seen who has a
// permission set of ours.
const asConfigured = "AWS matches the config"

// scope is what a plan may speak of.
type scope struct {
	*plan.Plan
	only []string // the groups of --only, as far as they are known
}

// narrow says that --only bounded what was looked at.
func (s scope) narrow() bool { return len(s.only) > 0 || s.Read.Read == "group" || s.Outside > 0 }

// changesNothing says that nothing is to change, records aside, or blocked.
func (s scope) changesNothing() bool {
	n := s.Summary
	return n.Create+n.Update+n.Delete+n.Blocked == 0
}

// groups names the groups of --only.
func (s scope) groups() string {
	switch len(s.only) {
	case 0:
		return "what --only names"
	case 1:
		return "group " + clean(s.only[0])
	default:
		return "groups " + clean(listed(s.only, maxNamed))
	}
}

// noChanges says that nothing changes, and of what: "no changes" is said only of
// what was looked at.
func (s scope) noChanges() string {
	what := "No changes"
	if s.Summary.Records > 0 {
		what = "No access changes"
	}
	switch {
	case s.narrow():
		return what + " for " + s.groups() + "."
	case !s.Read.Complete:
		return what + " in what was read."
	default:
		return what + ". " + s.claim() + "."
	}
}

// claim says that AWS is as the config says. It is for a plan that is complete.
func (s scope) claim() string {
	var except []string
	if n := s.KeptInactive; n > 0 {
		except = append(except, fmt.Sprintf("%s in inactive accounts, which AWS cannot remove", counted(n, "assignment", "assignments")))
	}
	if s.OutdatedElsewhere > 0 {
		except = append(except, fmt.Sprintf("the content of permission sets in %s, which AWS cannot bring up to date", counted(max(1, len(s.OutdatedIn)), "inactive account", "inactive accounts")))
	}
	if n := s.KeptOrphans; n > 0 {
		except = append(except, fmt.Sprintf("%s of users or groups that are gone, which AWS cannot remove", counted(n, "assignment", "assignments")))
	}
	if n := s.StillListed; n > 0 {
		except = append(except, fmt.Sprintf("%s that AWS still lists", counted(n, "assignment", "assignments")))
	}
	if n := s.GroupsWithStrangers; n > 0 {
		except = append(except, fmt.Sprintf("who is in %s of others without being in the config", counted(n, "group", "groups")))
	}
	if s.Hidden != nil {
		except = append(except, "what ignore patterns hide")
	}
	if len(except) == 0 {
		return asConfigured
	}
	return asConfigured + ", except for " + strings.Join(except, " and ")
}

// coverage says what was not looked at, and counts what is left alone.
func (p *page) coverage(s scope) {
	if text := s.bounds(); text != "" {
		p.prose(0, say(""), text)
	}
	p.coverageElsewhere(s)
}

// bounds says what --only left out; "No changes for group X." says the first
// half of it already.
func (s scope) bounds() string {
	if !s.narrow() {
		return ""
	}
	var parts []string
	switch {
	case s.changesNothing() && !s.Refused():
	case len(s.only) == 0:
		parts = append(parts, "Only what --only names was looked at.")
	default:
		parts = append(parts, fmt.Sprintf("Only %s %s looked at.", s.groups(), diag.Plural(len(s.only), "was", "were")))
	}
	if s.Outside > 0 {
		parts = append(parts, fmt.Sprintf("%s of others on the same permission sets %s left alone.", counted(s.Outside, "assignment", "assignments"), diag.Plural(s.Outside, "is", "are")))
	}
	return strings.Join(parts, " ")
}

// coverageElsewhere says what else was not looked at, whatever --only names.
func (p *page) coverageElsewhere(s scope) {
	p.notCovered(s)
	if n := s.Read.OtherSets; n > 0 {
		p.prose(0, say(""), fmt.Sprintf("%s of others %s not looked at.", counted(n, "permission set", "permission sets"), diag.Plural(n, "was", "were")))
	}
	if s.Hidden != nil {
		p.prose(0, say(""), hiddenText(*s.Hidden))
	}
	if n := s.OutdatedElsewhere; n > 0 {
		p.prose(0, say(""), fmt.Sprintf("Left out of provisioning, because AWS can change nothing in inactive accounts: %s. If one is reinstated, whoever has these permission sets there has their old content until the next apply.", cmp.Or(listed(s.OutdatedIn, 3), counted(n, "account", "accounts"))))
	}
}

// notCovered lists what the way of reading does not show, equal ones once.
func (p *page) notCovered(s scope) {
	var missing []string
	for _, m := range s.Read.CannotSee {
		if !slices.Contains(missing, m) {
			missing = append(missing, m)
		}
	}
	if len(missing) > 0 {
		p.line(0, say("Not looked at:"))
		for _, m := range missing {
			p.prose(2, dim("- "), clean(m))
		}
	} else if !s.Read.Complete && !s.narrow() {
		p.line(0, say("Not everything was looked at."))
	}
	if !s.Read.Complete && s.Read.Read != "deep" {
		how := "--deep"
		if s.narrow() {
			how += " without --only"
		}
		how += " looks at everything"
		if s.Hidden != nil {
			how += " except what ignore patterns hide"
		}
		p.line(0, say(how+"."))
	}
}

// hiddenText counts what ignore patterns hide, and what is not done for them.
func hiddenText(h plan.Hidden) string {
	var things, left []string
	for _, n := range []struct {
		n         int
		one, many string
	}{{h.PermissionSets, "permission set", "permission sets"}, {h.Groups, "group", "groups"}, {h.Users, "user", "users"}, {h.Accounts, "account", "accounts"}} {
		if n.n > 0 {
			things = append(things, counted(n.n, n.one, n.many))
		}
	}
	if h.Changes > 0 {
		left = append(left, counted(h.Changes, "change", "changes")+" that the config asks for")
	}
	if h.Assignments > 0 {
		left = append(left, counted(h.Assignments, "assignment", "assignments")+" that would be removed")
	}
	text := "Ignore patterns hide " + and(things)
	switch {
	case len(left) == 0:
	case len(things) == 0:
		text = "Ignore patterns hide " + and(left)
	default:
		text += "; left alone because of them: " + and(left)
	}
	return text + "."
}

// and returns "a, b and c".
func and(list []string) string {
	if n := len(list) - 1; n > 0 {
		return strings.Join(list[:n], ", ") + " and " + list[n]
	}
	return strings.Join(list, "")
}
