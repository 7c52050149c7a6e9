package api

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// In the management account AWS changes roles with the caller's own rights, not
// with those of a service-linked role. These are the IAM actions that people
// found missing (https://github.com/fivexl/terraform-aws-sso-elevator/issues/15,
// https://github.com/org-formation/aws-resource-providers/issues/66,
// https://github.com/avlcloudtechnologies/terraform-aws-sso/issues/15); those of a
// deletion are assumed.
var (
	creatingRoles = []string{"GetSAMLProvider", "UpdateSAMLProvider", "GetRole", "ListRolePolicies", "CreateRole", "AttachRolePolicy", "PutRolePolicy"}
	deletingRoles = []string{"GetRole", "ListRolePolicies", "DetachRolePolicy", "DeleteRolePolicy", "DeleteRole"}
)

// roleStamp is a stamp that also says whether the caller may do to roles what a
// job in the management account does with its rights.
func (c *Call) roleStamp(operations []string) store.Stamp {
	st := c.stamp()
	for _, operation := range operations {
		if action := "iam:" + operation; matches(c.Caller.Denied, action) {
			st.Barred = fmt.Sprintf("Received a 403 status error: Access denied by IAM. Please check your policy, or wait for role propagation to complete. "+
				"IAM Error: User: %s is not authorized to perform: %s on resource: arn:%s:iam::%s:role/aws-reserved/sso.amazonaws.com because no identity-based policy allows the %[2]s action "+
				"(Service: AmazonIdentityManagement; Status Code: 403; Error Code: AccessDenied; Request ID: %[5]s; Proxy: null)",
				c.Caller.ARN, action, c.Store.Partition, c.Caller.Account, c.RequestID)
			return st
		}
	}
	return st
}
