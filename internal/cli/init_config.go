package cli

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// firstConfig returns a config to begin with: valid as it is, with one group and
// nobody in it who does not exist.
func firstConfig(setUp access.SetUp, idp, account string) string {
	switch setUp {
	case access.SCIM:
		return fmt.Sprintf(configSCIM, quoted(idp), quoted(account))
	case access.SCIMUsersOnly:
		return fmt.Sprintf(configSCIMUsers, quoted(idp), quoted(account))
	case access.WithoutSCIM:
		return fmt.Sprintf("# Signs people in and pushes nothing: each user must exist there too, under the same user name.\nidentity_provider = %s\n\n", quoted(idp)) +
			fmt.Sprintf(configInternal, quoted(account))
	default:
		return fmt.Sprintf(configInternal, quoted(account))
	}
}

// quoted returns a text as Terraform writes it.
func quoted(text string) string {
	var out []rune
	for i, r := range []rune(text) {
		if r == '"' || r == '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
		if next := []rune(text)[i+1:]; (r == '$' || r == '%') && len(next) > 0 && next[0] == '{' {
			out = append(out, r) // $${ is a dollar sign and a brace, not an expression
		}
	}
	return `"` + string(out) + `"`
}

const configSCIM = `# Users and groups are pushed by the identity provider: they and their
# memberships are changed there.
management_mode      = "external"
scim_identity_source = %s

external_groups = [
  {
    name                 = "AWS-Development-Team" # must match the group's name in the identity provider exactly
    description          = "Synchronized from external IdP"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names       = [%s]
  },
]
`

const configSCIMUsers = `# Users are pushed by the identity provider; groups are made in AWS, with the
# user names that it pushed as members.
management_mode      = "external"
scim_identity_source = %s
scim_scope           = "users"

access_groups = [
  {
    name                 = "AWS-Development-Team"
    description          = "Development team access"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names       = [%s]
    members              = [] # user names, as "jane@company.com"
  },
]
`

const configInternal = `users = [
  # {
  #   display_name = "Jane Smith"
  #   email        = "jane@company.com"
  #   given_name   = "Jane"
  #   family_name  = "Smith"
  #   groups       = ["DevelopmentTeam"]
  # },
]

access_groups = [
  {
    name                 = "DevelopmentTeam"
    description          = "Development team access"
    aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
    accounts_names       = [%s]
  },
]
`
