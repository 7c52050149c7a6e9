package doctor

// accountSuspended: the account is suspended or closed, so nobody can enter it.
func accountSuspended() Check {
	return Check{ID: "account-suspended", Link: Account, About: both(),
		Means: "The account is suspended or closed, so nobody can enter it.",
		Looks: "The state of the account in AWS Organizations.",
		Fix:   "Reactivate the account, or use another one.",
		run: func(f *Facts) []Verdict {
			const fix = "Ask AWS Support to reactivate the account, or take it out of the config."
			if !f.Account.Known {
				return each(f, func(_ *Facts, p *Path) []Verdict {
					if names := p.closed(false); names != nil {
						return wrong(organizations, fix, p.Granted.Evidence, "the config names accounts that are suspended or closed: %s", some(names))
					}
					return nil
				})
			}
			if f.Account.Value == nil || f.open() {
				return nil
			}
			return wrong(organizations, fix, f.Account.Evidence,
				"the account %q (%s) is %s", f.Account.Value.Name, f.Account.Value.ID, f.Account.Value.State)
		}}
}
