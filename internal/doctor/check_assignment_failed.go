package doctor

// assignmentFailed: AWS could not make the account assignment.
func assignmentFailed() Check {
	return Check{ID: "assignment-failed", Link: Permission, About: both(),
		Means: "AWS could not make the account assignment.",
		Looks: "The latest assignments that failed, with AWS's reason.",
		Fix:   "Mend what the reason names, then apply again.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				if !f.arrives(p) || p.Failure == nil || p.Orphan != "" {
					return nil
				}
				return wrong(rolecall, "Mend what the reason names, then run rolecall apply.", p.Granted.Evidence,
					"AWS could not give %q %s in account %s (%s, request %s): %s", p.Group, p.Set, p.Failure.Account, p.Failure.When, p.Failure.RequestID, p.Failure.Reason)
			})
		}}
}
