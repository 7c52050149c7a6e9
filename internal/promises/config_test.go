package promises

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// mode is a set-up.
type mode int

const (
	scim mode = iota
	scimUsers
	internal
)

func (m mode) String() string { return [...]string{"scim", "scim-users", "internal"}[m] }

// The names of the small world. What is foreign in it is in world_test.go.
var (
	groupNames   = []string{"A", "B", "C", "D"}
	setNames     = []string{"Ops", "View", "Dev", "Aux"}
	personNames  = []string{"ann", "bob", "cat"}
	accountNames = []string{"management", "dev", "staging", "prod", "lab", "test", "play"}
	inlines      = []string{"",
		`{ name = "i", statements = [{ actions = ["s3:*"], resources = ["*"] }] }`,
		`{ name = "i", statements = [{ actions = ["ec2:StartInstances"], resources = ["*"] }] }`,
		`{ name = "i", statements = [{ actions = ["ec2:StartInstances"], resources = ["*"] }, { effect = "Deny", actions = ["s3:*"], resources = ["*"] }] }`,
		`{ name = "i", statements = [{ effect = "Deny", actions = ["iam:*"], resources = ["*"] }] }`,
	}
	inlineAllow = []bits{0, mayStore, mayStart, mayStart, 0}
	inlineDeny  = []bits{0, 0, 0, mayStore, mayIAM}
	inlineJSON  = []string{"",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:StartInstances","Resource":"*"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:StartInstances","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}`,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}`,
	}
	boundaries = []string{"", managed[1], "/edge", managed[0]}
)

// conf is an access config, by numbers.
type conf struct {
	mode      mode
	sets      []confSet
	groups    []confGroup
	gone      []int // persons that are not in the config (internal)
	removed   []int // of those, persons in removed_users
	protected []string
	owner     string
	ignore    []string       // patterns; nil is the one about the group Breakglass
	persons   []string       // the user names, where they are not personNames
	user      map[int]string // further attributes of users, as text
}

// confSet is a permission set with its content; groups refer to it.
type confSet struct {
	name     string // "" : that of the group
	managed  []int
	customer bool
	inline   int
	boundary int
	hours    int
}

type confGroup struct {
	name, previously string
	set              int
	accounts         []int
	members          []int // persons
	description      int
	extra            string // further attributes, as text
}

func (c *conf) clone() *conf {
	out := *c
	out.sets, out.groups = slices.Clone(c.sets), slices.Clone(c.groups)
	for i := range out.sets {
		out.sets[i].managed = slices.Clone(out.sets[i].managed)
	}
	for i := range out.groups {
		out.groups[i].accounts, out.groups[i].members = slices.Clone(out.groups[i].accounts), slices.Clone(out.groups[i].members)
	}
	out.gone, out.removed, out.protected = slices.Clone(c.gone), slices.Clone(c.removed), slices.Clone(c.protected)
	return &out
}

// setName is what the group's set is called in AWS.
func (c *conf) setName(g confGroup) string {
	if n := c.sets[g.set].name; n != "" {
		return n
	}
	return g.name
}

// setOf finds the content that the config gives the set of a name.
func (c *conf) setOf(name string) (confSet, bool) {
	for _, g := range c.groups {
		if c.setName(g) == name && len(g.accounts) > 0 {
			return c.sets[g.set], true
		}
	}
	return confSet{}, false
}

func (s confSet) meaning() bits {
	allow, deny := inlineAllow[s.inline], inlineDeny[s.inline]
	for _, p := range s.managed {
		allow |= allows[managed[p]]
		if managed[p] == denyAll {
			deny = everything
		}
	}
	if s.customer {
		allow |= mayEdge
	}
	b := allow &^ deny
	if s.boundary > 0 {
		b &= allows[boundaries[s.boundary]]
	}
	return b
}

// text is the config as HCL.
func (c *conf) text() string {
	var b strings.Builder
	switch c.mode {
	case scim:
		b.WriteString("management_mode = \"external\"\nexternal_groups = [\n")
	case scimUsers:
		b.WriteString("management_mode = \"external\"\nscim_scope = \"users\"\naccess_groups = [\n")
	default:
		c.writeUsers(&b)
		b.WriteString("access_groups = [\n")
	}
	for _, g := range c.groups {
		c.writeGroup(&b, g)
	}
	b.WriteString("]\n")
	return b.String()
}

func (c *conf) writeUsers(b *strings.Builder) {
	b.WriteString("users = [\n")
	for p, name := range c.people() {
		if !slices.Contains(c.gone, p) {
			fmt.Fprintf(b, "  { display_name = %q, email = \"%s@example.com\", username = %q, given_name = \"G\", family_name = \"F\"%s },\n", name, personNames[p], name, cmp.Or(c.user[p], ", groups = []"))
		}
	}
	b.WriteString("]\n")
	if len(c.removed) > 0 {
		fmt.Fprintf(b, "removed_users = %s\n", named(c.removed, c.people()))
	}
}

// people are the user names.
func (c *conf) people() []string {
	if c.persons != nil {
		return c.persons
	}
	return personNames
}

func (c *conf) writeGroup(b *strings.Builder, g confGroup) {
	s := c.sets[g.set]
	fmt.Fprintf(b, "  { name = %q, description = \"d%d\", accounts_names = %s", g.name, g.description, named(g.accounts, allAccounts))
	if s.name != "" && s.name != g.name {
		fmt.Fprintf(b, ", permission_set_name = %q", s.name)
	}
	if g.previously != "" {
		fmt.Fprintf(b, ", previously = %q", g.previously)
	}
	if c.mode != scim {
		var members []int
		for _, m := range g.members {
			if !slices.Contains(c.gone, m) {
				members = append(members, m)
			}
		}
		fmt.Fprintf(b, ", members = %s", named(members, c.people()))
	}
	s.write(b)
	b.WriteString(g.extra + " },\n")
}

func (s confSet) write(b *strings.Builder) {
	fmt.Fprintf(b, ", aws_managed_policies = %s", named(s.managed, managed))
	if s.customer {
		b.WriteString(`, customer_managed_policies = ["edge"]`)
	}
	if s.inline > 0 {
		fmt.Fprintf(b, ", inline_policies = [%s]", inlines[s.inline])
	}
	switch x := boundaries[s.boundary]; {
	case x == "":
	case x[0] == '/':
		fmt.Fprintf(b, ", permissions_boundary = %q", x[1:])
	default:
		fmt.Fprintf(b, ", permissions_boundary = %q", x)
	}
	if s.hours > 0 {
		fmt.Fprintf(b, ", session_duration = \"PT%dH\"", s.hours)
	}
}

func named(numbers []int, names []string) string {
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = fmt.Sprintf("%q", names[n])
	}
	return "[" + strings.Join(out, ", ") + "]"
}

// settings is rolecall.hcl.
func (c *conf) settings() string {
	text := fmt.Sprintf("owner = %q\nignore = [\"%s\"]\n", c.owner, strings.Join(c.patterns(), `", "`))
	if len(c.protected) > 0 {
		quoted := make([]string, len(c.protected))
		for i, p := range c.protected {
			quoted[i] = fmt.Sprintf("%q", p)
		}
		text += "protected = [" + strings.Join(quoted, ", ") + "]\n"
	}
	return text
}

// wantedAssignment is one assignment of the config's meaning, by names.
type wantedAssignment struct{ set, account, group string }

func (c *conf) wants() map[wantedAssignment]bits {
	out := map[wantedAssignment]bits{}
	for _, g := range c.groups {
		for _, a := range g.accounts {
			out[wantedAssignment{c.setName(g), allAccounts[a], g.name}] = c.sets[g.set].meaning()
		}
	}
	return out
}

// group returns the numbers' group; at is taken modulo their count.
func (c *conf) group(at int) *confGroup {
	if len(c.groups) == 0 {
		return nil
	}
	return &c.groups[at%len(c.groups)]
}

func toggled(list []int, x int) []int {
	if at := slices.Index(list, x); at >= 0 {
		return slices.Delete(slices.Clone(list), at, at+1)
	}
	return append(slices.Clone(list), x)
}

// edits are what an author does to a config; each takes three numbers.
var edits = []struct {
	name string
	do   func(c *conf, a, b, d int)
}{
	{"account toggled", func(c *conf, a, b, d int) { g := c.group(a); g.accounts = toggled(g.accounts, b%len(accountNames)) }},
	{"only account moves", func(c *conf, a, b, d int) { g := c.group(a); g.accounts = []int{b % len(accountNames)} }},
	{"accounts emptied", func(c *conf, a, b, d int) { g := c.group(a); g.accounts = nil }},
	{"every account", func(c *conf, a, b, d int) { g := c.group(a); g.accounts = []int{1, 2, 3, 4, 5, 6}[:3+b%4] }},
	{"policy toggled", func(c *conf, a, b, d int) {
		s := &c.sets[a%len(c.sets)]
		s.managed = toggled(s.managed, b%len(managed))
	}},
	{"policy replaced", func(c *conf, a, b, d int) { s := &c.sets[a%len(c.sets)]; s.managed = []int{b % len(managed)} }},
	{"customer policy toggled", func(c *conf, a, b, d int) { s := &c.sets[a%len(c.sets)]; s.customer = !s.customer }},
	{"inline changed", func(c *conf, a, b, d int) { c.sets[a%len(c.sets)].inline = b % len(inlines) }},
	{"boundary changed", func(c *conf, a, b, d int) { c.sets[a%len(c.sets)].boundary = b % len(boundaries) }},
	{"boundary goes with policies", func(c *conf, a, b, d int) {
		s := &c.sets[a%len(c.sets)]
		s.boundary, s.managed = 0, []int{b % 4}
	}},
	{"group gets another set", func(c *conf, a, b, d int) { c.group(a).set = b % len(c.sets) }},
	{"two groups swap sets", func(c *conf, a, b, d int) { x, y := c.group(a), c.group(b); x.set, y.set = y.set, x.set }},
	{"set changes name", func(c *conf, a, b, d int) { c.renameSet(a%len(c.sets), setNames[b%len(setNames)]) }},
	{"two sets swap contents", func(c *conf, a, b, d int) {
		x, y := &c.sets[a%len(c.sets)], &c.sets[b%len(c.sets)]
		x.name, y.name = y.name, x.name
	}},
	{"group leaves the config", func(c *conf, a, b, d int) { at := a % len(c.groups); c.groups = slices.Delete(c.groups, at, at+1) }},
	{"group comes", func(c *conf, a, b, d int) {
		name := groupNames[a%len(groupNames)]
		if !slices.ContainsFunc(c.groups, func(g confGroup) bool { return g.name == name }) {
			c.groups = append(c.groups, confGroup{name: name, set: b % len(c.sets), accounts: []int{d % len(accountNames)}, members: []int{d % len(personNames)}})
		}
	}},
	{"member toggled", func(c *conf, a, b, d int) { g := c.group(a); g.members = toggled(g.members, b%len(personNames)) }},
	{"members exchanged", func(c *conf, a, b, d int) { g := c.group(a); g.members = []int{b % len(personNames)} }},
	{"person leaves", func(c *conf, a, b, d int) {
		p := a % len(personNames)
		c.gone = toggled(c.gone, p)
		c.removed = slices.DeleteFunc(c.removed, func(x int) bool { return !slices.Contains(c.gone, x) })
		if slices.Contains(c.gone, p) && b%2 == 0 {
			c.removed = append(c.removed, p)
		}
	}},
	{"group renamed", func(c *conf, a, b, d int) {
		g, name := c.group(a), groupNames[b%len(groupNames)]
		if !slices.ContainsFunc(c.groups, func(o confGroup) bool { return o.name == name }) {
			g.previously, g.name = g.name, name
		}
	}},
	{"description", func(c *conf, a, b, d int) { c.group(a).description++ }},
	{"duration", func(c *conf, a, b, d int) { c.sets[a%len(c.sets)].hours = 1 + b%4 }},
	{"member leaves and the set widens", func(c *conf, a, b, d int) {
		g := c.group(a)
		g.members = toggled(g.members, b%len(personNames))
		s := &c.sets[g.set]
		s.managed = append(slices.DeleteFunc(slices.Clone(s.managed), func(p int) bool { return p == d%5 }), d%5)
	}},
	{"group moves on and its set widens", func(c *conf, a, b, d int) {
		x, y := c.group(a), c.group(a+1)
		old := x.set
		y.set, x.set = old, b%len(c.sets)
		c.sets[old].managed = []int{d % 5}
		if len(y.accounts) == 0 || d%3 == 0 {
			y.accounts = slices.Clone(x.accounts)
		}
	}},
	{"account leaves and the set widens", func(c *conf, a, b, d int) {
		g := c.group(a)
		if len(g.accounts) > 1 {
			g.accounts = g.accounts[1:]
		}
		c.sets[g.set].managed = []int{d % 5}
	}},
	{"nobody", func(c *conf, a, b, d int) {
		if d%4 == 0 {
			c.groups = nil
			return
		}
		for i := range c.groups {
			c.groups[i].accounts = nil
		}
	}},
	{"protected", func(c *conf, a, b, d int) { c.protected = []string{c.group(a).name} }},
}

func (c *conf) renameSet(at int, name string) {
	for i, s := range c.sets {
		if i != at && s.name == name {
			return
		}
	}
	c.sets[at].name = name
}

// edit carries out one of the edits; one that cannot be is none.
func (c *conf) edit(kind, a, b, d int) {
	if len(c.groups) == 0 {
		kind = slices.IndexFunc(edits, func(e struct {
			name string
			do   func(*conf, int, int, int)
		}) bool {
			return e.name == "group comes"
		})
	}
	for i := range c.groups { // a former name stays in a config for a while
		if old := c.groups[i].previously; (a+b)%2 == 0 || c.names(old) {
			c.groups[i].previously = ""
		}
	}
	edits[kind%len(edits)].do(c, a, b, d)
}

// equals says that a set has what the config gives it.
func (s confSet) equals(c searchtest.Content) bool {
	var arns []string
	for _, p := range s.managed {
		arns = append(arns, managed[p])
	}
	slices.Sort(arns)
	customer := ""
	if s.customer {
		customer = "/edge"
	}
	return strings.Join(arns, ",") == c.Managed && customer == c.Customer && boundaries[s.boundary] == c.Boundary && inlineJSON[s.inline] == c.Inline
}
