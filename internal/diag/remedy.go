package diag

import (
	"fmt"
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
	switch r.Way {
	case AwaitSync:
		return r.OrWrite(fmt.Sprintf("Check in %s that the %s exists under exactly this name and is assigned to the AWS application, then wait up to %s.", r.System, r.Kind, Minutes(r.Minutes)))
	case UseUsersScope:
		return "Set scim_scope = \"users\". Define the group with its members in access_groups, or bring groups to AWS with another sync tool."
	case DefineGroup:
		return "Define the group with its members in access_groups, or bring groups to AWS with another sync tool."
	case WriteName:
		return fmt.Sprintf("Write %q in the config, or rename it in %s. Waiting does not help.", r.Name, r.System)
	case RenameThere:
		return fmt.Sprintf("Rename it in %s to exactly %q: nobody can type or see what differs. Waiting does not help.", r.System, r.Name)
	case CorrectName:
		return fmt.Sprintf("Write %q in the config: what differs there nobody can type or see. Waiting does not help.", r.Name)
	case WriteAlike:
		return fmt.Sprintf("The config names %q as well: write that here, too, or take this name out. Waiting does not help.", r.Name)
	case NameMembers:
		return fmt.Sprintf("Have everybody in it in the config, or choose another name for the group of %s.", r.System)
	case SortNames:
		return fmt.Sprintf("The config names %q as another group, so names have moved. Either %s, or write each group of the config under its new name.", r.Now, r.back())
	case Apply:
		return r.OrWrite("Run rolecall apply.")
	case FreeAddress:
		return fmt.Sprintf("AWS gives an address to one user, and %q has this one. If both are one person, write `previously = %q` after a look at what it has; else one of them has another address.", r.Name, r.Name)
	case ApplyAgain:
		return r.First + "run apply again" + r.Then
	case Define:
		return r.OrWrite(fmt.Sprintf("Define it in %s, or correct the name.", map[Kind]string{Group: "access_groups", User: "users"}[r.Kind]))
	case FollowRename:
		return r.Rename() + fmt.Sprintf("; `rolecall apply --allow-rebind %q` takes the name for that of another group.", r.Name)
	case TakeOver:
		return fmt.Sprintf("`--adopt %q` takes it over.", r.Name)
	case TakeOverSet:
		return fmt.Sprintf("`--adopt %q` takes it over, or choose another permission_set_name.", r.Name)
	case TakeOverMembers:
		return fmt.Sprintf("Put all its members into the config, or `--adopt %q` to take it over, which removes them.", r.Name)
	case TakeOverFrom:
		return fmt.Sprintf("Have everybody in it in the config, or take it over with `--adopt %q --from-owner %s`, which removes them.", r.Name, r.System)
	case DropPreviously:
		return "Remove `previously` when the rename is over."
	case KeepRoles:
		return r.Keep() + ", or pass `--allow-replace`."
	case AllowLockout:
		return "If this is intended, and another way in exists, pass `--allow-lockout`."
	case AllowRemovals:
		return "Review what is removed; if this is intended, pass `--allow-removals`."
	case AllowRebind:
		return fmt.Sprintf("Find out who made the %s and who is behind it; then `--allow-rebind %q`.", r.What, r.Name)
	case Agreed:
		return "Agreed to with `" + r.Name + "`."
	case ReadAll:
		return "Run again with `--deep`, or with permission to read it."
	case SetOption:
		return r.First + "--" + strings.ReplaceAll(r.Name, "_", "-") + r.Then
	case OtherSet:
		return fmt.Sprintf("Choose another permission_set_name, or `--adopt %q --from-owner %s`.", r.Name, r.System)
	}
	return ""
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
func (r Remedy) Rename() string {
	return fmt.Sprintf("If %q is meant to have this access, write `name = %q` and `previously = %q` here (where the group has a permission set of its own, `permission_set_name` keeps its roles). Check first who is in it, and why it was renamed. Otherwise %s", r.Now, r.Now, r.Name, r.back())
}

// Keep says how roles are kept, without the end of the sentence.
func (r Remedy) Keep() string {
	return fmt.Sprintf("Keep the roles with `permission_set_name = %q` on the group", r.Name)
}

// back is where a group is renamed back.
func (r Remedy) back() string {
	if r.System == "" {
		return "rename it back in the IAM Identity Center console"
	}
	return "rename it back in " + r.System
}

// Minutes says how long something takes.
func Minutes(n int) string {
	if n >= 120 && n%60 == 0 {
		return fmt.Sprintf("%d hours", n/60)
	}
	return fmt.Sprintf("%d minutes", n)
}
