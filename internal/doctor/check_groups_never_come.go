package doctor

// groupsNeverCome: the identity provider brings users only, and the config waits for its groups.
func groupsNeverCome() Check {
	return Check{ID: "groups-never-come", Link: Application, About: all(),
		Means: "The identity provider brings users only, and the config waits for its groups.",
		Looks: "The set-up of the config, and which identity provider it names.",
		Fix:   "Set scim_scope = \"users\" and define the groups in access_groups.",
		run: func(f *Facts) []Verdict {
			if !f.bySCIM() || f.Window.Groups {
				return nil
			}
			missing := f.Subject == SetUp
			for i := range f.Paths {
				missing = missing || f.Paths[i].AWSGroup.Known && f.Paths[i].AWSGroup.Value == nil
			}
			if !missing {
				return nil
			}
			return wrong(config, `Set scim_scope = "users" and define the groups in access_groups, or sync them with another tool.`, nil,
				"%s brings users only: its groups never come to AWS by SCIM", f.IdP)
		}}
}
