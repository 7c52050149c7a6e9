package plan

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// FormatVersion is the version of a plan's JSON form. It grows when a reader
// of the old form would misread the new one.
const FormatVersion = 1

// MaxSize bounds what Decode reads, in bytes: a million changes with room to
// spare.
const MaxSize = 2 << 30

// Plan is everything that is to change, everything that cannot, and why.
type Plan struct {
	FormatVersion int             `json:"format_version"`
	Owner         string          `json:"owner"`
	SetUp         access.SetUp    `json:"set_up"`
	IdP           string          `json:"identity_provider,omitempty"`
	InstanceARN   string          `json:"instance_arn,omitempty"`
	Read          access.Observed `json:"observed"`
	// Changes are in canonical topological order: what a change depends on
	// stands before it.
	Changes []Change `json:"changes"`
	// Blocked are changes that cannot be made now; Cause is the code of the
	// finding among Findings that says why.
	Blocked []Blocked `json:"blocked,omitempty"`
	// Findings are all that the plan has to say: Errors are refusals of the
	// guards, and nothing is applied while there is one.
	Findings diag.List `json:"findings,omitempty"`
	// Replaced are the IAM roles that will have another ARN.
	Replaced []ReplacedRole `json:"replaced_roles,omitempty"`
	// UnmanagedUsers are people in AWS whom an internal config does not name.
	UnmanagedUsers []UnmanagedUser `json:"unmanaged_users,omitempty"`
	FollowUps      []FollowUp      `json:"follow_ups,omitempty"`
	Summary        Summary         `json:"summary"`
	// PlanID tells a plan that was written to a file from every other; the records
	// have the id of the one that was carried out last.
	PlanID string `json:"plan_id,omitempty"`
	// Hidden counts what ignore patterns hide.
	Hidden *Hidden `json:"hidden,omitempty"`
	// Outside counts the assignments on the permission sets of --only that are of
	// somebody else, which are left alone.
	Outside int `json:"outside_scope,omitempty"`
	// OutdatedElsewhere counts the accounts that are not active in which a
	// permission set of ours is not the latest, or will not be after the plan.
	OutdatedElsewhere int `json:"outdated_in_inactive_accounts,omitempty"`
	// OutdatedIn names these accounts, with their ids.
	OutdatedIn []string `json:"inactive_accounts_outdated,omitempty"`
	// KeptInactive counts the assignments that the config no longer has, in
	// accounts that are not active.
	KeptInactive int `json:"kept_in_inactive_accounts,omitempty"`
	// KeptOrphans counts the assignments of users and groups that are gone which AWS
	// cannot remove.
	KeptOrphans int `json:"kept_orphans,omitempty"`
	// StillListed counts the assignments of which AWS said, in an apply, that they
	// are not there, and that it listed all the same.
	StillListed int `json:"-"`
	// GroupsWithStrangers counts the groups that have access, are not this owner's, and have
	// members whom the config does not have in them.
	GroupsWithStrangers int `json:"groups_with_strangers,omitempty"`
}

// Blocked is a change that cannot be made now.
type Blocked struct {
	Change Change    `json:"change"`
	Cause  diag.Code `json:"cause"`
	Why    string    `json:"why"`
}

// ReplacedRole is an IAM role that goes because its permission set is
// replaced. AWS gives the new role a suffix of its own, so every policy and
// kubeconfig that names the old ARN stops working.
type ReplacedRole struct {
	Account       string `json:"account"`
	AccountName   string `json:"account_name"`
	PermissionSet string `json:"permission_set"`
	Replacement   string `json:"replacement"`
	// RolePattern matches the ARN that goes: the suffix is AWS's own.
	RolePattern string `json:"role_arn_pattern"`
}

// Summary counts the changes. Records change nobody's access, so they are not
// among Create, Update and Delete; ByKind has all.
type Summary struct {
	Create  int                     `json:"create"`
	Update  int                     `json:"update"`
	Delete  int                     `json:"delete"`
	Records int                     `json:"records,omitempty"`
	Blocked int                     `json:"blocked"`
	ByKind  map[Kind]map[Action]int `json:"by_kind,omitempty"`
}

// Options say what the plan may do.
type Options struct {
	Owner string
	Scope Scope
	SetUp access.SetUp
	IdP   string // the identity provider's name, for messages
	// Via is the front door: access.ViaTerraform, or "" for the command. What the
	// other one made is left to it.
	Via string
	// PlanID is the id of a plan that is written to a file: it goes into the record
	// of every set that the plan concerns. "" where the plan is carried out at once.
	PlanID string
	// Yields are users, by id, as another plan that is carried out beside this one
	// leaves them: Terraform plans each on its own. One without a name is deleted.
	Yields []access.User
	// Renamed are groups of the config, by their names there, of which something else
	// than records says what they are called now, as Terraform's state does.
	Renamed map[string]access.Renamed
	// Names explains what is missing, as presence.Options says.
	Names access.State
	// Ignore are patterns (access.Matches) of what is neither written nor removed.
	Ignore []string
	// Adopt are patterns of the groups and permission sets that may be taken over;
	// FromOwner is the other owner from whom, "" where only unmarked ones are.
	Adopt     []string
	FromOwner string
	Guards    Guards
}

// Scope bounds what absence from the config may delete. The zero value is all
// that the owner has.
type Scope struct {
	Groups []string // exact names
	Sets   []string // exact names
	// Only says that nobody else than these groups may lose or gain anything:
	// what others have on their sets is left alone. Sharing has, by the name of a
	// set, the groups of the whole config that share it and are not among them.
	Only bool
	// SharingIn has the accounts where these have it.
	Sharing, SharingIn map[string][]string
	// Added are user names, by the name of a group that is not ours: members
	// whom an earlier plan added and whose absence takes them out again. Nobody
	// else is taken out of such a group.
	Added map[string][]string
}

func (s Scope) all() bool { return s.Groups == nil && s.Sets == nil }

func (s Scope) has(names []string, name string) bool { return s.all() || slices.Contains(names, name) }

// Encode writes the plan as indented JSON; the same plan yields the same bytes.
func (p *Plan) Encode(w io.Writer) error {
	return encode(w, p)
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

func summarize(changes []Change, blocked int) Summary {
	s := Summary{Blocked: blocked, ByKind: map[Kind]map[Action]int{}}
	for _, c := range changes {
		switch {
		case c.Kind == Record:
			s.Records++
		case c.Action == Create:
			s.Create++
		case c.Action == Update:
			s.Update++
		case c.Action == Delete:
			s.Delete++
		}
		if s.ByKind[c.Kind] == nil {
			s.ByKind[c.Kind] = map[Action]int{}
		}
		s.ByKind[c.Kind][c.Action]++
	}
	return s
}

// OnlyRevokes says that a plan does nothing but take away: no object is made or
// edited but for records. Detaching a policy is not among it: a policy may deny.
func (p *Plan) OnlyRevokes() bool {
	return !slices.ContainsFunc(p.Changes, func(c Change) bool {
		switch c.Kind {
		case Assignment, Membership, PermissionSet, Group, User:
			return c.Action != Delete
		default:
			return c.Kind != Record
		}
	})
}
