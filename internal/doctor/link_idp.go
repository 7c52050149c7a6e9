package doctor

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// ofIdP has the checks of people and groups at the identity provider.
func ofIdP() []Check {
	return []Check{{
		ID: personMissing, About: []Subject{Person}, keeps: true,
		Means: "The identity provider does not have the person.",
		Looks: "The identity provider, by user name, e-mail address and alias.",
		Fix:   "Create the person in the identity provider, under this user name, and assign them to the AWS application.",
		rules: []rule{{at: personAtIdP, in: withIdP(), needs: []part{question}, say: (*Facts).personMissing}},
	}, {
		ID: "person-inactive", About: []Subject{Person}, keeps: true,
		Means: "The person is not active at the identity provider.",
		Looks: "The status of the person at the identity provider.",
		Fix:   "Activate the person at the identity provider.",
		rules: []rule{{at: personActive, in: withIdP(), needs: []part{personAtIdP}, say: (*Facts).personInactive}},
	}, {
		ID: "group-not-at-idp", About: all(), compares: true,
		Means: "The group is in AWS, and the identity provider, which owns groups, does not have it: it was created in AWS, or deleted or renamed at the identity provider.",
		Looks: "The group at the identity provider and in AWS, by its exact name.",
		Fix:   "Create the group at the identity provider and bring it to AWS, or name the right group in the config.",
		rules: []rule{{at: aside, in: bySCIM(), needs: []part{groupsCome, groupName, groupInAWS}, lacks: groupAtIdP, path: (*Facts).groupNotAtIdP}},
	}, {
		ID: "one-system", About: []Subject{SetUp}, compares: true,
		Means: "A user of the config is not at the identity provider, which signs people in, or is inactive there, or has another name there.",
		Looks: "Each user of the config at the identity provider, by user name, e-mail address and alias; the users in AWS.",
		Fix:   "Create the person at the identity provider, make the two names equal, or remove the user from the config.",
		rules: []rule{{at: aside, in: []access.SetUp{access.SCIMUsersOnly, access.WithoutSCIM}, say: (*Facts).oneSystem}},
	}}
}

func (f *Facts) personMissing() []Verdict {
	switch {
	case !f.Person.Known:
		return unsure(f.Person.Needs)
	case f.Person.Value != nil:
		return fine(f.Person.Evidence...)
	case f.AliasOf != "" && f.inAWS():
		return wrong(f.IdP, fmt.Sprintf("If the person has left, %s. If %q is that person after all, provision again: the user in AWS keeps its id.", f.leave(), f.AliasOf), slices.Concat(f.Person.Evidence, f.User.Evidence),
			"%q is in AWS, and in %s only as another address of %q, who by name and id is somebody else", f.Name, f.IdP, f.AliasOf)
	case f.Foreign && f.inAWS():
		return wrong(f.IdP, fmt.Sprintf("If the person has left, %s; otherwise correct the name: an address of another organization cannot be brought to AWS.", f.leave()), slices.Concat(f.Person.Evidence, f.User.Evidence),
			"%q is in AWS, and is an address of another organization than %s, so nobody can sign in under that name", f.Name, f.IdP)
	case f.Foreign:
		return wrong(config, "Correct the name: people of other organizations are not brought to AWS.", f.Person.Evidence, "%q is an address of another organization than %s", f.Name, f.IdP)
	case f.inAWS():
		return wrong(f.IdP, fmt.Sprintf("Create %q in %s; or, if the person has left, %s.", f.Name, f.IdP, f.leave()), f.Person.Evidence,
			"%q is in AWS and not in %s, so nobody can sign in under that name", f.Name, f.IdP)
	case f.Alike != nil:
		return wrong(config, f.writeName(), slices.Concat(f.Person.Evidence, f.User.Evidence), "%s has nobody called %q, the name in the config; AWS has %q, which %s", f.IdP, f.Name, f.Alike.Name, f.Alike.words())
	}
	create := fmt.Sprintf("Create %q in %s and assign the person to its AWS application; or correct the name.", f.Name, f.IdP)
	if near := f.nearNames(); len(near) > 0 {
		return wrong(f.IdP, f.orNear(create), f.Person.Evidence, "%s has nobody called %q; users with similar names: %s", f.IdP, f.Name, diag.Quoted(near))
	}
	return wrong(f.IdP, create, f.Person.Evidence, "%s has nobody called %q", f.IdP, f.Name)
}

// leave says how somebody who has left leaves AWS in this set-up.
func (f *Facts) leave() string {
	console := "disable the user in the IAM Identity Center console (Users), and delete it only when nobody will come back under the name"
	if f.Window.AfterDeletion != "" { // a user who is deleted there cannot come again
		console = "disable the user in the IAM Identity Center console (Users), and do not delete it: once deleted there, the user would never come back"
	}
	switch f.SetUp {
	case access.SCIM:
		return console
	case access.SCIMUsersOnly:
		return "remove the name from the members in the config, and " + console
	default:
		return "remove the user from users in the config, add the name to removed_users, and run rolecall apply"
	}
}

// renaming says how the config takes over a user name.
func (f *Facts) renaming(name, former string) string {
	if f.usersBySCIM() {
		return fmt.Sprintf("%q in the members", name)
	}
	return fmt.Sprintf("username = %q and previously = %q", name, former)
}

func (f *Facts) personInactive() []Verdict {
	p := f.Person
	switch {
	case p.Value == nil:
		return nil
	case f.active():
		return fine()
	}
	fix := "If the person should have access, reactivate %q in %s."
	switch p.Value.Status {
	case directory.Deleted:
		fix = "Restore %q in %s, or recreate the account there; if the person has left, " + f.leave() + "."
		if !f.inAWS() {
			fix = "Restore %q in %s, or recreate the account there."
		}
	case directory.Locked:
		fix = "Unlock %q in %s, or have the person set a new password there."
	}
	return wrong(f.IdP, fmt.Sprintf(fix, p.Value.UserName, f.IdP), p.Evidence, "%q is not active in %s: %s", p.Value.UserName, f.IdP, cmp.Or(p.Value.Said, string(p.Value.Status)))
}

func (f *Facts) groupNotAtIdP(p *Path) []Verdict {
	return soon(f.IdP, fmt.Sprintf("Create %q in %s and bring it to AWS (in Okta, link it to the group that AWS has), or name the right group in the config: nobody can be added to this one in %s.", p.Group, f.IdP, f.IdP),
		slices.Concat(p.IdPGroup.Evidence, p.AWSGroup.Evidence), "the group %q is in AWS and not in %s, which owns groups", p.Group, f.IdP)
}

func (f *Facts) oneSystem() []Verdict {
	switch {
	case !f.Compared.Known:
		return unsure(f.Compared.Needs)
	case len(f.OneSided) == 0 && len(f.Unclear) == 0:
		return fine(diag.Evidence{System: f.IdP, What: "people", Saw: fmt.Sprintf("%d asked about, all there", f.Compared.Value.Users)})
	}
	var out []Verdict
	for _, needs := range f.Unclear {
		out = append(out, unsure(needs)...)
	}
	for i := range f.OneSided {
		out = append(out, f.oneSided(&f.OneSided[i])...)
	}
	return out
}

func (f *Facts) oneSided(s *OneSide) []Verdict {
	where := "is in the config"
	if s.InAWS {
		where = "is in AWS"
	}
	var v []Verdict
	switch p := s.Person; {
	case s.AliasOf != "":
		v = soon(f.IdP, fmt.Sprintf("If the person has left, %s.", f.leave()), s.Evidence,
			"%q %s, and in %s only as another address of %q, who by name or id is somebody else", s.Name, where, f.IdP, s.AliasOf)
	case p == nil:
		v = soon(f.IdP, fmt.Sprintf("Create %q in %s under exactly this name; or, if the person has left, %s.", s.Name, f.IdP, f.leave()), s.Evidence,
			"%q %s and not in %s, so nobody can sign in under that name", s.Name, where, f.IdP)
	case p.UserName != s.Name && f.usersBySCIM():
		v = soon(f.IdP, fmt.Sprintf("Wait until %s has renamed the user in AWS; then write %q in the members in the config. If that does not happen, look at %s.", f.IdP, p.UserName, f.Window.Where), s.Evidence,
			"%q %s, and %s calls the person %q: sign-in looks for the exact name", s.Name, where, f.IdP, p.UserName)
	case p.UserName != s.Name:
		v = soon(f.IdP, fmt.Sprintf("Make the two names equal, letter for letter: in %s, or in the config with %s.", f.IdP, f.renaming(p.UserName, s.Name)), s.Evidence,
			"%q %s, and %s calls the person %q: sign-in looks for the exact name", s.Name, where, f.IdP, p.UserName)
	default:
		again := "Reactivate %q in %s; or, if the person has left, %s."
		if p.Status == directory.Deleted {
			again = "Restore %q in %s; or, if the person has left, %s."
		}
		v = soon(f.IdP, fmt.Sprintf(again, s.Name, f.IdP, f.leave()), s.Evidence, "%q %s, and is %s in %s", s.Name, where, p.Status, f.IdP)
	}
	v[0].Range = s.At
	return v
}
