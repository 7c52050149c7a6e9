package scim

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// show writes a user as AWS answers it.
func show(u *store.User) wireUser {
	active := flag(u.Active)
	w := wireUser{
		ID: u.ID, ExternalID: u.ExternalID, Schemas: []string{userSchema, enterpriseSchema},
		Meta:     &wireMeta{"User", timestamp(u.CreatedAt), timestamp(u.UpdatedAt)},
		UserName: u.UserName, DisplayName: u.DisplayName, NickName: u.NickName, ProfileURL: u.ProfileURL,
		Title: u.Title, UserType: u.UserType, PreferredLanguage: u.PreferredLanguage, Locale: u.Locale, Timezone: u.Timezone,
		Active: &active,
	}
	if name := wireName(u.Name); name != (wireName{}) {
		w.Name = &name
	}
	w.Emails, w.PhoneNumbers, w.Roles = showValues(u.Emails), showValues(u.PhoneNumbers), showValues(u.Roles)
	for _, a := range u.Addresses {
		w.Addresses = append(w.Addresses, wireAddress{
			Formatted: a.Formatted, StreetAddress: a.StreetAddress, Locality: a.Locality, Region: a.Region,
			PostalCode: a.PostalCode, Country: a.Country, Type: a.Type, Primary: flag(a.Primary),
		})
	}
	w.Enterprise = showEnterprise(u.Enterprise)
	return w
}

func showValues(list []store.Value) (shown []wireValue) {
	for _, v := range list {
		shown = append(shown, wireValue{Value: v.Value, Type: v.Type, Primary: flag(v.Primary)})
	}
	return shown
}

func storedValues(list []wireValue) (stored []store.Value) {
	for _, v := range list {
		stored = append(stored, store.Value{Value: v.Value, Type: v.Type, Primary: bool(v.Primary)})
	}
	return stored
}

func showEnterprise(e *store.Enterprise) *wireEnterprise {
	if e == nil || *e == (store.Enterprise{}) {
		return nil
	}
	w := &wireEnterprise{
		EmployeeNumber: e.EmployeeNumber, CostCenter: e.CostCenter, Organization: e.Organization,
		Division: e.Division, Department: e.Department,
	}
	if e.Manager != "" {
		w.Manager = &wireManager{e.Manager}
	}
	return w
}

// read makes a user of a decoded resource and checks all that AWS requires of
// one. What SCIM cannot carry (photos, website, birthdate) is not in the result.
func read(object map[string]any) (store.User, error) {
	var w wireUser
	if fill(&w, object) != nil || !w.supported() {
		return store.User{}, invalid()
	}
	u := w.user()
	return u, checkUser(u)
}

// fill puts a decoded resource into its structure, and refuses attributes that it has
// not and empty texts.
func fill(structure any, object map[string]any) error {
	text, err := json.Marshal(object)
	if err != nil || hasEmptyText(object) {
		return invalid()
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(structure)
}

// hasEmptyText finds empty strings, which the identity store knows as little as
// null: its strings have at least one character.
func hasEmptyText(value any) bool {
	switch v := value.(type) {
	case string:
		return v == ""
	case []any:
		for _, e := range v {
			if hasEmptyText(e) {
				return true
			}
		}
	case map[string]any:
		for _, e := range v {
			if hasEmptyText(e) {
				return true
			}
		}
	}
	return false
}

func (w *wireUser) supported() bool {
	for _, v := range []any{w.Groups, w.Password, w.IMs, w.Photos, w.X509Certificates, w.Entitlements} {
		if list, ok := v.([]any); v != nil && (!ok || len(list) > 0) {
			return false
		}
	}
	return true
}

func (w *wireUser) user() store.User {
	u := store.User{ExternalID: w.ExternalID, Active: w.Active == nil || bool(*w.Active), Profile: store.Profile{
		UserName: w.UserName, DisplayName: w.DisplayName, NickName: w.NickName, ProfileURL: w.ProfileURL,
		UserType: w.UserType, Title: w.Title, PreferredLanguage: w.PreferredLanguage, Locale: w.Locale, Timezone: w.Timezone,
	}}
	if w.Name != nil {
		u.Name = store.Name(*w.Name)
	}
	u.Emails, u.PhoneNumbers, u.Roles = storedValues(w.Emails), storedValues(w.PhoneNumbers), storedValues(w.Roles)
	for _, a := range w.Addresses {
		u.Addresses = append(u.Addresses, store.Address{
			StreetAddress: a.StreetAddress, Locality: a.Locality, Region: a.Region, PostalCode: a.PostalCode,
			Country: a.Country, Formatted: a.Formatted, Type: a.Type, Primary: bool(a.Primary),
		})
	}
	u.Enterprise = w.Enterprise.stored()
	return u
}

func (w *wireEnterprise) stored() *store.Enterprise {
	if w == nil {
		return nil
	}
	e := &store.Enterprise{
		EmployeeNumber: w.EmployeeNumber, CostCenter: w.CostCenter, Organization: w.Organization,
		Division: w.Division, Department: w.Department,
	}
	if w.Manager != nil {
		e.Manager = w.Manager.Value
	}
	return e
}

// checkUser holds a user to SCIM's rules at AWS (createuser page of the
// developer guide) and to the constraints of the identity store's CreateUser.
func checkUser(u store.User) error {
	required := u.UserName != "" && u.DisplayName != "" && u.Name.GivenName != "" && u.Name.FamilyName != ""
	mail := len(u.Emails) == 0 || len(u.Emails) == 1 && u.Emails[0].Primary && u.Emails[0].Value != ""
	single := len(u.PhoneNumbers) <= 1 && len(u.Addresses) <= 1 && len(u.Roles) <= 1
	if !required || !mail || !single {
		return invalid()
	}
	object, err := toMap(show(&u))
	if err != nil {
		return invalid()
	}
	return checkShape("CreateUser", capitalize(object).(map[string]any), u.ExternalID)
}

// checkShape validates what SCIM brings against the input of an operation of
// identitystore, which is where the lengths and patterns are written down.
func checkShape(operation string, input map[string]any, externalID string) error {
	const anyStore = "d-0000000000"
	service, _ := model.Lookup("identitystore")
	op, _ := service.Operation(operation)
	input["IdentityStoreId"] = anyStore
	if model.Validate(op, input) != nil {
		return invalid()
	}
	if externalID == "" {
		return nil
	}
	op, _ = service.Operation("GetUserId")
	id := map[string]any{"ExternalId": map[string]any{"Issuer": "x", "Id": externalID}}
	if model.Validate(op, map[string]any{"IdentityStoreId": anyStore, "AlternateIdentifier": id}) != nil {
		return invalid()
	}
	return nil
}

// capitalize turns SCIM's attribute names into the API's, which differ in the
// first letter only. What the API has no member for, it ignores.
func capitalize(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = capitalize(v[i])
		}
	case map[string]any:
		named := map[string]any{}
		for k, e := range v {
			named[strings.ToUpper(k[:1])+k[1:]] = capitalize(e)
		}
		return named
	}
	return value
}
