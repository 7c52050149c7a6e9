package scim

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func (c *call) createUser() (int, any, error) {
	object, err := decodeResource(c.body, userSchema)
	if err != nil {
		return 0, nil, err
	}
	u, err := read(object)
	if err != nil {
		return 0, nil, err
	}
	made, err := c.dir.CreateUser(c.at, u)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, show(made), nil
}

func (c *call) getUser() (int, any, error) {
	u, ok := c.dir.User(c.id)
	if !ok {
		return 0, nil, noUser()
	}
	return http.StatusOK, show(u), nil
}

// putUser replaces all that SCIM can say of a user. A missing active leaves the
// user as enabled as it was: nobody is let in or shut out by an omission.
func (c *call) putUser() (int, any, error) {
	object, err := decodeResource(c.body, userSchema)
	if err != nil {
		return 0, nil, err
	}
	return c.updateUser(func(now *store.User) (map[string]any, error) {
		if _, given := lookup(object, "active"); !given {
			object["active"] = now.Active
		}
		return object, nil
	})
}

func (c *call) patchUser() (int, any, error) {
	changes, err := parsePatch(c.body)
	if err != nil {
		return 0, nil, err
	}
	if err := allowedOfUser(changes); err != nil {
		return 0, nil, err
	}
	return c.updateUser(func(now *store.User) (map[string]any, error) {
		object, err := toMap(show(now))
		if err != nil {
			return nil, err
		}
		for _, ch := range changes {
			if err := ch.apply(object); err != nil {
				return nil, err
			}
		}
		return object, nil
	})
}

// updateUser stores the resource that change makes of the present user.
func (c *call) updateUser(change func(*store.User) (map[string]any, error)) (int, any, error) {
	updated, err := c.dir.UpdateUser(c.at, c.id, func(u *store.User) error {
		object, err := change(u)
		if err != nil {
			return err
		}
		next, err := read(object)
		if err != nil {
			return err
		}
		next.Website, next.Birthdate, next.Photos = u.Website, u.Birthdate, u.Photos // SCIM does not know these
		u.Profile, u.ExternalID, u.Active = next.Profile, next.ExternalID, next.Active
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, show(updated), nil
}

func (c *call) deleteUser() (int, any, error) {
	if err := c.dir.DeleteUser(c.at, c.id); err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, nil
}

// mutable are the attributes that PATCH may touch (patchuser page of AWS's
// developer guide, and roles, which the guide's table of attributes supports).
var mutable = map[string]string{
	"username": "userName", "active": "active", "externalid": "externalId", "displayname": "displayName",
	"nickname": "nickName", "profileurl": "profileUrl", "title": "title", "usertype": "userType",
	"preferredlanguage": "preferredLanguage", "locale": "locale", "timezone": "timezone", "name": "name",
	enterprise: enterpriseSchema, "emails": "emails", "addresses": "addresses", "phonenumbers": "phoneNumbers", "roles": "roles",
}

// allowedOfUser refuses what AWS lists as unsupported: other attributes, the
// removal of userName or active, and several operations on either.
func allowedOfUser(changes []change) error {
	seen := map[string]int{}
	for _, ch := range changes {
		a := ch.path.attribute
		seen[a]++
		vital := a == "username" || a == "active"
		if mutable[a] == "" || vital && (ch.op == "remove" || seen[a] > 1) {
			return invalid()
		}
	}
	return nil
}

// apply makes the change in a user in its JSON form.
func (ch change) apply(object map[string]any) error {
	key := mutable[ch.path.attribute]
	switch key {
	case "emails", "addresses", "phoneNumbers", "roles":
		return ch.applyToList(object, key)
	case "name", enterpriseSchema:
		return ch.applyToComplex(object, key)
	}
	if ch.path.sub != "" || ch.path.filter != nil {
		return invalid()
	}
	put(object, key, ch.result())
	return nil
}

// result is the new value: none for a remove.
func (ch change) result() any {
	if ch.op == "remove" {
		return nil
	}
	return ch.value
}

// applyToComplex sets one sub-attribute, or those that an object names, and
// leaves the others (RFC 7644 section 3.5.2.3).
func (ch change) applyToComplex(object map[string]any, key string) error {
	if ch.path.filter != nil {
		return invalid()
	}
	if ch.op == "remove" && ch.path.sub == "" {
		delete(object, key)
		return nil
	}
	inner, _ := object[key].(map[string]any)
	if inner == nil {
		inner = map[string]any{}
		object[key] = inner
	}
	if ch.path.sub != "" {
		put(inner, ch.path.sub, ch.result())
		return nil
	}
	given, ok := ch.value.(map[string]any)
	if !ok {
		return invalid()
	}
	for k, v := range given {
		put(inner, k, v)
	}
	return nil
}

// applyToList changes a multi-valued attribute, of which AWS keeps one value.
func (ch change) applyToList(object map[string]any, key string) error {
	list, _ := object[key].([]any)
	switch {
	case ch.path.sub != "":
		return ch.applyToElement(object, key, list)
	case ch.op == "remove":
		if ch.path.filter == nil || len(list) == 1 && ch.path.filter.matches(list[0]) {
			delete(object, key)
		}
		return nil
	}
	given, ok := ch.values()
	if !ok {
		return invalid()
	}
	if ch.op == "add" && ch.path.filter == nil && !sameValue(list, given) {
		given = append(list, given...) // a second value, which AWS refuses
	}
	object[key] = given
	return nil
}

// values are the new values of a list, of which one may come alone.
func (ch change) values() ([]any, bool) {
	if object, alone := ch.value.(map[string]any); alone {
		return []any{object}, true
	}
	list, ok := ch.value.([]any)
	return list, ok
}

// applyToElement sets one sub-attribute of the value, as in
// emails[type eq "work"].value. Where there is none it is made, and is primary.
func (ch change) applyToElement(object map[string]any, key string, list []any) error {
	if len(list) == 0 {
		if ch.op == "remove" {
			return nil
		}
		fresh := map[string]any{"primary": true}
		if f := ch.path.filter; f != nil && f.attribute != "primary" {
			fresh[f.attribute] = f.value
		}
		list = []any{fresh}
		object[key] = list
	}
	element, _ := list[0].(map[string]any)
	if ch.path.filter != nil && !ch.path.filter.matches(element) {
		return invalid() // it would be a second value
	}
	put(element, ch.path.sub, ch.result())
	return nil
}

// matches compares a condition with one element of a list.
func (c condition) matches(element any) bool {
	object, _ := element.(map[string]any)
	switch v, _ := lookup(object, c.attribute); v := v.(type) {
	case string:
		return strings.EqualFold(v, c.value)
	case bool:
		return v == (c.value == "true")
	}
	return c.value == "false"
}

func sameValue(list, given []any) bool {
	if len(list) != 1 || len(given) != 1 {
		return len(list) == 0
	}
	a, _ := list[0].(map[string]any)
	b, _ := given[0].(map[string]any)
	value, _ := lookup(b, "value")
	return value != nil && a["value"] == value
}

// lookup and put find a key whatever its case.
func lookup(object map[string]any, key string) (any, bool) {
	for k, v := range object {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return nil, false
}

func put(object map[string]any, key string, value any) {
	for k := range object {
		if strings.EqualFold(k, key) {
			delete(object, k)
		}
	}
	if value != nil {
		object[key] = value
	}
}

func toMap(structure any) (map[string]any, error) {
	text, err := json.Marshal(structure)
	if err != nil {
		return nil, err
	}
	var object map[string]any
	return object, json.Unmarshal(text, &object)
}
