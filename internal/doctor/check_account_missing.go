package doctor

// accountMissing: the organization has no such account.
func accountMissing() Check {
	return Check{ID: "account-missing", Link: Account, About: both(),
		Means: "The organization has no such account.",
		Looks: "The account in AWS Organizations.",
		Fix:   "Correct the name or id.",
		run: func(f *Facts) []Verdict {
			if !f.Account.Known {
				return each(f, func(_ *Facts, p *Path) []Verdict {
					if names := p.closed(true); names != nil {
						return wrong(config, "Correct the names in accounts_names; they are those of AWS Organizations.", p.Granted.Evidence,
							"the config names accounts that the organization does not have, or has several of: %s", some(names))
					}
					return nil
				})
			}
			if f.Account.Value == nil {
				return wrong(organizations, "Correct the name or id of the account; names are those of AWS Organizations.", f.Account.Evidence, "the organization has no such account, or several of that name")
			}
			return fine(f.Account.Evidence...)
		}}
}
