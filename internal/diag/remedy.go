package diag

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Kind says what kind of thing a name is of.
type Kind string

// The kinds that findings are about.
const (
	Group   Kind = "group"
	User    Kind = "user"
	Account Kind = "account"
)

// Subject is the one thing that a finding is about, for whoever has to find it
// again without reading the sentence.
type Subject struct {
	Kind Kind
	Name string // as the config writes it, where the config has it
	ID   string // AWS's, where that tells it from others
}

// Way is a kind of remedy.
type Way string

// The ways. What each needs of a Remedy is said behind it.
const (
	AwaitSync       Way = "await-sync"       // Kind, System, Minutes; Name is one that is near, or ""
	UseUsersScope   Way = "use-users-scope"  // SCIM brings users only, and the config says that it brings groups
	DefineGroup     Way = "define-group"     // SCIM brings users only
	WriteName       Way = "write-name"       // Name as AWS has it, or rename it in System
	RenameThere     Way = "rename-there"     // in System, to Name
	CorrectName     Way = "correct-name"     // in the config, to Name
	WriteAlike      Way = "write-alike"      // the config names Name as well
	Define          Way = "define"           // Kind; Name is one that is near, or ""
	Apply           Way = "apply"            // the config defines it; Name is one that is near, or ""
	FreeAddress     Way = "free-address"     // the user Name has it
	ApplyAgain      Way = "apply-again"      // First, Then
	FollowRename    Way = "follow-rename"    // Now has the access of Name; or have it renamed back, as Back says
	SortNames       Way = "sort-names"       // the config names Now as another group
	TakeOver        Way = "take-over"        // the group Name
	TakeOverSet     Way = "take-over-set"    // the permission set Name
	TakeOverMembers Way = "take-over-people" // the group Name; or have all its members in the config
	TakeOverFrom    Way = "take-over-from"   // the group Name from the owner System; or have all its members in the config
	NameMembers     Way = "name-members"     // have all members in the config, or another name for the group of System
	DropPreviously  Way = "drop-previously"  // both names exist
	KeepRoles       Way = "keep-roles"       // Name is the former permission set
	AllowLockout    Way = "allow-lockout"
	AllowRemovals   Way = "allow-removals"
	AllowRebind     Way = "allow-rebind" // Name, and What it is
	Agreed          Way = "agreed"       // Name is the flag that was given
	ReadAll         Way = "read-all"
	OtherSet        Way = "other-set"  // the set Name is that of the owner System
	SetOption       Way = "set-option" // the option Name, such as "max_tps"; First and Then are the sentence around it
)

// Remedy is what to do about a finding, as data. A front door words it as its users
// do it: the command by Words, Terraform in a place of its own. The zero Remedy says
// that the finding's Hint serves every front door as it is.
type Remedy struct {
	Way    Way
	Kind   Kind
	Name   string
	Now    string
	System string
	What   string
	// Several says that several names are equally near, and none is Name.
	Several bool
	// First and Then are what to do before and after applying again.
	First, Then string
	Minutes     int
}

// With returns the finding with a remedy; its hint is that in the command's words.
func (d Diagnostic) With(r Remedy) Diagnostic {
	d.Remedy, d.Hint = r, r.Words()
	return d
}

// Option is a remedy that is an option of the tool: first and then are the sentence
// around it.
func Option(first, name, then string) Remedy {
	return Remedy{Way: SetOption, Name: name, First: first, Then: then}
}

// Words says the remedy as whoever uses the command does it.
func (r Remedy) Words() string {
	text := r.fill(commandWords()[r.Way])
	switch r.Way {
	case AwaitSync, Apply, Define:
		return r.OrWrite(text)
	}
	return text
}

// commandWords are the remedies as the command has them; fill puts in what is in braces.
func commandWords() map[Way]string {
	return map[Way]string{
		AwaitSync:       "Check in {system} that the {kind} exists under exactly this name and is assigned to the AWS application, then wait up to {minutes}.",
		UseUsersScope:   "Set scim_scope = \"users\". Define the group with its members in access_groups, or bring groups to AWS with another sync tool.",
		DefineGroup:     "Define the group with its members in access_groups, or bring groups to AWS with another sync tool.",
		WriteName:       "Write {name} in the config, or rename it in {system}. Waiting does not help.",
		RenameThere:     "Rename it in {system} to exactly {name}: what differs can be neither typed nor seen. Waiting does not help.",
		CorrectName:     "Write {name} in the config: what differs there can be neither typed nor seen. Waiting does not help.",
		WriteAlike:      "The config names {name} as well: write that here, too, or remove this name. Waiting does not help.",
		NameMembers:     "Add all its members to the config, or choose another name for the group of {system}.",
		SortNames:       "The config names {now} as another group, so names have moved. Either {back}, or write each group of the config under its new name.",
		Apply:           "Run rolecall apply.",
		FreeAddress:     "In AWS an address belongs to one user, and {name} has this one. If both are one person, write `previously = {name}` after checking what it has; otherwise give one of them another address.",
		ApplyAgain:      "{first}run apply again{then}",
		Define:          "Define it in {list}, or correct the name.",
		FollowRename:    followRename + "; `rolecall apply --allow-rebind {name}` accepts the name as that of another group.",
		TakeOver:        "`--adopt {name}` takes it over.",
		TakeOverSet:     "`--adopt {name}` takes it over, or choose another permission_set_name.",
		TakeOverMembers: "Add all its members to the config, or `--adopt {name}` to take it over, which removes them.",
		TakeOverFrom:    "Add all its members to the config, or take it over with `--adopt {name} --from-owner {system}`, which removes them.",
		DropPreviously:  "Remove `previously` once the rename is done.",
		KeepRoles:       keepRoles + ", or pass `--allow-replace`.",
		AllowLockout:    "If this is intended, and another way in exists, pass `--allow-lockout`.",
		AllowRemovals:   "Review what is removed; if this is intended, pass `--allow-removals`.",
		AllowRebind:     "Find out who created the {what} and who is behind it; then `--allow-rebind {name}`.",
		Agreed:          "Allowed with `{text}`.",
		ReadAll:         "Run again with `--deep`, or with permission to read it.",
		SetOption:       "{first}--{option}{then}",
		OtherSet:        "Choose another permission_set_name, or `--adopt {name} --from-owner {system}`.",
	}
}

// What the command and Terraform say alike, without the end of the sentence.
const (
	followRename = "If {now} is meant to have this access, write `name = {now}` and `previously = {name}` here (where the group has a permission set of its own, `permission_set_name` keeps its roles). Check first who is in it, and why it was renamed. Otherwise {back}"
	keepRoles    = "Keep the roles with `permission_set_name = {name}` on the group"
)

// fill puts the remedy's values in place of their names in braces.
func (r Remedy) fill(text string) string {
	back := "rename it back in " + cmp.Or(r.System, "the IAM Identity Center console")
	lists := map[Kind]string{Group: "access_groups", User: "users"}
	return strings.NewReplacer("{name}", strconv.Quote(r.Name), "{now}", strconv.Quote(r.Now), "{text}", r.Name,
		"{option}", strings.ReplaceAll(r.Name, "_", "-"), "{system}", r.System, "{kind}", string(r.Kind), "{list}", lists[r.Kind],
		"{what}", r.What, "{first}", r.First, "{then}", r.Then, "{minutes}", Minutes(r.Minutes), "{back}", back).Replace(text)
}

// OrWrite puts before a remedy that a near name may be meant, where there is one.
func (r Remedy) OrWrite(otherwise string) string {
	switch {
	case r.Several:
		return "If one of these is meant, write that in the config. If not: " + otherwise
	case r.Name != "":
		return fmt.Sprintf("If %q is meant, write that in the config. If not: %s", r.Name, otherwise)
	}
	return otherwise
}

// Coming returns the finding without the names that are near: the identity provider has
// this one, so that it is right, and only waited for.
func (d Diagnostic) Coming() Diagnostic {
	r := d.Remedy
	if r.Way != AwaitSync {
		return d
	}
	r.Name, r.Several = "", false
	return d.With(r)
}

// Rename says how to follow a rename, and how to undo it, without the end of the
// sentence.
func (r Remedy) Rename() string { return r.fill(followRename) }

// Keep says how roles are kept, without the end of the sentence.
func (r Remedy) Keep() string { return r.fill(keepRoles) }

// Minutes says how long something takes.
func Minutes(n int) string {
	if n >= 120 && n%60 == 0 {
		return fmt.Sprintf("%d hours", n/60)
	}
	return fmt.Sprintf("%d minutes", n)
}
