package doctor

import (
	"fmt"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// ofConfig has the checks of the config.
func ofConfig() []Check {
	return []Check{{
		ID: "config-other-name", About: both(),
		Means: "The config names a group that is not in AWS, but AWS has a group with almost that name.",
		Looks: "The config, the name in AWS, and the names of the groups that the person is in; with --scan the names of all groups of AWS.",
		Fix:   "Correct the name in the config, or in the system that owns the group.",
		rules: []rule{{at: groupName, path: (*Facts).configOtherName}},
	}, {
		ID: "not-in-config", About: []Subject{Group},
		Means: "The config does not grant the group access, or does not contain the group.",
		Looks: "The groups of the config and their accounts; the group in AWS and at the identity provider.",
		Fix:   "Add the group, or the account to its accounts_names, and apply.",
		rules: []rule{{at: aside, needs: []part{groupName}, path: (*Facts).notInConfig}},
	}, {
		ID: "names", About: []Subject{SetUp},
		Means: "A group, user or account of the config is not in AWS, or not as it should be.",
		Looks: "Every name of the config, in AWS.",
		Fix:   "Do what the finding says: rolecall verify explains each name.",
		rules: []rule{{at: aside, say: (*Facts).namesMissing}},
	}}
}

func (f *Facts) configOtherName(p *Path) []Verdict {
	if p.Alike != nil && p.Alike.Asked {
		return wrong(config, askGroup(p.Group), p.AWSGroup.Evidence,
			"the config names the group %q, and the name that was asked about, %q, differs in %s%s", p.Group, p.Alike.Name, p.Alike.Rung.Words(), names.InWords(p.Alike.Differ))
	}
	if p.Alike != nil {
		return wrong(config, fmt.Sprintf("Write %q in the config, or rename the group in %s.", p.Alike.Name, f.ifSCIM(f.IdP, identityCenter)), p.AWSGroup.Evidence,
			"the config names the group %q, and %s has %q, which differs in %s%s", p.Group, p.Alike.System, p.Alike.Name, p.Alike.Rung.Words(), names.InWords(p.Alike.Differ))
	}
	if f.Subject == Person && len(p.Near) > 0 {
		return wrong(config, fmt.Sprintf("If %q is meant, write that in the config. If not: rolecall doctor group %q says why the group is not in AWS.", p.Near[0], p.Group), p.AWSGroup.Evidence,
			"the config grants the access to the group %q, which AWS does not have; %q is in groups with similar names: %s", p.Group, f.Name, diag.Quoted(p.Near))
	}
	if f.Scanned || !p.AWSGroup.Known || p.AWSGroup.Value != nil {
		return nil
	}
	return unsure(fmt.Sprintf("groups whose name only looks like %q were not searched for: --scan reads the names of all groups in AWS, one call per hundred", p.Group))
}

// askGroup says to ask about the group of the config.
func askGroup(name string) string {
	return fmt.Sprintf("Ask about the group of the config by its exact name: rolecall doctor group %q.", name)
}

// ifSCIM returns the one where SCIM brings groups, and the other where rolecall makes
// them.
func (f *Facts) ifSCIM(one, other string) string {
	if f.bySCIM() {
		return one
	}
	return other
}

func (f *Facts) notInConfig(p *Path) []Verdict {
	switch {
	case f.nowhere() || p.Set != "" || p.AWSGroup.Value == nil && p.IdPGroup.Value == nil:
		return nil
	case p.Named:
		return wrong(config, "Add the account to accounts_names of the group, and apply.", nil, "the config does not grant the group %q access to %s", p.Group, f.account())
	}
	define := fmt.Sprintf("efine it in %s with what it may do, and apply; rolecall access group %q shows what it has from elsewhere.", f.ifSCIM("external_groups", "access_groups"), p.Group)
	if len(p.InConfig) > 0 {
		return wrong(config, fmt.Sprintf("If %q is meant for this group, write %q there, and apply. If it is another group, d", p.InConfig[0], p.Group)+define, nil,
			"the config does not contain the group %q, so it grants it nothing; it has similar names: %s", p.Group, diag.Quoted(p.InConfig))
	}
	return wrong(config, "D"+define, nil, "the config does not contain the group %q, so it grants it nothing%s", p.Group, near("; AWS has it beside what the config names: ", p.Beside))
}

// account names the account that is meant, for sentences.
func (f *Facts) account() string {
	if a := f.Account; a.Known && a.Value != nil {
		return fmt.Sprintf("account %s (%s)", a.Value.Name, a.Value.ID)
	}
	return "any account"
}

func (f *Facts) namesMissing() []Verdict {
	if !f.Names.Known {
		return unsure(f.Names.Needs)
	}
	var out []Verdict
	renamed := false
	for _, item := range f.Names.Value.Items {
		renamed = renamed || isRenamed(item.Finding)
		if d := item.Finding; d != nil && !isRenamed(d) {
			out = append(out, f.nameVerdict(item, *d))
		}
	}
	if out == nil && !renamed {
		return fine(diag.Evidence{System: identityCenter, What: "the names of the config", Saw: fmt.Sprintf("%d names, all there", len(f.Names.Value.Items))})
	}
	return out
}

// nameVerdict takes over what verify found; a name that has not come yet is
// not broken.
func (f *Facts) nameVerdict(item presence.Item, d diag.Diagnostic) Verdict {
	v := Verdict{State: Problem, Cause: d.Summary, Fix: d.Hint, System: config, Range: d.Range, Evidence: d.Evidence}
	if d.Detail != "" {
		v.Cause += ": " + d.Detail
	}
	switch {
	case item.Verdict == presence.CannotTell:
		return Verdict{State: CannotTell, Needs: d.Hint, Evidence: d.Evidence}
	case item.Verdict == presence.There || d.Severity != diag.Error:
		v.State = Warning
	}
	switch {
	case item.Kind == presence.AccountItem:
		v.System = organizations
	case item.Verdict == presence.NotYet:
		v.System = f.IdP
		f.arriving(item, &v)
	}
	return v
}

// arriving puts what the identity provider says of a name that is not there yet:
// what keeps it, or until when it should come.
func (f *Facts) arriving(item presence.Item, v *Verdict) {
	why, asked := f.Coming[item.Subject()]
	switch {
	case asked && why.stops:
		v.Fix = "It will not come until this is fixed: " + ended(why.Cause)
	case asked && why.Cause != "":
		v.Cause, v.Fix, v.doubted = ended(why.Cause)+after(why.near), why.Fix, why.doubted
		v.Evidence = slices.Concat(v.Evidence, why.Evidence)
	case asked && !f.stuck():
		v.Until, _ = f.until(time.Time{})
		v.Fix = item.Finding.Coming().Hint
	}
}
