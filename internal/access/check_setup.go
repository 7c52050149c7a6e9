package access

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// The values of management_mode and scim_scope.
const (
	modeExternal   = "external"
	modeInternal   = "internal"
	scopeAll       = "users_and_groups"
	scopeUsersOnly = "users"
)

// checkSetUp refuses what another system owns. Where the mode itself is
// unknown, nothing can be said about that.
func (k *checker) checkSetUp() {
	mode := k.config.ManagementMode
	k.checkChoice(mode, CodeUnknownMode, "management_mode", modeExternal, modeInternal)
	k.checkChoice(k.config.SCIMScope, CodeUnknownSCIMScope, "scim_scope", scopeAll, scopeUsersOnly)
	switch mode.Value {
	case modeExternal:
		k.checkExternal()
	case modeInternal, "":
		k.checkInternal()
	}
}

func (k *checker) checkChoice(t Text, code diag.Code, key string, choices ...string) {
	if t.Value == "" || slices.Contains(choices, t.Value) {
		return
	}
	hint := names.DidYouMean(names.Nearest(t.Value, choices), fmt.Sprintf("Write %s.", diag.Quoted(choices)))
	k.errorf(code, t.Range, hint, "%s cannot be %q", key, t.Value)
}

func (k *checker) checkExternal() {
	c, idp := k.config, k.config.IdPName()
	if n := len(c.Users.Items); n > 0 {
		k.errorf(CodeUsersExternal, c.Users.Range,
			fmt.Sprintf("Create them in %s, assign them to its AWS application, and remove `users` here.", idp),
			"users cannot be defined in external mode: SCIM brings them from %s", idp)
	}
	if len(c.RemovedUsers.Items) > 0 {
		k.errorf(CodeRemovedUsersExternal, c.RemovedUsers.Range,
			fmt.Sprintf("Remove them in %s, or unassign them from its AWS application; SCIM then takes them out of AWS.", idp),
			"users cannot be removed in external mode: they belong to %s", idp)
	}
	if len(c.AccessGroups.Items) > 0 && c.SCIMScope.Value != scopeUsersOnly {
		k.errorf(CodeAccessGroupsExternal, c.AccessGroups.Range,
			fmt.Sprintf("Create the groups in %s and list them under external_groups; if %s pushes no groups, set scim_scope = \"users\".", idp, idp),
			"access_groups cannot be defined in external mode: SCIM brings the groups from %s", idp)
	}
	if p := c.IdentityProvider; p.Value != "" {
		k.errorf(CodeProviderExternal, p.Range,
			fmt.Sprintf("With SCIM, write scim_identity_source = %q instead; without SCIM, set management_mode = \"internal\".", p.Value),
			"identity_provider is for an identity provider without SCIM, and management_mode is external")
	}
	k.checkExternalGroups(idp)
}

func (k *checker) checkExternalGroups(idp string) {
	c := k.config
	if len(c.ExternalGroups.Items) > 0 && c.SCIMScope.Value == scopeUsersOnly {
		k.warnf(CodeExternalGroupsNoScope, c.ExternalGroups.Range,
			"Check that something else creates these groups in AWS, or move them to access_groups.",
			"external_groups are listed, but scim_scope = \"users\" says that SCIM brings no groups")
	}
	for _, g := range c.ExternalGroups.Items {
		if len(g.Members.Items) > 0 {
			k.errorf(CodeMembersExternal, g.Members.Range,
				fmt.Sprintf("Change the membership in %s, and remove `members` here.", idp),
				"the members of %q cannot be set here: %s manages them", g.Name.Value, idp)
		}
	}
}

func (k *checker) checkInternal() {
	c := k.config
	if len(c.ExternalGroups.Items) > 0 {
		k.errorf(CodeExternalGroupsInside, c.ExternalGroups.Range,
			"Move them to access_groups; if an identity provider brings them by SCIM, set management_mode = \"external\".",
			"external_groups cannot be used in internal mode: nothing brings groups into AWS")
	}
	for _, key := range []struct {
		name string
		Text
	}{{"scim_identity_source", c.SCIMIdentitySource}, {"scim_scope", c.SCIMScope}} {
		if key.Value != "" {
			k.errorf(CodeSCIMKeyInside, key.Range,
				"If SCIM is on, set management_mode = \"external\"; otherwise remove the key, and name the identity provider in identity_provider.",
				"%s is for external mode, and management_mode is internal", key.name)
		}
	}
}

// The lists that the set-up refuses are not looked into: they must go as a
// whole.

func (k *checker) usersCount() bool { return k.config.ManagementMode.Value != modeExternal }

// groupLists returns the lists of groups that count.
func (k *checker) groupLists() (accessGroups, externalGroups []GroupSpec) {
	c := k.config
	switch c.ManagementMode.Value {
	case modeExternal:
		if c.SCIMScope.Value == scopeUsersOnly {
			accessGroups = c.AccessGroups.Items
		}
		return accessGroups, c.ExternalGroups.Items
	case modeInternal, "":
		return c.AccessGroups.Items, nil
	default:
		return c.AccessGroups.Items, c.ExternalGroups.Items
	}
}
