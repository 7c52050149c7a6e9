package api

import (
	"strings"
	"unicode/utf8"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// enterpriseKey is the one extension that the identity store knows.
const enterpriseKey = "aws:identitystore:enterprise"

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// plainAttributes are the attributes of a person that are texts.
func plainAttributes(p *store.Profile) map[string]*string {
	return map[string]*string{
		"userName": &p.UserName, "displayName": &p.DisplayName, "nickName": &p.NickName, "profileUrl": &p.ProfileURL,
		"userType": &p.UserType, "title": &p.Title, "preferredLanguage": &p.PreferredLanguage, "locale": &p.Locale,
		"timezone": &p.Timezone, "website": &p.Website, "birthdate": &p.Birthdate,
		"name.formatted": &p.Name.Formatted, "name.familyName": &p.Name.FamilyName, "name.givenName": &p.Name.GivenName,
		"name.middleName": &p.Name.MiddleName, "name.honorificPrefix": &p.Name.HonorificPrefix, "name.honorificSuffix": &p.Name.HonorificSuffix,
	}
}

func enterpriseAttributes(e *store.Enterprise) map[string]*string {
	return map[string]*string{
		"employeeNumber": &e.EmployeeNumber, "costCenter": &e.CostCenter, "organization": &e.Organization,
		"division": &e.Division, "department": &e.Department, "manager": &e.Manager,
	}
}

// readProfile reads the members of CreateUser.
func readProfile(in Args, p *store.Profile) error {
	for name, value := range in {
		switch name {
		case "IdentityStoreId":
		case "Extensions":
			if err := setExtensions(p, value); err != nil {
				return err
			}
		default:
			if err := setAttribute(p, lowerFirst(name), value); err != nil {
				return err
			}
		}
	}
	return nil
}

func setExtensions(p *store.Profile, value any) error {
	all, _ := value.(map[string]any)
	for key, extension := range all {
		if key != enterpriseKey {
			return validation("Unsupported extension: " + key)
		}
		if err := setAttribute(p, enterpriseKey, extension); err != nil {
			return err
		}
	}
	return nil
}

// setAttribute sets, or where the value is null removes, what a path names. The
// first letter of each part of a path may be large, as it is in the answers.
func setAttribute(p *store.Profile, path string, value any) error {
	if strings.HasPrefix(path, enterpriseKey) {
		return setEnterprise(p, strings.TrimLeft(strings.TrimPrefix(path, enterpriseKey), ".:"), value)
	}
	parts := strings.Split(path, ".")
	for n := range parts {
		parts[n] = lowerFirst(parts[n])
	}
	path = strings.Join(parts, ".")
	if field := plainAttributes(p)[path]; field != nil {
		return setText(field, path, value)
	}
	switch path {
	case "name":
		return setName(p, value)
	case "emails":
		return setList(&p.Emails, path, 1, value, readValue)
	case "phoneNumbers":
		return setList(&p.PhoneNumbers, path, 1, value, readValue)
	case "addresses":
		return setList(&p.Addresses, path, 1, value, readAddress)
	case "roles":
		return setList(&p.Roles, path, 1, value, readValue)
	case "photos":
		return setList(&p.Photos, path, 3, value, readPhoto)
	}
	return validation("Unsupported attribute path: " + path)
}

func setText(field *string, path string, value any) error {
	text, ok := value.(string)
	switch {
	case value == nil:
		*field = ""
		return nil
	case !ok || text == "" || utf8.RuneCountInString(text) > 1024:
		return validation("Invalid value for attribute " + path)
	}
	*field = text
	return nil
}

func setName(p *store.Profile, value any) error {
	parts, ok := value.(map[string]any)
	if value != nil && !ok {
		return validation("Invalid value for attribute name")
	}
	p.Name = store.Name{}
	fields := plainAttributes(p)
	for part, text := range parts {
		path := "name." + lowerFirst(part)
		if fields[path] == nil {
			return validation("Unsupported attribute path: " + path)
		}
		if err := setText(fields[path], path, text); err != nil {
			return err
		}
	}
	return nil
}

func setEnterprise(p *store.Profile, path string, value any) error {
	if path == "" {
		return setWholeEnterprise(p, value)
	}
	if p.Enterprise == nil {
		p.Enterprise = &store.Enterprise{}
	}
	path = strings.TrimSuffix(lowerFirst(path), ".value")
	field := enterpriseAttributes(p.Enterprise)[path]
	if field == nil {
		return validation("Unsupported attribute path: " + enterpriseKey + "." + path)
	}
	if manager, ok := value.(map[string]any); ok && path == "manager" {
		value = manager["value"]
	}
	return setText(field, path, value)
}

func setWholeEnterprise(p *store.Profile, value any) error {
	parts, ok := value.(map[string]any)
	if value != nil && !ok {
		return validation("Invalid value for extension " + enterpriseKey)
	}
	p.Enterprise = nil
	for part, text := range parts {
		if err := setEnterprise(p, part, text); err != nil {
			return err
		}
	}
	return nil
}

// setList sets a multi-valued attribute, of which AWS takes a few values only.
func setList[T any](field *[]T, path string, most int, value any, read func(Args) T) error {
	if value == nil {
		*field = nil
		return nil
	}
	list, ok := value.([]any)
	if !ok || len(list) == 0 || len(list) > most {
		return validation("Invalid value for attribute " + path)
	}
	out := make([]T, 0, len(list))
	for _, x := range list {
		parts, ok := x.(map[string]any)
		if !ok {
			return validation("Invalid value for attribute " + path)
		}
		small := Args{}
		for name, v := range parts {
			small[lowerFirst(name)] = v
		}
		out = append(out, read(small))
	}
	*field = out
	return nil
}

func readValue(a Args) store.Value {
	return store.Value{Value: a.text("value"), Type: a.text("type"), Primary: a.flag("primary")}
}

func readPhoto(a Args) store.Photo {
	return store.Photo{Value: a.text("value"), Type: a.text("type"), Display: a.text("display"), Primary: a.flag("primary")}
}

func readAddress(a Args) store.Address {
	return store.Address{
		StreetAddress: a.text("streetAddress"), Locality: a.text("locality"), Region: a.text("region"),
		PostalCode: a.text("postalCode"), Country: a.text("country"), Formatted: a.text("formatted"),
		Type: a.text("type"), Primary: a.flag("primary"),
	}
}
