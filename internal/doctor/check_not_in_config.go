package doctor

import (
	"fmt"
)

// notInConfig: the config does not give the group the access, or does not name it at all.
func notInConfig() Check {
	return Check{ID: "not-in-config", Link: InConfig, About: []Subject{Group},
		Means: "The config does not give the group the access, or does not name it at all.",
		Looks: "The groups of the config and their accounts; the group in AWS and at the identity provider.",
		Fix:   "Name the group, or the account in its accounts_names, and apply.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				gone := p.AWSGroup.Known && p.AWSGroup.Value == nil || f.bySCIM() && p.IdPGroup.Known && p.IdPGroup.Value == nil
				if p.Set != "" || p.Alike != nil || gone {
					return nil // others say what is wrong with the group itself
				}
				if p.Named {
					return wrong(config, "Add the account to accounts_names of the group, and apply.", nil, "the config does not give the group %q access to %s", p.Group, f.account())
				}
				return wrong(config, fmt.Sprintf("Define it in %s with what it may do, and apply; rolecall access group %q shows what it has from elsewhere.", f.groupsKey(), p.Group), nil,
					"the config does not name the group %q, so it gives it nothing", p.Group)
			})
		}}
}

// groupsKey says where the config has the groups of its set-up.
func (f *Facts) groupsKey() string {
	if f.bySCIM() {
		return "external_groups"
	}
	return "access_groups"
}

// account names the account that is meant, for sentences.
func (f *Facts) account() string {
	if a := f.Account; a.Known && a.Value != nil {
		return fmt.Sprintf("account %s (%s)", a.Value.Name, a.Value.ID)
	}
	return "any account"
}
