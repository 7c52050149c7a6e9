package api

import "github.com/rolecall-dev/rolecall/emulator/internal/store"

// listServiceAccess returns the services with trusted access to the organization.
// Terraform's aws_organizations_organization asks for them.
func listServiceAccess(c *Call) (any, error) {
	services := c.Store.TrustedServices(SSOPrincipal)
	return paged(c, "EnabledServicePrincipals", listPage(services), func(s store.TrustedService) any {
		return Out{"ServicePrincipal": s.Principal, "DateEnabled": epoch(s.Since)}
	})
}
