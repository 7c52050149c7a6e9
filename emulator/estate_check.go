package emulator

import (
	"fmt"
	"regexp"
	"slices"
)

// The forms of what an estate may fix, as AWS's models have them.
var (
	accountForm   = regexp.MustCompile(`^\d{12}$`)
	orgForm       = regexp.MustCompile(`^o-[a-z0-9]{10,32}$`)
	rootForm      = regexp.MustCompile(`^r-[0-9a-z]{4,32}$`)
	unitForm      = regexp.MustCompile(`^ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}$`)
	instanceForm  = regexp.MustCompile(`^arn:aws(-[a-z]{1,5}){0,3}:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}$`)
	setARNForm    = regexp.MustCompile(`^arn:aws(-[a-z]{1,5}){0,3}:sso:::permissionSet/(sso)?ins-[a-zA-Z0-9-.]{16}/ps-[a-zA-Z0-9-./]{16}$`)
	setNameForm   = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]{1,32}$`)
	directoryForm = regexp.MustCompile(`^(d-[0-9a-f]{10}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)
	entityForm    = regexp.MustCompile(`^([0-9a-f]{10}-|)[A-Fa-f0-9]{8}(-[A-Fa-f0-9]{4}){3}-[A-Fa-f0-9]{12}$`)
	tenantForm    = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
)

// check refuses an estate with ids and names that AWS could not have.
func (e *Estate) check() error {
	c := &checker{}
	if o := e.Organization; o != nil {
		c.form("organization id", o.ID, orgForm)
		c.form("root id", o.RootID, rootForm)
	}
	for _, u := range e.OrganizationalUnits {
		c.form("organizational unit id", u.ID, unitForm)
		c.must("organizational unit", u.Name)
	}
	for _, a := range e.Accounts {
		c.form("account id", a.ID, accountForm)
		c.must("account", a.Name)
		if !slices.Contains(accountStates, a.State) {
			c.fail("account %q: unknown state %q", a.Name, a.State)
		}
	}
	c.contents(e.EstateContents)
	for _, i := range e.Instances {
		c.form("instance ARN", i.ARN, instanceForm)
		c.form("identity store id", i.IdentityStoreID, directoryForm)
		c.form("SCIM tenant", i.SCIM.Tenant, tenantForm)
		c.contents(i.EstateContents)
	}
	return c.err
}

// checker keeps the first problem.
type checker struct{ err error }

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// form refuses a value of the wrong form; an empty one is made up later.
func (c *checker) form(what, value string, form *regexp.Regexp) {
	if value != "" && !form.MatchString(value) {
		c.fail("%s %q does not have the form %s", what, value, form)
	}
}

func (c *checker) must(what, name string) {
	if name == "" {
		c.fail("%s without a name", what)
	}
}

func (c *checker) contents(in EstateContents) {
	for _, u := range in.Users {
		c.must("user", u.UserName)
		c.form("user id", u.ID, entityForm)
	}
	for _, g := range in.Groups {
		c.must("group", g.DisplayName)
		c.form("group id", g.ID, entityForm)
	}
	for _, p := range in.PermissionSets {
		c.must("permission set", p.Name)
		c.form("permission set name", p.Name, setNameForm)
		c.form("permission set ARN", p.ARN, setARNForm)
	}
	for _, a := range in.Assignments {
		c.form("principal id", a.PrincipalID, entityForm)
		if !slices.Contains([]string{"", "USER", "GROUP"}, a.PrincipalType) {
			c.fail("unknown principal type %q", a.PrincipalType)
		}
	}
}
