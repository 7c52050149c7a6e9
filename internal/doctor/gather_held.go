package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// spare is how many calls the search for a reason may still cost: who else holds
// the set, whether those still exist, and which assignments failed. A person's
// groups that the config does not name cost one call less than the others,
// which may be spent too.
func (g *gatherer) spare() int {
	if g.Subject == Group {
		return 20 - g.spent
	}
	n := 3
	for _, have := range g.ofUser {
		if !slices.Contains(g.f.AccessGroups, have.Name) {
			n++
		}
	}
	return n - g.spent
}

// needing is an error that says what would let the question be answered.
type needing interface{ Needs() string }

// assignments asks what the group holds in AWS; where it lacks the set, why.
func (g *gatherer) assignments(ctx context.Context, p *Path) error {
	held, seen, err := g.AWS.AssignmentsOf(ctx, access.GroupPrincipal, p.AWSGroup.Value.ID, p.Account, p.Set)
	var n needing
	if errors.As(err, &n) {
		p.Assigned = Unknown[bool](n.Needs())
		return nil
	}
	if err != nil {
		return err
	}
	held = slices.DeleteFunc(held, func(have access.AssignedSet) bool { return have.Set != p.Set })
	p.Assigned = Known(len(held) > 0, seen)
	if p.Account == "" {
		return g.assignmentsAt(ctx, p, held)
	}
	if len(held) == 0 {
		return g.lacking(ctx, p, p.Account)
	}
	return g.newest(ctx, p, held[0].SetARN)
}

// newest asks whether the account has the newest version of the set.
func (g *gatherer) newest(ctx context.Context, p *Path, setARN string) error {
	if !g.outdated.Known {
		sets, seen, err := g.AWS.Outdated(ctx, p.Account)
		if err != nil {
			return err
		}
		g.outdated = Known(sets, seen)
	}
	p.Outdated = Known(slices.Contains(g.outdated.Value, setARN), g.outdated.Evidence...)
	return nil
}

// assignmentsAt compares the accounts in which the group holds the set with those of
// the config, and asks why it lacks the first one.
func (g *gatherer) assignmentsAt(ctx context.Context, p *Path, held []access.AssignedSet) error {
	accounts, seen, err := g.AWS.Accounts(ctx)
	if err != nil {
		return err
	}
	p.Assigned.Value = true
	p.Assigned.Evidence = append(p.Assigned.Evidence, seen)
	p.Outdated = Unknown[bool](fmt.Sprintf("--account: whether an account has an older version of the permission set %q can be read for one account at a time only", p.Set))
	lacks, index := "", access.NewAccountIndex(accounts)
	for i := range p.Accounts {
		wanted := &p.Accounts[i]
		wanted.find(index, accounts)
		wanted.Assigned = slices.ContainsFunc(held, func(have access.AssignedSet) bool { return have.Account == wanted.ID })
		if wanted.Assigned || !wanted.open() {
			continue
		}
		p.Assigned.Value = false
		if lacks == "" {
			lacks = wanted.ID
		}
	}
	if lacks == "" {
		return nil
	}
	return g.lacking(ctx, p, lacks)
}

// find takes the account that its name means.
func (p *WantedAccount) find(index *access.AccountIndex, accounts []access.Account) {
	if at := index.Find(p.Name).At; at >= 0 {
		p.ID, p.State = accounts[at].ID, accounts[at].State
		return
	}
	p.Instead = instead(index, p.Name)
}

// lacking asks why the group does not hold the set in the account: a group that
// was deleted may, or AWS failed to assign it.
func (g *gatherer) lacking(ctx context.Context, p *Path, account string) error {
	p.LacksIn = account
	exist := append(called(g.ofUser, func(have access.Group) string { return have.ID }), p.AWSGroup.Value.ID)
	most := g.spare() - 2 // for the question itself, and for a job that failed
	if most < 0 {
		return g.failure(ctx, p) // as likely the same reason as the groups before
	}
	holders, seen, err := g.AWS.AssignedGroups(ctx, p.Set, account, exist, most)
	if err != nil {
		return err
	}
	g.spent += 1 + min(most, len(holders))
	p.Assigned.Evidence = append(p.Assigned.Evidence, seen)
	p.Nobody = len(holders) == 0
	if gone := slices.IndexFunc(holders, func(h access.AssignedGroup) bool { return h.Gone }); gone >= 0 {
		p.Orphan = holders[gone].ID
		return nil
	}
	return g.failure(ctx, p)
}

// failure looks for the group among the assignments that AWS could not make.
func (g *gatherer) failure(ctx context.Context, p *Path) error {
	if !g.failed.Known {
		jobs, seen, err := g.AWS.FailedJobs(ctx, max(1, g.spare()))
		if err != nil {
			return err
		}
		g.failed = Known(jobs, seen)
		g.spent += len(jobs)
	}
	p.Assigned.Evidence = append(p.Assigned.Evidence, g.failed.Evidence...)
	for _, j := range g.failed.Value {
		if j.Set == p.Set && j.Principal == p.AWSGroup.Value.ID && j.Account == p.LacksIn {
			p.Failure = &j
			return nil
		}
	}
	return nil
}

// elsewhere reads what the user holds in the account outside of the groups of
// the config.
func (g *gatherer) elsewhere(ctx context.Context) error {
	if g.Account == "" || !g.f.inAWS() {
		return nil
	}
	var seen diag.Evidence
	var err error
	if g.f.Own, seen, err = g.AWS.AssignmentsOf(ctx, access.UserPrincipal, g.f.User.Value.ID, g.accountID()); err != nil {
		return err
	}
	g.f.Beside = append(g.f.Beside, seen)
	for _, have := range g.ofUser {
		held, seen, err := g.AWS.AssignmentsOf(ctx, access.GroupPrincipal, have.ID, g.accountID())
		if err != nil {
			return err
		}
		g.f.Elsewhere = append(g.f.Elsewhere, held...)
		g.f.Beside = append(g.f.Beside, seen)
	}
	return nil
}
