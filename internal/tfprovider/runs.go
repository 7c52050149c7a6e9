package tfprovider

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// gathering is how long a run waits for the other resources that Terraform
// applies side by side: together they poll less and never meet in an account.
const gathering = 250 * time.Millisecond

// runs carries out the changes of many resources with one engine at a time.
// Resources that come while one runs go together into the next.
type runs struct {
	run func(ctx context.Context, owner string, lives []*access.State, changes []plan.Change) (*apply.Result, error)

	mu      sync.Mutex
	busy    bool
	waiting []*request
}

// request is the changes of one resource.
type request struct {
	ctx     context.Context
	owner   string
	live    *access.State // what the changes were planned from
	changes []plan.Change
	done    chan struct{}
	result  *apply.Result
	err     error
}

// do carries out a resource's changes and returns what became of them. It
// returns only when nothing of them is under way any more.
func (r *runs) do(ctx context.Context, owner string, live *access.State, changes []plan.Change) (*apply.Result, error) {
	if len(changes) == 0 {
		return &apply.Result{}, nil
	}
	q := &request{ctx: ctx, owner: owner, live: live, changes: changes, done: make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, q)
	first := !r.busy
	r.busy = true
	r.mu.Unlock()
	if first {
		go r.work()
	}
	<-q.done
	return q.result, q.err
}

// carryOut does so, and says what became of them; there is no result where the run
// itself failed.
func (s *session) carryOut(ctx context.Context, owner string, live *access.State, changes []plan.Change) (*apply.Result, diag.Diagnostics) {
	result, err := s.runs.do(ctx, owner, live, changes)
	if err != nil {
		return nil, failed(err)
	}
	return result, report(outcome(result))
}

// work runs until nobody waits.
func (r *runs) work() {
	for more := true; more; {
		time.Sleep(gathering)
		r.mu.Lock()
		batch := takeOwner(&r.waiting)
		r.mu.Unlock()
		r.together(batch)
		r.mu.Lock()
		more = len(r.waiting) > 0
		r.busy = more
		r.mu.Unlock()
	}
}

// takeOwner takes all requests of the first one's owner: a target writes for
// one owner.
func takeOwner(waiting *[]*request) []*request {
	first := (*waiting)[0].owner
	taken := slices.DeleteFunc(slices.Clone(*waiting), func(q *request) bool { return q.owner != first })
	*waiting = slices.DeleteFunc(*waiting, func(q *request) bool { return q.owner == first })
	return taken
}

func (r *runs) together(batch []*request) {
	ctx, cancel := untilAllEnd(batch)
	defer cancel()
	var changes []plan.Change
	var lives []*access.State
	seen := map[plan.ID]bool{}
	for _, q := range batch {
		lives = append(lives, q.live)
		for _, c := range q.changes {
			if !seen[c.ID] {
				seen[c.ID] = true
				changes = append(changes, c)
			}
		}
	}
	result, err := r.run(ctx, batch[0].owner, lives, changes)
	for _, q := range batch {
		q.result, q.err = partOf(result, q.changes), err
		close(q.done)
	}
}

// untilAllEnd returns a context that ends when all of the requests' have:
// Terraform interrupts all together, and one alone must not stop the others.
func untilAllEnd(batch []*request) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(batch[0].ctx))
	var left sync.WaitGroup
	left.Add(len(batch))
	var stops []func() bool
	for _, q := range batch {
		stops = append(stops, context.AfterFunc(q.ctx, left.Done))
	}
	ended := make(chan struct{})
	go func() {
		left.Wait()
		cancel()
		close(ended)
	}()
	return ctx, func() {
		for _, stop := range stops {
			if stop() {
				left.Done()
			}
		}
		<-ended
	}
}

// partOf returns what of a result concerns some changes.
func partOf(all *apply.Result, changes []plan.Change) *apply.Result {
	mine := make(map[plan.ID]bool, len(changes))
	for _, c := range changes {
		mine[c.ID] = true
	}
	part := *all
	part.Done = slices.DeleteFunc(slices.Clone(all.Done), func(id plan.ID) bool { return !mine[id] })
	part.Failed = slices.DeleteFunc(slices.Clone(all.Failed), func(f apply.Failure) bool { return !mine[f.ID] })
	part.Left = slices.DeleteFunc(slices.Clone(all.Left), func(l apply.Left) bool { return !mine[l.ID] })
	return &part
}
