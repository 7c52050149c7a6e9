package access

import (
	"cmp"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// SetUp is one of the four ways in which identities and access are divided
// between an identity provider and AWS.
type SetUp string

// The set-ups.
const (
	SCIM          SetUp = "external IdP with SCIM"
	SCIMUsersOnly SetUp = "external IdP with SCIM for users only"
	WithoutSCIM   SetUp = "external IdP without SCIM"
	BuiltIn       SetUp = "AWS's built-in directory"
)

// SetUp says which set-up the config describes; it is meaningful for a config
// that Check finds no error in.
func (c Config) SetUp() SetUp {
	switch {
	case c.ManagementMode.Value == "external" && c.SCIMScope.Value == "users":
		return SCIMUsersOnly
	case c.ManagementMode.Value == "external":
		return SCIM
	case c.IdentityProvider.Value != "":
		return WithoutSCIM
	default:
		return BuiltIn
	}
}

// IdPName names the identity provider as the config does, or says "the
// identity provider".
func (c Config) IdPName() string {
	return cmp.Or(c.SCIMIdentitySource.Value, c.IdentityProvider.Value, "the identity provider")
}

// Desired turns a config that Check finds no error in into the state it asks
// for, owned by owner.
func Desired(c Config, owner string) State {
	d := desired{config: c, owner: owner,
		accounts: map[string]int32{}, users: map[string]int32{}, groups: map[string]int32{}, sets: map[string]int32{}}
	d.addUsers()
	for _, g := range c.AccessGroups.Items {
		d.addGroup(g, Group{Owner: owner})
	}
	for _, g := range c.ExternalGroups.Items {
		d.addGroup(g, Group{Referenced: true, SCIM: c.SetUp() == SCIM})
	}
	d.addUserGroups()
	d.nameGroupsOnSets()
	return d.b.State()
}

type desired struct {
	b        Builder
	config   Config
	owner    string
	accounts map[string]int32
	users    map[string]int32
	groups   map[string]int32
	sets     map[string]int32
	// onSet has, by a set's handle, the names of the groups that share it.
	onSet [][]string
}

func (d *desired) addUsers() {
	for _, u := range d.config.Users.Items {
		user := u.User()
		user.Previously, user.Origin = u.Previously.Value, d.b.Origin(u.Range)
		d.users[user.Username] = d.b.AddUser(user)
	}
	for _, name := range d.config.RemovedUsers.Items {
		d.b.AddUser(User{Username: name.Value, Remove: true, Origin: d.b.Origin(name.Range)})
	}
}

// User returns what the config asks of a user in AWS.
func (u UserSpec) User() User {
	return User{Username: u.UserName().Value, DisplayName: u.DisplayName.Value, Email: u.Email.Value, GivenName: u.GivenName.Value, FamilyName: u.FamilyName.Value}
}

// Spec is the way back from User: the user as the config would write it.
func (u User) Spec() UserSpec {
	return UserSpec{Username: written(u.Username), DisplayName: written(u.DisplayName), Email: written(u.Email), GivenName: written(u.GivenName), FamilyName: written(u.FamilyName)}
}

// user returns the handle of a user that the config names, defined or not.
func (d *desired) user(name Text) int32 {
	return handleOf(d.users, name.Value, func() int32 {
		return d.b.AddUser(User{Username: name.Value, Referenced: true, Origin: d.b.Origin(name.Range)})
	})
}

func (d *desired) account(name Text) int32 {
	return handleOf(d.accounts, name.Value, func() int32 { return d.b.AddAccount(Account{Name: name.Value, Origin: d.b.Origin(name.Range)}) })
}

func (d *desired) addGroup(spec GroupSpec, kind Group) {
	kind.Name, kind.Description = spec.Name.Value, spec.Description.Value
	kind.Previously, kind.Origin = spec.Previously.Value, d.b.Origin(rangeOf(spec))
	group := d.b.AddGroup(kind)
	d.groups[kind.Name] = group
	for _, m := range spec.Members.Items {
		d.b.AddMembership(group, d.user(m), d.b.Origin(m.Range))
	}
	set := d.set(spec)
	for _, a := range spec.AccountsNames.Items {
		d.b.AddAssignment(Assignment{Set: set, Account: d.account(a), Kind: GroupPrincipal, Principal: group, Origin: d.b.Origin(a.Range)})
	}
}

func rangeOf(spec GroupSpec) diag.Range {
	return cmp.Or(spec.Name.Range, spec.Range)
}

// SetName returns the name of the group's permission set.
func (g GroupSpec) SetName() string {
	return g.PermissionSetName.Or(PermissionSetName(g.Name.Value))
}

func (d *desired) set(spec GroupSpec) int32 {
	h := handleOf(d.sets, spec.SetName(), func() int32 {
		d.onSet = append(d.onSet, nil)
		return d.b.AddSet(d.permissionSet(spec))
	})
	d.onSet[h] = append(d.onSet[h], spec.Name.Value)
	return h
}

func (d *desired) permissionSet(spec GroupSpec) PermissionSet {
	p := spec.PermissionSet()
	p.Tags = append(p.Tags, Tag{OwnerTag, d.owner})
	if source := d.config.SCIMIdentitySource.Value; source != "" {
		p.Tags = append(p.Tags, Tag{SCIMSourceTag, TagText(source)})
	}
	p.Origin = d.b.Origin(rangeOf(spec))
	return p
}

// PermissionSet returns what the group asks of its permission set, without the
// owner's marks. Two groups may share a set where these are equal.
func (g GroupSpec) PermissionSet() PermissionSet {
	p := PermissionSet{
		Name: g.SetName(), Description: g.Description.Value,
		SessionDuration: g.SessionDuration.Value, RelayState: g.RelayState.Value,
		ManagedPolicies: values(g.AWSManagedPolicies),
		InlinePolicy:    InlinePolicyDocument(g.InlinePolicies.Items),
		Boundary:        ParseBoundary(g.PermissionsBoundary.Value),
	}
	for _, c := range g.CustomerManagedPolicies.Items {
		p.CustomerPolicies = append(p.CustomerPolicies, ParseCustomerPolicy(c.Value))
	}
	for _, t := range g.Tags.Items {
		p.Tags = append(p.Tags, Tag{t.Key.Value, t.Value.Value})
	}
	normalizeSet(&p)
	return p
}

// Spec is the way back from PermissionSet: what a group of the config would write
// for the set, in one spelling. What the config cannot say is not in it, the marks
// and some policy documents' parts, and all statements are of one policy.
func (p PermissionSet) Spec() GroupSpec {
	g := GroupSpec{Description: written(p.Description), SessionDuration: written(ISODuration(p.SessionDuration)), RelayState: written(p.RelayState),
		AWSManagedPolicies: writtenList(p.ManagedPolicies), InlinePolicies: inlinePolicies(p.InlinePolicy), PermissionsBoundary: written(p.Boundary.String())}
	for _, c := range p.CustomerPolicies {
		g.CustomerManagedPolicies.Items = append(g.CustomerManagedPolicies.Items, written(c.String()))
	}
	for _, t := range p.Tags {
		if !strings.HasPrefix(t.Key, "rolecall:") {
			g.Tags.Items = append(g.Tags.Items, TagSpec{written(t.Key), written(t.Value)})
		}
	}
	return g
}

func written(text string) Text { return Text{Value: text} }

func writtenList(texts []string) List[Text] {
	var out List[Text]
	for _, t := range texts {
		out.Items = append(out.Items, written(t))
	}
	return out
}

// ParseCustomerPolicy reads a customer managed policy as the config names it:
// an ARN, a name, or path/name.
func ParseCustomerPolicy(text string) CustomerPolicy {
	if strings.HasPrefix(text, "arn:") {
		_, text, _ = strings.Cut(text, ":policy/")
	}
	text = strings.Trim(text, "/")
	if i := strings.LastIndexByte(text, '/'); i >= 0 {
		return CustomerPolicy{Path: "/" + text[:i+1], Name: text[i+1:]}
	}
	return CustomerPolicy{Path: "/", Name: text}
}

// ParseBoundary reads a permissions boundary as the config names it: the ARN
// of an AWS managed policy, or a customer managed policy.
func ParseBoundary(text string) Boundary {
	switch {
	case text == "":
		return Boundary{}
	case strings.HasPrefix(text, "arn:") && strings.Contains(text, ":iam::aws:policy/"):
		return Boundary{ManagedPolicy: text}
	default:
		return Boundary{CustomerPolicy: ParseCustomerPolicy(text)}
	}
}

// addUserGroups unites users[].groups with members. A group that the config
// does not define must exist in AWS; members are added to it, none removed.
func (d *desired) addUserGroups() {
	for _, u := range d.config.Users.Items {
		user := d.users[u.UserName().Value]
		for _, name := range u.Groups.Items {
			group := handleOf(d.groups, name.Value, func() int32 {
				return d.b.AddGroup(Group{Name: name.Value, Referenced: true, Origin: d.b.Origin(name.Range)})
			})
			d.b.AddMembership(group, user, d.b.Origin(name.Range))
		}
	}
}

func (d *desired) nameGroupsOnSets() {
	for h, names := range d.onSet {
		set := &d.b.sets[h]
		set.Tags = append(set.Tags, Tag{GroupTag, TagText(strings.Join(names, " / "))})
	}
}
