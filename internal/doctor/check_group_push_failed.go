package doctor

// groupPushFailed: the identity provider tried to bring the group to AWS, and failed.
func groupPushFailed() Check {
	return Check{ID: "group-push-failed", Link: Provisioning, About: both(),
		Means: "The identity provider tried to bring the group to AWS, and failed.",
		Looks: "The state of the push of the group.",
		Fix:   "Mend what the message of the identity provider names, then push the group again.",
		run: func(f *Facts) []Verdict {
			return each(f, func(f *Facts, p *Path) []Verdict {
				if !f.groupComes(p) || p.Push == "" || p.InScope.Known && !p.InScope.Value {
					return nil
				}
				return wrong(f.IdP, "Mend what the message names, then push the group again in "+f.IdP+".", p.InScope.Evidence, "%s could not bring the group %q to AWS: %s", f.IdP, p.Group, p.Push)
			})
		}}
}
