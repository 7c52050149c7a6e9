package doctor

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// ofApplication has the checks of the AWS application at the identity provider, and of who is assigned to it.
func ofApplication() []Check {
	return []Check{{
		ID: "application-off", About: []Subject{SetUp, Person},
		Means: "The AWS application is switched off at the identity provider, so nobody can sign in.",
		Looks: "The state of the AWS application at the identity provider.",
		Fix:   "Switch the application on.",
		rules: []rule{{at: application, in: withIdP(), say: (*Facts).applicationOff}},
	}, {
		ID: "not-assigned", About: []Subject{Person}, keeps: true,
		Means: "The person is not assigned to the AWS application.",
		Looks: "The assignments of the AWS application at the identity provider.",
		Fix:   "Assign the person, or a group of theirs, to the AWS application.",
		rules: []rule{{at: assigned, in: withIdP(), needs: []part{personActive}, say: (*Facts).notAssigned}},
	}, {
		ID: "nested-group", About: both(), keeps: true,
		Means: "A person is in the group only through another group, and nested groups do not reach AWS.",
		Looks: "The direct and the nested members of the group at the identity provider.",
		Fix:   "Add the person directly to the group, or assign the inner group and name it in the config.",
		rules: []rule{
			{at: memberAtIdP, in: bySCIM(), needs: []part{assigned}, lacks: reaching, path: (*Facts).nestedMember},
			{at: assigned, in: withIdP(), needs: []part{personActive}, say: (*Facts).nestedAssignment},
		},
	}, {
		ID: "shared-group", About: []Subject{SetUp},
		Means: "One Okta group is used both to assign people to the application and for Group Push.",
		Looks: "The groups assigned to the application, and the push mappings.",
		Fix:   "Use two groups: one that assigns, one that is pushed.",
		rules: []rule{{at: aside, in: withIdP(), say: (*Facts).sharedGroup}},
	}, {
		ID: "groups-never-come", About: all(),
		Means: "The identity provider brings users only, and the config waits for its groups.",
		Looks: "The set-up of the config, and which identity provider it names.",
		Fix:   "Set scim_scope = \"users\" and define the groups in access_groups.",
		rules: []rule{{at: groupsCome, in: bySCIM(), lacks: groupsCome, say: (*Facts).groupsNeverCome}},
	}}
}

func (f *Facts) applicationOff() []Verdict {
	switch {
	case !f.SAML.Known:
		return nil
	case f.SAML.Value.Enabled:
		return fine(f.SAML.Evidence...)
	}
	return wrong(f.IdP, "In "+f.IdP+", switch the AWS application on.", f.SAML.Evidence, "the AWS application is switched off in %s, so nobody can sign in", f.IdP)
}

func (f *Facts) notAssigned() []Verdict {
	a := f.Assignment
	switch {
	case !f.Person.Known:
		return unsure(f.Person.Needs)
	case !a.Known:
		return unsure(a.Needs)
	case a.Value.How != directory.NotAssigned || len(a.Value.Nested) > 0:
		return fine(a.Evidence...)
	}
	if len(f.Joining) > 0 {
		return f.notJoined()
	}
	return wrong(f.IdP, fmt.Sprintf("In %s, assign %q or one of their groups to the AWS application.", f.IdP, f.Name), a.Evidence,
		"%q is not assigned to the AWS application in %s", f.Name, f.IdP)
}

// notJoined is of a person who is not assigned because they are in none of the groups
// that are, of which some give this access: to assign another of their groups would
// bring people to AWS, and not the access.
func (f *Facts) notJoined() []Verdict {
	seen := f.Assignment.Evidence
	if len(f.Almost) > 0 {
		a := f.Almost[0]
		seen = slices.Concat(seen, a.Evidence)
		if a.Paused != "" {
			return wrong(f.IdP, f.join(a), seen,
				"%q is not assigned to the AWS application in %s: the group %q, which is assigned and grants this access, accepts no new members at the moment: %s", f.Name, f.IdP, a.Group, a.Paused)
		}
		return wrong(f.IdP, f.join(a), seen,
			"%q is not assigned to the AWS application in %s: the person is eligible for %q, which is assigned and grants this access, but has not activated the membership", f.Name, f.IdP, a.Group)
	}
	return wrong(f.IdP, fmt.Sprintf("In %s, if %q should have this access, add them to one of the groups that are assigned and grant it: %s.%s", f.IdP, f.Name, diag.First(mostNamed, f.Joining, ", "), f.eligibleUnseen()), seen,
		"%q is not assigned to the AWS application in %s, and is in none of the groups that are assigned and grant this access", f.Name, f.IdP)
}

// eligibleUnseen says that a membership which only has to be activated was not seen.
func (f *Facts) eligibleUnseen() string {
	if f.EligibleNeeds == "" {
		return ""
	}
	return " Whether the person is eligible to activate a membership of one could not be seen: " + ended(f.EligibleNeeds)
}

func (f *Facts) nestedMember(p *Path) []Verdict {
	fix := fmt.Sprintf("In %s, add them directly to %q: neither SCIM nor AWS supports nested groups.", f.IdP, p.Group)
	switch {
	case p.Drift.Known && len(p.Drift.Value.Nested) > 0: // who may have the access that they need otherwise
		return soon(f.IdP, "If they should have the access of this group: "+diag.Lower(fix), p.Drift.Evidence, "%s: in %q only through another group, which makes nobody a member of it in AWS", diag.First(mostNamed, p.Drift.Value.Nested, ", "), p.Group)
	case p.InIdP.Known && p.InIdP.Value == Nested && p.InAWS.Known && !p.InAWS.Value:
		return wrong(f.IdP, fix, p.InIdP.Evidence, "%q is in %q only through another group, and members of nested groups are not provisioned", f.Name, p.Group)
	}
	return nil
}

func (f *Facts) nestedAssignment() []Verdict {
	a := f.Assignment
	if !a.Known || a.Value.How != directory.NotAssigned || len(a.Value.Nested) == 0 {
		return nil
	}
	outer := a.Value.Nested[0].Name
	return wrong(f.IdP, fmt.Sprintf("In %s, add %q directly to %q, or assign the inner group that the person is in, and grant that group the access in the config.", f.IdP, f.Name, outer), a.Evidence,
		"%q is assigned to the AWS application only through a group in the group %q, and nested groups do not count for it", f.Name, outer)
}

func (f *Facts) sharedGroup() []Verdict {
	switch {
	case !f.SharedGroups.Known:
		return unsure(f.SharedGroups.Needs)
	case len(f.SharedGroups.Value) == 0:
		return fine(f.SharedGroups.Evidence...)
	}
	return soon(f.IdP, "In Okta, use different groups to assign people and to push: Okta recommends this, because memberships get lost otherwise.", f.SharedGroups.Evidence,
		"used both for assignment and for Group Push: %s", diag.First(mostNamed, f.SharedGroups.Value, ", "))
}

func (f *Facts) groupsNeverCome() []Verdict {
	missing := f.Subject == SetUp && (!f.Names.Known || slices.ContainsFunc(f.Names.Value.Items, func(i presence.Item) bool {
		return i.Kind == presence.GroupItem && i.Verdict != presence.There
	})) // another tool may bring them
	for _, p := range f.Paths {
		missing = missing || p.AWSGroup.Known && p.AWSGroup.Value == nil || !f.reaches() && p.InIdP.Value == Direct && p.InAWS.Known && !p.InAWS.Value
	}
	if !missing {
		return nil
	}
	return wrong(config, `Set scim_scope = "users" and define the groups in access_groups, or sync them with another tool.`, nil,
		"%s brings users only: its groups never come to AWS by SCIM", f.IdP)
}
