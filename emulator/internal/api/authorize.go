package api

import (
	"fmt"
	"path"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// Caller is who signed a request, chosen by access key.
type Caller struct {
	Key     string
	Account string
	ARN     string
	UserID  string
	Denied  []string // IAM actions, * matches
	Allowed []string // IAM actions beyond what the account may do by its place
}

// SSOPrincipal is the service principal of IAM Identity Center, by which an
// account is its delegated administrator.
const SSOPrincipal = "sso.amazonaws.com"

// Action is the IAM action of an operation.
func Action(service, operation string) string {
	if service == "sso-admin" {
		service = "sso"
	}
	return service + ":" + operation
}

func matches(patterns []string, action string) bool {
	for _, p := range patterns {
		if ok, _ := path.Match(strings.ToLower(p), strings.ToLower(action)); ok {
			return true
		}
	}
	return false
}

// authorize checks what depends on the caller alone and, for organizations, on
// the account's place. What depends on the instance is checked where the instance
// is found.
func authorize(c *Call) error {
	action := Action(c.Op.Service, c.Op.Name)
	switch {
	case c.Op.Service == "sts": // needs no permission
		return nil
	case matches(c.Caller.Denied, action):
		return c.denied("*")
	case c.Op.Service == "organizations":
		return c.authorizeOrganizations(action)
	}
	return nil
}

func (c *Call) authorizeOrganizations(action string) error {
	org := c.Store.Organization()
	if org == nil {
		if c.Op.Name == "CreateOrganization" {
			return nil
		}
		return notInUse()
	}
	account, member := org.Account(c.Caller.Account)
	switch {
	case !member:
		return notInUse()
	case account == org.Management, c.Op.Name == "DescribeOrganization", matches(c.Caller.Allowed, action):
		return nil
	case len(account.Delegated) > 0 && c.Op.ReadOnly:
		return nil
	}
	return accessDenied("You don't have permissions to access this resource.")
}

func notInUse() *Error {
	return awsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
}

// denied is the refusal of an action on a resource, in AWS's words.
func (c *Call) denied(resource string) *Error { return c.deniedBy("identity-based", resource) }

// deniedBy says which kind of policy was looked for.
func (c *Call) deniedBy(policy, resource string) *Error {
	action := Action(c.Op.Service, c.Op.Name)
	on := ""
	if resource != "*" || c.Op.Service == "organizations" {
		on = " on resource: " + resource
	}
	message := fmt.Sprintf("User: %s is not authorized to perform: %s%s because no %s policy allows the %s action", c.Caller.ARN, action, on, policy, action)
	e := accessDenied(message)
	if c.Op.Service == "iam" {
		e.Code, e.Status = "AccessDenied", 403
	}
	return e
}

// relation is how an account stands to an instance.
type relation int

const (
	stranger  relation = iota
	delegated          // administers Identity Center for the management account
	owner              // the management account, or the owner of an account instance
)

func (c *Call) relationTo(i *store.Instance) relation {
	if c.Caller.Account == i.Owner {
		return owner
	}
	org := c.Store.Organization()
	if org == nil || i.Account {
		return stranger
	}
	if account, ok := org.Account(c.Caller.Account); ok {
		if _, ok := account.Delegated[SSOPrincipal]; ok {
			return delegated
		}
	}
	return stranger
}

// mayUse tells whether the caller may use an instance, by its account or by name.
func (c *Call) mayUse(i *store.Instance) bool {
	return c.relationTo(i) != stranger || matches(c.Caller.Allowed, Action(c.Op.Service, c.Op.Name))
}

// visible tells whether the endpoint's Region serves the instance.
func (c *Call) visible(i *store.Instance) bool { return i.Region == c.Region }

// instance finds the instance that a request names and checks the caller's right
// to it. An instance that the Region does not serve is not found there.
func (c *Call) instance() (*store.Instance, error) { return c.instanceByARN(c.In.text("InstanceArn")) }

func (c *Call) instanceByARN(arn string) (*store.Instance, error) {
	i, ok := c.Store.Instance(arn)
	if !ok || !c.visible(i) {
		if _, declared := c.Op.Error("ResourceNotFoundException"); !declared {
			return nil, c.denied(arn)
		}
		return nil, awsError("ResourceNotFoundException", "Could not find Instance with id "+arn[strings.LastIndex(arn, "/")+1:])
	}
	if !c.mayUse(i) {
		return nil, c.denied(arn)
	}
	return i, nil
}

// organizationInstance is as instance, and refuses instances of single accounts.
func (c *Call) organizationInstance() (*store.Instance, error) {
	i, err := c.instance()
	if err != nil {
		return nil, err
	}
	if i.Account {
		return nil, validation("The operation is not supported for an account instance of IAM Identity Center.")
	}
	return i, nil
}

// mayManage refuses a delegated administrator what touches the management account.
func (c *Call) mayManage(i *store.Instance, set *store.PermissionSet, account string) error {
	if c.relationTo(i) != delegated {
		return nil
	}
	if account == i.Owner {
		return c.denied("arn:" + c.Store.Partition + ":sso:::account/" + account)
	}
	if set != nil && set.ProvisionedIn(i.Owner) {
		return c.denied(set.ARN)
	}
	return nil
}

// directory finds the identity store that a request names and checks the caller's
// right to it.
func (c *Call) directory() (*store.Directory, error) {
	id := c.In.text("IdentityStoreId")
	for _, i := range c.Store.Instances() {
		if i.Directory.ID != id || !c.visible(i) {
			continue
		}
		if !c.mayUse(i) {
			// Across accounts IAM looks for a policy on the resource
			// (https://github.com/awslabs/ssosync/issues/244).
			return nil, c.deniedBy("resource-based", "arn:"+c.Store.Partition+":identitystore::"+i.Owner+":identitystore/"+id)
		}
		return i.Directory, nil
	}
	return nil, awsError("ResourceNotFoundException", "IDENTITY_STORE not found.").
		with("ResourceType", "IDENTITY_STORE") // no ResourceId: its form does not fit the model's
}
