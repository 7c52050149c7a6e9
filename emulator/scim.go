package emulator

import (
	"cmp"
	"fmt"
	"hash/fnv"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// SCIMEndpoint is where an identity provider pushes to, below the address of the
// emulator, and the bearer token that opens it.
type SCIMEndpoint struct {
	Path  string `json:"path"`
	Token string `json:"token"`
}

// SCIM is the endpoint of the first instance; it is empty where there is none or
// its automatic provisioning is off.
func (e *Emulator) SCIM() SCIMEndpoint {
	e.mu.RLock()
	defer e.mu.RUnlock()
	if len(e.world.tenants) == 0 {
		return SCIMEndpoint{}
	}
	t := e.world.tenants[0]
	return SCIMEndpoint{Path: "/" + t.name + "/scim/v2/", Token: t.token}
}

// buildSCIM sets up automatic provisioning. Tenant and token do not draw from the
// ids of the store, so that turning it off changes nothing else.
func (b *builder) buildSCIM(i *store.Instance, s EstateSCIM) {
	if s.Off {
		return
	}
	h := fnv.New64a()
	fmt.Fprint(h, i.ARN, b.store.Seed)
	sum := fmt.Sprintf("%016x", h.Sum64())
	tenant := &tenant{
		name:      cmp.Or(s.Tenant, fmt.Sprintf("%s-%s-4%s-8%s-%s%s", sum[:8], sum[8:12], sum[12:15], sum[:3], sum[3:9], sum[9:15])),
		token:     cmp.Or(s.Token, "emulator-scim-token-"+sum),
		directory: i.Directory,
	}
	i.Directory.Tenant = tenant.name
	i.Directory.Issuer = cmp.Or(s.Issuer, "https://scim.aws.com/"+tenant.name)
	b.scim = append(b.scim, tenant)
}
