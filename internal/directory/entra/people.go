package entra

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// object is a user or a group, as a list of members has both.
type object struct {
	Type        string `json:"@odata.type"`
	ID          string `json:"id"`
	DisplayName string `json:"displayName"`

	UserPrincipalName string   `json:"userPrincipalName"`
	Mail              string   `json:"mail"`
	GivenName         string   `json:"givenName"`
	Surname           string   `json:"surname"`
	AccountEnabled    *bool    `json:"accountEnabled"`
	UserType          string   `json:"userType"`
	Proxies           []string `json:"proxyAddresses"`
	Nickname          string   `json:"mailNickname"`
	OnPremisesName    string   `json:"onPremisesUserPrincipalName"`
	Account           string   `json:"onPremisesSamAccountName"`
	EmployeeID        string   `json:"employeeId"`
	Deleted           moment   `json:"deletedDateTime"`
	// Extensions are extensionAttribute1 to extensionAttribute15.
	Extensions map[string]string `json:"onPremisesExtensionAttributes"`

	Description     string   `json:"description"`
	SecurityEnabled *bool    `json:"securityEnabled"`
	MailEnabled     bool     `json:"mailEnabled"`
	GroupTypes      []string `json:"groupTypes"`
	RuleState       string   `json:"membershipRuleProcessingState"`
}

func (o object) Identity() string { return o.ID }

// The fields that are asked for: nameFields are what the mapping may make a user
// name of.
const (
	nameFields  = "userPrincipalName,mail,mailNickname,onPremisesUserPrincipalName,onPremisesSamAccountName,employeeId,onPremisesExtensionAttributes"
	userFields  = "id,displayName,givenName,surname,accountEnabled,userType,proxyAddresses,deletedDateTime," + nameFields
	groupFields = "id,displayName,description,securityEnabled,mailEnabled,groupTypes,membershipRuleProcessingState"
	bothFields  = "id,displayName,givenName,surname,accountEnabled," + nameFields
)

func (o object) status() (directory.Status, string) {
	switch {
	case !o.Deleted.IsZero():
		return directory.Deleted, "deleted " + stamp(o.Deleted.Time)
	case o.AccountEnabled == nil:
		return directory.Unknown, "accountEnabled not told"
	case *o.AccountEnabled:
		return directory.Active, "accountEnabled true"
	}
	return directory.Suspended, "accountEnabled false"
}

func (o object) person(name string, n naming) directory.Person {
	status, said := o.status()
	p := directory.Person{
		ID: o.ID, Email: o.Mail, GivenName: o.GivenName, FamilyName: o.Surname, DisplayName: o.DisplayName, Status: status, Said: said,
		Aliases: o.aliases(), Guest: o.UserType == "Guest" || strings.Contains(o.UserPrincipalName, "#EXT#@"), Unfit: n.unfit(o), Bound: n.boundTo(o),
	}
	p.UserName, p.Otherwise, p.Guessed = n.name(o)
	p.Match = directory.MatchOf(name, p.Email, p.UserName, o.UserPrincipalName)
	return p
}

// aliases are the addresses of the mailbox besides the primary one.
func (o object) aliases() (out []string) {
	for _, proxy := range o.Proxies {
		scheme, address, ok := strings.Cut(proxy, ":")
		if ok && strings.EqualFold(scheme, "smtp") && !strings.EqualFold(address, o.Mail) && !strings.EqualFold(address, o.UserPrincipalName) {
			out = append(out, address)
		}
	}
	return out
}

// FindPerson asks for the user principal name; where that is not what AWS gets of
// the person, or nobody has it, also for e-mail addresses, aliases and whatever the
// mapping makes user names of; and where still nobody was found for deleted people.
func (d *Directory) FindPerson(ctx context.Context, name string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	users, err := d.principal(ctx, name, &found)
	if err != nil {
		return found, err
	}
	n, err := d.naming(ctx)
	if err != nil {
		return found, err
	}
	if len(users) == 0 || !n.names(users[0], name) {
		more, err := d.addressed(ctx, name, n, &found)
		if err != nil {
			return found, err
		}
		for _, o := range more {
			if !slices.ContainsFunc(users, func(u object) bool { return u.ID == o.ID }) {
				users = append(users, o)
			}
		}
	}
	if len(users) == 0 {
		if users, err = d.deleted(ctx, name, &found); err != nil {
			return found, err
		}
	}
	for _, o := range users {
		found.People = append(found.People, o.person(name, n))
	}
	directory.Rank(found.People)
	if len(users) == 0 {
		found.Unclear = n.unclear()
	}
	return found, nil
}

// names says that AWS gets this name of the person, as far as is known.
func (n naming) names(o object, name string) bool {
	is, otherwise, _ := n.name(o)
	return strings.EqualFold(is, name) || slices.ContainsFunc(otherwise, func(other string) bool { return strings.EqualFold(other, name) })
}

// principal asks for the user principal name. One that begins with a dollar goes
// into parentheses: as an element of the path it is a 400
// (learn.microsoft.com/graph/api/user-get).
func (d *Directory) principal(ctx context.Context, name string, found *directory.PeopleFound) ([]object, error) {
	if !directory.InPath(name) {
		return nil, nil
	}
	path := "/users/" + url.PathEscape(name)
	if strings.HasPrefix(name, "$") {
		path = "/users('" + url.PathEscape(strings.ReplaceAll(name, "'", "''")) + "')"
	}
	return d.user(ctx, path, "principal name", found)
}

// user asks for one user by a path that ends with what Graph takes in place of the
// id; nobody is no error.
func (d *Directory) user(ctx context.Context, path, by string, found *directory.PeopleFound) ([]object, error) {
	var o object
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetUser", Path: "/v1.0" + path + query("$select", userFields)}, &o)
	switch {
	case directory.NotThere.Is(err):
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("404: no user has this %s", by))
		return nil, nil
	case err != nil:
		return nil, err
	}
	_, said := o.status()
	found.Evidence = slices.Concat(found.Evidence, r.Evidence("user %s, %q, %s", o.ID, o.UserPrincipalName, said))
	return []object{o}, nil
}

// addressed looks for everything but the principal name, in one call: the e-mail
// address, an alias, a guest's address within the principal name, and what the
// mapping makes user names of. Some of it needs Graph's advanced query parameters
// (learn.microsoft.com/graph/aad-advanced-queries).
func (d *Directory) addressed(ctx context.Context, name string, n naming, found *directory.PeopleFound) ([]object, error) {
	tests := []string{"mail eq " + quote(name), "proxyAddresses/any(p:p eq " + quote("smtp:"+name) + ")"}
	if guest := guestName(name); guest != "" {
		tests = append(tests, "startsWith(userPrincipalName,"+quote(guest)+")")
	}
	for _, attribute := range n.searched() {
		tests = append(tests, filtered(attribute)+" eq "+quote(name))
	}
	users, r, err := d.users(ctx, "ListUsers", "/users", strings.Join(tests, " or "))
	if directory.NotThere.Is(err) {
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("404: no user with this address"))
		return nil, nil
	}
	if err == nil {
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d users with this address or alias", len(users)))
	}
	return users, err
}

func (d *Directory) users(ctx context.Context, operation, path, filter string) ([]object, directory.Reply, error) {
	call := directory.Call{
		Operation: operation, Path: "/v1.0" + path + query("$filter", filter, "$select", userFields, "$count", "true"), Header: http.Header{"Consistencylevel": {"eventual"}},
	}
	users, r, _, err := listWith[object](ctx, d, call, 0)
	return users, r, err
}

// deletedName is how the principal name of somebody who was deleted begins: with
// an id, without dashes.
var deletedName = regexp.MustCompile(`^[0-9a-fA-F]{32}`)

// deleted looks among those who were deleted, whom Entra ID keeps for 30 days.
// Where they may not be seen, nobody was found, and the evidence says so.
func (d *Directory) deleted(ctx context.Context, name string, found *directory.PeopleFound) ([]object, error) {
	if name == "" {
		return nil, nil
	}
	all, _, err := d.removed(ctx, "endsWith(userPrincipalName,"+quote(name)+") or mail eq "+quote(name), func(o object) bool {
		return strings.EqualFold(o.UserPrincipalName, name) || strings.EqualFold(o.Mail, name)
	}, found)
	return all, err
}

// removed lists people who were deleted, under the names that they had; seen is
// false where they may not be looked at.
func (d *Directory) removed(ctx context.Context, filter string, meant func(object) bool, found *directory.PeopleFound) (out []object, seen bool, err error) {
	users, r, err := d.users(ctx, "ListDeletedUsers", "/directory/deletedItems/microsoft.graph.user", filter)
	if e := (*directory.Error)(nil); errors.As(err, &e) {
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("deleted people were not looked at: %s", e.Evidence().Saw))
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	for _, o := range users {
		o.UserPrincipalName = deletedName.ReplaceAllString(o.UserPrincipalName, "")
		if meant(o) {
			out = append(out, o)
		}
	}
	found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d deleted users whom this names", len(out)))
	return out, true, nil
}
