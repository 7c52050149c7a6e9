package apply

import (
	"maps"
	"math"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Assumptions are what an estimate is made under; a zero field stands for its
// default.
type Assumptions struct {
	// TPS is how many calls a second are made to sso-admin; 0 means 15, of the
	// 20 that AWS allows. IdentityTPS is the same for the identity store, for
	// which AWS gives no figure; 0 means 20.
	TPS         float64
	IdentityTPS float64
	// MaxOutstanding is as in Options.
	MaxOutstanding int
}

// Estimate is what carrying out a plan costs, before anything has been tried.
// Times are in seconds.
type Estimate struct {
	// Changes and Jobs count what is done; Calls are those to sso-admin,
	// IdentityCalls those to the identity store, which has a quota of its own.
	Changes       int `json:"changes"`
	Jobs          int `json:"jobs"`
	Calls         int `json:"calls"`
	IdentityCalls int `json:"identity_calls"`
	// Seconds is how long the run takes.
	Seconds float64 `json:"seconds"`
	// AssumedJobSeconds and AssumedTPS are what Seconds hangs on.
	AssumedJobSeconds float64 `json:"assumed_job_seconds"`
	AssumedTPS        float64 `json:"assumed_tps"`
	Floor             Floor   `json:"floor"`
}

// Floor is what no way of doing it can be faster than: the largest of its
// parts. Times are in seconds.
type Floor struct {
	Seconds float64 `json:"seconds"`
	// CallsSeconds is the calls at the quota.
	CallsSeconds float64 `json:"calls_seconds"`
	// OutstandingSeconds is the jobs, as many at once as AWS allows.
	OutstandingSeconds float64 `json:"outstanding_seconds"`
	// AccountSeconds is the jobs of the account that has the most, one by one.
	AccountSeconds float64 `json:"account_seconds"`
	// Account is its id.
	Account string `json:"account,omitempty"`
	// ChainSeconds is the longest row of jobs that wait for each other.
	ChainSeconds float64 `json:"chain_seconds"`
}

// overhead is how much longer than AWS's own time a job takes with us: the
// calls under way and the time until a poll sees its end. Measured with jobs
// of 3 s; see the tests that reach for the floor.
const overhead = 1.12

// callsToProvision are those of one provisioning: asking where it is outdated
// and where it is at all, starting it, and polling it alone.
const callsToProvision = 2 + 1 + 4

// callsToLook are those that make sure of a permission set before it is written:
// its attributes, its tags, four kinds of contents and where it is outdated. What
// a change creates is not looked at.
const callsToLook = 7

// NewEstimate returns what carrying out the changes costs. It is pure.
func NewEstimate(changes []plan.Change, a Assumptions) Estimate {
	setDefault(&a.MaxOutstanding, maxOutstanding)
	setDefault(&a.TPS, 15)
	setDefault(&a.IdentityTPS, 20)
	n := countWork(changes)
	each := assumedLatency.Seconds()
	e := Estimate{
		Changes: len(changes), Jobs: n.assignments + n.provisions, AssumedJobSeconds: each, AssumedTPS: a.TPS,
		Calls: int(math.Ceil(float64(n.assignments)*(1+callsForPolling))) +
			n.provisions*callsToProvision + n.other + len(n.sets)*callsToLook,
		IdentityCalls: n.identity + len(n.people),
	}
	e.Floor = Floor{
		CallsSeconds: max(float64(e.Calls)/a.TPS, float64(e.IdentityCalls)/a.IdentityTPS),
		OutstandingSeconds: max(float64(n.assignments)*each/float64(a.MaxOutstanding),
			float64(n.provisions)*each/maxProvisioning),
		ChainSeconds: float64(longestChain(changes)) * each,
	}
	most := 0
	for _, id := range slices.Sorted(maps.Keys(n.byAccount)) {
		if n.byAccount[id] > most {
			e.Floor.Account, most = id, n.byAccount[id]
		}
	}
	e.Floor.AccountSeconds = float64(most) * each
	byJobs := max(e.Floor.OutstandingSeconds, e.Floor.AccountSeconds, e.Floor.ChainSeconds)
	e.Floor.Seconds = max(e.Floor.CallsSeconds, byJobs)
	e.Seconds = max(e.Floor.CallsSeconds, byJobs*overhead)
	return e
}

// work is what there is to do, in changes and jobs.
type work struct {
	assignments, provisions, identity, other int
	byAccount                                map[string]int
	sets, people                             map[string]bool // that exist, by id
}

func countWork(changes []plan.Change) work {
	n := work{byAccount: map[string]int{}, sets: map[string]bool{}, people: map[string]bool{}}
	for i := range changes {
		c := &changes[i]
		n.sets[c.Refs.PermissionSetARN], n.people[c.Refs.GroupID], n.people[c.Refs.UserID] = true, true, true
		switch c.Kind {
		case plan.Assignment:
			n.assignments++
			n.byAccount[c.Key.Account]++
		case plan.Provisioning:
			// One job for all accounts, or one in the only account.
			n.provisions++
			if c.After != nil {
				for _, id := range c.After.Accounts {
					n.byAccount[id]++
				}
			}
		case plan.User, plan.Group, plan.Membership:
			n.identity++
		default:
			n.other++
		}
	}
	delete(n.sets, "")
	delete(n.people, "")
	return n
}

// longestChain returns how many jobs wait for each other at most; 0 where the
// changes are no graph.
func longestChain(changes []plan.Change) int {
	g, err := newGraph(changes)
	if err != nil {
		return 0
	}
	longest := 0
	before := make([]int32, len(changes))
	for _, i := range g.order() {
		if classOf(&changes[i]) != synchronous {
			before[i]++
		}
		longest = max(longest, int(before[i]))
		for _, d := range g.dependants[i] {
			before[d] = max(before[d], before[i])
		}
	}
	return longest
}
