package tfprovider

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// userPlans is what this process plans for users whom AWS has, by id. Terraform
// plans each resource on its own, side by side: only so does the plan for one
// know that another one frees an address, or deletes the user that it renames.
type userPlans struct {
	mu    sync.Mutex
	plans map[string]userPlan
}

// userPlan is what becomes of a user.
type userPlan struct {
	was, now access.User // now has no name where the user is deleted
	// destroyed says that the user's own resource goes: whoever takes over the
	// address then may well be the same person, so that frees nothing.
	destroyed bool
}

func (p userPlan) deletes() bool { return p.now.Username == "" }

// note remembers a plan, and says whether another resource's plan for the same
// user contradicts it: one keeps the user, maybe under another name, and the
// other deletes it.
func (p *userPlans) note(was access.User, next userPlan) (contradicts bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plans == nil {
		p.plans = map[string]userPlan{}
	}
	next.was, next.now.ID = was, was.ID
	have, known := p.plans[was.ID]
	switch {
	case known && have.deletes() != next.deletes():
		return true
	case known && next.destroyed:
		return false // that it is removed says more
	}
	p.plans[was.ID] = next
	return false
}

// yields returns the users who free something, but for those who wait for the user
// that is to have it: two who exchange theirs free nothing.
func (p *userPlans) yields(to access.User) []access.User {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []access.User
	for _, plan := range p.plans {
		if !plan.destroyed && !p.waitsFor(plan, to, len(p.plans)) {
			out = append(out, plan.now)
		}
	}
	return out
}

// waitsFor says whether a plan takes what somebody has, or what somebody takes
// who takes it, and so on.
func (p *userPlans) waitsFor(plan userPlan, from access.User, most int) bool {
	for _, other := range p.plans {
		if other.was.ID == plan.was.ID || !takesFrom(plan, other.was) {
			continue
		}
		if other.was.ID == from.ID || most > 0 && p.waitsFor(other, from, most-1) {
			return true
		}
	}
	return false
}

// takesFrom says whether a plan gives its user what another one has.
func takesFrom(plan userPlan, other access.User) bool {
	email := plan.now.Email != "" && strings.EqualFold(plan.now.Email, other.Email) && !strings.EqualFold(plan.was.Email, other.Email)
	name := plan.now.Username != "" && strings.EqualFold(plan.now.Username, other.Username) && !strings.EqualFold(plan.was.Username, other.Username)
	return email || name
}

// Terraform plans and applies up to ten resources side by side, so the one that
// frees an address comes soon, if it comes.
const (
	yieldPlanned = 5 * time.Second
	yieldApplied = 10 * time.Second
	yieldPoll    = 250 * time.Millisecond
)

// until asks again and again until the answer is yes, at most for so long.
func until(ctx context.Context, most, pause time.Duration, ask func() (bool, error)) error {
	for end := time.Now().Add(most); ; {
		done, err := ask()
		if done || err != nil || !time.Now().Add(pause).Before(end) {
			return err
		}
		if err := identitycenter.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}
