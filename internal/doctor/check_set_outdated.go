package doctor

// setOutdated: the account has the permission set in an older version.
func setOutdated() Check {
	return Check{ID: "set-outdated", Link: Permission, About: both(),
		Means: "The account has the permission set in an older version.",
		Looks: "The permission sets of which AWS says that the account does not have the newest version.",
		Fix:   "Provision it again: rolecall apply does.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				switch {
				case !f.arrives(p) || !p.Outdated.Known:
					return nil
				case p.Outdated.Value:
					return wrong(rolecall, "Run rolecall apply, which provisions it again.", p.Outdated.Evidence,
						"account %s has an older version of the permission set %q", p.Account, p.Set)
				}
				return fine(p.Outdated.Evidence...)
			})
		}}
}
