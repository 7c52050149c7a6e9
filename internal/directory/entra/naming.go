package entra

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// naming is what AWS gets of a person, as the job's schema says.
type naming struct {
	// sources are the expressions, by the attribute in AWS; those that rolecall
	// cannot work out are there with ok false.
	sources map[string]source
	from    string // what the user name is made of, in Microsoft's words; "" where it is not known
	// groups is why names of groups in AWS are not those here; "" where they are.
	groups string
	// unread is why the mapping is not known; "" where it is, or there is no job.
	unread string
}

type source struct {
	expression expression
	ok         bool
	otherwise  string // where the expression is empty
	// once is sent once and not again, so that AWS may have what it was then.
	once bool
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
			return naming{unread: cmp.Or(e.Message, e.Error())}, nil
		}
		return n, err
	})
}

func (d *Directory) findNaming(ctx context.Context) (naming, error) {
	app, err := d.application(ctx)
	if err != nil {
		return naming{}, err
	}
	s, err := d.setup(ctx, app, false)
	if err != nil || len(s.jobs) == 0 {
		return naming{}, err
	}
	if s.unread != nil {
		return naming{}, s.unread
	}
	return s.schema.naming(), nil
}

// naming reads the mapping of users. One that is off sends nothing, but says what
// was sent while it was on. Where several that are on make user names differently,
// it is not known which.
func (s schema) naming() naming {
	n := naming{sources: map[string]source{}, groups: s.groupNames()}
	var names []string
	all := s.of("User")
	slices.SortStableFunc(all, func(a, b objectMapping) int { return onOf(a.Enabled) - onOf(b.Enabled) }) // one that is on has the last word
	for _, m := range all {
		for _, a := range m.Attributes {
			from, of := a.source()
			n.sources[a.Target] = of
			if a.Target == toUserName {
				n.from = from
				if m.Enabled && !slices.Contains(names, from) {
					names = append(names, from)
				}
			}
		}
	}
	if len(names) > 1 {
		n.from, n.sources[toUserName] = strings.Join(names, " or "), source{}
	}
	return n
}

// groupNames says why the names of groups in AWS are not their display names.
func (s schema) groupNames() string {
	all := s.of("Group")
	if on := slices.DeleteFunc(slices.Clone(all), func(m objectMapping) bool { return !m.Enabled }); len(on) > 0 {
		all = on
	}
	for _, m := range all {
		for _, a := range m.Attributes {
			switch from, of := a.source(); {
			case a.Target != toDisplayName:
			case !of.ok || of.expression.attribute != toDisplayName:
				return fmt.Sprintf("the provisioning job makes the names of groups in AWS from %s, not from displayName", from)
			case of.once:
				return "the provisioning job sends the name of a group only when it creates it, so AWS may have a former one"
			}
		}
	}
	return ""
}

func onOf(enabled bool) int {
	if enabled {
		return 1
	}
	return 0
}

// source reads what an attribute is made of: a constant where it is of nothing.
func (a attributeMapping) source() (string, source) {
	once := a.Flow != "" && a.Flow != "Always"
	switch s := a.Source; {
	case s == nil:
		return "", source{ok: true, otherwise: a.Default, once: once}
	case s.Name != "" && (s.Type == "Attribute" || s.Type == ""):
		return s.Name, source{expression{attribute: s.Name}, true, a.Default, once}
	case s.Type == "Constant":
		return s.Name, source{expression{constant: s.Name}, true, a.Default, once}
	default:
		e, ok := parseExpression(s.Expression)
		return s.Expression, source{e, ok, a.Default, once}
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
// the mapping is not known: the default mapping is then assumed. The same goes for
// one that sends the name only once: AWS may have what it was made of before. Where
// AWS gets none, it is the principal name.
func (n naming) name(o object) (name string, otherwise []string, guessed bool) {
	name, ok := n.value(toUserName, o)
	of := n.sources[toUserName]
	switch {
	case ok && name == "":
		return o.UserPrincipalName, nil, false
	case ok && !of.once:
		return name, nil, false
	case !ok:
		name = o.external()
	}
	for _, other := range append([]string{o.external(), o.UserPrincipalName, o.Mail}, of.expression.parts(o)...) {
		if other != "" && other != name && !slices.Contains(otherwise, other) {
			otherwise = append(otherwise, other)
		}
	}
	return name, otherwise, true
}

// toldByID says that a name which AWS got once need not be known: the object id, which
// is sent each time, says who is who.
func (n naming) toldByID() bool {
	from, ok := n.bound()
	return ok && slices.Equal(from, []string{fromID}) && n.sources[toUserName].ok
}

// unclear says why nobody who was found by a name in AWS does not mean that there is
// nobody: what names are made of is not known, or people cannot be looked for by it.
func (n naming) unclear() string {
	if n.unread != "" {
		return "what user names in AWS are made from could not be read: " + n.unread
	}
	of, mapped := n.sources[toUserName]
	_, searched := of.expression.plain()
	switch {
	case !mapped || of.ok && searched && !of.once:
		return ""
	case of.once && searched:
		return fmt.Sprintf("user names in AWS are made from %s only when a user is created, so AWS may have a former one", n.from)
	}
	return fmt.Sprintf("user names in AWS are made from %s, by which people cannot be searched", n.from)
}

// boundTo is the external id that AWS has of the person, where the job makes it of
// something else than the object id.
func (n naming) boundTo(o object) string {
	value, ok := n.value(toExternalID, o)
	if !ok || n.sources[toExternalID].once || strings.EqualFold(value, o.ID) {
		return ""
	}
	return value
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
	if extension(name) {
		return o.Extensions[name], true
	}
	value, known := map[string]string{
		fromID: o.ID, fromPrincipal: o.external(), fromOriginal: o.UserPrincipalName, "mail": o.Mail, "mailNickname": o.Nickname,
		"onPremisesUserPrincipalName": o.OnPremisesName, "onPremisesSamAccountName": o.Account,
		"employeeId": o.EmployeeID, "displayName": o.DisplayName, "givenName": o.GivenName, "surname": o.Surname,
	}[name]
	return value, known
}

// extension says that an attribute is one of the fifteen that have no meaning of
// their own.
func extension(name string) bool {
	number, ok := strings.CutPrefix(name, "extensionAttribute")
	n, err := strconv.Atoi(number)
	return ok && err == nil && n >= 1 && n <= 15 && number == strconv.Itoa(n)
}

// filtered is how a filter writes an attribute.
func filtered(name string) string {
	if extension(name) {
		return "onPremisesExtensionAttributes/" + name
	}
	return name
}

// searched are the attributes by which a user name in AWS can be looked for.
func (n naming) searched() []string {
	var names []string
	var add func(e expression)
	add = func(e expression) {
		if slices.Contains([]string{"mailNickname", "onPremisesUserPrincipalName", "onPremisesSamAccountName", "employeeId"}, e.attribute) || extension(e.attribute) {
			names = append(names, e.attribute)
		}
		for _, arg := range e.args {
			add(arg)
		}
	}
	add(n.sources[toUserName].expression)
	return names
}
