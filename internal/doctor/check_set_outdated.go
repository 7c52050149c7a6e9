package doctor

// setOutdated: the permission set is not provisioned in the account, or in an older version.
func setOutdated() Check {
	return Check{ID: "set-outdated", Link: Permission, About: both(),
		Means: "The permission set is not provisioned in the account, or in an older version.",
		Looks: "The permission sets that are provisioned in the account.",
		Fix:   "Provision it again: rolecall apply does.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				switch {
				case !f.arrives(p) || !p.Granted.Known || !p.Granted.Value:
					return nil
				case p.Outdated:
					return wrong(rolecall, "Run rolecall apply, which provisions it again.", p.Provisioned.Evidence,
						"account %s has an older version of the permission set %q", p.Account, p.Set)
				case p.Provisioned.Known && !p.Provisioned.Value:
					return wrong(rolecall, "Run rolecall apply, or provision it in the IAM Identity Center console.", p.Provisioned.Evidence,
						"the permission set %q is assigned in account %s and not provisioned there", p.Set, p.Account)
				}
				return fine(p.Provisioned.Evidence...)
			})
		}}
}
