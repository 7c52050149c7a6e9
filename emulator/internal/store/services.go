package store

import (
	"maps"
	"slices"
	"time"
)

// TrustedService is an AWS service that may work in all accounts of the
// organization, and since when.
type TrustedService struct {
	Principal string
	Since     time.Time
}

// TrustedServices returns the services with trusted access, by name: IAM Identity
// Center where it has an instance of the organization, which enables it, and
// whatever has a delegated administrator, which needs it.
func (s *Store) TrustedServices(identityCenter string) []TrustedService {
	since := map[string]time.Time{}
	note := func(principal string, at time.Time) {
		if had, ok := since[principal]; !ok || at.Before(had) {
			since[principal] = at
		}
	}
	for _, i := range s.Instances() {
		if !i.Account {
			note(identityCenter, i.Created)
		}
	}
	for _, a := range s.org.byID {
		for principal, at := range a.Delegated {
			note(principal, at)
		}
	}
	var out []TrustedService
	for _, principal := range slices.Sorted(maps.Keys(since)) {
		out = append(out, TrustedService{principal, since[principal]})
	}
	return out
}
