package api

import "github.com/rolecall-dev/rolecall/emulator/internal/store"

// listServiceAccess returns the services with trusted access to the organization.
// Terraform's aws_organizations_organization asks for them.
func listServiceAccess(c *Call) (any, error) {
	type row struct {
		at      uint64
		service store.TrustedService
	}
	var rows []row
	for n, s := range c.Store.TrustedServices(SSOPrincipal) {
		rows = append(rows, row{uint64(n + 1), s})
	}
	read := slicePage(rows, func(r row) uint64 { return r.at })
	return paged(c, "EnabledServicePrincipals", read, func(r row) any {
		return Out{"ServicePrincipal": r.service.Principal, "DateEnabled": epoch(r.service.Since)}
	})
}
