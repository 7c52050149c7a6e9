package doctor

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// ofUser has the checks of the user in AWS.
func ofUser() []Check {
	return []Check{{
		ID: "name-is-alias", About: []Subject{Person}, keeps: true,
		Means: "The config names an alias or another address of the person, and AWS gets another name.",
		Looks: "The name of the config at the identity provider, and the user name that it has for the person.",
		Fix:   "Write the user name in the config.",
		rules: []rule{{at: userName, in: usersBySCIM(), needs: []part{question, personAtIdP}, say: (*Facts).nameIsAlias}},
	}, {
		ID: "user-renamed", About: []Subject{Person}, keeps: true, retried: true,
		Means: "The person was renamed at the identity provider, and AWS has the user under the former name.",
		Looks: "The user in AWS who has the person's e-mail address, and whom the identity provider knows by that name.",
		Fix:   "Wait until the time shown; then provision the person again, which renames the user in AWS.",
		rules: []rule{{at: userName, in: usersBySCIM(), needs: []part{question, personAtIdP}, say: (*Facts).userRenamed}},
	}, {
		ID: "linked-elsewhere", About: []Subject{Person},
		Means: "The user in AWS is linked to something other than the person: the identity provider keeps another id, or the user carries the id of another account.",
		Looks: "The ids that each side keeps of the other.",
		Fix:   "Have the identity provider link the person to the user that AWS has.",
		rules: []rule{{at: aside, in: usersBySCIM(), needs: []part{personActive, userEnabled}, say: (*Facts).linkedElsewhere}},
	}, {
		ID: "user-other-name", About: []Subject{Person},
		Means: "The person is in AWS under another user name, so no user has the name that the identity provider uses.",
		Looks: "The user name at the identity provider, in the config, and in AWS by user name and by e-mail address; with --scan the names of all users of AWS.",
		Fix:   "Make the two names identical, letter for letter; if only the question used the other name, ask about the exact one.",
		rules: []rule{
			{at: question, say: (*Facts).askedOtherwise},
			{at: userName, say: (*Facts).namesUnscanned},
			{at: aside, in: usersBySCIM(), needs: []part{personActive, userEnabled}, say: (*Facts).otherCase},
			{at: userName, needs: []part{question, personAtIdP}, say: (*Facts).userOtherName},
		},
	}, {
		ID: "user-missing", About: []Subject{Person}, keeps: true, retried: true,
		Means: "The user is not in AWS, and the identity provider was not found to be the reason.",
		Looks: "The user in AWS, by user name and by e-mail address; with --scan every user.",
		Fix:   "Define the user in the config and apply; where SCIM brings users, look in the identity provider.",
		rules: []rule{{at: aside, say: (*Facts).userThere}, {at: userInAWS, needs: []part{personActive, userName, userSync}, lacks: userInAWS, say: (*Facts).userMissing}},
	}, {
		ID: "user-disabled", About: []Subject{Person},
		Means: "The user is disabled in AWS.",
		Looks: "The status of the user in AWS.",
		Fix:   "Enable the user: at the identity provider if SCIM brings users, otherwise in the IAM Identity Center console.",
		rules: []rule{
			{at: aside, needs: []part{personActive, userEnabled}, say: func(*Facts) []Verdict { return fine() }},
			{at: userEnabled, needs: []part{assigned, userInAWS}, lacks: userEnabled, say: (*Facts).userDisabled},
		},
	}}
}

func (f *Facts) namesUnscanned() []Verdict {
	if f.Alike != nil || f.Scanned || !f.User.Known || f.User.Value != nil {
		return nil
	}
	return unsure(fmt.Sprintf("users were looked up as %q and by e-mail address only; names that only look the same were not searched for: --scan reads the names of all users in AWS, one call per hundred", f.userName()))
}

// otherCase is a warning: AWS does not document whether a sign-in minds it (decision 4).
func (f *Facts) otherCase() []Verdict {
	if f.InCase == "" {
		return nil
	}
	return soon(f.IdP, fmt.Sprintf("If sign-in works, no action is needed, but the config must say %q. If it does not, make the case the same in %s, and provision the person again.", f.InCase, f.IdP), slices.Concat(f.Person.Evidence, f.User.Evidence),
		"AWS has %q, and %s sends %q: they differ in upper and lower case", f.InCase, f.IdP, f.userName())
}

func (f *Facts) userOtherName() []Verdict {
	if f.Alike == nil || f.Holder != nil || f.Former && f.usersBySCIM() {
		return nil // others say whose the user is
	}
	if p := f.Person; f.Named && (!p.Known || p.Value == nil) {
		return wrong(config, f.writeName(), f.User.Evidence, "the config names the user %q, and AWS has %q, which %s", f.userName(), f.Alike.Name, f.Alike.words())
	}
	system, fix := f.IdP, fmt.Sprintf("Check in %s which user name the AWS application sends%s. If it should send %q, correct its mapping; if %q is right, provision the person again, which renames the user in AWS where the two are linked. Sign-in looks for the same name.", f.IdP, f.mapped(), f.Alike.Name, f.userName())
	if !f.usersBySCIM() {
		system, fix = config, fmt.Sprintf("Set the username of the user to %q in the config, with previously = %q, and apply.", f.userName(), f.Alike.Name)
	}
	return wrong(system, fix, f.User.Evidence, "AWS knows %q as %q, which %s; sign-in looks for the exact name", f.userName(), f.Alike.Name, f.Alike.words())
}

// mapped is what the user name is made of, where the identity provider tells.
func (f *Facts) mapped() string {
	if from := f.Provisioning.Value.UserNameFrom; from != "" {
		return fmt.Sprintf(" (it is mapped from %s)", from)
	}
	return ""
}

func (f *Facts) nameIsAlias() []Verdict {
	p := f.Person.Value
	if !f.OfConfig || f.Former || p == nil || f.userName() == f.Name || slices.Contains(p.Otherwise, f.Name) || f.Export != "" {
		return nil
	}
	return wrong(config, fmt.Sprintf("Write %q in the config.", f.userName()), slices.Concat(f.Person.Evidence, f.Assignment.Evidence),
		"the config names %q, which is another address of the person: %s calls them %q, and AWS gets that name", f.Name, f.IdP, f.userName())
}

func (f *Facts) userRenamed() []Verdict {
	if f.Alike == nil || !f.Former || f.Person.Value == nil {
		return nil
	}
	seen := slices.Concat(f.Person.Evidence, f.User.Evidence)
	then := fmt.Sprintf("in %s, %s. The rename takes nothing from the user in AWS, who keeps groups and access.", f.IdP, f.Window.Again)
	if at, overdue := f.until(f.Person.Value.Updated); !overdue {
		return waits(at, wrong(f.IdP, fmt.Sprintf("Wait until %s. If this is still the case then, ", clock(at))+then, seen, "AWS has the user under the former name %q; %s calls the person %q", f.Alike.Name, f.IdP, f.userName()))
	}
	return wrong(f.IdP, diag.Upper(then)+" If it fails, look at "+f.Window.Where+".", seen, "AWS has the user under the former name %q; %s calls the person %q", f.Alike.Name, f.IdP, f.userName())
}

// linkedElsewhere is a warning: what the user has stays, and only changes are lost.
func (f *Facts) linkedElsewhere() []Verdict {
	kept := f.Assignment.Value.ExternalID
	if f.Bearer != nil && f.inAWS() {
		return soon(f.IdP, fmt.Sprintf("Find out whether %q and %q are the same person. If they are, provision %q again, so that the user in AWS is linked to that account. If not, %q signs in as the other's user, and has what that one was granted: the two need different names.", f.Name, f.Bearer.UserName, f.Name, f.Name), slices.Concat(f.Person.Evidence, f.Assignment.Evidence, f.User.Evidence),
			"the user %q in AWS carries the id that %s has for %q, but another account signs in under the name", f.Name, f.IdP, f.Bearer.UserName)
	}
	if !storeID.MatchString(kept) || !f.inAWS() || sameID(kept, f.User.Value.ID) {
		return nil
	}
	return soon(f.IdP, fmt.Sprintf("Look at %s. Provision %q again, so that %s finds the user that AWS has; the current access stays.", f.Window.Where, f.Name, f.IdP), slices.Concat(f.Assignment.Evidence, f.User.Evidence),
		"%s keeps the id %s for %q, and the user in AWS has the id %s: the user may have been deleted in AWS and recreated, and what changes in %s may not reach it", f.IdP, kept, f.Name, f.User.Value.ID, f.IdP)
}

// sameID compares ids of the identity store, which may have the store's own prefix.
func sameID(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return strings.HasSuffix(a, b) || strings.HasSuffix(b, a)
}

// storeID is an id of the identity store (its API reference, ResourceId).
var storeID = regexp.MustCompile(`^([0-9a-fA-F]{10}-)?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// words say how the name differs from the expected one.
func (a *Alike) words() string {
	switch a.Rung {
	case presence.SameEmail:
		return "has the same e-mail address"
	case formerName:
		return "is another address of the person"
	case sameExternalID:
		return "carries the identity provider's id of the person"
	}
	return fmt.Sprintf("differs in %s%s", a.Rung.Words(), names.InWords(a.Differ))
}

// writeName says that the config is corrected, where it has the name that nobody else
// is known to use.
func (f *Facts) writeName() string {
	if f.usersBySCIM() {
		return fmt.Sprintf("Write %q in the config, or rename the user in %s.", f.Alike.Name, f.IdP)
	}
	return fmt.Sprintf("Write %q in the config, the name that the user signs in with. To rename the user in AWS instead, keep the name and add previously = %q.", f.Alike.Name, f.Alike.Name)
}

// askedOtherwise tells of a name that only the question has, where the config or AWS
// has the one that was meant.
func (f *Facts) askedOtherwise() []Verdict {
	if f.Alike == nil || !f.Alike.Asked {
		return nil
	}
	who := "AWS has"
	if f.Alike.System == config {
		who = "the config names"
	}
	return wrong(rolecall, f.askExactly(f.Alike.Name), f.User.Evidence, "%s the user %q, which %s; the name that was asked about is %q", who, f.Alike.Name, f.Alike.words(), f.Name)
}

// askExactly says to ask by the exact name; where nobody can see what the identity
// provider sends, that may have the other one, too.
func (f *Facts) askExactly(name string) string {
	fix := fmt.Sprintf("Ask about the user by the exact name, and sign in with it: rolecall doctor user %q.", name)
	if f.hasIdP() && !f.Person.Known {
		fix += fmt.Sprintf(" If %s has %q, correct it there: both must be identical, letter for letter.", f.IdP, f.Name)
	}
	return fix
}

// nearNames are those that may have been meant, of the config and of AWS.
func (f *Facts) nearNames() []string { return first(slices.Concat(f.InConfig, f.Near)) }

func (f *Facts) userThere() []Verdict { return shown(f.User, f.User.Value != nil) }

func (f *Facts) userMissing() []Verdict {
	v := f.whyMissing()
	near := f.nearNames()
	if len(near) == 0 {
		return v
	}
	v[0].Cause, v[0].Fix = fmt.Sprintf("%q is not in AWS; users with similar names: %s", f.Name, diag.Quoted(near)), f.orNear(v[0].Fix)
	return v
}

// orNear puts before a remedy that a name which is near may be meant. About a name that
// only the question has, nothing else is to be done.
func (f *Facts) orNear(otherwise string) string {
	if !f.named() {
		return f.askExactly(f.nearNames()[0])
	}
	where := "the config"
	if f.usersBySCIM() && f.Person.Value != nil {
		where = f.IdP
	}
	return fmt.Sprintf("If one of these is meant, correct the user name in %s: both must be identical, letter for letter. If not: %s", where, otherwise)
}

// whyMissing says who has to make a user that nobody was seen to keep from coming.
func (f *Facts) whyMissing() []Verdict {
	switch {
	case f.usersBySCIM() && f.Person.Known:
		return f.notSeenToCome()
	case f.Defined:
		return wrong(rolecall, "Run rolecall plan, then rolecall apply.", f.User.Evidence, "the config defines %q, and AWS does not have the user", f.Name)
	case f.usersBySCIM():
		return wrong(f.IdP, fmt.Sprintf("Check in %s whether %q exists, is active and is assigned to the AWS application; with a connector in rolecall.hcl, rolecall can check.", f.IdP, f.Name),
			f.User.Evidence, "%q is not in AWS", f.Name)
	}
	return wrong(config, fmt.Sprintf("Define %q under users in the config, and run rolecall apply.", f.Name), f.User.Evidence, "%q is not in AWS", f.Name)
}

// notSeenToCome is of a person who is active where nobody shows who is assigned. One
// who was made a short time ago is worth waiting for.
func (f *Facts) notSeenToCome() []Verdict {
	seen := slices.Concat(f.Person.Evidence, f.User.Evidence)
	look := fmt.Sprintf("in %s, %s, and look at the log of its provisioning.", f.IdP, f.Window.Assign)
	if p := f.Person.Value; p != nil && !p.Created.IsZero() {
		made := p.Created
		if at, overdue := f.until(made); !overdue {
			return waits(at, wrong(f.IdP, fmt.Sprintf("Wait until %s, if the person is assigned to the AWS application. %s If this is still the case then: %s", clock(at), f.Window.Why, look)+f.notByWaiting(), seen,
				"%q was created in %s at %s and is not in AWS yet; whether it is assigned to the AWS application cannot be seen from here", f.Name, f.IdP, clock(made)))
		}
	}
	return wrong(f.IdP, diag.Upper(look)+f.notByWaiting(), seen, "%q is active in %s and not in AWS; whether it is assigned to the AWS application cannot be seen from here", f.Name, f.IdP)
}

func (f *Facts) userDisabled() []Verdict {
	system, fix := identityCenter, "Enable the user in the IAM Identity Center console (Users)."
	if f.usersBySCIM() {
		system, fix = f.IdP, fmt.Sprintf("Unless somebody did it on purpose: in %s, %s; if that does not help, enable the user in the IAM Identity Center console.", f.IdP, f.Window.Again)
	}
	if a := f.Assignment; f.usersBySCIM() && a.Value.Sync == directory.SyncOff {
		return wrong(f.IdP, fmt.Sprintf("If the person should have access, switch them on for the AWS application in %s (now: %s).", f.IdP, a.Value.Said), slices.Concat(f.User.Evidence, a.Evidence), "%q is disabled in AWS, as %s has them switched off for the AWS application", f.Name, f.IdP)
	}
	return wrong(system, fix, f.User.Evidence, "%q is disabled in AWS", f.Name)
}
