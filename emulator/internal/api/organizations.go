package api

import (
	"errors"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func (c *Call) org() *store.Organization { return c.Store.Organization() }

func showOrganization(o *store.Organization) Out {
	return Out{"Organization": Out{
		"Id": o.ID, "Arn": o.ARN(), "FeatureSet": o.FeatureSet,
		"MasterAccountArn": o.AccountARN(o.Management), "MasterAccountId": o.Management.ID, "MasterAccountEmail": o.Management.Email,
		"AvailablePolicyTypes": policyTypes(),
	}}
}

func policyTypes() []any {
	return []any{Out{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}}
}

func describeOrganization(c *Call) (any, error) { return showOrganization(c.org()), nil }

func createOrganization(c *Call) (any, error) {
	if c.org() != nil {
		return nil, awsError("AlreadyInOrganizationException", "The AWS account is already a member of an organization.")
	}
	o, err := c.Store.CreateOrganization(c.stamp(), "", "", store.Account{ID: c.Caller.Account, Name: "management"})
	if err != nil {
		return nil, err
	}
	if set := c.In.text("FeatureSet"); set != "" {
		o.FeatureSet = set
	}
	return showOrganization(o), nil
}

func listRoots(c *Call) (any, error) {
	o := c.org()
	return paged(c, "Roots", single(o.Root, true), func(u *store.Unit) any {
		return Out{"Id": u.ID, "Arn": o.UnitARN(u), "Name": u.Name, "PolicyTypes": policyTypes()}
	})
}

// parent finds the root or organizational unit that a member names.
func (c *Call) parent(member, code string) (*store.Unit, error) {
	if u, ok := c.org().Unit(c.In.text(member)); ok {
		return u, nil
	}
	return nil, awsError(code, "You specified a parent that doesn't exist.")
}

// listedParent is the parent of what is listed or made.
func (c *Call) listedParent() (*store.Unit, error) {
	return c.parent("ParentId", "ParentNotFoundException")
}

func (c *Call) showUnit(u *store.Unit) Out {
	return Out{"Id": u.ID, "Arn": c.org().UnitARN(u), "Name": u.Name, "Path": c.org().Path(u)}
}

func listUnits(c *Call, u *store.Unit) (any, error) {
	return paged(c, "OrganizationalUnits", u.Units, func(u *store.Unit) any { return c.showUnit(u) })
}

func describeUnit(c *Call) (any, error) {
	u, ok := c.org().Unit(c.In.text("OrganizationalUnitId"))
	if !ok || u.Parent == nil {
		return nil, awsError("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.")
	}
	return Out{"OrganizationalUnit": c.showUnit(u)}, nil
}

// deepest is how many levels of organizational units there may be below the root
// (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html).
const deepest = 5

func createUnit(c *Call, parent *store.Unit) (any, error) {
	if strings.Count(c.org().Path(parent), "/ou-") >= deepest {
		return nil, constraintViolation("OU_DEPTH_LIMIT_EXCEEDED", "You have exceeded the number of levels of organizational units.")
	}
	list := tags(c.In.parts("Tags"))
	if err := c.checkOrgTags(nil, list); err != nil {
		return nil, err
	}
	u, err := c.org().CreateUnit(c.stamp(), parent, "", c.In.text("Name"), list)
	if refusal, ok := errors.AsType[*store.Error](err); ok && refusal.Kind == store.OverQuota {
		return nil, constraintViolation("OU_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of organizational units that you can have in an organization.")
	}
	if err != nil {
		return nil, awsError("DuplicateOrganizationalUnitException", "An OU with the same name already exists.")
	}
	return Out{"OrganizationalUnit": c.showUnit(u)}, nil
}

// listChildren lists accounts or organizational units under a parent.
func listChildren(c *Call, u *store.Unit) (any, error) {
	if c.In.text("ChildType") == "ACCOUNT" {
		return paged(c, "Children", u.Accounts, func(a *store.Account) any { return Out{"Id": a.ID, "Type": "ACCOUNT"} })
	}
	return paged(c, "Children", u.Units, func(u *store.Unit) any { return Out{"Id": u.ID, "Type": "ORGANIZATIONAL_UNIT"} })
}

func listParents(c *Call) (any, error) {
	id := c.In.text("ChildId")
	var parent *store.Unit
	if a, ok := c.org().Account(id); ok {
		parent = a.Parent
	} else if u, ok := c.org().Unit(id); ok {
		parent = u.Parent
	}
	if parent == nil {
		return nil, awsError("ChildNotFoundException", "You specified a child that doesn't exist.")
	}
	kind := "ORGANIZATIONAL_UNIT"
	if parent.Parent == nil {
		kind = "ROOT"
	}
	return paged(c, "Parents", single(parent, true), func(u *store.Unit) any { return Out{"Id": u.ID, "Type": kind} })
}

// orgTagged finds what an id names: an account, an organizational unit or the root.
func (c *Call) orgTagged() (*store.Tags, error) {
	id := c.In.text("ResourceId")
	if a, ok := c.org().Account(id); ok {
		return &a.Tags, nil
	}
	if u, ok := c.org().Unit(id); ok {
		return &u.Tags, nil
	}
	return nil, awsError("TargetNotFoundException", "You specified a target that doesn't exist.")
}

func (c *Call) checkOrgTags(have, more store.Tags) error {
	if err := checkNewTags(more); err != nil {
		reason := "DUPLICATE_TAG_KEY"
		if slices.ContainsFunc(more, reservedTag) {
			reason = "INVALID_SYSTEM_TAGS_PARAMETER"
		}
		return invalidInput(reason, "You provided tags that are not valid.")
	}
	if len(have.With(more)) > c.Store.Quotas.TagsPerResource {
		return constraintViolation("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
	}
	return nil
}

func orgListTags(c *Call, t *store.Tags) (any, error) {
	return pagedTags(c, *t)
}

func orgTagResource(c *Call, t *store.Tags) (any, error) {
	more := tags(c.In.parts("Tags"))
	if err := c.checkOrgTags(*t, more); err != nil {
		return nil, err
	}
	*t = t.With(more)
	return Out{}, nil
}

func orgUntagResource(c *Call, t *store.Tags) (any, error) {
	*t = t.Without(c.In.texts("TagKeys"))
	return Out{}, nil
}
