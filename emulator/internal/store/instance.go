package store

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Instance is an instance of IAM Identity Center: the one of the organization, or
// one that belongs to a single account and knows no permission sets.
type Instance struct {
	seq
	ARN, Name, Region string
	Owner             string // account id
	Account           bool   // an account instance
	Status            string
	Created           time.Time
	Tags              Tags
	ClientToken       string // of the CreateInstance that made it
	KMSKey            string // "" means the key that AWS owns
	Directory         *Directory
	Attributes        *AccessControl

	store       *Store
	sets        list[*PermissionSet]
	setByARN    map[string]*PermissionSet
	setByName   map[string]*PermissionSet
	pairs       map[pairKey]*Provision
	principals  map[string]*Principal
	apps        []*Application
	assignments int
	pending     map[tuple]pending
	creations   JobList
	deletions   JobList
	provisions  JobList
}

// AccessControl is the configuration of attributes for access control.
type AccessControl struct {
	Status     string
	Attributes []Attribute
}

// Attribute maps a key to where its value comes from.
type Attribute struct {
	Key    string
	Source []string
}

// Application is an application with its direct assignments.
type Application struct {
	seq
	ARN, Name   string
	Assignments []AppAssignment
	Tags        Tags
}

// AppAssignment assigns an application to a principal.
type AppAssignment struct {
	seq
	PrincipalType, PrincipalID string
}

// NewInstance describes an instance to be made; empty ids are made up.
type NewInstance struct {
	ARN, DirectoryID, Name, Owner, Region string
	Account                               bool
	Tags                                  Tags
}

// CreateInstance makes an instance with an empty identity store.
func (s *Store) CreateInstance(st Stamp, n NewInstance) (*Instance, error) {
	if err := s.CheckTags(n.Tags); err != nil {
		return nil, err
	}
	i := &Instance{
		seq: seq(s.ids.next()), store: s, Name: n.Name, Owner: n.Owner, Account: n.Account, Tags: n.Tags,
		Region: cmp.Or(n.Region, s.Region), Status: Active, Created: st.At,
		setByARN: map[string]*PermissionSet{}, setByName: map[string]*PermissionSet{},
		pairs: map[pairKey]*Provision{}, pending: map[tuple]pending{}, principals: map[string]*Principal{},
	}
	i.ARN = cmp.Or(n.ARN, "arn:"+s.Partition+":sso:::instance/ssoins-"+s.ids.hex16())
	i.Directory = newDirectory(i, cmp.Or(n.DirectoryID, "d-"+s.ids.hex16()[:10]))
	for _, other := range s.instances {
		if other.ARN == i.ARN || other.Directory.ID == i.Directory.ID {
			return nil, refuse(Duplicate, "The instance %s already exists.", i.ARN)
		}
	}
	s.instances = append(s.instances, i)
	return i, nil
}

// DeleteInstance removes an instance with all that is in it.
func (s *Store) DeleteInstance(i *Instance) {
	s.instances = slices.DeleteFunc(slices.Clone(s.instances), func(x *Instance) bool { return x == i })
}

// Applications are all applications of the instance.
func (i *Instance) Applications() []*Application { return i.apps }

// AddApplication registers an application; the API that this package serves can
// list assignments of applications, not make them.
func (i *Instance) AddApplication(arn, name string, assigned []AppAssignment) *Application {
	app := &Application{seq: seq(i.store.ids.next()), ARN: arn, Name: name}
	if app.ARN == "" {
		app.ARN = "arn:" + i.store.Partition + ":sso::" + i.Owner + ":application/" + i.id() + "/apl-" + i.store.ids.hex16()
	}
	for _, a := range assigned {
		a.seq = seq(i.store.ids.next())
		app.Assignments = append(app.Assignments, a)
	}
	i.apps = append(i.apps, app)
	return app
}

// id is the last part of the ARN.
func (i *Instance) id() string { return i.ARN[strings.LastIndex(i.ARN, "/")+1:] }

// Counts are the sizes of the instance.
func (i *Instance) Counts() (sets, provisions, assignments int) {
	return len(i.sets.items), len(i.pairs), i.assignments
}
