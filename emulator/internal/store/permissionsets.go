package store

import (
	"slices"
	"strings"
	"time"
)

// PermissionSet is a permission set with everything on it.
type PermissionSet struct {
	seq
	ARN, ID, Name                            string
	Description, SessionDuration, RelayState string
	Created                                  time.Time
	Tags                                     Tags
	Managed                                  []ManagedPolicy
	Customer                                 []CustomerPolicy
	Inline                                   string
	Boundary                                 *Boundary

	instance     *Instance
	edit         uint32 // counts the edits that a role must follow; those of tags are none
	pairs        list[*Provision]
	jobs         int // outstanding
	provisioning int // outstanding provisionings
}

// ManagedPolicy is an attached policy that AWS owns.
type ManagedPolicy struct {
	seq
	ARN, Name string
}

// CustomerPolicy is a reference to a policy that must exist in each account.
type CustomerPolicy struct {
	seq
	Name, Path string
}

// Boundary is a permissions boundary: a managed policy's ARN or a reference.
type Boundary struct {
	ManagedARN string
	Customer   *CustomerPolicy
}

// PermissionSet finds a set by ARN.
func (i *Instance) PermissionSet(arn string) (*PermissionSet, bool) {
	p, ok := i.setByARN[arn]
	return p, ok
}

// PermissionSetByName finds a set by name.
func (i *Instance) PermissionSetByName(name string) (*PermissionSet, bool) {
	p, ok := i.setByName[name]
	return p, ok
}

// PermissionSets lists the sets.
func (i *Instance) PermissionSets(after uint64, limit int) Page[*PermissionSet] {
	return i.sets.after(after, limit, nil)
}

// CreatePermissionSet adds a set; p.ARN may be given, as in an estate file.
func (i *Instance) CreatePermissionSet(st Stamp, p PermissionSet) (*PermissionSet, error) {
	if i.setByName[p.Name] != nil {
		return nil, refuse(Busy, "PermissionSet with name %s already exists.", p.Name)
	}
	if len(i.sets.items) >= i.store.Quotas.PermissionSets {
		return nil, overLimit("PermissionSet", i.store.Quotas.PermissionSets, i.ARN)
	}
	if err := i.store.CheckTags(p.Tags); err != nil {
		return nil, err
	}
	made := &p
	if made.ARN == "" {
		made.ARN = "arn:" + i.store.Partition + ":sso:::permissionSet/" + i.id() + "/ps-" + i.store.ids.hex16()
	}
	if i.setByARN[made.ARN] != nil {
		return nil, refuse(Busy, "PermissionSet with id %s already exists.", made.ARN)
	}
	made.ID = made.ARN[strings.LastIndex(made.ARN, "/ps-")+1:]
	made.seq, made.instance, made.Created = seq(i.store.ids.next()), i, st.At
	i.sets.add(made)
	i.setByARN[made.ARN], i.setByName[made.Name] = made, made
	return made, nil
}

// DeletePermissionSet removes a set that is nowhere provisioned and has no job.
func (i *Instance) DeletePermissionSet(p *PermissionSet) error {
	if len(p.pairs.items) > 0 || p.jobs > 0 {
		return refuse(Busy, "Could not delete because PermissionSet has ApplicationProfile associated with it")
	}
	i.sets.remove(p)
	delete(i.setByARN, p.ARN)
	delete(i.setByName, p.Name)
	return nil
}

// Instance is where the set is.
func (p *PermissionSet) Instance() *Instance { return p.instance }

// Update overwrites what UpdatePermissionSet can: an empty text clears.
func (p *PermissionSet) Update(description, duration, relay string) {
	p.Description, p.SessionDuration, p.RelayState = description, duration, relay
	p.edit++
}

// AttachManaged adds a policy of AWS.
func (p *PermissionSet) AttachManaged(arn, name string) error {
	if slices.ContainsFunc(p.Managed, func(m ManagedPolicy) bool { return m.ARN == arn }) {
		return refuse(Busy, "Permission set with id %s already has a typed link attachment to a manged policy with %s", p.ID, arn)
	}
	if err := p.roomForPolicy("ManagedPolicy"); err != nil {
		return err
	}
	p.Managed = append(slices.Clone(p.Managed), ManagedPolicy{seq(p.instance.store.ids.next()), arn, name})
	p.edit++
	return nil
}

// DetachManaged takes a policy of AWS away.
func (p *PermissionSet) DetachManaged(arn string) error {
	rest := slices.DeleteFunc(slices.Clone(p.Managed), func(m ManagedPolicy) bool { return m.ARN == arn })
	if len(rest) == len(p.Managed) {
		return refuse(NotFound, "Could not find ManagedPolicy with arn %s", arn)
	}
	p.Managed = rest
	p.edit++
	return nil
}

// AttachCustomer adds a reference to a customer managed policy.
func (p *PermissionSet) AttachCustomer(name, path string) error {
	if slices.ContainsFunc(p.Customer, func(c CustomerPolicy) bool { return c.Name == name && c.Path == path }) {
		return refuse(Busy, "Given customer managed policy with name: %s  and path %s already attached", name, path)
	}
	if err := p.roomForPolicy("CustomerManagedPolicyReference"); err != nil {
		return err
	}
	p.Customer = append(slices.Clone(p.Customer), CustomerPolicy{seq(p.instance.store.ids.next()), name, path})
	p.edit++
	return nil
}

// DetachCustomer takes such a reference away.
func (p *PermissionSet) DetachCustomer(name, path string) error {
	rest := slices.DeleteFunc(slices.Clone(p.Customer), func(c CustomerPolicy) bool { return c.Name == name && c.Path == path })
	if len(rest) == len(p.Customer) {
		return refuse(NotFound, "Given managed policy with name: %s  and path %s does not exist on PermissionSet", name, path)
	}
	p.Customer = rest
	p.edit++
	return nil
}

// PutInline sets the inline policy, "" removes it.
func (p *PermissionSet) PutInline(document string) { p.Inline = document; p.edit++ }

// PutBoundary sets the permissions boundary, nil removes it.
func (p *PermissionSet) PutBoundary(b *Boundary) { p.Boundary = b; p.edit++ }

func (p *PermissionSet) roomForPolicy(what string) error {
	quota := p.instance.store.Quotas.PoliciesPerSet
	if len(p.Managed)+len(p.Customer) >= quota {
		return overLimit(what, quota, p.ID)
	}
	return nil
}

func overLimit(what string, quota int, id string) *Error {
	return refuse(OverQuota, "You have exceeded AWS SSO limits. Cannot create %s more than %d limits for id %s. Please refer to https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html", what, quota, id)
}

// ProvisionedIn tells whether the set is provisioned in the account.
func (p *PermissionSet) ProvisionedIn(account string) bool {
	return p.instance.pairs[pairKey{account, p.seq}] != nil
}
