package emulator

import (
	"cmp"
	"slices"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// State is everything in the store, sorted, so that equal stores have equal
// states. Times are left out.
type State struct {
	Organization string          `json:"organization,omitempty"`
	Accounts     []StateAccount  `json:"accounts"`
	Instances    []StateInstance `json:"instances"`
}

// StateAccount is an account; Path is its ancestry as organizations shows it.
type StateAccount struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	State string `json:"state"`
	Path  string `json:"path"`
}

// StateInstance is an instance with all that is in it.
type StateInstance struct {
	ARN             string               `json:"arn"`
	IdentityStoreID string               `json:"identity_store_id"`
	Owner           string               `json:"owner"`
	Region          string               `json:"region"`
	Users           []StateUser          `json:"users"`
	Groups          []StateGroup         `json:"groups"`
	Memberships     []StateMembership    `json:"memberships"`
	PermissionSets  []StatePermissionSet `json:"permission_sets"`
	Assignments     []StateAssignment    `json:"assignments"`
	Roles           []StateRole          `json:"roles"`
}

// StateUser is a person.
type StateUser struct {
	ID          string `json:"id"`
	UserName    string `json:"user_name"`
	DisplayName string `json:"display_name"`
	GivenName   string `json:"given_name"`
	FamilyName  string `json:"family_name"`
	Email       string `json:"email,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
	Active      bool   `json:"active"`
	Source      string `json:"source"` // SCIM or AWS
}

// StateGroup is a group.
type StateGroup struct {
	ID          string `json:"id"`
	DisplayName string `json:"display_name"`
	Description string `json:"description,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
	Source      string `json:"source"` // SCIM or AWS
}

// StateMembership says who is in which group, by name.
type StateMembership struct {
	ID    string `json:"id"`
	Group string `json:"group"`
	User  string `json:"user"`
}

// StatePermissionSet is a set with everything on it.
type StatePermissionSet struct {
	ARN             string `json:"arn"`
	Name            string `json:"name"`
	Description     string `json:"description,omitempty"`
	SessionDuration string `json:"session_duration"`
	RelayState      string `json:"relay_state,omitempty"`
	StateContent
	Tags map[string]string `json:"tags,omitempty"`
}

// StateAssignment is an account assignment. Orphan means that nobody has the
// principal's id any more; Principal is then that id.
type StateAssignment struct {
	Account       string `json:"account"` // id
	AccountName   string `json:"account_name"`
	PermissionSet string `json:"permission_set"` // name
	PrincipalType string `json:"principal_type"`
	PrincipalID   string `json:"principal_id"`
	Principal     string `json:"principal"` // name
	Orphan        bool   `json:"orphan,omitempty"`
}

// StateRole is the role of a permission set in an account. Latest means that it
// has every edit of the set.
type StateRole struct {
	Account       string `json:"account"`
	PermissionSet string `json:"permission_set"`
	Name          string `json:"name"`
	ARN           string `json:"arn"`
	Suffix        string `json:"suffix"`
	Latest        bool   `json:"latest"`
	// Content is what the role allows: what the set had when it was last
	// provisioned here.
	Content StateContent `json:"content"`
}

// StateContent is what a permission set, or a role of it, allows. It lists
// customer managed policies by path and name; a boundary is an ARN, or path and
// name.
type StateContent struct {
	AWSManagedPolicies      []string `json:"aws_managed_policies,omitempty"`
	CustomerManagedPolicies []string `json:"customer_managed_policies,omitempty"`
	InlinePolicy            string   `json:"inline_policy,omitempty"`
	PermissionsBoundary     string   `json:"permissions_boundary,omitempty"`
}

// State shows what is in the store now.
func (e *Emulator) State() State {
	e.catchUp()
	e.mu.RLock()
	defer e.mu.RUnlock()
	s := State{Accounts: []StateAccount{}, Instances: []StateInstance{}}
	if o := e.world.store.Organization(); o != nil {
		s.Organization = o.ID
		for _, a := range o.Accounts(0, everything).Items {
			s.Accounts = append(s.Accounts, StateAccount{ID: a.ID, Name: a.Name, Email: a.Email, State: a.State, Path: o.Path(a.Parent) + a.ID + "/"})
		}
		slices.SortFunc(s.Accounts, func(a, b StateAccount) int { return cmp.Compare(a.ID, b.ID) })
	}
	for _, i := range e.world.store.Instances() {
		s.Instances = append(s.Instances, instanceState(i))
	}
	return s
}

const everything = 1 << 31

func instanceState(i *store.Instance) StateInstance {
	out := StateInstance{
		ARN: i.ARN, IdentityStoreID: i.Directory.ID, Owner: i.Owner, Region: i.Region,
		PermissionSets: []StatePermissionSet{}, Assignments: []StateAssignment{}, Roles: []StateRole{},
	}
	directoryState(&out, i.Directory)
	for _, p := range i.PermissionSets(0, everything).Items {
		out.PermissionSets = append(out.PermissionSets, setState(p))
		for _, role := range i.AccountsWith(p, nil, 0, everything).Items {
			out.Roles = append(out.Roles, StateRole{
				Account: role.Account.ID, PermissionSet: p.Name, Name: role.RoleName(), ARN: role.RoleARN(), Suffix: role.Suffix, Latest: role.Latest(),
				Content: contentState(role.Content()),
			})
			for _, a := range role.Assignments(0, everything).Items {
				out.Assignments = append(out.Assignments, assignmentState(i.Directory, a))
			}
		}
	}
	slices.SortFunc(out.PermissionSets, func(a, b StatePermissionSet) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(out.Roles, func(a, b StateRole) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.PermissionSet, b.PermissionSet))
	})
	slices.SortFunc(out.Assignments, func(a, b StateAssignment) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.PermissionSet, b.PermissionSet),
			cmp.Compare(a.PrincipalType, b.PrincipalType), cmp.Compare(a.Principal, b.Principal))
	})
	return out
}

func directoryState(out *StateInstance, d *store.Directory) {
	out.Users, out.Groups, out.Memberships = []StateUser{}, []StateGroup{}, []StateMembership{}
	for _, u := range d.Users(0, everything).Items {
		mail := ""
		if len(u.Emails) > 0 {
			mail = u.Emails[0].Value
		}
		out.Users = append(out.Users, StateUser{
			ID: u.ID, UserName: u.UserName, DisplayName: u.DisplayName, GivenName: u.Name.GivenName, FamilyName: u.Name.FamilyName,
			Email: mail, ExternalID: u.ExternalID, Active: u.Active, Source: source(u.CreatedBy == scimActor),
		})
	}
	for _, g := range d.Groups(0, everything).Items {
		out.Groups = append(out.Groups, StateGroup{ID: g.ID, DisplayName: g.DisplayName, Description: g.Description, ExternalID: g.ExternalID, Source: source(g.SCIM)})
		for _, m := range g.Members(0, everything).Items {
			out.Memberships = append(out.Memberships, StateMembership{ID: m.ID, Group: g.DisplayName, User: m.User.UserName})
		}
	}
	slices.SortFunc(out.Users, func(a, b StateUser) int { return cmp.Compare(a.UserName, b.UserName) })
	slices.SortFunc(out.Groups, func(a, b StateGroup) int { return cmp.Compare(a.DisplayName, b.DisplayName) })
	slices.SortFunc(out.Memberships, func(a, b StateMembership) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.User, b.User))
	})
}

func source(scim bool) string {
	if scim {
		return FromSCIM
	}
	return FromAWS
}

func setState(p *store.PermissionSet) StatePermissionSet {
	out := StatePermissionSet{
		ARN: p.ARN, Name: p.Name, Description: p.Description, SessionDuration: p.SessionDuration,
		RelayState: p.RelayState, StateContent: contentState(p.Content()),
	}
	for _, t := range p.Tags {
		if out.Tags == nil {
			out.Tags = map[string]string{}
		}
		out.Tags[t.Key] = t.Value
	}
	return out
}

func contentState(c store.Content) StateContent {
	out := StateContent{InlinePolicy: c.Inline}
	for _, m := range c.Managed {
		out.AWSManagedPolicies = append(out.AWSManagedPolicies, m.ARN)
	}
	for _, p := range c.Customer {
		out.CustomerManagedPolicies = append(out.CustomerManagedPolicies, p.Path+p.Name)
	}
	slices.Sort(out.AWSManagedPolicies)
	slices.Sort(out.CustomerManagedPolicies)
	if b := c.Boundary; b != nil {
		out.PermissionsBoundary = b.ManagedARN
		if b.Customer != nil {
			out.PermissionsBoundary = b.Customer.Path + b.Customer.Name
		}
	}
	return out
}

func assignmentState(d *store.Directory, a *store.Assignment) StateAssignment {
	name, orphan := a.Principal.ID, true
	if u, ok := d.User(a.Principal.ID); ok && a.Principal.Type == "USER" {
		name, orphan = u.UserName, false
	}
	if g, ok := d.Group(a.Principal.ID); ok && a.Principal.Type == "GROUP" {
		name, orphan = g.DisplayName, false
	}
	return StateAssignment{
		Account: a.Provision.Account.ID, AccountName: a.Provision.Account.Name, PermissionSet: a.Provision.Set.Name,
		PrincipalType: a.Principal.Type, PrincipalID: a.Principal.ID, Principal: name, Orphan: orphan,
	}
}
