package entra

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// naming is what AWS gets of a person, as the job's schema says.
type naming struct {
	// sources are the expressions, by the attribute in AWS; those that rolecall
	// cannot work out are there with ok false.
	sources map[string]source
	from    string // what the user name is made of, in Microsoft's words; "" where it is not known
}

type source struct {
	expression expression
	ok         bool
	otherwise  string // where the expression is empty
}

// The attributes in AWS that are looked at.
const (
	toUserName    = "userName"
	toDisplayName = "displayName"
	toGivenName   = "name.givenName"
	toFamilyName  = "name.familyName"
	toExternalID  = "externalId"
)

// The attributes of the default mapping.
const (
	fromPrincipal = "userPrincipalName"
	fromOriginal  = "originalUserPrincipalName"
)

// refused are the characters that Microsoft's tutorial says AWS does not take.
const refused = "\t\n\r<>;:%"

// naming returns how AWS's users are named. It is asked for once: a failure is
// kept too, as what it means is that the mapping is not known.
func (d *Directory) naming(ctx context.Context) (naming, error) {
	return d.names.Get(ctx, func(ctx context.Context) (naming, error) {
		n, err := d.findNaming(ctx)
		if e := (*directory.Error)(nil); errors.As(err, &e) {
			return naming{}, nil
		}
		return n, err
	})
}

func (d *Directory) findNaming(ctx context.Context) (naming, error) {
	app, err := d.application(ctx)
	if err != nil {
		return naming{}, err
	}
	jobs, _, err := d.jobs(ctx, app)
	if err != nil || len(jobs) == 0 {
		return naming{}, err
	}
	s, _, err := d.schema(ctx, app, jobs[0].ID)
	return s.naming(), err
}

// naming reads the mapping of users. One that is off sends nothing, but says what
// was sent while it was on.
func (s schema) naming() naming {
	n := naming{sources: map[string]source{}}
	all := s.of("User")
	slices.SortStableFunc(all, func(a, b objectMapping) int { return onOf(a.Enabled) - onOf(b.Enabled) }) // one that is on has the last word
	for _, m := range all {
		for _, a := range m.Attributes {
			from, of := a.source()
			n.sources[a.Target] = of
			if a.Target == toUserName {
				n.from = from
			}
		}
	}
	return n
}

func onOf(enabled bool) int {
	if enabled {
		return 1
	}
	return 0
}

// source reads what an attribute is made of: a constant where it is of nothing.
func (a attributeMapping) source() (string, source) {
	switch s := a.Source; {
	case s == nil:
		return "", source{ok: true, otherwise: a.Default}
	case s.Name != "" && (s.Type == "Attribute" || s.Type == ""):
		return s.Name, source{expression{attribute: s.Name}, true, a.Default}
	case s.Type == "Constant":
		return s.Name, source{expression{constant: s.Name}, true, a.Default}
	default:
		e, ok := parseExpression(s.Expression)
		return s.Expression, source{e, ok, a.Default}
	}
}

// value works out what AWS gets; ok is false where that is not known.
func (n naming) value(target string, o object) (value string, ok bool) {
	s, ok := n.sources[target]
	if !ok || !s.ok {
		return "", false
	}
	value, ok = s.expression.value(o)
	if ok && value == "" {
		value = s.otherwise
	}
	return value, ok
}

// name returns the user name in AWS, and further ones that it may be instead where
// the mapping is not known: the default mapping is then assumed. Where AWS gets
// none, it is the principal name.
func (n naming) name(o object) (name string, otherwise []string) {
	name, ok := n.value(toUserName, o)
	if ok && name != "" {
		return name, nil
	}
	if ok {
		return o.UserPrincipalName, nil
	}
	name = o.external()
	for _, other := range []string{o.UserPrincipalName, o.Mail} {
		if other != "" && other != name && !slices.Contains(otherwise, other) {
			otherwise = append(otherwise, other)
		}
	}
	return name, otherwise
}

// unfit says what of a person AWS does not take. Without a principal name, Graph
// showed the id alone.
func (n naming) unfit(o object) []string {
	if o.UserPrincipalName == "" {
		return nil
	}
	names := []string{"display name", "first name", "last name", "user name"}
	var pairs []string
	for i, target := range []string{toDisplayName, toGivenName, toFamilyName, toUserName} {
		value, known := n.value(target, o)
		if _, mapped := n.sources[target]; mapped && !known {
			continue
		}
		if !known {
			value = []string{o.DisplayName, o.GivenName, o.Surname, o.external()}[i]
		}
		pairs = append(pairs, names[i], value)
	}
	return directory.Unfit(refused, names, pairs...)
}

// external is the principal name as provisioning sends it: of a guest,
// "alias_domain#EXT#@tenant", the alias and domain are left
// (learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works,
// "B2B (guest) users").
func (o object) external() string {
	alias, _, guest := strings.Cut(o.UserPrincipalName, "#EXT#@")
	at := strings.LastIndex(alias, "_")
	if !guest || at < 0 {
		return o.UserPrincipalName
	}
	return alias[:at] + "@" + alias[at+1:]
}

// guestName is how the principal name of a guest with this address begins.
func guestName(address string) string {
	alias, domain, ok := strings.Cut(address, "@")
	if !ok || alias == "" || domain == "" || strings.Contains(domain, "@") {
		return ""
	}
	return alias + "_" + domain + "#EXT#@"
}

// attribute returns an attribute by the name that it has in the schema.
func (o object) attribute(name string) (string, bool) {
	switch name {
	case fromPrincipal:
		return o.external(), true
	case fromOriginal:
		return o.UserPrincipalName, true
	case "mail":
		return o.Mail, true
	case "mailNickname":
		return o.Nickname, true
	case "onPremisesUserPrincipalName":
		return o.OnPremisesName, true
	case "onPremisesSamAccountName":
		return o.Account, true
	case "employeeId":
		return o.EmployeeID, true
	case "displayName":
		return o.DisplayName, true
	case "givenName":
		return o.GivenName, true
	case "surname":
		return o.Surname, true
	case fromID:
		return o.ID, true
	}
	return "", false
}

// searched are the attributes by which a user name in AWS can be looked for.
func (n naming) searched() []string {
	var names []string
	var add func(e expression)
	add = func(e expression) {
		if slices.Contains([]string{"mailNickname", "onPremisesUserPrincipalName", "onPremisesSamAccountName", "employeeId"}, e.attribute) {
			names = append(names, e.attribute)
		}
		for _, arg := range e.args {
			add(arg)
		}
	}
	add(n.sources[toUserName].expression)
	return names
}
