package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
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

func (b *builder) fill(i *store.Instance, in EstateContents) error {
	for _, u := range in.Users {
		if err := b.buildUser(i.Directory, u); err != nil {
			return fmt.Errorf("user %q: %w", u.UserName, err)
		}
	}
	for _, g := range in.Groups {
		if err := b.buildGroup(i.Directory, g); err != nil {
			return fmt.Errorf("group %q: %w", g.DisplayName, err)
		}
	}
	for _, p := range in.PermissionSets {
		if err := b.buildSet(i, p); err != nil {
			return fmt.Errorf("permission set %q: %w", p.Name, err)
		}
	}
	for _, a := range in.Assignments {
		if err := b.buildAssignment(i, a); err != nil {
			return fmt.Errorf("assignment of %q: %w", a.PermissionSet, err)
		}
	}
	for _, a := range in.Applications {
		if err := b.buildApplication(i, a); err != nil {
			return fmt.Errorf("application %q: %w", a.Name, err)
		}
	}
	return b.outdate(i, in.PermissionSets)
}

func (b *builder) by(source string) (store.Stamp, bool, error) {
	switch source {
	case FromSCIM:
		return store.Stamp{At: b.stamp.At, By: scimActor}, true, nil
	case FromAWS, "":
		return b.stamp, false, nil
	}
	return store.Stamp{}, false, fmt.Errorf("unknown source %q: want %s or %s", source, FromSCIM, FromAWS)
}

func (b *builder) buildUser(d *store.Directory, u EstateUser) error {
	stamp, _, err := b.by(u.Source)
	if err != nil {
		return err
	}
	local, _, _ := strings.Cut(u.UserName, "@")
	made := store.User{ID: u.ID, ExternalID: u.ExternalID, Active: u.Active == nil || *u.Active}
	made.UserName, made.DisplayName = u.UserName, cmp.Or(u.DisplayName, local)
	made.Name = store.Name{GivenName: cmp.Or(u.GivenName, local), FamilyName: cmp.Or(u.FamilyName, local)}
	if u.Email != "" {
		made.Emails = []store.Email{{Value: u.Email, Type: "work", Primary: true}}
	}
	_, err = d.CreateUser(stamp, made)
	return err
}

func (b *builder) buildGroup(d *store.Directory, g EstateGroup) error {
	stamp, scim, err := b.by(g.Source)
	if err != nil {
		return err
	}
	made, err := d.CreateGroup(stamp, store.Group{
		ID: g.ID, DisplayName: g.DisplayName, Description: g.Description, ExternalID: g.ExternalID, SCIM: scim,
	})
	if err != nil {
		return err
	}
	for _, name := range g.Members {
		u, ok := d.UserByName(name)
		if !ok {
			return fmt.Errorf("unknown member %q", name)
		}
		if _, err := d.CreateMembership(stamp, made.ID, u.ID); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) buildSet(i *store.Instance, p EstatePermissionSet) error {
	inline, err := document(p.InlinePolicy)
	if err != nil {
		return err
	}
	made, err := i.CreatePermissionSet(b.stamp, store.PermissionSet{
		ARN: p.ARN, Name: p.Name, Description: p.Description, RelayState: p.RelayState, Tags: tagList(p.Tags),
		SessionDuration: cmp.Or(p.SessionDuration, "PT1H"), Inline: inline, Boundary: boundary(p.PermissionsBoundary),
	})
	if err != nil {
		return err
	}
	for _, arn := range p.AWSManagedPolicies {
		if err := made.AttachManaged(arn, arn[strings.LastIndex(arn, "/")+1:]); err != nil {
			return err
		}
	}
	for _, c := range p.CustomerManagedPolicies {
		if err := made.AttachCustomer(c.Name, cmp.Or(c.Path, "/")); err != nil {
			return err
		}
	}
	return nil
}

// document reads a policy given as JSON or as a string of JSON.
func document(raw json.RawMessage) (string, error) {
	if len(raw) == 0 {
		return "", nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var small bytes.Buffer
	if err := json.Compact(&small, raw); err != nil {
		return "", fmt.Errorf("inline policy: %w", err)
	}
	return small.String(), nil
}

func boundary(b *EstateBoundary) *store.Boundary {
	switch {
	case b == nil:
		return nil
	case b.CustomerManagedPolicy != nil:
		return &store.Boundary{Customer: &store.CustomerPolicy{Name: b.CustomerManagedPolicy.Name, Path: cmp.Or(b.CustomerManagedPolicy.Path, "/")}}
	}
	return &store.Boundary{ManagedARN: b.AWSManagedPolicy}
}

func (b *builder) buildAssignment(i *store.Instance, e EstateAssignment) error {
	set, ok := i.PermissionSetByName(e.PermissionSet)
	if !ok {
		return fmt.Errorf("unknown permission set %q", e.PermissionSet)
	}
	typ, id, err := principal(i.Directory, e)
	if err != nil {
		return err
	}
	for _, name := range e.Accounts {
		a, err := b.account(name)
		if err != nil {
			return err
		}
		i.Assign(a, set, typ, id)
	}
	return nil
}

func principal(d *store.Directory, e EstateAssignment) (typ, id string, err error) {
	switch {
	case e.Group != "":
		g, ok := d.GroupByName(e.Group)
		if !ok {
			return "", "", fmt.Errorf("unknown group %q", e.Group)
		}
		return "GROUP", g.ID, nil
	case e.User != "":
		u, ok := d.UserByName(e.User)
		if !ok {
			return "", "", fmt.Errorf("unknown user %q", e.User)
		}
		return "USER", u.ID, nil
	case e.PrincipalID != "":
		return cmp.Or(e.PrincipalType, "GROUP"), e.PrincipalID, nil
	}
	return "", "", fmt.Errorf("no group, user or principal id")
}

func (b *builder) buildApplication(i *store.Instance, e EstateApplication) error {
	var assigned []store.AppAssignment
	for _, name := range e.Groups {
		g, ok := i.Directory.GroupByName(name)
		if !ok {
			return fmt.Errorf("unknown group %q", name)
		}
		assigned = append(assigned, store.AppAssignment{PrincipalType: "GROUP", PrincipalID: g.ID})
	}
	for _, name := range e.Users {
		u, ok := i.Directory.UserByName(name)
		if !ok {
			return fmt.Errorf("unknown user %q", name)
		}
		assigned = append(assigned, store.AppAssignment{PrincipalType: "USER", PrincipalID: u.ID})
	}
	i.AddApplication(e.ARN, e.Name, assigned)
	return nil
}

// outdate makes roles lack the last edit of their set.
func (b *builder) outdate(i *store.Instance, sets []EstatePermissionSet) error {
	for _, p := range sets {
		set, _ := i.PermissionSetByName(p.Name)
		for _, name := range p.OutdatedIn {
			a, err := b.account(name)
			if err != nil {
				return fmt.Errorf("permission set %q: %w", p.Name, err)
			}
			provision, ok := i.Provision(a.ID, set)
			if !ok {
				return fmt.Errorf("permission set %q is not provisioned in %q", p.Name, name)
			}
			provision.Outdate()
		}
	}
	return nil
}

func tagList(tags map[string]string) store.Tags {
	var out store.Tags
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, store.Tag{Key: k, Value: tags[k]})
	}
	return out
}
