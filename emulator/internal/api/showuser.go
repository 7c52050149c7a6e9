package api

import (
	"encoding/json"
	"slices"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func showMeta(out Out, m store.Meta) Out {
	out["CreatedAt"], out["UpdatedAt"] = epoch(m.CreatedAt), epoch(m.UpdatedAt)
	return out.set("CreatedBy", m.CreatedBy).set("UpdatedBy", m.UpdatedBy)
}

// userOut is a person as the API shows one. It is a structure, not an [Out],
// because pages of people are the largest answers there are.
type userOut struct {
	IdentityStoreId   string          `json:",omitempty"`
	UserId            string          `json:",omitempty"`
	UserStatus        string          `json:",omitempty"`
	UserName          string          `json:",omitempty"`
	DisplayName       string          `json:",omitempty"`
	NickName          string          `json:",omitempty"`
	ProfileUrl        string          `json:",omitempty"`
	UserType          string          `json:",omitempty"`
	Title             string          `json:",omitempty"`
	PreferredLanguage string          `json:",omitempty"`
	Locale            string          `json:",omitempty"`
	Timezone          string          `json:",omitempty"`
	Website           string          `json:",omitempty"`
	Birthdate         string          `json:",omitempty"`
	Name              *nameOut        `json:",omitempty"`
	Emails            []store.Value   `json:",omitempty"`
	PhoneNumbers      []store.Value   `json:",omitempty"`
	Addresses         []store.Address `json:",omitempty"`
	Photos            []store.Photo   `json:",omitempty"`
	Roles             []store.Value   `json:",omitempty"`
	ExternalIds       []externalOut   `json:",omitempty"`
	Extensions        map[string]any  `json:",omitempty"`
	CreatedAt         json.Number     `json:",omitempty"`
	CreatedBy         string          `json:",omitempty"`
	UpdatedAt         json.Number     `json:",omitempty"`
	UpdatedBy         string          `json:",omitempty"`
}

type nameOut struct {
	Formatted, FamilyName, GivenName, MiddleName, HonorificPrefix, HonorificSuffix string `json:",omitempty"`
}

type externalOut struct{ Issuer, Id string }

// showUser is a person as the API shows one; extensions only where asked for.
func showUser(d *store.Directory, u *store.User, in Args) userOut {
	out := showProfile(d, u)
	out.UserId, out.UserStatus = u.ID, "ENABLED"
	if !u.Active {
		out.UserStatus = "DISABLED"
	}
	out.CreatedAt, out.CreatedBy, out.UpdatedAt, out.UpdatedBy = epoch(u.CreatedAt), u.CreatedBy, epoch(u.UpdatedAt), u.UpdatedBy
	if u.ExternalID != "" {
		out.ExternalIds = []externalOut{{d.Issuer, u.ExternalID}}
	}
	if u.Enterprise != nil && slices.Contains(in.texts("Extensions"), enterpriseKey) {
		out.Extensions = map[string]any{enterpriseKey: showEnterprise(u.Enterprise)}
	}
	return out
}

// showProfile is what a person's entry says, in the members of CreateUser.
func showProfile(d *store.Directory, u *store.User) userOut {
	out := userOut{
		IdentityStoreId: d.ID, UserName: u.UserName, DisplayName: u.DisplayName, NickName: u.NickName, ProfileUrl: u.ProfileURL,
		UserType: u.UserType, Title: u.Title, PreferredLanguage: u.PreferredLanguage, Locale: u.Locale, Timezone: u.Timezone,
		Website: u.Website, Birthdate: u.Birthdate, Emails: u.Emails, PhoneNumbers: u.PhoneNumbers, Addresses: u.Addresses,
		Photos: u.Photos, Roles: u.Roles,
	}
	if u.Name != (store.Name{}) {
		name := nameOut(u.Name)
		out.Name = &name
	}
	return out
}

func showExternalID(out Out, d *store.Directory, id string) {
	if id != "" {
		out["ExternalIds"] = []any{externalOut{d.Issuer, id}}
	}
}

func showEnterprise(e *store.Enterprise) Out {
	out := Out{}
	for name, field := range enterpriseAttributes(e) {
		out.set(name, *field)
	}
	if e.Manager != "" {
		out["manager"] = Out{"value": e.Manager}
	}
	return out
}
