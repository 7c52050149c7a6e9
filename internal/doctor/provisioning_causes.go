package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// mostChanges is how many memberships of a group AWS changes in one request (IAM
// Identity Center SCIM developer guide, PatchGroup).
const mostChanges = 100

func (f *Facts) personUnfit() []Verdict {
	if f.Person.Value == nil || len(f.Person.Value.Unfit) == 0 {
		return nil
	}
	return wrong(f.IdP, fmt.Sprintf("Correct it in %s for %q, then provision the person again.", f.IdP, f.Name), slices.Concat(f.Person.Evidence, f.Events.Evidence),
		"%q is not in AWS, which does not accept the person like this: %s", f.Name, strings.Join(f.Person.Value.Unfit, ", "))
}

func (f *Facts) groupUnfit(p *Path) []Verdict {
	if p.IdPGroup.Value == nil || len(p.IdPGroup.Value.Unfit) == 0 {
		return nil
	}
	return wrong(f.IdP, fmt.Sprintf("Rename the group without it in %s and in the config, then provision it again.", f.IdP), p.IdPGroup.Evidence,
		"the group %q is not in AWS, and cannot be provisioned under this name: %s", p.Group, strings.Join(p.IdPGroup.Value.Unfit, ", "))
}

func (f *Facts) emailTaken() []Verdict {
	if f.Holder == nil {
		return nil
	}
	return wrong(f.IdP, fmt.Sprintf("Check in %s which of the two should have the address, correct the other one's, and provision both again.", f.IdP), slices.Concat(f.Person.Evidence, f.User.Evidence),
		"AWS requires e-mail addresses to be unique, and %q already has that of %q there", f.Holder.UserName, f.Name)
}

func (f *Facts) clashOfPerson() []Verdict {
	message, seen, failed := f.pushFailure()
	clashes := f.Provisioning.Value.Clashes
	if !failed || len(clashes) == 0 {
		return nil
	}
	return wrong(f.IdP, fmt.Sprintf("In %s, keep one mapping for each of these in the AWS application, then provision the person again.", f.IdP), slices.Concat(seen, f.Provisioning.Evidence),
		"%s could not bring %q to AWS (%s), and maps several values to one AWS attribute: %s", f.IdP, f.Name, message, diag.First(mostNamed, clashes, ", "))
}

// clashes are told of the set-up only where provisioning fails: nobody may have
// several of the values.
func (f *Facts) clashes() []Verdict {
	p := f.Provisioning.Value
	if len(p.Clashes) == 0 || p.Failure == "" && p.Escrowed == 0 {
		return nil
	}
	return soon(f.IdP, fmt.Sprintf("In %s, keep one mapping for each of these in the AWS application.", f.IdP), f.Provisioning.Evidence,
		"provisioning fails for some, and %s maps several values to one AWS attribute: %s", f.IdP, diag.First(mostNamed, p.Clashes, ", "))
}

func (f *Facts) escrow() []Verdict {
	n := f.Provisioning.Value.Escrowed
	if n == 0 {
		return nil
	}
	return soon(f.IdP, "Look at "+f.Window.Where+", fix what the log names there, then provision those on demand; otherwise they are retried with increasing delays.", f.Provisioning.Evidence,
		"the last run of provisioning in %s deferred %d people or groups, because they failed", f.IdP, n)
}

// filtered says whom provisioning leaves out, where the person may be one of them.
func (f *Facts) filtered() string {
	if len(f.Provisioning.Value.Filters) == 0 {
		return ""
	}
	return fmt.Sprintf(" Provisioning includes only those who match %s: check whether %q does.", diag.Quoted(f.Provisioning.Value.Filters), f.Name)
}

// escrowed says what a provider does with what failed.
func (f *Facts) escrowed() string {
	if f.Provisioning.Value.Escrowed == 0 {
		return ""
	}
	return fmt.Sprintf(" %s retries by itself, with increasing delays, so do not wait for it.", f.IdP)
}

// trailingSlash is Okta's: AWS's own instructions have people take it out (IAM
// Identity Center user guide, Okta). Whatever was pushed shows that it does no harm.
func (f *Facts) trailingSlash() []Verdict {
	if !f.endsWithSlash() || !f.pushedAt().IsZero() {
		return nil
	}
	return soon(f.IdP, fmt.Sprintf("In %s, under Provisioning, Integration, remove the trailing slash from the base URL, and test the credentials.", f.IdP), f.Provisioning.Evidence,
		"nothing appears to have been pushed lately, and the base URL in %s ends with a slash, so its requests go to the wrong address", f.IdP)
}

func (f *Facts) endsWithSlash() bool {
	return f.Provisioning.Value.OnChange && strings.HasSuffix(f.Provisioning.Value.Endpoint, "/")
}

// slash is a hint where something failed.
func (f *Facts) slash() string {
	if !f.endsWithSlash() || !f.pushedAt().IsZero() {
		return ""
	}
	return fmt.Sprintf(" If nothing was ever pushed: the base URL in %s ends with a slash, which must be removed.", f.IdP)
}

// mostStalled is how long a job may go without a run: one that is on has a cycle in
// less than an hour.
const mostStalled = 72 * time.Hour

// stalled is told of runs, and not of those without an error: one person whom AWS does
// not take keeps every run from being one. A run that failed as a whole is none.
func (f *Facts) stalled() []Verdict {
	p := f.Provisioning.Value
	last := latest(p.LastRun, f.pushedAt())
	if p.Aborted && !p.LastSuccess.IsZero() { // the job's own error, with which nothing comes
		last = p.LastSuccess
	}
	if p.State != directory.JobOn || p.OnChange || p.Interval == 0 || last.IsZero() || f.Now.Sub(last) < max(mostStalled, 5*p.Interval) {
		return nil
	}
	if p.LastRun.After(last) {
		return wrong(f.IdP, "Fix what the message names, then restart provisioning in "+f.IdP+".", f.Provisioning.Evidence,
			"provisioning to AWS is on in %s, and no run has succeeded since %s; the last one, at %s: %s", f.IdP, clock(last), clock(p.LastRun), p.Failure)
	}
	return wrong(f.IdP, "Look at "+f.Window.Where+", fix what is named there, then restart provisioning in "+f.IdP+".", f.Provisioning.Evidence,
		"provisioning to AWS is on in %s, and has not run since %s", f.IdP, clock(last))
}

// groupsOff is told where a group, or members of one, are awaited; of the set-up
// always, for a group that comes to the config then would never come to AWS.
func (f *Facts) groupsOff() []Verdict {
	if f.Provisioning.Value.Groups != directory.Off {
		return nil
	}
	fix := fmt.Sprintf("In %s, enable the provisioning of groups in the AWS application (the mapping of groups), then restart provisioning.", f.IdP)
	if f.Subject == SetUp {
		return soon(f.IdP, fix, f.Provisioning.Evidence, "provisioning to AWS leaves groups out in %s, and the config waits for them", f.IdP)
	}
	for i := range f.Paths {
		if what, seen := f.awaited(&f.Paths[i]); what != "" && f.Paths[i].IdPGroup.Value != nil {
			return wrong(f.IdP, fix, slices.Concat(f.Provisioning.Evidence, seen), "provisioning to AWS leaves groups out in %s, so %s does not come", f.IdP, what)
		}
	}
	return nil
}

func (f *Facts) notProvisionable(p *Path) []Verdict {
	if p.IdPGroup.Value == nil || p.IdPGroup.Value.NotProvisionable == "" {
		return nil
	}
	return wrong(f.IdP, fmt.Sprintf("In %s, create a group of a type that is provisioned, with the same members, and assign it to the AWS application.", f.IdP), p.IdPGroup.Evidence,
		"the group %q never comes to AWS: %s", p.Group, p.IdPGroup.Value.NotProvisionable)
}

func (f *Facts) pushedOtherwise(p *Path) []Verdict {
	if p.PushedAs == "" {
		return nil
	}
	return wrong(config, fmt.Sprintf("If AWS should have it under that name, write %q in the config; if not, have %s push it as %q.", p.PushedAs, f.IdP, p.Group), slices.Concat(p.InScope.Evidence, p.PushSeen),
		"%s pushes the group %q to AWS under the name %q", f.IdP, p.Group, p.PushedAs)
}

// notByWaiting is what waiting does not bring, of a user whom nobody but AWS lacks.
func (f *Facts) notByWaiting() string {
	if f.Window.AfterDeletion == "" {
		return ""
	}
	return " " + f.Window.AfterDeletion
}

// unnoticed is what waiting does not bring, of a membership in a group that AWS has.
func (f *Facts) unnoticed(p *Path) string {
	if f.Subject != Person || p.AWSGroup.Value == nil || f.Window.Unnoticed == "" {
		return ""
	}
	return " " + f.Window.Unnoticed
}

// surelyInAWS is how long after a push that worked AWS has the user for certain.
const surelyInAWS = 15 * time.Minute

// deletedInAWS rests on what the identity provider says that it did, where it is known
// under which name. Only AWS's SCIM endpoint, asked by the id, shows that the user is
// gone and not under another name.
func (f *Facts) deletedInAWS() []Verdict {
	a := f.Assignment.Value
	var at time.Time
	if a.Sync == directory.Synchronized && a.ExternalID != "" {
		at = a.LastSync
	}
	if e := f.lastPush(); e != nil && e.Outcome == directory.Succeeded && e.Brought {
		at = latest(at, e.Time)
	}
	if at.IsZero() || f.Now.Sub(at) < surelyInAWS || f.Alike != nil || a.UserName == "" || a.Guessed || len(a.Otherwise) > 0 {
		return nil
	}
	seen := slices.Concat(f.Assignment.Evidence, f.Events.Evidence, f.User.Evidence)
	anew := fmt.Sprintf("have %s recreate the user: remove the person from the AWS application and assign them again, then provision their groups again.", f.IdP) + f.notByWaiting()
	if f.Unbound {
		return wrong(f.IdP, "If the IAM Identity Center console (Users) does not list the person under any name: "+anew+" Do not delete such a user in AWS by hand.", seen, "%s brought %q to AWS at %s, and AWS has no user of that name, and none with the id of the person: it was deleted there", f.IdP, f.Name, clock(at))
	}
	return wrong(f.IdP, "Look in the IAM Identity Center console (Users; or with --scan) for the person under another name: a renamed user is still there, with all access. Only if there is none: "+anew, seen,
		"%s brought %q to AWS at %s, and AWS has no user of that name: the user was deleted there, or is there under another name", f.IdP, f.Name, clock(at))
}
