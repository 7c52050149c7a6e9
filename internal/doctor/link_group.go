package doctor

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// ofGroup has the checks of the group in AWS, and of who is in it.
func ofGroup() []Check {
	return []Check{{
		ID: "group-renamed", About: all(),
		Means: "The group that holds the access is in AWS under another name than the config's: it was renamed, and waiting does not bring back the old name.",
		Looks: "The records and the assignments of the permission sets that the config grants the missing group, and the groups with the ids in them.",
		Fix:   "If the renamed group is the right one, write its new name with `previously` in the config; otherwise rename it back.",
		rules: []rule{{at: aside, say: (*Facts).renamedNames}, {at: groupName, path: (*Facts).groupRenamed}},
	}, {
		ID: groupMissing, About: []Subject{Group}, keeps: true,
		Means: "The group is not in AWS, and nothing is bringing it there.",
		Looks: "The group at the identity provider and in AWS, by its exact name; with --scan the names of all groups of AWS.",
		Fix:   "Create the group in the system that owns groups, or correct the name.",
		rules: []rule{
			{at: aside, needs: []part{groupName}, path: func(_ *Facts, p *Path) []Verdict { return shown(p.AWSGroup, p.AWSGroup.Value != nil) }},
			{at: groupInAWS, needs: []part{groupsCome, groupName, groupSync}, lacks: groupInAWS, path: (*Facts).groupMissing},
		},
	}, {
		ID: "membership-by-hand", About: all(), compares: true,
		Means: "A membership was added by hand in AWS: the identity provider, which owns the group, does not have it.",
		Looks: "The members at the identity provider and in AWS, and when the members changed there.",
		Fix:   "Add the membership at the identity provider, or remove it in AWS.",
		rules: []rule{
			{at: aside, in: bySCIM(), say: (*Facts).notCompared},
			{at: aside, in: bySCIM(), needs: append(sync(), personActive, groupAtIdP), path: (*Facts).membershipByHand},
		},
	}, {
		ID: "member-not-in-aws", About: []Subject{SetUp, Group}, compares: true,
		Means: "Somebody is in the group at the identity provider, and AWS does not have the user at all.",
		Looks: "The members at the identity provider, and the users in AWS by their names.",
		Fix:   "rolecall doctor user NAME says why the person does not come to AWS.",
		rules: []rule{{at: aside, in: bySCIM(), needs: append(sync(), groupAtIdP), path: (*Facts).memberNotInAWS}},
	}, {
		ID: "rule-paused", About: both(),
		Means: "The membership rule of the group is paused, so nobody joins or leaves it.",
		Looks: "The groups that grant the access at the identity provider, and the state of their membership rules.",
		Fix:   "Resume the processing of the rule at the identity provider.",
		rules: []rule{
			{at: userAlmost, in: bySCIM(), needs: []part{accountOpen, assigned}, lacks: reaching, say: (*Facts).rulePausedFor},
			{at: aside, in: bySCIM(), needs: []part{groupAtIdP}, path: (*Facts).rulePaused},
		},
	}, {
		ID: "eligible-only", About: []Subject{Person},
		Means: "The person is eligible to activate a membership of a group that grants the access, but has not activated it.",
		Looks: "The eligible memberships of the groups that grant the access (Privileged Identity Management).",
		Fix:   "Activate the membership at the identity provider.",
		rules: []rule{{at: userAlmost, in: bySCIM(), needs: []part{accountOpen, assigned}, lacks: reaching, say: (*Facts).eligibleOnly}},
	}, {
		ID: "not-in-group", About: []Subject{Person},
		Means: "The person is in none of the groups that grant the access.",
		Looks: "The groups of the config that grant it; the groups of the person at the identity provider and in AWS.",
		Fix:   "Add the person to one of these groups, in the system that owns groups: the identity provider, or the config.",
		rules: []rule{
			{at: aside, say: (*Facts).inGroup},
			{at: aside, in: bySCIM(), needs: append(sync(), accountOpen, assigned, userArrives, userAlmost), lacks: reaching, say: (*Facts).notInGroup},
			{at: aside, in: ownGroups(), needs: []part{accountOpen, assigned, userArrives}, lacks: reaching, say: (*Facts).notInGroup},
		},
	}}
}

func (f *Facts) groupRenamed(p *Path) []Verdict {
	if p.Renamed.ID == "" {
		return nil
	}
	d := p.Renamed.Finding("", p.Theirs, f.IdP)
	return wrong(config, followed(&d), slices.Concat(p.AWSGroup.Evidence, d.Evidence), "%s", d.Summary)
}

// renamedNames takes over what was found for verify.
func (f *Facts) renamedNames() []Verdict {
	var out []Verdict
	for _, item := range f.Names.Value.Items {
		if d := item.Finding; isRenamed(d) {
			v := wrong(config, followed(d), d.Evidence, "%s", d.Summary)
			v[0].Range = d.Range
			out = append(out, v...)
		}
	}
	return out
}

// followed is the remedy of a rename, with the command that has the flag.
func followed(d *diag.Diagnostic) string {
	if r := d.Remedy; r.Way == diag.FollowRename {
		return r.Rename() + fmt.Sprintf("; `rolecall apply --allow-rebind %q` accepts the name as that of another group.", r.Name)
	}
	return d.Hint
}

func isRenamed(d *diag.Diagnostic) bool { return d != nil && d.Code == presence.CodeRenamed }

// groupMissing says where the group has to be made, and where the config names it,
// whoever makes it.
func (f *Facts) groupMissing(p *Path) []Verdict {
	out := f.maker(p)
	out[0].Range = p.At
	return out
}

// maker is who has to make a missing group.
func (f *Facts) maker(p *Path) []Verdict {
	others := near("; groups in the config with similar names: ", p.InConfig) + near("; groups in AWS with similar names: ", p.Near)
	meant := p.meant()
	switch {
	case len(p.InConfig) > 0 && f.bySCIM():
		return wrong(rolecall, meant, slices.Concat(p.IdPGroup.Evidence, p.AWSGroup.Evidence), "the group %q is not in AWS%s", p.Group, others)
	case len(p.InConfig) > 0:
		return wrong(rolecall, meant, p.AWSGroup.Evidence, "neither the config nor AWS has a group called %q%s", p.Group, others)
	case f.bySCIM() && p.IdPGroup.Known:
		return wrong(f.IdP, meant+fmt.Sprintf("Create %q in %s and bring it to AWS; or correct the name.", p.Group, f.IdP), slices.Concat(p.IdPGroup.Evidence, p.AWSGroup.Evidence),
			"neither %s nor AWS has a group called %q%s", f.IdP, p.Group, others)
	case f.bySCIM() && p.IdPGroup.Needs != "":
		return wrong(f.IdP, meant+diag.Upper(ended(p.IdPGroup.Needs)), slices.Concat(p.IdPGroup.Evidence, p.AWSGroup.Evidence), "the group %q is not in AWS%s", p.Group, others)
	case f.bySCIM():
		return wrong(f.IdP, meant+fmt.Sprintf("Check in %s whether %q exists under exactly this name and is brought to AWS; with a connector in rolecall.hcl, rolecall can check.", f.IdP, p.Group), p.AWSGroup.Evidence,
			"the group %q is not in AWS%s", p.Group, others)
	case p.Set != "" || p.Named:
		return wrong(rolecall, meant+"Run rolecall apply, which creates it.", p.AWSGroup.Evidence, "the config defines the group %q, and it is not in AWS%s", p.Group, others)
	}
	return wrong(config, meant+"Define it under access_groups in the config, or correct the name.", p.AWSGroup.Evidence, "neither the config nor AWS has a group called %q%s", p.Group, others)
}

// meant says what to do first where names are near.
func (p *Path) meant() string {
	switch {
	case len(p.InConfig) > 0:
		return askGroup(p.InConfig[0])
	case len(p.Near) > 0 && (p.Set != "" || p.Named):
		return fmt.Sprintf("If %q is meant, write that in the config. If not: ", p.Near[0])
	case len(p.Near) > 0:
		return fmt.Sprintf("If %q is meant, ask about it by its exact name: rolecall doctor group %q. If not: ", p.Near[0], p.Near[0])
	}
	return ""
}

func (f *Facts) notCompared() []Verdict {
	out := shown(f.Compared, false)
	for _, needs := range f.Unclear {
		out = append(out, unsure(needs)...)
	}
	for i := range f.Paths {
		if p := &f.Paths[i]; !p.IdPGroup.Known && p.IdPGroup.Needs != "" {
			out = append(out, Verdict{State: CannotTell, Needs: p.IdPGroup.Needs, Evidence: p.IdPGroup.Evidence})
		} else if !p.Drift.Known && p.Drift.Needs != "" {
			out = append(out, Verdict{State: CannotTell, Needs: p.Drift.Needs, Evidence: p.Drift.Evidence})
		} else if p.InScope.Known && !p.InScope.Value && f.onlyInAWS(p) != "" {
			out = append(out, Verdict{State: CannotTell, Needs: fmt.Sprintf("who decides who is in %q: %s does not appear to bring that group to AWS", p.Group, f.IdP), Evidence: p.InScope.Evidence})
		} else if text := p.Drift.Value.notCompared(f.IdP, p.Group); text != "" {
			out = append(out, Verdict{State: CannotTell, Needs: text, Evidence: p.Drift.Evidence})
		}
	}
	return out
}

func (f *Facts) memberNotInAWS(p *Path) []Verdict {
	absent := p.Drift.Value.Absent
	if f.Subject == Person || len(absent) == 0 {
		return nil
	}
	return soon(f.IdP, fmt.Sprintf("rolecall doctor user %q says why. The group itself is not the reason.", absent[0]), p.Drift.Evidence,
		"%s: in %q in %s, and not in AWS at all", diag.First(mostNamed, absent, ", "), p.Group, f.IdP)
}

func (f *Facts) rulePaused(p *Path) []Verdict {
	if f.Subject == Person || p.IdPGroup.Value == nil || p.IdPGroup.Value.Paused == "" {
		return nil
	}
	return soon(f.IdP, fmt.Sprintf("In %s, resume the processing of the membership rule of %q, unless it was paused on purpose.", f.IdP, p.Group), p.IdPGroup.Evidence,
		"nobody joins or leaves %q in %s at the moment: %s", p.Group, f.IdP, p.IdPGroup.Value.Paused)
}

// join says how the person gets into a group that they almost are in.
func (f *Facts) join(a Almost) string {
	if a.Paused != "" {
		return fmt.Sprintf("In %s, check whether the membership rule of %q includes %q, and resume its processing.", f.IdP, a.Group, f.Name)
	}
	return fmt.Sprintf("Have %q activate the membership of %q in %s (Privileged Identity Management, Groups); it reaches AWS some minutes later, and is removed when it ends.", f.Name, a.Group, f.IdP)
}

func (f *Facts) rulePausedFor() []Verdict {
	for _, a := range f.Almost {
		if a.Paused != "" && !slices.ContainsFunc(f.Paths, Path.leads) {
			return wrong(f.IdP, f.join(a), a.Evidence,
				"%q is in none of the groups that the config grants this access; one of them, %q, accepts no new members at the moment: %s", f.Name, a.Group, a.Paused)
		}
	}
	return nil
}

func (f *Facts) eligibleOnly() []Verdict {
	if f.EligibleNeeds != "" && len(f.Almost) == 0 && !slices.ContainsFunc(f.Paths, Path.leads) {
		return unsure(f.EligibleNeeds)
	}
	for _, a := range f.Almost {
		if a.Paused == "" && !slices.ContainsFunc(f.Paths, Path.leads) {
			return wrong(f.IdP, f.join(a), a.Evidence,
				"%q is eligible for %q, which grants this access, but has not activated the membership", f.Name, a.Group)
		}
	}
	return nil
}

// membershipByHand tells a membership that was made in AWS from one that was taken away
// at the identity provider a moment ago. Where that one does not tell when its
// members changed, both are said.
func (f *Facts) membershipByHand(p *Path) []Verdict {
	who := f.onlyInAWS(p)
	if who == "" || p.InScope.Known && !p.InScope.Value { // it is not brought from there, so others decide who is in it
		return nil
	}
	seen := slices.Concat(p.IdPGroup.Evidence, p.InAWS.Evidence, p.Drift.Evidence)
	fix := fmt.Sprintf("Add them to %q in %s, or remove them in the IAM Identity Center console: %s decides who is in it.", p.Group, f.IdP, f.IdP)
	changed := p.IdPGroup.Value.MembershipUpdated
	at, overdue := f.until(changed)
	switch {
	case changed.IsZero():
		return soon(f.IdP, fmt.Sprintf("If this is still the case at %s: ", clock(at))+fix, seen,
			"%s: in %q in AWS, and not in %s, which owns the group: added by hand in AWS, or removed in %s since its last sync", who, p.Group, f.IdP, f.IdP)
	case !overdue:
		return soon(f.IdP, fmt.Sprintf("Wait until %s: the membership changed in %s a short time ago.", clock(at), f.IdP), seen, "%s: in %q in AWS, and not in %s any more", who, p.Group, f.IdP)
	}
	return wrong(f.IdP, fix, seen, "%s: in %q in AWS, and not in %s, which owns the group", who, p.Group, f.IdP)
}

// onlyInAWS names those who are in the group in AWS alone.
func (f *Facts) onlyInAWS(p *Path) string {
	switch {
	case f.Subject != Person && p.Drift.Known && len(p.Drift.Value.OnlyAWS) > 0:
		return diag.First(mostNamed, p.Drift.Value.OnlyAWS, ", ")
	case f.Subject == Person && p.InAWS.Known && p.InAWS.Value && p.InIdP.Known && p.InIdP.Value != Direct:
		return fmt.Sprintf("%q", f.Name)
	}
	return ""
}

func (f *Facts) inGroup() []Verdict {
	if through := f.through(); through != nil {
		return fine(through.InAWS.Evidence...)
	}
	return nil
}

// leads says that the person is in the group, or should be, or in one that is taken
// for it.
func (p Path) leads() bool {
	return p.InIdP.Needs != "" || p.InAWS.Value || p.InIdP.Value == Direct || p.InIdP.Value == Nested || p.Alike != nil || len(p.Near) > 0 || p.Renamed.ID != ""
}

// onTheWay says that one who is not in AWS yet may be in a group for all that is known,
// or is put into one by the next apply.
func (f *Facts) onTheWay() bool {
	if f.bySCIM() {
		return !f.GroupsAtIdP
	}
	return len(f.Members) > 0
}

func (f *Facts) notInGroup() []Verdict {
	switch {
	case slices.ContainsFunc(f.Paths, Path.leads) || !f.inAWS() && f.onTheWay():
		return nil
	case len(f.AccessGroups) == 0:
		return wrong(config, "Add the account to accounts_names of the group that should have it, and apply.", nil, "no group in the config grants access to %s", f.account())
	case f.bySCIM() && len(f.Gone) > 0:
		return wrong(f.IdP, fmt.Sprintf("rolecall doctor group %q says why it is not in AWS. Once it is, add %q to it in %s.", f.Gone[0], f.Name, f.IdP), f.User.Evidence,
			"the config grants this access to groups that AWS does not have: %s", diag.First(mostNamed, f.Gone, ", "))
	case f.bySCIM():
		return wrong(f.IdP, fmt.Sprintf("In %s, if %q should have it, add them to one of these groups: %s.", f.IdP, f.Name, diag.First(mostNamed, f.AccessGroups, ", ")), f.User.Evidence,
			"%q is in none of the groups that the config grants this access", f.Name)
	case len(f.Members) > 0:
		return wrong(rolecall, "Run rolecall plan, then rolecall apply.", f.User.Evidence, "the config adds %q to %s, but AWS does not have them there", f.Name, diag.First(mostNamed, f.Members, ", "))
	}
	if len(f.InConfig) > 0 {
		return wrong(config, fmt.Sprintf("If %q in the config is meant for this person, write %q there, and run rolecall apply. If not, add %q to the members of one of these groups: %s.", f.InConfig[0], f.userName(), f.userName(), diag.First(mostNamed, f.AccessGroups, ", ")), f.User.Evidence,
			"%q is in none of the groups that the config grants this access; the config has similar names: %s", f.Name, diag.Quoted(f.InConfig))
	}
	return wrong(config, fmt.Sprintf("Add %q to the members of one of these groups, and run rolecall apply: %s.", f.userName(), diag.First(mostNamed, f.AccessGroups, ", ")), f.User.Evidence,
		"%q is in none of the groups that the config grants this access", f.Name)
}
