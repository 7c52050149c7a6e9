package doctor

// createsNone: provisioning to AWS is on, and does not create users.
func createsNone() Check {
	return Check{ID: "creates-no-users", Link: Provisioning, About: []Subject{Person},
		Means: "Provisioning to AWS is on, and does not create users: the person is assigned and never comes.",
		Looks: "What provisioning does to users, in the settings or the mappings of the AWS application.",
		Fix:   "Switch on that provisioning creates users, then provision the person.",
		run: func(f *Facts) []Verdict {
			if !f.createsNone() || !f.active() || !f.assigned() || !f.User.Known || f.inAWS() || f.Alike != nil {
				return nil
			}
			return wrong(f.IdP, "In "+f.IdP+", switch on in the provisioning of the AWS application that it creates users, then provision the person.", f.Provisioning.Evidence,
				"provisioning to AWS does not create users in %s, and %q is not in AWS yet", f.IdP, f.Name)
		}}
}

// createsNone says that provisioning works and brings nobody new.
func (f *Facts) createsNone() bool {
	return f.usersBySCIM() && !f.stuck() && f.Provisioning.Known && !f.Provisioning.Value.Creates
}
