package doctor

// applicationOff: the AWS application is switched off at the identity provider, so nobody can sign in.
func applicationOff() Check {
	return Check{ID: "application-off", Link: Application, About: []Subject{SetUp, Person},
		Means: "The AWS application is switched off at the identity provider, so nobody can sign in.",
		Looks: "The state of the AWS application at the identity provider.",
		Fix:   "Switch the application on.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.hasIdP() || !f.SAML.Known:
				return nil
			case f.SAML.Value.Enabled:
				return fine(f.SAML.Evidence...)
			}
			return wrong(f.IdP, "In "+f.IdP+", switch the AWS application on.", f.SAML.Evidence, "the AWS application is switched off in %s, so nobody can sign in", f.IdP)
		}}
}

// off says that the application is switched off, and all that hangs on it.
func (f *Facts) off() bool { return f.SAML.Known && !f.SAML.Value.Enabled }
