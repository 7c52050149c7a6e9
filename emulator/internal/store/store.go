package store

import (
	"cmp"
	"reflect"
	"slices"
	"time"
)

// Stamp says when a write happens and who does it.
type Stamp struct {
	At time.Time
	By string
	// Request is the id of the call; the job that it starts has the same.
	Request string
	// Barred is why IAM keeps the caller from changing roles of the management
	// account, as a job's failure says it; "" where it may.
	Barred string
	// Provisioned says that automatic provisioning (SCIM) does it.
	Provisioned bool
}

// Settings are what the store needs to know beyond the requests.
type Settings struct {
	Seed           uint64
	Region         string
	Partition      string                       // "" means "aws"
	Latency        func(n uint64) time.Duration // how long job number n takes; nil: no time at all
	SerialAccounts bool                         // one role update at a time per account
	Quotas         Quotas
	RemoveOrphans  bool // deleting a user or group takes its assignments along
	StuckOrphans   bool // no orphan can be removed, whoever deleted the user or group
	// VisibilityDelay is how long assignment jobs do not see a new principal.
	VisibilityDelay time.Duration
}

// Quotas are the service quotas whose excess AWS refuses or fails for. Zero
// means the default of AWS (see [DefaultQuotas]).
type Quotas struct {
	PermissionSets      int `json:"permission_sets,omitempty"`
	SetsPerAccount      int `json:"sets_per_account,omitempty"`
	PoliciesPerSet      int `json:"policies_per_set,omitempty"`
	InlinePolicyBytes   int `json:"inline_policy_bytes,omitempty"`
	RolesPerAccount     int `json:"roles_per_account,omitempty"`
	ManagedPerRole      int `json:"managed_per_role,omitempty"`
	TagsPerResource     int `json:"tags_per_resource,omitempty"`
	Users               int `json:"users,omitempty"`
	Groups              int `json:"groups,omitempty"`
	Accounts            int `json:"accounts,omitempty"`
	Units               int `json:"units,omitempty"`
	Memberships         int `json:"memberships,omitempty"` // no quota of AWS's; so that no client fills the memory
	Assignments         int `json:"assignments,omitempty"` // of an instance; the same
	OutstandingWrites   int `json:"-"`                     // outstanding assignment jobs; 0: no cap
	OutstandingProvides int `json:"-"`                     // outstanding provisioning jobs; 0: no cap
}

// DefaultQuotas are AWS's defaults
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html,
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
// and the quotas of IAM for roles and managed policies).
func DefaultQuotas() Quotas {
	return Quotas{
		PermissionSets: 3500, SetsPerAccount: 500, PoliciesPerSet: 20, InlinePolicyBytes: 10240,
		RolesPerAccount: 1000, ManagedPerRole: 10, TagsPerResource: 50,
		Users: 100_000, Groups: 100_000, Accounts: 5000, Units: 2000,
		Memberships: 2_000_000, Assignments: 5_000_000,
	}
}

// withDefaults puts AWS's quotas where there is none.
func (q Quotas) withDefaults() Quotas {
	into, defaults := reflect.ValueOf(&q).Elem(), reflect.ValueOf(DefaultQuotas())
	for n := range into.NumField() {
		if into.Field(n).IsZero() {
			into.Field(n).Set(defaults.Field(n))
		}
	}
	return q
}

// Store is everything that the emulated AWS knows.
type Store struct {
	Settings
	ids         generator
	org         *Organization
	instances   []*Instance
	due         dueJobs
	jobs        uint64
	outstanding Outstanding
	failNext    failure
}

// New makes an empty store: no organization, no instance.
func New(settings Settings) *Store {
	settings.Partition = cmp.Or(settings.Partition, "aws")
	settings.Quotas = settings.Quotas.withDefaults()
	return &Store{Settings: settings, ids: generator{seed: settings.Seed}}
}

// Instances are all instances in the order of their creation.
func (s *Store) Instances() []*Instance { return s.instances }

// Instance finds an instance by its ARN.
func (s *Store) Instance(arn string) (*Instance, bool) {
	at := slices.IndexFunc(s.instances, func(i *Instance) bool { return i.ARN == arn })
	if at < 0 {
		return nil, false
	}
	return s.instances[at], true
}

// UUID makes a fresh identifier, as for the ids of requests.
func (s *Store) UUID() string { return s.ids.uuid() }

// Draws counts the identifiers and jobs made so far: where it stayed the same, a
// refused call left no trace.
func (s *Store) Draws() uint64 { return s.ids.n + s.jobs }

// failure is why a job fails, and after how many accounts.
type failure struct {
	reason string
	after  int
}

// FailNextJob makes the next assignment or provisioning job that is started fail
// with the reason; "" takes that back. A provisioning is done in so many accounts
// before it fails.
func (s *Store) FailNextJob(reason string, after int) { s.failNext = failure{reason, after} }
