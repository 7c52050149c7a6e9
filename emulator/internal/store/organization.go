package store

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// Account states (organizations, AccountState).
const (
	Active            = "ACTIVE"
	Suspended         = "SUSPENDED"
	PendingClosure    = "PENDING_CLOSURE"
	PendingActivation = "PENDING_ACTIVATION"
	Closed            = "CLOSED"
)

// Organization is the tree of organizational units and accounts.
type Organization struct {
	ID         string
	FeatureSet string
	Management *Account
	Root       *Unit

	store    *Store
	accounts list[*Account]
	byID     map[string]*Account
	units    map[string]*Unit
	mails    map[string]bool
	requests list[*AccountRequest]
	byReq    map[string]*AccountRequest
}

// Unit is the root or an organizational unit.
type Unit struct {
	seq
	ID, Name string
	Parent   *Unit // nil: the root
	Tags     Tags

	units    list[*Unit]
	accounts list[*Account]
}

// Account is an AWS account of the organization.
type Account struct {
	seq
	ID, Name, Email string
	State           string
	JoinedMethod    string
	Joined          time.Time
	Parent          *Unit
	Tags            Tags
	Delegated       map[string]time.Time // service principal -> since when
	Policies        map[string]bool      // customer managed policies, path and name
	OtherRoles      int                  // IAM roles that Identity Center did not make

	pairs     list[*Provision]
	roles     int
	busyUntil time.Time
}

// AccountRequest is the state of a CreateAccount.
type AccountRequest struct {
	seq
	ID, AccountID, Name, Email, State, FailureReason string
	Requested, Completed                             time.Time
}

// Organization is nil where there is none.
func (s *Store) Organization() *Organization { return s.org }

// CreateOrganization makes an organization with a management account. Empty ids
// are made up.
func (s *Store) CreateOrganization(st Stamp, id, root string, management Account) (*Organization, error) {
	if s.org != nil {
		return nil, refuse(Duplicate, "The AWS account is already a member of an organization.")
	}
	o := &Organization{
		ID: cmp.Or(id, "o-"+s.ids.letters(10)), FeatureSet: "ALL", store: s,
		byID: map[string]*Account{}, units: map[string]*Unit{}, mails: map[string]bool{}, byReq: map[string]*AccountRequest{},
	}
	o.Root = &Unit{seq: seq(s.ids.next()), ID: cmp.Or(root, "r-"+s.ids.letters(4)), Name: "Root"}
	o.units[o.Root.ID] = o.Root
	s.org = o
	management.JoinedMethod = "INVITED"
	made, err := o.AddAccount(st, management)
	o.Management = made
	return o, err
}

// AddAccount puts an account into the organization, at once and under the root
// where it names no parent.
func (o *Organization) AddAccount(st Stamp, a Account) (*Account, error) {
	made := &a
	made.ID = cmp.Or(a.ID, o.store.ids.digits(12))
	if o.byID[made.ID] != nil {
		return nil, refuse(Duplicate, "The account %s is already in the organization.", made.ID)
	}
	made.seq = seq(o.store.ids.next())
	made.Name, made.Email = cmp.Or(a.Name, "account-"+made.ID), cmp.Or(a.Email, "aws+"+made.ID+"@example.com")
	made.State, made.JoinedMethod = cmp.Or(a.State, Active), cmp.Or(a.JoinedMethod, "CREATED")
	made.Joined = st.At
	if made.Parent == nil {
		made.Parent = o.Root
	}
	made.Parent.accounts.add(made)
	o.accounts.add(made)
	o.byID[made.ID] = made
	o.mails[fold(made.Email)] = true
	return made, nil
}

// Account finds an account by id.
func (o *Organization) Account(id string) (*Account, bool) { a, ok := o.byID[id]; return a, ok }

// Unit finds the root or an organizational unit by id.
func (o *Organization) Unit(id string) (*Unit, bool) { u, ok := o.units[id]; return u, ok }

// Accounts lists all accounts.
func (o *Organization) Accounts(after uint64, limit int) Page[*Account] {
	return o.accounts.after(after, limit, nil)
}

// Administrators lists the accounts that administer some service, or the one named.
func (o *Organization) Administrators(service string, after uint64, limit int) Page[*Account] {
	return o.accounts.after(after, limit, func(a *Account) bool {
		_, ok := a.Delegated[service]
		return ok || service == "" && len(a.Delegated) > 0
	})
}

// Accounts lists the accounts directly under the unit.
func (u *Unit) Accounts(after uint64, limit int) Page[*Account] {
	return u.accounts.after(after, limit, nil)
}

// Units lists the organizational units directly under the unit.
func (u *Unit) Units(after uint64, limit int) Page[*Unit] { return u.units.after(after, limit, nil) }

// CreateUnit makes an organizational unit; names are unique under one parent.
func (o *Organization) CreateUnit(_ Stamp, parent *Unit, id, name string, tags Tags) (*Unit, error) {
	if err := quotaLeft(len(o.units)-1, o.store.Quotas.Units, "organizational units"); err != nil {
		return nil, err
	}
	for _, sibling := range parent.units.items {
		if sibling.Name == name {
			return nil, refuse(Duplicate, "An OU with the same name already exists.")
		}
	}
	made := &Unit{
		seq: seq(o.store.ids.next()), Name: name, Parent: parent, Tags: tags,
		ID: cmp.Or(id, "ou-"+strings.TrimPrefix(o.Root.ID, "r-")+"-"+o.store.ids.letters(8)),
	}
	if o.units[made.ID] != nil {
		return nil, refuse(Duplicate, "The OU %s already exists.", made.ID)
	}
	parent.units.add(made)
	o.units[made.ID] = made
	return made, nil
}

// Move puts an account under another unit.
func (o *Organization) Move(a *Account, to *Unit) {
	a.Parent.accounts.remove(a)
	a.Parent = to
	to.accounts.add(a)
}

// Path is the ancestry as AWS writes it: o-.../r-.../ou-.../
func (o *Organization) Path(u *Unit) string {
	if u.Parent == nil {
		return o.ID + "/" + u.ID + "/"
	}
	return o.Path(u.Parent) + u.ID + "/"
}

// AccountARN names an account in AWS's form.
func (o *Organization) AccountARN(a *Account) string {
	return fmt.Sprintf("arn:%s:organizations::%s:account/%s/%s", o.store.Partition, o.Management.ID, o.ID, a.ID)
}

// UnitARN names the root or an organizational unit.
func (o *Organization) UnitARN(u *Unit) string {
	kind := "ou"
	if u.Parent == nil {
		kind = "root"
	}
	return fmt.Sprintf("arn:%s:organizations::%s:%s/%s/%s", o.store.Partition, o.Management.ID, kind, o.ID, u.ID)
}

// ARN names the organization.
func (o *Organization) ARN() string {
	return fmt.Sprintf("arn:%s:organizations::%s:organization/%s", o.store.Partition, o.Management.ID, o.ID)
}

// RequestAccount asks for a new account; the account is there when the job of
// its request is done.
func (o *Organization) RequestAccount(st Stamp, name, mail string, tags Tags) (*AccountRequest, error) {
	if len(o.store.due) >= mostJobs {
		return nil, refuse(Throttled, "There are too many requests that are not done.")
	}
	req := &AccountRequest{
		seq: seq(o.store.ids.next()), ID: "car-" + strings.ReplaceAll(o.store.ids.uuid(), "-", ""),
		Name: name, Email: mail, State: "IN_PROGRESS", Requested: st.At,
	}
	o.requests.add(req)
	o.byReq[req.ID] = req
	if oldest, ok := forgotten(&o.requests, func(r *AccountRequest) bool { return !r.Completed.IsZero() }); ok {
		delete(o.byReq, oldest.ID)
	}
	o.store.schedule(st.At, o.store.latency(), func(at time.Time) { o.finishAccount(req, tags, Stamp{At: at, By: st.By}) })
	return req, nil
}

func (o *Organization) finishAccount(req *AccountRequest, tags Tags, st Stamp) {
	req.Completed = st.At
	switch {
	case o.mails[fold(req.Email)]:
		req.State, req.FailureReason = "FAILED", "EMAIL_ALREADY_EXISTS"
	case len(o.accounts.items) >= o.store.Quotas.Accounts:
		req.State, req.FailureReason = "FAILED", "ACCOUNT_LIMIT_EXCEEDED"
	default:
		a, err := o.AddAccount(st, Account{Name: req.Name, Email: req.Email, Tags: tags})
		if err != nil {
			req.State, req.FailureReason = "FAILED", "INTERNAL_FAILURE"
			return
		}
		req.State, req.AccountID = "SUCCEEDED", a.ID
	}
}

// AccountRequest finds a request of [Organization.RequestAccount].
func (o *Organization) AccountRequest(id string) (*AccountRequest, bool) {
	r, ok := o.byReq[id]
	return r, ok
}

// Close closes an account: pending first, suspended when its job is done.
func (o *Organization) Close(st Stamp, a *Account) {
	a.State = PendingClosure
	o.store.schedule(st.At, o.store.latency(), func(time.Time) { a.State = Suspended })
}

// DelegatedSince is when the account became the administrator of the service, or
// of its first service where none is named.
func (a *Account) DelegatedSince(service string) time.Time {
	if since, ok := a.Delegated[service]; ok {
		return since
	}
	var earliest time.Time
	for _, since := range a.Delegated {
		if earliest.IsZero() || since.Before(earliest) {
			earliest = since
		}
	}
	return earliest
}

// Delegate makes the account an administrator of the service.
func (a *Account) Delegate(service string, at time.Time) {
	if a.Delegated == nil {
		a.Delegated = map[string]time.Time{}
	}
	a.Delegated[service] = at
}
