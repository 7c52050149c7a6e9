package doctor

// accountMissing: the organization has no such account.
func accountMissing() Check {
	return Check{ID: "account-missing", Link: Account, About: both(),
		Means: "The organization has no such account.",
		Looks: "The account in AWS Organizations.",
		Fix:   "Correct the name or id.",
		run: func(f *Facts) []Verdict {
			if !f.Account.Known {
				return unsure(f.Account.Needs)
			}
			if f.Account.Value == nil {
				return wrong(organizations, "Correct the name or id of the account; names are those of AWS Organizations.", f.Account.Evidence, "the organization has no such account, or several of that name")
			}
			return fine(f.Account.Evidence...)
		}}
}
