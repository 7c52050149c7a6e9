package store

import "cmp"

// Profile is what a person's entry says, in the shapes that the identity store
// API and SCIM have in common.
type Profile struct {
	UserName, DisplayName                                   string
	Name                                                    Name
	NickName, ProfileURL, UserType, Title                   string
	PreferredLanguage, Locale, Timezone, Website, Birthdate string
	Emails                                                  []Value
	Addresses                                               []Address
	PhoneNumbers                                            []Value
	Photos                                                  []Photo
	Roles                                                   []Value
	Enterprise                                              *Enterprise
}

// Name is the parts of a person's name.
type Name struct {
	Formatted, FamilyName, GivenName, MiddleName, HonorificPrefix, HonorificSuffix string
}

// Value is an e-mail address, a telephone number, or a role in the person's company,
// which AWS does not know. The tags here and below leave out what is empty, as the
// identity store API does.
type Value struct {
	Value   string `json:",omitempty"`
	Type    string `json:",omitempty"`
	Primary bool
}

// Photo is the address of a picture.
type Photo struct {
	Value   string `json:",omitempty"`
	Type    string `json:",omitempty"`
	Display string `json:",omitempty"`
	Primary bool
}

// Address is a postal address.
type Address struct {
	StreetAddress string `json:",omitempty"`
	Locality      string `json:",omitempty"`
	Region        string `json:",omitempty"`
	PostalCode    string `json:",omitempty"`
	Country       string `json:",omitempty"`
	Formatted     string `json:",omitempty"`
	Type          string `json:",omitempty"`
	Primary       bool
}

// Enterprise is the enterprise extension of SCIM (RFC 7643 section 4.3).
type Enterprise struct {
	EmployeeNumber, CostCenter, Organization, Division, Department, Manager string
}

// User is a person in an identity store.
type User struct {
	seq
	Meta
	ID string
	Profile
	ExternalID string // SCIM's; "" where there is none
	Active     bool   // SCIM's active; ENABLED or DISABLED in the API

	memberships list[*Membership]
}

// User finds a person by id.
func (d *Directory) User(id string) (*User, bool) { u, ok := d.userByID[id]; return u, ok }

// UserByName finds a person by user name, ignoring case.
func (d *Directory) UserByName(name string) (*User, bool) {
	u, ok := d.userByName[fold(name)]
	return u, ok
}

// UserByEmail finds a person by the value of an e-mail address, ignoring case.
func (d *Directory) UserByEmail(mail string) (*User, bool) {
	u, ok := d.userByMail[fold(mail)]
	return u, ok
}

// UserByExternalID finds a person by SCIM's externalId.
func (d *Directory) UserByExternalID(id string) (*User, bool) { u, ok := d.userByExt[id]; return u, ok }

// Users lists people in the order of their creation.
func (d *Directory) Users(after uint64, limit int) Page[*User] {
	return d.users.after(after, limit, nil)
}

// CreateUser adds a person. u.ID may be given (an estate file may fix it); an id
// that was ever used is refused.
func (d *Directory) CreateUser(st Stamp, u User) (*User, error) {
	if err := quotaLeft(len(d.users.items), d.store.Quotas.Users, "users"); err != nil {
		return nil, err
	}
	if err := d.checkUser(&u, nil); err != nil {
		return nil, err
	}
	made := &u
	made.ID = cmp.Or(u.ID, d.newID())
	made.seq = seq(d.store.ids.next())
	made.made(st)
	d.users.add(made)
	d.userByID[made.ID] = made
	d.indexUser(made)
	return made, nil
}

// UpdateUser changes a person with edit, all or nothing. The id cannot change.
func (d *Directory) UpdateUser(st Stamp, id string, edit func(*User) error) (*User, error) {
	have, ok := d.userByID[id]
	if !ok {
		return nil, noUser(id)
	}
	next := *have
	next.Enterprise = clone(have.Enterprise)
	if err := edit(&next); err != nil {
		return nil, err
	}
	if err := d.checkUser(&next, have); err != nil {
		return nil, err
	}
	d.unindexUser(have)
	have.Profile, have.ExternalID, have.Active = next.Profile, next.ExternalID, next.Active
	have.changed(st)
	d.indexUser(have)
	return have, nil
}

// DeleteUser removes a person and all memberships. Account assignments stay
// behind as orphans: AWS documents that assignments are not removed when
// identities are deleted
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/manage-your-identity-source-considerations.html).
func (d *Directory) DeleteUser(st Stamp, id string) error {
	u, ok := d.userByID[id]
	if !ok {
		return noUser(id)
	}
	u.memberships.drain(d.drop)
	d.unindexUser(u)
	delete(d.userByID, id)
	d.users.remove(u)
	d.forget("USER", id)
	if d.instance.principals["USER"+id] != nil && st.Provisioned {
		d.provisioned[id] = true
	}
	return nil
}

func (d *Directory) checkUser(u, self *User) error {
	switch {
	case reservedName(u.UserName):
		return refuse(Invalid, "The user name %s is reserved.", u.UserName)
	case taken(d.userByName, fold(u.UserName), self):
		return duplicate("USER", "UserName")
	case u.ExternalID != "" && taken(d.userByExt, u.ExternalID, self):
		return duplicate("USER", "ExternalId")
	}
	for _, mail := range u.Emails {
		if mail.Value != "" && taken(d.userByMail, fold(mail.Value), self) {
			return duplicate("USER", "Email")
		}
	}
	return nil
}

func (d *Directory) indexUser(u *User) {
	d.userByName[fold(u.UserName)] = u
	if u.ExternalID != "" {
		d.userByExt[u.ExternalID] = u
	}
	for _, mail := range u.Emails {
		d.userByMail[fold(mail.Value)] = u
	}
}

func (d *Directory) unindexUser(u *User) {
	delete(d.userByName, fold(u.UserName))
	delete(d.userByExt, u.ExternalID)
	for _, mail := range u.Emails {
		delete(d.userByMail, fold(mail.Value))
	}
}

func noUser(id string) *Error { return notFound("USER", id, "USER not found.") }

func taken[T comparable](index map[string]T, key string, self T) bool {
	have, ok := index[key]
	return ok && have != self
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
