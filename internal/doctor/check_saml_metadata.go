package doctor

import "time"

// samlMetadata: the identity provider's SAML metadata has something that keeps, or will keep, people from signing in.
func samlMetadata() Check {
	return Check{ID: "saml-metadata", Link: SignIn, About: []Subject{SetUp},
		Means: "The identity provider's SAML metadata has something that keeps, or will keep, people from signing in.",
		Looks: "The metadata, from its URL or a file: certificates, entity id, bindings; what the application at the identity provider says, and when its own certificate ends.",
		Fix:   "Upload the current metadata in the IAM Identity Center console.",
		run: func(f *Facts) []Verdict {
			switch {
			case !f.hasIdP():
				return nil
			case !f.Metadata.Known:
				return append(f.certificates(), unsure(f.Metadata.Needs)...)
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

// certificateDays is how long before its end a certificate is warned of.
const certificateDays = 60

// certificates looks at those that the identity provider signs with, where that
// is all that is known.
func (f *Facts) certificates() []Verdict {
	if !f.SAML.Known {
		return nil
	}
	var out []Verdict
	for _, c := range f.SAML.Value.Certificates {
		const fix = "Make a new signing certificate at the identity provider, and upload the current metadata in the IAM Identity Center console (Settings, Identity source)."
		ends := c.NotAfter.UTC().Format(time.DateOnly)
		switch left := c.NotAfter.Sub(f.Now); {
		case !c.InUse || c.NotAfter.IsZero() || left > certificateDays*24*time.Hour:
		case left <= 0:
			out = append(out, wrong(f.IdP, fix, f.SAML.Evidence, "the certificate that %s signs with ended on %s", f.IdP, ends)...)
		default:
			out = append(out, soon(f.IdP, fix, f.SAML.Evidence, "the certificate that %s signs with ends on %s", f.IdP, ends)...)
		}
	}
	return out
}
