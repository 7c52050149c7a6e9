package cli_test

import (
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/rolecall-dev/rolecall/emulator"
)

// awsVerb changes AWS by hand, through its API, as somebody at the console
// would:
//
//	aws assign SET ACCOUNT PRINCIPAL    PRINCIPAL is group:NAME or user:NAME
//	aws unassign SET ACCOUNT PRINCIPAL
//	aws create-set NAME [KEY=VALUE] | delete-set NAME
//	aws attach SET POLICY | detach SET POLICY
//	aws describe SET TEXT | untag SET KEY
//	aws provision SET ACCOUNT
//	aws create-group NAME [DESCRIPTION] | create-user NAME
//	aws delete-group NAME | delete-user NAME | rename-group NAME NEW
//	aws add-member GROUP USER | remove-member GROUP USER
func awsVerb(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: aws ACTION NAME ...")
	}
	h := hand{ts: ts, w: running(ts)}
	do, known := map[string]func([]string){
		"assign": h.assignment("Create"), "unassign": h.assignment("Delete"),
		"create-set": h.createSet, "delete-set": h.deleteSet, "attach": h.policy("AttachManagedPolicyTo"), "detach": h.policy("DetachManagedPolicyFrom"),
		"describe": h.describe, "provision": h.provision, "untag": h.untag, "create-group": h.createGroup, "create-user": h.createUser,
		"delete-group": h.deleteGroup, "delete-user": h.deleteUser, "rename-group": h.renameGroup,
		"add-member": h.addMember, "remove-member": h.removeMember,
	}[args[0]]
	if !known {
		ts.Fatalf("aws does not know %q", args[0])
	}
	do(args[1:])
}

// hand is somebody who changes AWS by hand.
type hand struct {
	ts *testscript.TestScript
	w  *world
}

func (h hand) sso(operation string, body map[string]any) {
	body["InstanceArn"] = h.w.instance().ARN
	h.w.call(h.ts, "SWBExternalService."+operation, body)
}

func (h hand) store(operation string, body map[string]any) {
	body["IdentityStoreId"] = h.w.instance().IdentityStoreID
	h.w.call(h.ts, "AWSIdentityStore."+operation, body)
}

// one finds the only element with a name.
func one[T any](h hand, what string, list []T, name func(T) string, want string) T {
	at := slices.IndexFunc(list, func(t T) bool { return name(t) == want })
	if at < 0 {
		h.ts.Fatalf("AWS has no %s %q", what, want)
	}
	return list[at]
}

func (h hand) set(name string) string {
	return one(h, "permission set", h.w.instance().PermissionSets, func(s emulator.StatePermissionSet) string { return s.Name }, name).ARN
}

func (h hand) account(name string) string {
	return one(h, "account", h.w.em.State().Accounts, func(a emulator.StateAccount) string { return a.Name }, name).ID
}

func (h hand) group(name string) string {
	return one(h, "group", h.w.instance().Groups, func(g emulator.StateGroup) string { return g.DisplayName }, name).ID
}

func (h hand) user(name string) string {
	return one(h, "user", h.w.instance().Users, func(u emulator.StateUser) string { return u.UserName }, name).ID
}

func (h hand) assignment(action string) func([]string) {
	return func(args []string) {
		kind, name, _ := strings.Cut(args[2], ":")
		principal := map[string]func(string) string{"group": h.group, "user": h.user}[kind](name)
		h.sso(action+"AccountAssignment", map[string]any{
			"PermissionSetArn": h.set(args[0]), "TargetId": h.account(args[1]), "TargetType": "AWS_ACCOUNT",
			"PrincipalType": strings.ToUpper(kind), "PrincipalId": principal,
		})
	}
}

func (h hand) createSet(args []string) {
	body := map[string]any{"Name": args[0]}
	if len(args) > 1 {
		key, value, _ := strings.Cut(args[1], "=")
		body["Tags"] = []map[string]string{{"Key": key, "Value": value}}
	}
	h.sso("CreatePermissionSet", body)
}

func (h hand) deleteSet(args []string) {
	h.sso("DeletePermissionSet", map[string]any{"PermissionSetArn": h.set(args[0])})
}

func (h hand) policy(operation string) func([]string) {
	return func(args []string) {
		h.sso(operation+"PermissionSet", map[string]any{"PermissionSetArn": h.set(args[0]), "ManagedPolicyArn": args[1]})
	}
}

func (h hand) describe(args []string) {
	h.sso("UpdatePermissionSet", map[string]any{"PermissionSetArn": h.set(args[0]), "Description": args[1]})
}

func (h hand) provision(args []string) {
	h.sso("ProvisionPermissionSet", map[string]any{"PermissionSetArn": h.set(args[0]), "TargetType": "AWS_ACCOUNT", "TargetId": h.account(args[1])})
}

func (h hand) untag(args []string) {
	h.sso("UntagResource", map[string]any{"ResourceArn": h.set(args[0]), "TagKeys": args[1:]})
}

func (h hand) renameGroup(args []string) {
	h.store("UpdateGroup", map[string]any{"GroupId": h.group(args[0]), "Operations": []map[string]any{{"AttributePath": "displayName", "AttributeValue": args[1]}}})
}

func (h hand) deleteGroup(args []string) {
	h.store("DeleteGroup", map[string]any{"GroupId": h.group(args[0])})
}

func (h hand) deleteUser(args []string) {
	h.store("DeleteUser", map[string]any{"UserId": h.user(args[0])})
}

func (h hand) createGroup(args []string) {
	body := map[string]any{"DisplayName": args[0]}
	if len(args) > 1 {
		body["Description"] = args[1]
	}
	h.store("CreateGroup", body)
}

func (h hand) createUser(args []string) {
	h.store("CreateUser", map[string]any{"UserName": args[0], "DisplayName": args[0],
		"Name": map[string]string{"GivenName": "A", "FamilyName": "Person"}})
}

func (h hand) addMember(args []string) {
	h.store("CreateGroupMembership", map[string]any{"GroupId": h.group(args[0]), "MemberId": map[string]string{"UserId": h.user(args[1])}})
}

func (h hand) removeMember(args []string) {
	for _, m := range h.w.instance().Memberships {
		if m.Group == args[0] && m.User == args[1] {
			h.store("DeleteGroupMembership", map[string]any{"MembershipId": m.ID})
			return
		}
	}
	h.ts.Fatalf("%s is not in %s", args[1], args[0])
}
