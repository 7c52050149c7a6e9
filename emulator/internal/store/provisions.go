package store

// Provision is a permission set in an account: the role there, and who is
// assigned to it. It is born with the first assignment (or a provisioning of
// that account) and dies with the last assignment, and the role with it; the
// next one has a fresh suffix.
type Provision struct {
	seq
	Account *Account
	Set     *PermissionSet
	Suffix  string

	edit        uint32
	content     Content
	assignments list[*Assignment]
}

// Content is what a role allows: what its set had when it was last provisioned.
type Content struct {
	Managed  []ManagedPolicy
	Customer []CustomerPolicy
	Inline   string
	Boundary *Boundary
}

// Content returns what the set has on it now; edits replace its parts and change
// none, so it stays as it is.
func (p *PermissionSet) Content() Content {
	return Content{Managed: p.Managed, Customer: p.Customer, Inline: p.Inline, Boundary: p.Boundary}
}

type pairKey struct {
	account string
	set     seq
}

// Principal is someone with an assignment, present in the identity store or not.
type Principal struct {
	Type, ID string

	assignments list[*Assignment]
}

// Assignment assigns a permission set in an account to a principal.
type Assignment struct {
	seq
	Provision *Provision
	Principal *Principal
}

// RoleName is the name of the role in the account.
func (p *Provision) RoleName() string { return "AWSReservedSSO_" + p.Set.Name + "_" + p.Suffix }

// RoleARN names the role. Outside us-east-1 the path carries the Region of the
// instance.
func (p *Provision) RoleARN() string {
	i := p.Set.instance
	region := ""
	if i.Region != "us-east-1" {
		region = i.Region + "/"
	}
	return "arn:" + i.store.Partition + ":iam::" + p.Account.ID + ":role/aws-reserved/sso.amazonaws.com/" + region + p.RoleName()
}

// Latest tells whether the role has every edit of the set.
func (p *Provision) Latest() bool { return p.edit == p.Set.edit }

// Content returns what the role allows, which lags behind the set until it is
// provisioned again.
func (p *Provision) Content() Content { return p.content }

// Assignments lists who has the set in the account.
func (p *Provision) Assignments(after uint64, limit int) Page[*Assignment] {
	return p.assignments.after(after, limit, nil)
}

// Provision finds a set in an account.
func (i *Instance) Provision(account string, set *PermissionSet) (*Provision, bool) {
	p, ok := i.pairs[pairKey{account, set.seq}]
	return p, ok
}

// SetsIn lists the sets provisioned in an account; latest narrows to those with
// (true) or without (false) every edit.
func (i *Instance) SetsIn(account *Account, latest *bool, after uint64, limit int) Page[*Provision] {
	return account.pairs.after(after, limit, func(p *Provision) bool {
		return p.Set.instance == i && (latest == nil || *latest == p.Latest())
	})
}

// AccountsWith lists the accounts where the set is provisioned.
func (i *Instance) AccountsWith(set *PermissionSet, latest *bool, after uint64, limit int) Page[*Provision] {
	return set.pairs.after(after, limit, func(p *Provision) bool { return latest == nil || *latest == p.Latest() })
}

// AssignmentsOf lists the assignments of a principal, in one account or in all.
func (i *Instance) AssignmentsOf(typ, id, account string, after uint64, limit int) Page[*Assignment] {
	pr := i.principals[typ+id]
	if pr == nil {
		return Page[*Assignment]{Next: after}
	}
	var keep func(*Assignment) bool
	if account != "" {
		keep = func(a *Assignment) bool { return a.Provision.Account.ID == account }
	}
	return pr.assignments.after(after, limit, keep)
}

// Assigned finds an assignment.
func (i *Instance) Assigned(account string, set *PermissionSet, typ, id string) (*Assignment, bool) {
	p, pr := i.pairs[pairKey{account, set.seq}], i.principals[typ+id]
	if p == nil || pr == nil {
		return nil, false
	}
	few := &p.assignments
	if len(pr.assignments.items) < len(few.items) {
		few = &pr.assignments
	}
	for _, a := range few.items {
		if a.Provision == p && a.Principal == pr {
			return a, true
		}
	}
	return nil, false
}

// Assign makes an assignment at once, as an estate file does; one that is there
// already stays as it is.
func (i *Instance) Assign(account *Account, set *PermissionSet, typ, id string) *Assignment {
	p := i.provision(account, set)
	if a, ok := i.Assigned(account.ID, set, typ, id); ok {
		return a
	}
	pr := i.principals[typ+id]
	if pr == nil {
		pr = &Principal{Type: typ, ID: id}
		i.principals[typ+id] = pr
	}
	a := &Assignment{seq: seq(i.store.ids.next()), Provision: p, Principal: pr}
	p.assignments.add(a)
	pr.assignments.add(a)
	i.assignments++
	return a
}

// unassign takes an assignment away and, with the last one, the role.
func (i *Instance) unassign(a *Assignment) {
	p, pr := a.Provision, a.Principal
	p.assignments.remove(a)
	pr.assignments.remove(a)
	i.assignments--
	if len(pr.assignments.items) == 0 {
		delete(i.principals, pr.Type+pr.ID)
	}
	if len(p.assignments.items) == 0 {
		i.unprovision(p)
	}
}

// provision brings the role of the set in the account up to date, and makes it
// where it is missing.
func (i *Instance) provision(account *Account, set *PermissionSet) *Provision {
	key := pairKey{account.ID, set.seq}
	p := i.pairs[key]
	if p == nil {
		p = &Provision{seq: seq(i.store.ids.next()), Account: account, Set: set, Suffix: i.store.ids.hex16()}
		i.pairs[key] = p
		account.pairs.add(p)
		account.roles++
		set.pairs.add(p)
	}
	p.edit, p.content = set.edit, set.Content()
	return p
}

func (i *Instance) unprovision(p *Provision) {
	delete(i.pairs, pairKey{p.Account.ID, p.Set.seq})
	p.Account.pairs.remove(p)
	p.Account.roles--
	p.Set.pairs.remove(p)
}

// Outdate makes the role lack the last edit of its set.
func (p *Provision) Outdate() { p.edit = p.Set.edit - 1 }
