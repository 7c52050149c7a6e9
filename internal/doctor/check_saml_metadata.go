package doctor

// samlMetadata: the identity provider's SAML metadata has something that keeps, or will keep, people from signing in.
func samlMetadata() Check {
	return Check{ID: "saml-metadata", Link: SignIn, About: []Subject{SetUp},
		Means: "The identity provider's SAML metadata has something that keeps, or will keep, people from signing in.",
		Looks: "The metadata, from its URL or a file: certificates, entity id, bindings; what the application says.",
		Fix:   "Upload the current metadata in the IAM Identity Center console.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.hasIdP():
				return nil
			case !f.Metadata.Known:
				return unsure(f.Metadata.Needs)
			case len(f.Metadata.Value) == 0:
				return fine(f.Metadata.Evidence...)
			}
			var out []Verdict
			for _, p := range f.Metadata.Value {
				v := Verdict{State: Problem, System: f.IdP, Cause: p.Cause, Fix: p.Fix, Evidence: f.Metadata.Evidence}
				if p.Soon {
					v.State = Warning
				}
				out = append(out, v)
			}
			return out
		}}
}
