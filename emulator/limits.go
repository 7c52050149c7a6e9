package emulator

import (
	"math"
	"sync"
	"time"
)

// Limits slow clients down as AWS does. Zero means no limit.
type Limits struct {
	// Requests a second of each family, with a bucket of one second's worth:
	// sso-admin (all operations together), identitystore, SCIM, organizations,
	// and iam and sts together.
	SSOAdmin      float64 `json:"sso_admin,omitempty"`
	IdentityStore float64 `json:"identitystore,omitempty"`
	SCIM          float64 `json:"scim,omitempty"`
	Organizations float64 `json:"organizations,omitempty"`
	Other         float64 `json:"other,omitempty"`

	OutstandingAssignments   int `json:"outstanding_assignments,omitempty"`   // CreateAccountAssignment and DeleteAccountAssignment
	OutstandingProvisionings int `json:"outstanding_provisionings,omitempty"` // ProvisionPermissionSet
}

// AWSLimits are AWS's figures: 20 requests a second for all of sso-admin and 10
// outstanding assignment jobs
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html). AWS
// publishes none for the others; those are decisions, listed in README.md.
func AWSLimits() Limits {
	return Limits{
		SSOAdmin: 20, IdentityStore: 20, SCIM: 20, Organizations: 10, Other: 20,
		OutstandingAssignments: 10, OutstandingProvisionings: 3,
	}
}

func (l Limits) family(service string) (name string, rate float64) {
	switch service {
	case "sso-admin":
		return service, l.SSOAdmin
	case "identitystore":
		return service, l.IdentityStore
	case "scim":
		return service, l.SCIM
	case "organizations":
		return service, l.Organizations
	}
	return "other", l.Other
}

// buckets hold the tokens of each family.
type buckets struct {
	mu     sync.Mutex
	limits Limits
	family map[string]*bucket
}

type bucket struct {
	tokens float64
	at     time.Time
}

func (b *buckets) reset(l Limits) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.limits, b.family = l, map[string]*bucket{}
}

// take takes a token; false means that the call is one too many.
func (b *buckets) take(service string, now time.Time) bool {
	name, rate := b.limits.family(service)
	if rate <= 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	most := math.Max(rate, 1)
	have := b.family[name]
	if have == nil {
		have = &bucket{tokens: most, at: now}
		b.family[name] = have
	}
	if passed := now.Sub(have.at); passed > 0 {
		have.tokens, have.at = math.Min(most, have.tokens+passed.Seconds()*rate), now
	}
	if have.tokens < 1-1e-9 { // a whole token, but for the rounding of its parts
		return false
	}
	have.tokens--
	return true
}
