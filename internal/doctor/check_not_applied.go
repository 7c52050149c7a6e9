package doctor

// notApplied: the config gives the access, and nobody has applied it.
func notApplied() Check {
	return Check{ID: "not-applied", Link: Permission, About: both(),
		Means: "The config gives the access, and nobody has applied it.",
		Looks: "What the group holds in AWS.",
		Fix:   "Run rolecall apply.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				switch {
				case !f.arrives(p) || p.Orphan != "" || p.Failure != nil:
					return nil
				case !p.Granted.Known:
					return unsure(p.Granted.Needs)
				case p.Granted.Value:
					return fine(p.Granted.Evidence...)
				}
				return wrong(rolecall, "Run rolecall plan, then rolecall apply.", p.Granted.Evidence, "the config gives the group %q the permission set %q, and AWS does not", p.Group, p.Set)
			})
		}}
}
