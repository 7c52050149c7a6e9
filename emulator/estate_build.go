package emulator

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/api"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func lower(s string) string { return strings.ToLower(s) }

// builder puts an estate into a store.
type builder struct {
	estate *Estate
	store  *store.Store
	stamp  store.Stamp
	units  map[string]*store.Unit
	names  map[string][]*store.Account
	scim   []*tenant
}

// build fills the store. It refuses an estate that contradicts itself.
func (b *builder) build() error {
	if err := b.buildOrganization(); err != nil {
		return err
	}
	for _, d := range b.estate.DelegatedAdministrators {
		a, err := b.account(d.Account)
		if err != nil {
			return fmt.Errorf("delegated administrator: %w", err)
		}
		a.Delegate(cmp.Or(d.ServicePrincipal, api.SSOPrincipal), b.stamp.At)
	}
	instances := b.estate.Instances
	if instances == nil {
		instances = []EstateInstance{{}}
	}
	for n, in := range instances {
		if n == 0 {
			in.EstateContents = joinContents(b.estate.EstateContents, in.EstateContents)
		}
		if err := b.buildInstance(in); err != nil {
			return fmt.Errorf("instance %d: %w", n+1, err)
		}
	}
	return nil
}

func joinContents(a, b EstateContents) EstateContents {
	return EstateContents{
		Users: slices.Concat(a.Users, b.Users), Groups: slices.Concat(a.Groups, b.Groups),
		PermissionSets: slices.Concat(a.PermissionSets, b.PermissionSets),
		Assignments:    slices.Concat(a.Assignments, b.Assignments), Applications: slices.Concat(a.Applications, b.Applications),
	}
}

func (b *builder) buildOrganization() error {
	e := b.estate.Organization
	if e == nil {
		if len(b.estate.Accounts) > 0 {
			return fmt.Errorf("accounts without an organization")
		}
		return nil
	}
	at := slices.IndexFunc(b.estate.Accounts, func(a EstateAccount) bool { return a.Name == e.Management || a.ID == e.Management })
	if at < 0 {
		return fmt.Errorf("management account %q is not among the accounts", e.Management)
	}
	o, err := b.store.CreateOrganization(b.stamp, e.ID, e.RootID, b.newAccount(b.estate.Accounts[at]))
	if err != nil {
		return err
	}
	o.FeatureSet = cmp.Or(e.FeatureSet, o.FeatureSet)
	if err := b.buildUnits(o); err != nil {
		return err
	}
	b.note(o.Management)
	if p := b.estate.Accounts[at].Parent; p != "" {
		u, err := b.unit(p)
		if err != nil {
			return err
		}
		o.Move(o.Management, u)
	}
	for n, a := range b.estate.Accounts {
		if n == at {
			continue
		}
		if err := b.buildAccount(o, a); err != nil {
			return fmt.Errorf("account %q: %w", a.Name, err)
		}
	}
	return nil
}

func (b *builder) buildUnits(o *store.Organization) error {
	b.units = map[string]*store.Unit{"": o.Root, "Root": o.Root, o.Root.ID: o.Root}
	for _, u := range b.estate.OrganizationalUnits {
		parent, err := b.unit(u.Parent)
		if err != nil {
			return err
		}
		made, err := o.CreateUnit(b.stamp, parent, u.ID, u.Name, tagList(u.Tags))
		if err != nil {
			return fmt.Errorf("organizational unit %q: %w", u.Name, err)
		}
		b.units[u.Name], b.units[made.ID] = made, made
	}
	return nil
}

func (b *builder) unit(name string) (*store.Unit, error) {
	if u, ok := b.units[name]; ok {
		return u, nil
	}
	return nil, fmt.Errorf("unknown organizational unit %q", name)
}

func (b *builder) newAccount(a EstateAccount) store.Account {
	made := store.Account{
		ID: a.ID, Name: a.Name, Email: a.Email, State: a.State, Tags: tagList(a.Tags),
		OtherRoles: a.OtherRoles, Policies: map[string]bool{},
	}
	for _, p := range a.CustomerManagedPolicies {
		made.Policies[policyKey(p)] = true
	}
	return made
}

func policyKey(nameOrPath string) string {
	if strings.HasPrefix(nameOrPath, "/") {
		return nameOrPath
	}
	return "/" + nameOrPath
}

func (b *builder) buildAccount(o *store.Organization, a EstateAccount) error {
	u, err := b.unit(a.Parent)
	if err != nil {
		return err
	}
	fresh := b.newAccount(a)
	fresh.Parent = u
	made, err := o.AddAccount(b.stamp, fresh)
	if err != nil {
		return err
	}
	b.note(made)
	return nil
}

func (b *builder) note(a *store.Account) {
	b.names[a.Name] = append(b.names[a.Name], a)
	b.names[a.ID] = append(b.names[a.ID], a)
}

func (b *builder) account(name string) (*store.Account, error) {
	switch found := b.names[name]; len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, fmt.Errorf("unknown account %q", name)
	default:
		return nil, fmt.Errorf("more than one account is named %q, use its id", name)
	}
}

func (b *builder) buildInstance(in EstateInstance) error {
	owner, account := ManagementAccount, false
	if o := b.store.Organization(); o != nil {
		owner = o.Management.ID
	}
	if in.Owner != "" {
		a, err := b.account(in.Owner)
		if err != nil {
			return err
		}
		account = a.ID != owner
		owner = a.ID
	}
	i, err := b.store.CreateInstance(b.stamp, store.NewInstance{
		ARN: in.ARN, DirectoryID: in.IdentityStoreID, Name: in.Name, Owner: owner, Region: in.Region,
		Account: account || b.store.Organization() == nil, Tags: tagList(in.Tags),
	})
	if err != nil {
		return err
	}
	b.buildSCIM(i, in.SCIM)
	return b.fill(i, in.EstateContents)
}
