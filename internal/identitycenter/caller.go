package identitycenter

import (
	"context"
	"regexp"
	"slices"
	"strings"
)

// AccountRole says what the caller's account is to the organization.
type AccountRole string

// The places. Everything of the instance may be done from the management
// account; the delegated administrator may not touch what reaches into the
// management account; a member account may only read, if allowed.
const (
	ManagementAccount      AccountRole = "management account"
	DelegatedAdministrator AccountRole = "delegated administrator"
	MemberAccount          AccountRole = "member account"
	UnknownRole            AccountRole = "unknown"
)

// ssoPrincipal is the service whose delegated administrator manages IAM
// Identity Center.
const ssoPrincipal = "sso.amazonaws.com"

// Caller is who the credentials belong to.
type Caller struct {
	Account string `json:"account"`
	ARN     string `json:"arn"`
	// PermissionSet and UserName are set where the caller came through IAM
	// Identity Center: the access that must not be taken away under them.
	PermissionSet string `json:"permission_set,omitempty"`
	UserName      string `json:"user_name,omitempty"`
	// ManagementAccount is the organization's, "" where it could not be read.
	ManagementAccount string      `json:"management_account,omitempty"`
	Role              AccountRole `json:"place"`
}

// Partition returns the caller's partition: aws, aws-cn, aws-us-gov.
func (c Caller) Partition() string {
	parts := strings.SplitN(c.ARN, ":", 3)
	if len(parts) < 3 {
		return "aws"
	}
	return parts[1]
}

// reservedRole matches the assumed role of a permission set: AWS makes its name
// of AWSReservedSSO_, the set's name and 16 hex digits, and names the session
// as the user.
var reservedRole = regexp.MustCompile(`:assumed-role/AWSReservedSSO_([A-Za-z0-9_+=,.@-]+)_[0-9a-f]{16}/(.+)$`)

func parseCaller(account, arn string) Caller {
	caller := Caller{Account: account, ARN: arn, Role: UnknownRole}
	if m := reservedRole.FindStringSubmatch(arn); m != nil {
		caller.PermissionSet, caller.UserName = m[1], m[2]
	}
	return caller
}

// whoCalls asks STS who we are and Organizations which account manages it.
func (c *Client) whoCalls(ctx context.Context) error {
	account, arn, err := c.getCallerIdentity(ctx)
	if err != nil {
		return err
	}
	c.caller = parseCaller(account, arn)
	management, err := c.describeOrganization(ctx)
	if IsAccessDenied(err) || ErrorCode(err) == "AWSOrganizationsNotInUseException" {
		return nil // not fatal: the reading says what it needs
	}
	c.caller.ManagementAccount = management
	if management == account {
		c.caller.Role = ManagementAccount
	}
	return err
}

// place finds out what the caller's account is, once the instance is known. A
// delegated administrator sees the instance's owner as another account, as any
// member does; only the list of delegated administrators tells them apart, and
// only a delegated administrator may read it.
func (c *Client) place(ctx context.Context) error {
	if c.caller.Role != UnknownRole || c.caller.ManagementAccount == "" {
		return nil
	}
	delegates, _, err := c.listDelegatedAdministrators().All(ctx)
	switch {
	case IsAccessDenied(err):
		return nil
	case slices.Contains(delegates, c.caller.Account):
		c.caller.Role = DelegatedAdministrator
	default:
		c.caller.Role = MemberAccount
	}
	return err
}
