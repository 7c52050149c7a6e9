package doctor

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// scimElsewhere: what is pushed goes to another IAM Identity Center, or rolecall asks another one's SCIM endpoint.
func scimElsewhere() Check {
	return Check{ID: "scim-elsewhere", Link: Provisioning, About: all(),
		Means: "The identity provider pushes to another IAM Identity Center, or the SCIM endpoint in rolecall.hcl is another one's.",
		Looks: "The endpoint in the provisioning settings and in rolecall.hcl; whether the SCIM endpoint has the user or group that AWS has, with the same id.",
		Fix:   "Give the identity provider the SCIM endpoint and a token of this IAM Identity Center, and write the same endpoint into rolecall.hcl.",
		run: func(f *Facts) []Verdict {
			idp, seen := f.Provisioning.Value.Endpoint, slices.Concat(f.Provisioning.Evidence, f.AtSCIM.Evidence)
			const console = "the IAM Identity Center console shows it under Settings, Identity source, Automatic provisioning."
			switch {
			case !f.usersBySCIM():
				return nil
			case f.pushedElsewhere():
				return wrong(f.IdP, fmt.Sprintf("In %s, give the AWS application the SCIM endpoint of this IAM Identity Center, and a token of it: ", f.IdP)+console, seen,
					"%s pushes to %s, which is not the SCIM endpoint of this IAM Identity Center", f.IdP, idp)
			case f.AtSCIM.Known && !f.AtSCIM.Value:
				return soon(config, "Correct the endpoint in the scim block of rolecall.hcl, and its token: "+console, seen,
					"rolecall.hcl names the SCIM endpoint of another IAM Identity Center: it does not have %q", f.Name)
			case f.otherEndpoint():
				return soon(f.IdP, "Look which of the two is right: "+console, seen, "%s pushes to %s, and rolecall.hcl names %s", f.IdP, idp, f.Endpoint)
			case f.AtSCIM.Known:
				return fine(f.AtSCIM.Evidence...)
			}
			return nil
		}}
}

// otherEndpoint says that the identity provider pushes to another endpoint than
// rolecall.hcl names.
func (f *Facts) otherEndpoint() bool {
	idp := f.Provisioning.Value.Endpoint
	return idp != "" && f.Endpoint != "" && place(idp) != place(f.Endpoint)
}

// pushedElsewhere says that the identity provider is known to push to another
// IAM Identity Center: not to the endpoint that has what this one has, or to one
// that has not.
func (f *Facts) pushedElsewhere() bool {
	same := f.Provisioning.Value.Endpoint != "" && f.Endpoint != "" && !f.otherEndpoint()
	return f.AtSCIM.Known && (f.AtSCIM.Value && f.otherEndpoint() || !f.AtSCIM.Value && same)
}

// place is an address without what makes no difference.
func place(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return address
	}
	return strings.ToLower(u.Host) + strings.TrimRight(u.Path, "/")
}
