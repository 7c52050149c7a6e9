package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

func (k *checker) checkUsers() {
	k.users = newNames(len(k.config.Users.Items))
	if !k.usersCount() {
		return
	}
	emails := newNames(len(k.config.Users.Items))
	for _, u := range k.config.Users.Items {
		k.checkUser(u)
		name := u.UserName()
		if name.Value == "" {
			continue
		}
		if first, dup := k.users.add(name); dup {
			k.duplicate("user", CodeDuplicateUser, "Merge the two into one, or correct one of the names.", name, first)
		} else if first, dup := emails.add(u.Email); dup && u.Email.Value != "" {
			k.add(diag.Error, CodeDuplicateEmail, u.Email.Range, "Correct one of them: AWS requires e-mail addresses to be unique.",
				fmt.Sprintf("the e-mail address %q already belongs to another user", u.Email.Value), first.Range)
		}
	}
	r := renames{kind: "user", defined: k.users, former: map[string]Text{}, moved: map[string]bool{}}
	for _, u := range k.config.Users.Items {
		r.note(u.UserName(), u.Previously)
	}
	for _, u := range k.config.Users.Items {
		k.checkPreviously(u.Previously, u.UserName(), r)
	}
}

// duplicate says of two users, or of two groups, that they have one name.
func (k *checker) duplicate(what string, code diag.Code, hint string, name, first Text) {
	summary := fmt.Sprintf("the %s %q is defined twice", what, name.Value)
	if name.Value != first.Value {
		summary = fmt.Sprintf("the %s names %q and %q differ only in case", what, first.Value, name.Value)
	}
	k.add(diag.Error, code, name.Range, hint, summary, first.Range)
}

func (k *checker) checkUser(u UserSpec) {
	k.checkKeys(k.keys.In("users"), &u, userCalled(u))
	k.checkEmail(u)
	k.checkReserved(u.UserName(), "user")
}

func userCalled(u UserSpec) string { return called("user", u.UserName()) }

func (k *checker) checkEmail(u UserSpec) {
	if u.Email.Value == "" {
		k.checkNoEmail(u)
		return
	}
	if !isEmail(u.Email.Value) {
		hint := "Write it as name@domain."
		if strings.Contains(strings.ToLower(u.Email.Value), "email") && strings.Contains(u.Email.Value, "protected") {
			hint = "A web page has hidden the address from you: write the real one."
		}
		k.errorf(CodeBadEmail, u.Email.Range, hint, "%q is not an e-mail address", u.Email.Value)
		return
	}
	if u.Username.Value == "" {
		k.checkText(u.Email, userNameRule)
	}
}

// checkNoEmail: AWS documents the primary e-mail address as required, and in
// the built-in directory it is the only way to a password.
func (k *checker) checkNoEmail(u UserSpec) {
	switch {
	case u.Username.Value == "":
		k.require(u.Email, "email", userCalled(u), u.Range)
	case k.config.SetUp() == BuiltIn:
		k.errorf(CodeUserWithoutEmail, u.Range, "Add email = \"...\": AWS mails the way to set a password there.",
			"%s has no e-mail address and could never sign in", userCalled(u))
	default:
		k.warnf(CodeUserWithoutEmail, u.Range, "Add email = \"...\"; AWS documents it as required.", "%s has no e-mail address", userCalled(u))
	}
}

func isEmail(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	return ok && name != "" && domain != "" && !strings.ContainsAny(s, " \t\r\n\u00a0[]<>,;\"") && !strings.Contains(domain, "@") &&
		!strings.HasPrefix(domain, ".") && !strings.HasSuffix(domain, ".")
}

func (k *checker) checkReserved(name Text, kind string) {
	if slices.ContainsFunc(reservedNames(), func(r string) bool { return strings.EqualFold(r, name.Value) }) {
		k.errorf(CodeReservedName, name.Range, "Choose another name.", "AWS reserves the name %q; no %s can have it", name.Value, kind)
	}
}

func (k *checker) checkRemovedUsers() {
	if !k.usersCount() {
		return
	}
	k.checkList(k.config.RemovedUsers, "removed_users", userNameRule)
	renamed := map[string]Text{}
	for _, u := range k.config.Users.Items {
		if u.Previously.Value != "" {
			renamed[fold(u.Previously.Value)] = u.Previously
		}
	}
	for _, t := range k.config.RemovedUsers.Items {
		if first, ok := k.users.fold[fold(t.Value)]; ok {
			k.add(diag.Error, CodeRemovedUserKept, t.Range, "Remove the user from `users`, or from `removed_users`.",
				fmt.Sprintf("the user %q is to be removed and is also defined", t.Value), first.Range)
		} else if first, ok := renamed[fold(t.Value)]; ok {
			k.add(diag.Error, CodeRemovedUserKept, t.Range, "Remove it from `removed_users`, or `previously` from the user.",
				fmt.Sprintf("the user %q is to be removed and to be renamed", t.Value), first.Range)
		}
	}
}
