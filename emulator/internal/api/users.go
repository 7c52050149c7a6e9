package api

import (
	"bytes"
	"encoding/json"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func createUser(c *Call, d *store.Directory) (any, error) {
	u := store.User{Active: true}
	if err := readProfile(c.In, &u.Profile); err != nil {
		return nil, err
	}
	if err := complete(u.Profile); err != nil {
		return nil, err
	}
	made, err := d.CreateUser(c.stamp(), u)
	if err != nil {
		return nil, c.refused(err)
	}
	return Out{"UserId": made.ID, "IdentityStoreId": d.ID}, nil
}

// complete refuses a person without what IAM Identity Center needs of everyone,
// though the model requires none of it
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/users-groups-provisioning.html).
func complete(p store.Profile) error {
	for _, must := range []struct{ path, value string }{
		{"userName", p.UserName}, {"displayName", p.DisplayName},
		{"name.familyName", p.Name.FamilyName}, {"name.givenName", p.Name.GivenName},
	} {
		if must.value == "" {
			return required(must.path)
		}
	}
	return nil
}

// revalidate checks what an update makes of a thing as the model checks a new one:
// the values of an update are JSON documents, of which the model says nothing.
func revalidate(create string, out any) error {
	service, _ := model.Lookup("identitystore")
	op, _ := service.Operation(create)
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var input any
	if err := d.Decode(&input); err != nil {
		return err
	}
	return model.Validate(op, input)
}

func required(path string) *Error {
	return validation("1 validation error detected: Value at '" + path + "' failed to satisfy constraint: Member must not be null")
}

func updateUser(c *Call, d *store.Directory) (any, error) {
	_, err := d.UpdateUser(c.stamp(), c.In.text("UserId"), func(u *store.User) error {
		for _, op := range c.In.parts("Operations") {
			if err := setAttribute(&u.Profile, op.text("AttributePath"), op["AttributeValue"]); err != nil {
				return err
			}
		}
		if err := complete(u.Profile); err != nil {
			return err
		}
		return revalidate("CreateUser", showProfile(d, u))
	})
	return c.done(err)
}

func describeUser(c *Call, d *store.Directory) (any, error) {
	u, ok := d.User(c.In.text("UserId"))
	if !ok {
		return nil, notThere("USER", c.In.text("UserId"))
	}
	return showUser(d, u, c.In), nil
}

func notThere(typ, id string) *Error {
	e := awsError("ResourceNotFoundException", typ+" not found.").with("ResourceType", typ)
	if id != "" {
		e.with("ResourceId", id)
	}
	return e
}

func deleteUser(c *Call, d *store.Directory) (any, error) {
	return c.done(d.DeleteUser(c.stamp(), c.In.text("UserId")))
}

func listUsers(c *Call, d *store.Directory) (any, error) {
	wanted, err := c.filter("UserName")
	if err != nil {
		return nil, err
	}
	read := reader[*store.User](d.Users)
	if wanted != "" {
		read = single(d.UserByName(wanted))
	}
	return paged(c, "Users", read, func(u *store.User) any { return showUser(d, u, c.In) })
}

// filter reads the deprecated Filters: refused as some Regions do, unless the
// quirk allows it.
func (c *Call) filter(path string) (string, error) {
	filters := c.In.parts("Filters")
	switch {
	case len(filters) == 0:
		return "", nil
	case !c.Quirks.FiltersAllowed:
		return "", validation("Filter is deprecated, please remove filter from request")
	case filters[0].text("AttributePath") != path:
		return "", validation("Unsupported attribute path for a filter: " + filters[0].text("AttributePath"))
	}
	return filters[0].text("AttributeValue"), nil
}

// single is a list of at most one thing.
func single[T any](x T, ok bool) reader[T] {
	return func(after uint64, _ int) store.Page[T] {
		page := store.Page[T]{Next: after}
		if ok && after == 0 {
			page.Items = []T{x}
		}
		return page
	}
}

func getUserID(c *Call, d *store.Directory) (any, error) {
	u, err := alternate(c, d, "USER", d.UserByExternalID, lookups[store.User]{"userName": d.UserByName, "emails.value": d.UserByEmail})
	if err != nil {
		return nil, err
	}
	return Out{"UserId": u.ID, "IdentityStoreId": d.ID}, nil
}

// lookups are ways to find a thing, by the path of the attribute.
type lookups[T any] map[string]func(string) (*T, bool)

// alternate finds the thing that an AlternateIdentifier names.
func alternate[T any](c *Call, d *store.Directory, typ string, byExternalID func(string) (*T, bool), by lookups[T]) (*T, error) {
	find, value := byExternalID, ""
	if ext := c.In.part("AlternateIdentifier").part("ExternalId"); ext != nil {
		if ext.text("Issuer") != d.Issuer {
			return nil, notThere(typ, "")
		}
		value = ext.text("Id")
	} else {
		path, text, err := c.unique()
		if err != nil {
			return nil, err
		}
		if by[path] == nil {
			return nil, validation("Unsupported attribute path: " + path)
		}
		find, value = by[path], text
	}
	found, ok := find(value)
	if !ok {
		return nil, notThere(typ, "")
	}
	return found, nil
}

// unique reads the UniqueAttribute of an AlternateIdentifier; its value is a JSON
// document, here always a text. The first letter may be large, as clients in the
// field send it.
func (c *Call) unique() (path, value string, err error) {
	in := c.In.part("AlternateIdentifier").part("UniqueAttribute")
	value, ok := in["AttributeValue"].(string)
	if !ok {
		return "", "", validation("The value of a unique attribute must be a string.")
	}
	return lowerFirst(in.text("AttributePath")), value, nil
}
