package verify

import (
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

const (
	identityCenter = "AWS IAM Identity Center"
	organizations  = "AWS Organizations"
)

func (c *checker) finding(severity diag.Severity, code diag.Code, origin int32, summary, detail, hint string) *diag.Diagnostic {
	return &diag.Diagnostic{
		Severity: severity, Code: code, Summary: summary, Detail: detail, Hint: hint,
		Range: c.desired.Range(origin),
	}
}

func (c *checker) notSynced(kind Kind, name string, origin int32) *diag.Diagnostic {
	detail := fmt.Sprintf("%s has not brought it to AWS. %s", capital(c.idp()), c.window.Why)
	hint := fmt.Sprintf("Check in %s that the %s exists under exactly this name and is assigned to the AWS application, then wait up to %s.",
		c.idp(), kind, minutes(c.window.LongestMinutes))
	return c.finding(diag.Error, CodeNotSynced, origin, fmt.Sprintf("the %s %q is not in AWS yet", kind, name), detail, hint)
}

func (c *checker) neverSynced(g access.Group) *diag.Diagnostic {
	hint := "Define the group with its members in access_groups, or bring groups to AWS with another sync tool."
	if c.options.SetUp == access.SCIM {
		hint = "Set scim_scope = \"users\". " + hint
	}
	return c.finding(diag.Error, CodeNeverSynced, g.Origin, fmt.Sprintf("the group %q will not come to AWS by SCIM", g.Name),
		fmt.Sprintf("The SCIM of %s brings users only here.", c.idp()), hint)
}

func (c *checker) otherName(kind Kind, name string, origin int32, suggestions []Suggestion) *diag.Diagnostic {
	owner := "AWS"
	if c.options.SetUp == access.SCIM || c.options.SetUp == access.SCIMUsersOnly && kind == UserItem {
		owner = c.idp()
	}
	hint := fmt.Sprintf("Write %q in the config, or rename it in %s. Waiting does not help.", suggestions[0].Name, owner)
	if r := suggestions[0].Rung; r == LookAlike || r == Invisible {
		hint = fmt.Sprintf("Rename it in %s to exactly %q: nobody can type or see what differs. Waiting does not help.", owner, name)
	}
	return c.finding(diag.Error, CodeOtherName, origin, fmt.Sprintf("the %s %q is not in AWS under exactly this name", kind, name), "", hint)
}

func (c *checker) notApplied(kind Kind, name string, origin int32) *diag.Diagnostic {
	return c.finding(diag.Error, CodeNotApplied, origin, fmt.Sprintf("the %s %q is not in AWS", kind, name),
		"The config defines it, and rolecall has not created it.", "Run rolecall apply.")
}

func (c *checker) notDefined(kind Kind, name string, origin int32) *diag.Diagnostic {
	key := map[Kind]string{GroupItem: "access_groups", UserItem: "users"}[kind]
	return c.finding(diag.Error, CodeNotDefined, origin, fmt.Sprintf("the %s %q is not in AWS", kind, name),
		"The config refers to it without defining it, so nothing creates it.",
		fmt.Sprintf("Define it in %s, or correct the name.", key))
}

func (c *checker) noMembers(g access.Group) *diag.Diagnostic {
	hint := "Add members in the config."
	switch {
	case c.options.SetUp == access.SCIM:
		hint = fmt.Sprintf("Add members to the group in %s; nested groups do not count in AWS.", c.idp())
	case g.Referenced:
		hint = "Add members in the system that owns the group."
	}
	return c.finding(diag.Note, CodeNoMembers, g.Origin, fmt.Sprintf("the group %q has no members in AWS", g.Name),
		"It gives nobody access.", hint)
}

// madeInAWS rests on the owner's mark: a missing external id alone would prove
// nothing.
func (c *checker) madeInAWS(g access.Group, owner string) *diag.Diagnostic {
	return c.finding(diag.Warning, CodeMadeInAWS, g.Origin, fmt.Sprintf("the group %q was made in AWS by rolecall, not by %s", g.Name, c.idp()),
		fmt.Sprintf("Its description carries the mark of the owner %q. A push of the same name may be refused, and then its members never reach AWS.", owner),
		fmt.Sprintf("Link the group of %s to the one in AWS, or delete the one in AWS and push again.", c.idp()))
}

func (c *checker) stillThere(u access.User) *diag.Diagnostic {
	return c.finding(diag.Error, CodeStillThere, u.Origin, fmt.Sprintf("the user %q is still in AWS", u.Username),
		"The config names it in removed_users.", "Run rolecall apply.")
}

func (c *checker) disabled(u access.User) *diag.Diagnostic {
	hint := "Enable the user in the IAM Identity Center console; no API can."
	if c.scim() {
		hint = fmt.Sprintf("Activate the user in %s, and assign it to the AWS application there.", c.idp())
	}
	return c.finding(diag.Warning, CodeDisabled, u.Origin, fmt.Sprintf("the user %q is disabled in AWS", u.Username),
		"Sign-in is refused until it is enabled.", hint)
}

func (c *checker) accountMissing(a access.Account, organization *access.AccountIndex) *diag.Diagnostic {
	summary := fmt.Sprintf("the organization has no account named %q", a.Name)
	if access.IsAccountID(a.Name) {
		summary = fmt.Sprintf("the organization has no account with the id %s", a.Name)
	}
	return c.finding(diag.Error, CodeAccountMissing, a.Origin, summary, "", organization.Instead(a.Name))
}

func (c *checker) accountTwice(a access.Account, found access.AccountMatch) *diag.Diagnostic {
	return c.finding(diag.Error, CodeAccountTwice, a.Origin, found.Unclear(a.Name),
		"They are "+c.idsAndStates(found.Same)+"; which one is meant would be a guess.",
		"Write the 12-digit id of the one that is meant, or rename the others in AWS Organizations.")
}

func (c *checker) accountSuspended(a access.Account, state string) *diag.Diagnostic {
	return c.finding(diag.Warning, CodeAccountSuspended, a.Origin, fmt.Sprintf("the account %q is %s", a.Name, strings.ToLower(strings.ReplaceAll(state, "_", " "))),
		"Nobody can sign in to it, and AWS changes no access there: what is there stays, and nothing new is assigned.",
		"Take it out of accounts_names, or reactivate the account.")
}

func (c *checker) accountPending(a access.Account) *diag.Diagnostic {
	return c.finding(diag.Error, CodeAccountPending, a.Origin, fmt.Sprintf("the account %q is still being created", a.Name),
		"", "Wait until AWS Organizations calls it active.")
}

func (c *checker) accountsUnread(a access.Account) *diag.Diagnostic {
	return c.finding(diag.Error, CodeNotObserved, a.Origin, fmt.Sprintf("cannot tell whether the account %q exists", a.Name),
		"The organization's accounts were not read.",
		"Allow organizations:ListAccounts, or use credentials of the management account or of a delegated administrator.")
}

// explain adds to the finding what was seen in AWS, and how the nearest names
// differ from the expected one.
func (c *checker) explain(item *Item) {
	d := item.Finding
	d.Evidence = append(d.Evidence, c.looked(item))
	if len(item.Suggestions) == 0 {
		return
	}
	var names []string
	for _, s := range item.Suggestions {
		names = append(names, s.sentence())
	}
	d.Detail = strings.TrimSpace(d.Detail + " " + strings.Join(names, "; ") + ".")
}

func (s Suggestion) sentence() string {
	switch s.Rung {
	case FormerName:
		return fmt.Sprintf("AWS still has its former name %q", s.Name)
	case SameEmail:
		return fmt.Sprintf("AWS has %q, with the same e-mail address", s.Name)
	case SameGroup:
		return fmt.Sprintf("AWS has %q in a group where the config has this user and not that one: if that is the same person, renamed, waiting does not help, and the config needs the new user name", s.Name)
	default:
		return fmt.Sprintf("AWS has %q, which differs in %s%s", s.Name, s.Rung.Words(), places(s.Differences))
	}
}

func (c *checker) looked(item *Item) diag.Evidence {
	n, system := len(c.live.Groups), identityCenter
	switch item.Kind {
	case UserItem:
		n = len(c.live.Users)
	case AccountItem:
		n, system = len(c.live.Accounts), organizations
	}
	return diag.Evidence{System: system, What: string(item.Kind) + "s by name", Saw: fmt.Sprintf("none called %q among %d", item.Name, n)}
}

// maxPlaces bounds how many differences are spelt out in a sentence; the
// report has them all.
const maxPlaces = 3

func places(differences []Difference) string {
	if len(differences) == 0 {
		return ""
	}
	var parts []string
	for _, d := range differences[:min(len(differences), maxPlaces)] {
		parts = append(parts, d.String())
	}
	text := " (" + strings.Join(parts, "; ")
	if more := len(differences) - maxPlaces; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text + ")"
}

func capital(text string) string {
	if text == "" || text[0] >= 0x80 {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}

func minutes(n int) string {
	if n >= 120 && n%60 == 0 {
		return fmt.Sprintf("%d hours", n/60)
	}
	return fmt.Sprintf("%d minutes", n)
}
