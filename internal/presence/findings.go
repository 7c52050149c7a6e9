package presence

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

const (
	identityCenter = "AWS IAM Identity Center"
	organizations  = "AWS Organizations"
)

func (a *Answers) finding(severity diag.Severity, code diag.Code, origin int32, summary, detail, hint string) *diag.Diagnostic {
	return &diag.Diagnostic{
		Severity: severity, Code: code, Summary: summary, Detail: detail, Hint: hint,
		Range: a.desired.Range(origin),
	}
}

// advise is a finding whose remedy each front door words for itself.
func (a *Answers) advise(code diag.Code, origin int32, summary, detail string, remedy diag.Remedy) *diag.Diagnostic {
	return new(a.finding(diag.Error, code, origin, summary, detail, "").With(remedy))
}

func (a *Answers) notSynced(item Item, origin int32) *diag.Diagnostic {
	r := diag.Remedy{Way: diag.AwaitSync, Kind: item.Kind, System: a.idp(), Minutes: a.window.LongestMinutes}
	if len(item.Suggestions) > 0 && item.Suggestions[0].Match != SameGroup { // that one is said to be another question
		r = item.Meaning(r)
	}
	return a.advise(CodeNotSynced, origin, fmt.Sprintf("the %s %q is not in AWS yet", item.Kind, item.Name),
		fmt.Sprintf("%s has not brought it to AWS. %s", diag.Upper(a.idp()), a.window.Why), r)
}

func (a *Answers) neverSynced(item Item, origin int32) *diag.Diagnostic {
	way := diag.DefineGroup
	if a.options.SetUp == access.SCIM {
		way = diag.UseUsersScope
	}
	return a.advise(CodeNeverSynced, origin, fmt.Sprintf("the group %q will not come to AWS by SCIM", item.Name),
		fmt.Sprintf("The SCIM of %s brings users only here.", a.idp()), diag.Remedy{Way: way})
}

func (a *Answers) otherName(item Item, origin int32) *diag.Diagnostic {
	near := item.Suggestions[slices.IndexFunc(item.Suggestions, Suggestion.Same)]
	r := diag.Remedy{Way: diag.WriteName, Name: near.Name, System: "AWS"}
	if a.options.SetUp == access.SCIM || a.options.SetUp == access.SCIMUsersOnly && item.Kind == UserItem {
		r.System = a.idp()
	}
	switch odder := names.Odder(item.Name, near.Name); { // who has the slip corrects it
	case near.Claimed:
		r.Way = diag.WriteAlike
	case !near.Match.SameName():
	case odder > 0:
		r.Way = diag.CorrectName
	case odder < 0:
		r.Way, r.Name = diag.RenameThere, item.Name
	}
	return a.advise(CodeOtherName, origin, fmt.Sprintf("the %s %q is not in AWS under exactly this name", item.Kind, item.Name), "", r)
}

func (a *Answers) notApplied(item Item, origin int32) *diag.Diagnostic {
	r := diag.Remedy{Way: diag.Apply}
	if len(item.Suggestions) > 0 {
		switch near := item.Suggestions[0]; near.Match {
		case names.Case: // AWS takes the two for one
			r = diag.Remedy{Way: diag.WriteName, Name: near.Name, System: "AWS"}
		case SameEmail:
			r = diag.Remedy{Way: diag.FreeAddress, Name: near.Name}
		case FormerName:
		default:
			r = item.Meaning(r)
		}
	}
	return a.advise(CodeNotApplied, origin, fmt.Sprintf("the %s %q is not in AWS", item.Kind, item.Name),
		"The config defines it, and rolecall has not created it.", r)
}

func (a *Answers) notDefined(item Item, origin int32) *diag.Diagnostic {
	return a.advise(CodeNotDefined, origin, fmt.Sprintf("the %s %q is not in AWS", item.Kind, item.Name),
		"The config refers to it without defining it, so nothing creates it.", item.Meaning(diag.Remedy{Way: diag.Define, Kind: item.Kind}))
}

func (a *Answers) noMembers(g access.Group) *diag.Diagnostic {
	hint := "Add members in the config."
	switch {
	case a.options.SetUp == access.SCIM:
		hint = fmt.Sprintf("Add members to the group in %s; nested groups do not count in AWS.", a.idp())
	case g.Referenced:
		hint = "Add members in the system that owns the group."
	}
	return a.finding(diag.Note, CodeNoMembers, g.Origin, fmt.Sprintf("the group %q has no members in AWS", g.Name),
		"It grants nobody access.", hint)
}

// madeInAWS rests on the owner's mark: a missing external id alone would prove
// nothing.
func (a *Answers) madeInAWS(g access.Group, owner string) *diag.Diagnostic {
	return a.finding(diag.Warning, CodeMadeInAWS, g.Origin, fmt.Sprintf("the group %q was created in AWS by rolecall, not by %s", g.Name, a.idp()),
		fmt.Sprintf("Its description carries the mark of the owner %q. A push of the same name may be refused, and then its members never reach AWS.", owner),
		fmt.Sprintf("Link the group of %s to the one in AWS, or delete the one in AWS and push again.", a.idp()))
}

func (a *Answers) stillThere(u access.User) *diag.Diagnostic {
	return a.advise(CodeStillThere, u.Origin, fmt.Sprintf("the user %q is still in AWS", u.Username),
		"The config names it in removed_users.", diag.Remedy{Way: diag.Apply})
}

func (a *Answers) disabled(u access.User) *diag.Diagnostic {
	hint := "Enable the user in the IAM Identity Center console; no API can."
	if a.scim() {
		hint = fmt.Sprintf("Activate the user in %s, and assign it to the AWS application there.", a.idp())
	}
	return a.finding(diag.Warning, CodeDisabled, u.Origin, fmt.Sprintf("the user %q is disabled in AWS", u.Username),
		"Sign-in is refused until it is enabled.", hint)
}

func (a *Answers) accountTwice(account access.Account, found access.AccountMatch) *diag.Diagnostic {
	return a.finding(diag.Error, CodeAccountTwice, account.Origin, found.Unclear(account.Name),
		"They are "+a.idsAndStates(found.Same)+", so it is not clear which one is meant.",
		"Write the 12-digit id of the right one, or rename the others in AWS Organizations.")
}

func (a *Answers) accountSuspended(account access.Account, state string) *diag.Diagnostic {
	return a.finding(diag.Warning, CodeAccountSuspended, account.Origin, fmt.Sprintf("the account %q is %s", account.Name, strings.ToLower(strings.ReplaceAll(state, "_", " "))),
		"Nobody can sign in to it, and AWS changes no access there: what is there stays, and nothing new is assigned.",
		"Remove it from accounts_names, or reactivate the account.")
}

func (a *Answers) accountPending(account access.Account) *diag.Diagnostic {
	return a.finding(diag.Error, CodeAccountPending, account.Origin, fmt.Sprintf("the account %q is still being created", account.Name),
		"", "Wait until AWS Organizations calls it active.")
}

func (a *Answers) accountsUnread(account access.Account) *diag.Diagnostic {
	return a.finding(diag.Error, CodeNotObserved, account.Origin, fmt.Sprintf("cannot tell whether the account %q exists", account.Name),
		"The organization's accounts were not read.",
		"Allow organizations:ListAccounts, or use credentials of the management account or of a delegated administrator.")
}

// explain adds to the finding what was seen in AWS, and how the nearest names
// differ from the expected one.
func (a *Answers) explain(item *Item) {
	d := item.Finding
	d.Evidence = append(d.Evidence, a.looked(item))
	d.Detail = strings.TrimSpace(d.Detail + " " + item.Near())
}

// Near says in a sentence which names are near, and in what they differ; "" for none.
func (i Item) Near() string {
	if len(i.Suggestions) == 0 {
		return ""
	}
	var near []string
	for _, s := range i.Suggestions {
		near = append(near, s.sentence(i.called(s.Name)))
	}
	return strings.Join(near, "; ") + "."
}

// called says how many of the suggestions have a name: accounts may share one.
func (i Item) called(name string) int {
	n := 0
	for _, s := range i.Suggestions {
		if s.Name == name {
			n++
		}
	}
	return n
}

// sentence says what is near, with its id where several are called so.
func (s Suggestion) sentence(called int) string {
	switch s.Match {
	case FormerName:
		return fmt.Sprintf("AWS still has its former name %q", s.Name)
	case SameEmail:
		if s.ID == "" {
			return fmt.Sprintf("the config defines %q with this e-mail address", s.Name)
		}
		return fmt.Sprintf("AWS has %q, with the same e-mail address", s.Name)
	case SameGroup:
		return fmt.Sprintf("AWS has %q in a group where the config has this user and not that one: if that is the same person, renamed, waiting does not help, and the config needs the new user name", s.Name)
	}
	name := fmt.Sprintf("%q", s.Name)
	if called > 1 {
		name += " (" + s.ID + ")"
	}
	text := fmt.Sprintf("AWS has %s, which %s%s", name, s.Differs(), names.InWords(s.Differences))
	if s.Claimed {
		text += " and which the config names as well"
	}
	return text
}

// Differs says in words what makes the two one, or nearly.
func (s Suggestion) Differs() string {
	switch s.Match {
	case SameEmail:
		return "has the same e-mail address"
	case NearEmail:
		return "has an e-mail address that differs in a few characters"
	case SameStart:
		return "same before the @"
	case SameGroup:
		return "is in a group where the config has this user instead"
	case SameID:
		return "had this name before, by its id " + s.ID
	case FormerName:
		return "is what the config says it was called before"
	}
	return "differs in " + s.Match.Words()
}

func (a *Answers) looked(item *Item) diag.Evidence {
	n, system, by := len(a.allGroups), identityCenter, "name"
	switch item.Kind {
	case UserItem:
		n = len(a.allUsers)
	case AccountItem:
		n, system = len(a.live.Accounts), organizations
	}
	saw := fmt.Sprintf("none called %q", item.Name)
	if item.Kind == AccountItem && access.IsAccountID(item.Name) {
		by, saw = "id", "none with the id "+item.Name
	}
	if n > 0 { // all were read, and not this one looked up alone
		saw += fmt.Sprintf(" among %d", n)
	}
	return diag.Evidence{System: system, What: string(item.Kind) + "s by " + by, Saw: saw}
}
