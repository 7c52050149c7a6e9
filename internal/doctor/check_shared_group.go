package doctor

// sharedGroup: one group of Okta is used both to assign people to the application and to be pushed.
func sharedGroup() Check {
	return Check{ID: "shared-group", Link: Application, About: []Subject{SetUp},
		Means: "One group of Okta is used both to assign people to the application and to be pushed.",
		Looks: "The groups assigned to the application, and the push mappings.",
		Fix:   "Use two groups: one that assigns, one that is pushed.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.SharedGroups.Known:
				return unsure(f.SharedGroups.Needs)
			case len(f.SharedGroups.Value) == 0:
				return fine(f.SharedGroups.Evidence...)
			}
			return soon(f.IdP, "In Okta, assign people by other groups than those that are pushed: Okta's own advice, for memberships get lost otherwise.", f.SharedGroups.Evidence,
				"used both for assignment and for Group Push: %s", some(f.SharedGroups.Value))
		}}
}
