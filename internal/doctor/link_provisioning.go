package doctor

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/probe/scim"
)

// ofProvisioning has the checks of what brings people and groups to AWS, and of how far they have come.
func ofProvisioning() []Check {
	return []Check{{
		ID: "scim-token", About: all(), keeps: true,
		Means: "AWS refuses the SCIM token: it has expired, or is a different one.",
		Looks: "GET ServiceProviderConfig with the token; the age of the token; the provisioning log.",
		Fix:   "Create a new token in the IAM Identity Center console and give it to the identity provider.",
		rules: []rule{{at: token, in: usersBySCIM(), say: (*Facts).scimToken}},
	}, {
		ID: "token-age", About: []Subject{SetUp},
		Means: "The SCIM token is about to expire, or token_created cannot be its date.",
		Looks: "token_created in rolecall.hcl: no API tells the age of a token.",
		Fix:   "Create a second token in the IAM Identity Center console, give it to the identity provider, delete the first; or correct token_created.",
		rules: []rule{{at: aside, in: usersBySCIM(), needs: []part{token}, say: (*Facts).tokenAge}},
	}, {
		ID: "scim-elsewhere", About: all(),
		Means: "The identity provider pushes to another IAM Identity Center, or the SCIM endpoint in rolecall.hcl belongs to another one.",
		Looks: "The endpoint in the provisioning settings and in rolecall.hcl; whether the SCIM endpoint has the user or group that AWS has, with the same id.",
		Fix:   "Give the identity provider the SCIM endpoint and a token of this IAM Identity Center, and write the same endpoint into rolecall.hcl.",
		rules: []rule{{at: endpoint, in: usersBySCIM(), say: (*Facts).scimElsewhere}},
	}, {
		ID: "provisioning-off", About: all(), keeps: true, compares: true,
		Means: "Provisioning to AWS is off, paused, or has never run.",
		Looks: "The provisioning settings and job of the AWS application.",
		Fix:   "Start provisioning at the identity provider.",
		rules: []rule{
			{at: aside, in: usersBySCIM(), needs: []part{application, token}, say: (*Facts).provisioning},
			{at: started, in: usersBySCIM(), needs: []part{application, token}, lacks: jobOn, say: (*Facts).provisioningOff},
		},
	}, {
		ID: "quarantine", About: all(), keeps: true, compares: true,
		Means: "The provisioning job is in quarantine: it failed too often.",
		Looks: "The state of the provisioning job.",
		Fix:   "Fix what the message names, then restart provisioning at the identity provider.",
		rules: []rule{{at: running, in: usersBySCIM(), needs: []part{token}, lacks: jobOn, say: (*Facts).quarantine}},
	}, {
		ID: "scim-base-url", About: []Subject{SetUp},
		Means: "Okta's base URL ends with a slash, so its requests go to the wrong address.",
		Looks: "The address in the provisioning settings, and whether anything was pushed.",
		Fix:   "Remove the trailing slash from the base URL in Okta.",
		rules: []rule{{at: aside, in: usersBySCIM(), needs: []part{token, endpoint}, say: (*Facts).trailingSlash}},
	}, {
		ID: "provisioning-stalled", About: all(), keeps: true, compares: true,
		Means: "The provisioning job is on, and has not run for days.",
		Looks: "When the job ran last.",
		Fix:   "Look at the provisioning job, then restart provisioning at the identity provider.",
		rules: []rule{{at: running, in: usersBySCIM(), needs: []part{token}, say: (*Facts).stalled}},
	}, {
		ID: "groups-not-provisioned", About: all(), keeps: true, compares: true,
		Means: "Provisioning to AWS is on, and groups are left out of it.",
		Looks: "Whether groups are provisioned, in the mappings of the AWS application.",
		Fix:   "Enable the provisioning of groups.",
		rules: []rule{{at: groupsOn, in: bySCIM(), needs: []part{running, groupsCome}, say: (*Facts).groupsOff}},
	}, {
		ID: "creates-no-users", About: []Subject{Person}, keeps: true,
		Means: "Provisioning to AWS is on, and does not create users: the person is assigned and never comes.",
		Looks: "What provisioning does to users, in the settings or the mappings of the AWS application.",
		Fix:   "Enable the creation of users in provisioning, then provision the person.",
		rules: []rule{{at: creating, in: usersBySCIM(), needs: append(sync(), assigned, userName), lacks: userInAWS, say: (*Facts).createsNone}},
	}, {
		ID: "person-unfit", About: []Subject{Person}, keeps: true,
		Means: "The person has an attribute that AWS does not accept: an empty name, a character that is refused.",
		Looks: "The attributes of the person at the identity provider, if the person is not in AWS.",
		Fix:   "Correct the attribute at the identity provider, then provision the person again.",
		rules: []rule{{at: userPush, in: usersBySCIM(), needs: []part{userScope}, lacks: userInAWS, say: (*Facts).personUnfit}},
	}, {
		ID: "group-unfit", About: both(), keeps: true,
		Means: "The name of the group has a character that is refused, or that the identity provider cannot match.",
		Looks: "The name of the group at the identity provider, if the group is not in AWS.",
		Fix:   "Rename the group at the identity provider and in the config, then provision it again.",
		rules: []rule{{at: groupPush, in: bySCIM(), needs: []part{groupScope, groupsCome, groupAtIdP, memberAtIdP}, lacks: groupInAWS, path: (*Facts).groupUnfit}},
	}, {
		ID: "deleted-in-aws", About: []Subject{Person}, keeps: true,
		Means: "The identity provider brought the person to AWS, and AWS does not have the user any more: somebody deleted it there, or it is there under another name.",
		Looks: "What the identity provider keeps about the person in AWS, the provisioning log, and the user in AWS.",
		Fix:   "Have the identity provider recreate the user, as described in docs/idp; do not delete users in AWS by hand.",
		rules: []rule{{at: userPush, in: usersBySCIM(), needs: []part{userScope}, lacks: userInAWS, say: (*Facts).deletedInAWS}},
	}, {
		ID: "email-taken", About: []Subject{Person}, keeps: true,
		Means: "Another person has the e-mail address in AWS, where each address must be unique.",
		Looks: "The user in AWS who has the e-mail address, and who that is according to the identity provider.",
		Fix:   "Correct the e-mail address of one of the two at the identity provider.",
		rules: []rule{{at: userPush, in: usersBySCIM(), needs: []part{userScope}, lacks: userInAWS, say: (*Facts).emailTaken}},
	}, {
		ID: "mapping-clash", About: []Subject{SetUp, Person},
		Means: "Several attributes of the identity provider are mapped to one AWS attribute, which accepts a single value.",
		Looks: "The mappings of the AWS application, and whether provisioning fails.",
		Fix:   "Keep one of the mappings, then provision again.",
		rules: []rule{
			{at: userPush, in: usersBySCIM(), needs: []part{userScope}, lacks: userInAWS, say: (*Facts).clashOfPerson},
			{at: aside, in: usersBySCIM(), needs: []part{running}, say: (*Facts).clashes},
		},
	}, {
		ID: "escrow", About: []Subject{SetUp},
		Means: "Provisioning failed for some people or groups, and the identity provider retries, with increasing delays.",
		Looks: "How many items the last run of the provisioning job deferred.",
		Fix:   "Fix what the provisioning log names, then provision those on demand or restart provisioning.",
		rules: []rule{{at: aside, in: usersBySCIM(), needs: []part{running}, say: (*Facts).escrow}},
	}, {
		ID: "provisioning-failed", About: []Subject{Person}, keeps: true, retried: true,
		Means: "The identity provider tried to bring the person to AWS, and failed.",
		Looks: "The state of the person's provisioning, and the provisioning log.",
		Fix:   "Fix what the message of the identity provider names, then provision the person again.",
		rules: []rule{
			{at: userPush, in: usersBySCIM(), needs: []part{userScope}, lacks: userInAWS, say: (*Facts).provisioningFailed},
			{at: aside, in: usersBySCIM(), needs: append(sync(), assigned, userInAWS), say: (*Facts).changesFail},
		},
	}, {
		ID: "out-of-scope", About: []Subject{Person}, keeps: true,
		Means: "The person may use the AWS application but is outside the scope of provisioning.",
		Looks: "The assignment of the person, the scope of provisioning, and the provisioning log.",
		Fix:   "Bring the person into the scope of provisioning at the identity provider.",
		rules: []rule{{at: userScope, in: usersBySCIM(), needs: []part{creating}, lacks: userInAWS, say: (*Facts).outOfScope}},
	}, {
		ID: "group-not-provisionable", About: both(), keeps: true,
		Means: "The identity provider never provisions groups of this type.",
		Looks: "The type of the group at the identity provider.",
		Fix:   "Create a group of a type that is provisioned, and grant access to it.",
		rules: []rule{{at: groupScope, in: bySCIM(), needs: append(sync(), groupsOn, groupsCome, groupName, groupAtIdP), lacks: groupInAWS, path: (*Facts).notProvisionable}},
	}, {
		ID: "group-out-of-scope", About: all(), keeps: true, retried: true, compares: true,
		Means: "The group is at the identity provider and is not among those that it brings to AWS.",
		Looks: "The groups that are assigned to the application, or pushed.",
		Fix:   "Assign the group to the AWS application; in Okta, push it.",
		rules: []rule{{at: groupScope, in: bySCIM(), needs: append(sync(), groupsOn, assigned, groupsCome, groupName, groupAtIdP, memberAtIdP), path: (*Facts).groupOutOfScope}},
	}, {
		ID: "group-pushed-otherwise", About: both(), keeps: true,
		Means: "The identity provider pushes the group to AWS under another name.",
		Looks: "The group that the push mapping leads to, by its name.",
		Fix:   "Name the group in the config as AWS has it, or have it pushed under its own name.",
		rules: []rule{{at: groupPush, in: bySCIM(), needs: []part{groupScope, groupsCome, groupAtIdP, memberAtIdP}, lacks: groupInAWS, path: (*Facts).pushedOtherwise}},
	}, {
		ID: "group-push-failed", About: all(), keeps: true, retried: true, compares: true,
		Means: "The identity provider tried to bring the group to AWS, and failed.",
		Looks: "The state of the push of the group.",
		Fix:   "Fix what the message of the identity provider names, then push the group again.",
		rules: []rule{{at: groupPush, in: bySCIM(), needs: []part{groupScope, groupsCome, groupAtIdP, memberAtIdP}, path: (*Facts).groupPushFailed}},
	}, {
		ID: "user-not-synced", About: []Subject{Person}, keeps: true,
		Means: "The person is being brought to AWS and has not arrived yet.",
		Looks: "The identity provider, the times of its provisioning, and the user in AWS.",
		Fix:   "Wait until the time shown; after that, look at the provisioning log.",
		rules: []rule{{at: userSync, in: usersBySCIM(), needs: []part{userPush}, lacks: userInAWS, say: (*Facts).userNotSynced}, {at: userArrives, in: usersBySCIM(), needs: []part{userPush}, lacks: userInAWS, say: passes}},
	}, {
		ID: "group-not-synced", About: all(), keeps: true, compares: true,
		Means: "The group, or a membership of it, is being brought to AWS and has not arrived yet.",
		Looks: "The members at the identity provider and in AWS, and the times of provisioning.",
		Fix:   "Wait until the time shown; after that, look at the provisioning log.",
		rules: []rule{
			{at: groupSync, in: bySCIM(), needs: append(sync(), groupsOn, groupPush, groupsCome, groupName, groupAtIdP, memberAtIdP), path: (*Facts).groupNotSynced},
			{at: memberArrives, in: bySCIM(), needs: append(sync(), groupsOn, groupPush, groupsCome, groupName, groupAtIdP, memberAtIdP), lacks: memberInAWS, path: passesOn},
		},
	}}
}

func (f *Facts) tokenAge() []Verdict {
	a := f.TokenAge.Value
	switch {
	case !f.TokenAge.Known:
		return unsure(f.TokenAge.Needs)
	case a.Future():
		return soon(config, rightDate, f.TokenAge.Evidence, "token_created in rolecall.hcl is in the future: %s", a.Created.Format(time.DateOnly))
	case a.Over(): // and the token works, or the check of the token would have said so
		return soon(config, rightDate, slices.Concat(f.TokenAge.Evidence, f.SCIM.Evidence),
			"the SCIM token works, and token_created in rolecall.hcl says that it expired on %s: the date is wrong, or that of another token", a.Expires.Format(time.DateOnly))
	case !a.Due():
		return fine(f.TokenAge.Evidence...)
	}
	return soon(identityCenter, scim.NewTokenFix, f.TokenAge.Evidence, "the SCIM token expires %s, on %s; nothing is synchronized after that", daysLeft(a), a.Expires.Format(time.DateOnly))
}

// rightDate says what to do about a token_created that cannot be right. A token that
// works may also be a newer one than the identity provider has.
const rightDate = "Write the day on which the token in use was created into the scim block of rolecall.hcl: token_created = \"YYYY-MM-DD\". " +
	"If the date is that of another token, check which one the identity provider has: that one may have expired. If nobody knows, create a new token in the IAM Identity Center console (Settings, Automatic provisioning), give it to the identity provider, and write today's date."

func daysLeft(a scim.Age) string {
	switch {
	case a.DaysLeft <= 0:
		return "today"
	case a.DaysLeft == 1:
		return "in 1 day"
	default:
		return fmt.Sprintf("in %d days", a.DaysLeft)
	}
}

func (f *Facts) scimElsewhere() []Verdict {
	idp, seen := f.Provisioning.Value.Endpoint, slices.Concat(f.Provisioning.Evidence, f.AtSCIM.Evidence)
	const console = "the IAM Identity Center console shows it under Settings, Identity source, Automatic provisioning."
	switch {
	case f.pushedElsewhere():
		return wrong(f.IdP, fmt.Sprintf("In %s, give the AWS application the SCIM endpoint of this IAM Identity Center, and a token of it: ", f.IdP)+console, seen,
			"%s pushes to %s, which is not the SCIM endpoint of this IAM Identity Center", f.IdP, idp)
	case f.AtSCIM.Known && !f.AtSCIM.Value:
		return soon(config, "Correct the endpoint in the scim block of rolecall.hcl, and its token: "+console, seen,
			"rolecall.hcl names the SCIM endpoint of another IAM Identity Center: it does not have %q", f.Name)
	case f.otherEndpoint():
		return soon(f.IdP, "Check which of the two is right: "+console, seen, "%s pushes to %s, and rolecall.hcl names %s", f.IdP, idp, f.Endpoint)
	case f.AtSCIM.Known:
		return fine(f.AtSCIM.Evidence...)
	}
	return nil
}

// otherEndpoint says that the identity provider pushes to another endpoint than
// rolecall.hcl names.
func (f *Facts) otherEndpoint() bool {
	idp := f.Provisioning.Value.Endpoint
	return idp != "" && f.Endpoint != "" && plainAddress(idp) != plainAddress(f.Endpoint)
}

// pushedElsewhere says that the identity provider is known to push to another
// IAM Identity Center: not to the endpoint that has what this one has, or to one
// that has not.
func (f *Facts) pushedElsewhere() bool {
	same := f.Provisioning.Value.Endpoint != "" && f.Endpoint != "" && !f.otherEndpoint()
	if kept := f.Assignment.Value.ExternalID; kept != "" && f.inAWS() && sameID(kept, f.User.Value.ID) {
		return false // what it keeps is the id that this one gave, whatever way it pushes
	}
	return f.AtSCIM.Known && (f.AtSCIM.Value && f.otherEndpoint() || !f.AtSCIM.Value && same)
}

// plainAddress is an address without what makes no difference.
func plainAddress(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return address
	}
	return strings.ToLower(u.Host) + strings.TrimRight(u.Path, "/")
}

func (f *Facts) provisioning() []Verdict {
	if p := f.Provisioning; p.Known && p.Value.State == directory.JobUnclear {
		return []Verdict{{State: CannotTell, Evidence: p.Evidence, Needs: fmt.Sprintf("what %s says about its connection to AWS (%s) is inconclusive: look at the provisioning of the AWS application there", f.IdP, cmp.Or(p.Value.Said, "nothing"))}}
	}
	if f.jobElsewhere() {
		return []Verdict{{State: CannotTell, Evidence: f.Provisioning.Evidence, Needs: fmt.Sprintf("the AWS application in %s has no provisioning job, but something brought people or groups to AWS: name the application that provisions in the connector block of rolecall.hcl (application)", f.IdP)}}
	}
	out := shown(f.Provisioning, f.Provisioning.Value.State == directory.JobOn || f.Provisioning.Value.State == directory.JobQuarantine)
	for _, needs := range f.Provisioning.Value.Unread {
		out = append(out, unsure(needs)...)
	}
	for _, text := range f.Provisioning.Value.Beside {
		if len(out) > 0 {
			out[0].Evidence = append(out[0].Evidence[:len(out[0].Evidence):len(out[0].Evidence)], diag.Evidence{System: f.IdP, What: "what else there is", Saw: text})
		}
	}
	return out
}

// jobElsewhere says that the application has no job, and that AWS has what only SCIM
// brings: another application does it.
func (f *Facts) jobElsewhere() bool {
	if !f.Provisioning.Known || !f.Provisioning.Value.NoJob {
		return false
	}
	return f.Filled || f.inAWS() && f.User.Value.SCIM || slices.ContainsFunc(f.Paths, func(p Path) bool { return p.AWSGroup.Value != nil && p.AWSGroup.Value.SCIM })
}

func (f *Facts) provisioningOff() []Verdict {
	p := f.Provisioning
	if p.Value.State == directory.JobQuarantine {
		return nil
	}
	if q := p.Value.Quarantine; q != nil && p.Value.State == directory.JobOff {
		return wrong(f.IdP, "Fix what the message names, then start provisioning of the AWS application in "+f.IdP+" again.", p.Evidence,
			"provisioning to AWS was in quarantine and has been switched off in %s: %s", f.IdP, cmp.Or(q.Message, q.Reason, "no reason is given"))
	}
	return wrong(f.IdP, "Start provisioning of the AWS application in "+f.IdP+".", p.Evidence, "provisioning to AWS is %s in %s", p.Value.State, f.IdP)
}

func (f *Facts) quarantine() []Verdict {
	p := f.Provisioning
	if p.Value.State != directory.JobQuarantine {
		return nil
	}
	message := p.Value.Failure
	if q := p.Value.Quarantine; q != nil {
		message = cmp.Or(q.Message, q.Reason, message)
	}
	fix := "Fix what the message names, then restart provisioning in " + f.IdP + "."
	if q := p.Value.Quarantine; q != nil && q.Token {
		fix = fmt.Sprintf("AWS refused the SCIM token that %s has. If it got a new one since, restart provisioning there. If not: ", f.IdP) + scim.NewTokenFix + " Then restart provisioning."
	}
	return wrong(f.IdP, fix, p.Evidence,
		"provisioning to AWS is in quarantine in %s: %s", f.IdP, cmp.Or(message, "no reason is given"))
}

func (f *Facts) createsNone() []Verdict {
	if !f.Provisioning.Known || f.Provisioning.Value.Creates || !f.Person.Known {
		return nil
	}
	return wrong(f.IdP, "In "+f.IdP+", enable the creation of users in the provisioning of the AWS application, then provision the person.", f.Provisioning.Evidence,
		"provisioning to AWS does not create users in %s, and %q is not in AWS yet", f.IdP, f.Name)
}

func (f *Facts) provisioningFailed() []Verdict {
	message, seen, failed := f.pushFailure()
	switch {
	case failed:
	case !f.Events.Known:
		return unsure(f.Events.Needs)
	case f.Events.Value.Partial && len(f.Events.Value.Events) == 0:
		return []Verdict{{State: CannotTell, Evidence: f.Events.Evidence, Needs: fmt.Sprintf("the provisioning log of %s has more lines than rolecall reads, and those that it read do not name the person: look there", f.IdP)}}
	default:
		return nil
	}
	mend := "Fix what the message names"
	if e := f.lastPush(); e == nil || e.Outcome != directory.Failed { // the state alone says so
		mend = "Look at " + f.Window.Where + " for the message, fix what it names"
	}
	return wrong(f.IdP, fmt.Sprintf("%s, then, in %s, %s.", mend, f.IdP, f.Window.Again)+f.escrowed()+f.slash(), seen,
		"%s could not bring %q to AWS: %s", f.IdP, f.Name, message)
}

// changesFail is of somebody whom AWS has: what they have stays, and what changes
// does not come, to be switched off neither.
func (f *Facts) changesFail() []Verdict {
	if a := f.Assignment; a.Value.Sync == directory.SyncOff {
		return soon(f.IdP, fmt.Sprintf("In %s, switch the person on again for the AWS application, if they should use it.", f.IdP), a.Evidence, "%q is in AWS, and switched off for the AWS application in %s: %s", f.Name, f.IdP, a.Value.Said)
	}
	message, seen, failed := f.pushFailure()
	if !failed {
		return nil
	}
	return soon(f.IdP, fmt.Sprintf("Look at %s, fix what it names, and provision the person again.%s Until then AWS does not learn of it when %q changes or leaves.", f.Window.Where, f.escrowed(), f.Name), seen,
		"%s could not bring the last change of %q to AWS: %s", f.IdP, f.Name, message)
}

// lastPush is the newest line of the log about the person that decides something.
func (f *Facts) lastPush() *directory.Event {
	if f.Person.Value == nil {
		return nil
	}
	return decided(f.Events.Value.Events, f.Person.Value.ID)
}

// pushFailure returns the identity provider's own message about the person.
func (f *Facts) pushFailure() (message string, seen []diag.Evidence, failed bool) {
	over := func(e *directory.Event) bool {
		return f.Assignment.Value.Sync == directory.Synchronized && f.Assignment.Value.LastSync.After(e.Time)
	}
	if e := f.lastPush(); e != nil && e.Outcome == directory.Failed && !over(e) {
		return cmp.Or(e.Reason, f.Assignment.Value.Said), f.Events.Evidence, true
	}
	if f.Assignment.Value.Sync == directory.SyncFailed {
		return cmp.Or(f.Assignment.Value.Said, "it gives no reason"), f.Assignment.Evidence, true
	}
	return "", nil, false
}

// neverCame says that the identity provider itself tells that the person did not get
// to AWS, whatever the name there would be.
func (f *Facts) neverCame() bool {
	_, _, failed := f.pushFailure()
	last, a := f.lastPush(), f.Assignment
	return failed || last != nil && last.Outcome == directory.Skipped || a.Known && a.Value.How == directory.NotAssigned
}

func (f *Facts) outOfScope() []Verdict {
	a := f.Assignment
	last := f.lastPush()
	skipped := last != nil && last.Outcome == directory.Skipped
	if !a.Known || a.Value.How != directory.Everybody && a.Value.Sync != directory.SyncOff && !skipped {
		return nil
	}
	fix := "look at the scope and the filters of the provisioning of the AWS application" + near(": ", f.Provisioning.Value.Filters) + "; then provision the person again."
	if a.Value.How == directory.Everybody {
		fix = "assign the person, or a group of theirs, to the AWS application: it lets everybody sign in, but provisions only those who are assigned."
	}
	return wrong(f.IdP, "In "+f.IdP+", "+fix,
		slices.Concat(a.Evidence, f.Events.Evidence), "%q may use the AWS application in %s but is outside the scope of its provisioning", f.Name, f.IdP)
}

func (f *Facts) groupOutOfScope(p *Path) []Verdict {
	what, _ := f.awaited(p)
	if !p.InScope.Known || p.InScope.Value || what == "" {
		return nil
	}
	return wrong(f.IdP, fmt.Sprintf("In %s, bring the group %q to AWS: %s.", f.IdP, p.Group, f.bringing()), p.InScope.Evidence,
		"the group %q is in %s and is not among those that it brings to AWS", p.Group, f.IdP)
}

// lacksMembers says that something of the group at the identity provider is awaited.
func (f *Facts) lacksMembers(p *Path) bool {
	what, _ := f.awaited(p)
	return what != ""
}

// bringing is how a group comes to AWS.
func (f *Facts) bringing() string {
	const push, assign = "push it (Push Groups of the AWS application), linked to the group of AWS where there is one; assigning it brings people only", "assign it to the AWS application"
	switch {
	case f.Pushes:
		return push
	case f.Assigns:
		return assign + ` (or, where the scope of provisioning is "Sync all users and groups", wait for its next cycle)`
	}
	return assign + "; in Okta, " + push
}

func (f *Facts) groupPushFailed(p *Path) []Verdict {
	if p.Push == "" || p.Logged && p.AWSGroup.Value != nil && !f.lacksMembers(p) && len(p.Drift.Value.OnlyAWS) == 0 {
		return nil // the log of what has come since
	}
	seen := slices.Concat(p.InScope.Evidence, p.PushSeen)
	switch {
	case p.Unlinked:
		return wrong(f.IdP, fmt.Sprintf("In %s, unlink %q from the group in AWS that no longer exists, leaving groups in AWS as they are, and push it again.", f.IdP, p.Group), seen,
			"%s pushes %q to a group in AWS that no longer exists: %s", f.IdP, p.Group, p.Push)
	case p.AWSGroup.Value != nil && len(p.Drift.Value.OnlyIdP) > mostChanges:
		return wrong(f.IdP, fmt.Sprintf("AWS accepts at most %d changes to a group's members at once: in %s, add people to %q in smaller steps, and push the group after each.", mostChanges, f.IdP, p.Group), slices.Concat(seen, p.Drift.Evidence),
			"%s could not bring %d members of %q to AWS: %s", f.IdP, len(p.Drift.Value.OnlyIdP), p.Group, p.Push)
	case p.AWSGroup.Value != nil:
		return wrong(f.IdP, fmt.Sprintf("Fix what the message names. If it says that the link is broken, link %q in %s to the group that AWS has; then push the group again. Its members in AWS stay as they are until then.", p.Group, f.IdP), seen,
			"%s could not bring the changes of the group %q to AWS: %s", f.IdP, p.Group, p.Push)
	}
	return wrong(f.IdP, "Fix what the message names, then push the group again in "+f.IdP+"."+f.slash(), seen, "%s could not bring the group %q to AWS: %s", f.IdP, p.Group, p.Push)
}

func (f *Facts) userNotSynced() []Verdict {
	if !f.Assignment.Known {
		return nil
	}
	then := ""
	if !f.bySCIM() && len(f.Members) > 0 {
		then = fmt.Sprintf(" Then run rolecall apply, which adds them to %s.", diag.First(mostNamed, f.Members, ", "))
	}
	changed := latest(f.Person.Value.Updated, f.Assignment.Value.Changed, f.Assignment.Value.LastSync)
	return f.waiting(changed, slices.Concat(f.User.Evidence, f.Provisioning.Evidence), fmt.Sprintf("%q", f.Name), then+f.filtered()+f.notByWaiting())
}

func (f *Facts) groupNotSynced(p *Path) []Verdict {
	what, seen := f.awaited(p)
	if what == "" || p.AWSGroup.Value == nil && f.Subject == SetUp { // the names say so
		return nil
	}
	then := ""
	if p.AWSGroup.Value == nil && p.Set != "" {
		then = " Then run rolecall apply, which grants it the access."
	}
	return f.waiting(p.IdPGroup.Value.MembershipUpdated, seen, what, then+f.unnoticed(p))
}

// awaited says what of a group at the identity provider is not in AWS: the group,
// or members of it; "" where nothing is known to be missing.
func (f *Facts) awaited(p *Path) (what string, seen []diag.Evidence) {
	switch {
	case !p.AWSGroup.Known:
	case p.AWSGroup.Value == nil:
		return fmt.Sprintf("the group %q", p.Group), p.AWSGroup.Evidence
	case f.Subject != Person && p.Drift.Known && len(p.Drift.Value.OnlyIdP) > 0:
		return fmt.Sprintf("membership of %s in %q", diag.First(mostNamed, p.Drift.Value.OnlyIdP, ", "), p.Group), p.Drift.Evidence
	case f.Subject == Person && f.inAWS() && p.InAWS.Known && !p.InAWS.Value:
		return fmt.Sprintf("the membership of %q in %q", f.Name, p.Group), p.InAWS.Evidence
	}
	return "", nil
}

// waiting says until when it makes sense to wait for a change of that time, and what to
// do then.
func (f *Facts) waiting(changed time.Time, seen []diag.Evidence, what, then string) []Verdict {
	at, overdue := f.until(changed)
	if overdue {
		return wrong(f.IdP, "Waiting no longer helps. Look at "+f.Window.Where+", and provision again by hand."+then, seen,
			"%s should have come to AWS by %s and has not", what, clock(at))
	}
	return waits(at, wrong(f.IdP, fmt.Sprintf("Wait until %s. %s", clock(at), f.Window.Why)+then, seen, "%s is in %s and not in AWS yet", what, f.IdP))
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }
