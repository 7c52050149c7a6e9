package entra

import (
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// cloud is one of Microsoft's clouds, each with hosts of its own
// (learn.microsoft.com/graph/deployments;
// learn.microsoft.com/entra/identity-platform/authentication-national-cloud).
type cloud struct{ name, login, graph string }

func clouds() []cloud {
	return []cloud{
		{"", "login.microsoftonline.com", "graph.microsoft.com"},
		{"us-government", "login.microsoftonline.us", "graph.microsoft.us"},
		{"us-dod", "login.microsoftonline.us", "dod-graph.microsoft.us"},
		{"china", "login.partner.microsoftonline.cn", "microsoftgraph.chinacloudapi.cn"},
	}
}

// cloudOf returns the cloud that the settings name, or else the one that the
// tenant's first domain is in. A domain of one's own tells nothing, and nor does
// one tell the two clouds of the government apart.
func cloudOf(s directory.Settings) (cloud, error) {
	name := s.Cloud
	if name == "" {
		tenant := strings.ToLower(s.Organization)
		for domain, of := range map[string]string{".onmicrosoft.us": "us-government", ".onmicrosoft.cn": "china", ".onmschina.cn": "china"} {
			if strings.HasSuffix(tenant, domain) {
				name = of
			}
		}
	}
	for _, c := range clouds() {
		if c.name == name {
			return c, nil
		}
	}
	return cloud{}, s.Invalid(system, `Write cloud = "us-government", "us-dod" or "china"; leave it out for the global cloud.`, "the cloud %q is not one of Microsoft's", name)
}

// otherCloud says that a code of the token endpoint means that the tenant is in
// another cloud than the one that was asked
// (learn.microsoft.com/entra/identity-platform/reference-error-codes).
func otherCloud(code int) bool {
	switch code {
	case 90038, // NationalCloudTenantRedirection
		900382, 900432: // no confidential client across clouds
		return true
	}
	return false
}
