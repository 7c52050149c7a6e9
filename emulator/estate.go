package emulator

import (
	"encoding/json"
	"fmt"
	"io"
)

// Estate is what is there when the emulator starts. Accounts, groups, users and
// permission sets are referred to by name, accounts also by id.
type Estate struct {
	// Organization is nil where the account of the default caller has none.
	Organization            *EstateOrganization `json:"organization,omitempty"`
	OrganizationalUnits     []EstateUnit        `json:"organizational_units,omitempty"`
	Accounts                []EstateAccount     `json:"accounts,omitempty"`
	DelegatedAdministrators []EstateDelegate    `json:"delegated_administrators,omitempty"`
	// Instances: left out (nil) means one instance of the organization with the
	// contents below; an empty list means none.
	Instances []EstateInstance `json:"instances"`
	// EstateContents goes into the first instance.
	EstateContents
	Callers []EstateCaller `json:"callers,omitempty"`
	Quotas  Quotas         `json:"quotas,omitzero"`
}

// EstateOrganization names the organization. Empty ids are made up.
type EstateOrganization struct {
	ID         string `json:"id,omitempty"`      // o-...
	RootID     string `json:"root_id,omitempty"` // r-...
	Management string `json:"management"`        // name or id of an account in the list
	FeatureSet string `json:"feature_set,omitempty"`
}

// EstateUnit is an organizational unit; Parent is a name that came before, or
// empty for the root.
type EstateUnit struct {
	ID     string            `json:"id,omitempty"`
	Name   string            `json:"name"`
	Parent string            `json:"parent,omitempty"`
	Tags   map[string]string `json:"tags,omitempty"`
}

// EstateAccount is an account. State is ACTIVE unless given; Parent names an
// organizational unit.
type EstateAccount struct {
	ID     string            `json:"id,omitempty"`
	Name   string            `json:"name"`
	Email  string            `json:"email,omitempty"`
	State  string            `json:"state,omitempty"`
	Parent string            `json:"parent,omitempty"`
	Tags   map[string]string `json:"tags,omitempty"`
	// CustomerManagedPolicies exist in the account, as "name" or "/path/name".
	CustomerManagedPolicies []string `json:"customer_managed_policies,omitempty"`
	// OtherRoles counts IAM roles that Identity Center did not make.
	OtherRoles int `json:"other_roles,omitempty"`
}

// EstateDelegate makes an account a delegated administrator, of IAM Identity
// Center (sso.amazonaws.com) unless it names another service.
type EstateDelegate struct {
	Account          string `json:"account"`
	ServicePrincipal string `json:"service_principal,omitempty"`
}

// EstateInstance is an instance of IAM Identity Center. Owner is the management
// account unless given; any other owner makes it an account instance.
type EstateInstance struct {
	ARN             string            `json:"arn,omitempty"`
	IdentityStoreID string            `json:"identity_store_id,omitempty"`
	Name            string            `json:"name,omitempty"`
	Owner           string            `json:"owner,omitempty"`
	Region          string            `json:"region,omitempty"`
	Tags            map[string]string `json:"tags,omitempty"`
	SCIM            EstateSCIM        `json:"scim,omitzero"`
	EstateContents
}

// EstateSCIM is the automatic provisioning of an instance. Everything has a
// default; Off turns it off.
type EstateSCIM struct {
	Off    bool   `json:"off,omitempty"`
	Tenant string `json:"tenant,omitempty"`
	Token  string `json:"token,omitempty"`
	Issuer string `json:"issuer,omitempty"` // of the external ids that SCIM brings
}

// EstateContents is what is in an instance.
type EstateContents struct {
	Users          []EstateUser          `json:"users,omitempty"`
	Groups         []EstateGroup         `json:"groups,omitempty"`
	PermissionSets []EstatePermissionSet `json:"permission_sets,omitempty"`
	Assignments    []EstateAssignment    `json:"assignments,omitempty"`
	Applications   []EstateApplication   `json:"applications,omitempty"`
}

// Sources of users and groups.
const (
	FromSCIM = "SCIM" // pushed by an identity provider
	FromAWS  = "AWS"  // made by API or console
)

// EstateUser is a person. DisplayName and the names have defaults made from the
// user name. Active is true unless given.
type EstateUser struct {
	ID          string `json:"id,omitempty"`
	UserName    string `json:"user_name"`
	DisplayName string `json:"display_name,omitempty"`
	GivenName   string `json:"given_name,omitempty"`
	FamilyName  string `json:"family_name,omitempty"`
	Email       string `json:"email,omitempty"`
	Source      string `json:"source,omitempty"` // SCIM or AWS, the default
	ExternalID  string `json:"external_id,omitempty"`
	Active      *bool  `json:"active,omitempty"`
}

// EstateGroup is a group; Members are user names.
type EstateGroup struct {
	ID          string   `json:"id,omitempty"`
	DisplayName string   `json:"display_name"`
	Description string   `json:"description,omitempty"`
	Source      string   `json:"source,omitempty"` // SCIM or AWS, the default
	ExternalID  string   `json:"external_id,omitempty"`
	Members     []string `json:"members,omitempty"`
}

// EstatePermissionSet is a permission set. InlinePolicy is a policy document, as
// JSON or as a string of JSON.
type EstatePermissionSet struct {
	ARN                     string            `json:"arn,omitempty"`
	Name                    string            `json:"name"`
	Description             string            `json:"description,omitempty"`
	SessionDuration         string            `json:"session_duration,omitempty"`
	RelayState              string            `json:"relay_state,omitempty"`
	AWSManagedPolicies      []string          `json:"aws_managed_policies,omitempty"`
	CustomerManagedPolicies []EstatePolicy    `json:"customer_managed_policies,omitempty"`
	InlinePolicy            json.RawMessage   `json:"inline_policy,omitempty"`
	PermissionsBoundary     *EstateBoundary   `json:"permissions_boundary,omitempty"`
	Tags                    map[string]string `json:"tags,omitempty"`
	// OutdatedIn names accounts where the role lacks the last edit.
	OutdatedIn []string `json:"outdated_in,omitempty"`
}

// EstatePolicy refers to a customer managed policy.
type EstatePolicy struct {
	Name string `json:"name"`
	Path string `json:"path,omitempty"`
}

// EstateBoundary is one of the two.
type EstateBoundary struct {
	AWSManagedPolicy      string        `json:"aws_managed_policy,omitempty"`
	CustomerManagedPolicy *EstatePolicy `json:"customer_managed_policy,omitempty"`
}

// EstateAssignment assigns a permission set in accounts to a group, to a user, or
// to a principal id that nobody has (an orphan).
type EstateAssignment struct {
	PermissionSet string   `json:"permission_set"`
	Accounts      []string `json:"accounts"`
	Group         string   `json:"group,omitempty"`
	User          string   `json:"user,omitempty"`
	PrincipalType string   `json:"principal_type,omitempty"` // with PrincipalID
	PrincipalID   string   `json:"principal_id,omitempty"`
}

// EstateApplication is an application with groups and users assigned to it.
type EstateApplication struct {
	ARN    string   `json:"arn,omitempty"`
	Name   string   `json:"name"`
	Groups []string `json:"groups,omitempty"`
	Users  []string `json:"users,omitempty"`
}

// EstateCaller is who signs with an access key. Without a PermissionSet the ARN
// is as given, or that of a role named Administrator; with one it is that of the
// role which the permission set has in the account, with the user name as the
// session. Denied and Allowed are IAM actions in which * matches anything:
// denied ones are refused, allowed ones work from accounts that could not else.
type EstateCaller struct {
	AccessKey     string   `json:"access_key"`
	Account       string   `json:"account,omitempty"` // the management account unless given
	ARN           string   `json:"arn,omitempty"`
	PermissionSet string   `json:"permission_set,omitempty"`
	Session       string   `json:"session,omitempty"`
	Denied        []string `json:"denied,omitempty"`
	Allowed       []string `json:"allowed,omitempty"`
	Expired       bool     `json:"expired,omitempty"`
	Invalid       bool     `json:"invalid,omitempty"`
}

// ReadEstate reads an estate from JSON. Unknown keys are refused: a misspelt one
// would be an estate that is not what its author thinks.
func ReadEstate(r io.Reader) (*Estate, error) {
	e := new(Estate)
	if err := strict(r, e); err != nil {
		return nil, fmt.Errorf("read estate: %w", err)
	}
	return e, nil
}
