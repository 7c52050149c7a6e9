package promises

import (
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// judgeGuards states what each guard has to refuse, of what a run did without
// its flag.
func (r *run) judgeGuards(o op) {
	if r.plan == nil {
		return
	}
	r.guardRemovals()
	r.guardLockout()
	r.guardProtected()
	r.guardRebind()
	r.guardAccounts()
	r.guardAdoption()
	r.guardEqual()
	r.guardStrangers()
	r.guardForged()
}

// guardEqual: an adopted set that has what the config says changes by its marks
// only.
func (r *run) guardEqual() {
	for _, e := range r.events {
		arn := text(e.body, "PermissionSetArn")
		was, ok := r.start.Sets[arn]
		if !ok || was.Owner != "" || !slices.Contains(r.flags.adopt, was.Name) || r.w.recent(e.at, arn) {
			continue
		}
		want, inConfig := r.conf.setOf(was.Name)
		if e.op == "UpdatePermissionSet" || e.op == "ProvisionPermissionSet" {
			continue // the config has a description and a session duration, which are another matter
		}
		if inConfig && want.equals(was.Content) && !strings.Contains(e.op, "AccountAssignment") {
			r.w.violate("adoption: an equal set is changed by more than its marks", "%s on %q", e.op, was.Name)
		}
	}
}

// guardOnly: each --only counts.
func (r *run) guardOnly(got ended) {
	if r.replayed || got.code != 0 || len(r.flags.only) < 2 || len(r.during) > 0 {
		return
	}
	have := map[wantedAssignment]bool{}
	for _, s := range []*snap{r.start, r.w.last} { // what was there and is not has been taken, not left out
		for g := range s.Assignments {
			have[wantedAssignment{s.Sets[g.Set].Name, r.start.Accounts[g.Account], s.principalName(g.Kind, g.Principal)}] = true
		}
	}
	for k := range r.conf.wants() {
		ignored := r.conf.ignoresGroup(k.group) || r.conf.ignores("account", k.account)
		if slices.Contains(r.flags.only, k.group) && !have[k] && !ignored {
			r.w.violate("scope: one of several --only is left out", "%v with --only %v", k, r.flags.only)
			return
		}
	}
}

// owned counts what there was of ours when the run began: a mark that somebody
// put on a set of their own does not make what removals are measured by.
func (r *run) owned(g searchtest.Assignment) bool {
	orphan, there := r.start.Assignments[g]
	return there && !orphan && r.start.Sets[g.Set].Owner == owner && r.w.made[g.Set]
}

// guardRemovals: over a quarter of a kind and over five; all of a group or an
// account that stays in the config from three up, with nothing instead; all of
// a kind with nothing instead; a config without a group.
func (r *run) guardRemovals() {
	if r.flags.removals {
		return
	}
	total, gone, came := 0, 0, map[string]int{}
	of, lost := map[string]int{}, map[string]int{}
	for g := range r.start.Assignments {
		if r.owned(g) {
			total++
			of[g.Principal]++
			of[g.Account]++
		}
	}
	for _, c := range r.plan.Changes {
		if c.Kind == "account_assignment" && c.Action == "create" {
			came[""]++
			came[r.idOf(c)]++
			came[c.Key.Account]++
		}
	}
	for _, e := range r.events {
		for _, x := range e.effects {
			// Of a group that somebody else deleted meanwhile, it takes nobody's.
			if x.Kind == "assignment-" && r.owned(x.Assignment) && e.was.principalName(x.Assignment.Kind, x.Assignment.Principal) != "" {
				gone++
				lost[x.Assignment.Principal]++
				lost[x.Assignment.Account]++
			}
		}
	}
	if gone == 0 {
		return
	}
	// Those that another one replaces take nobody's access away.
	if net := gone - came[""]; net > 5 && net*4 > total {
		r.w.violate("guard removals: a quarter", "%d of %d grants went without --allow-removals", gone, total)
	}
	if gone == total && came[""] == 0 && len(r.flags.only) == 0 { // else all of it was not read
		r.w.violate("guard removals: all grants", "all %d went without --allow-removals", gone)
	}
	if len(r.conf.groups) == 0 {
		r.w.violate("guard removals: a config that names no group", "%d grants went", gone)
	}
	for _, id := range sorted(lost) {
		if lost[id] == of[id] && lost[id] >= 3 && came[id] == 0 && r.stays(id) {
			r.w.violate("guard removals: all of a group or account", "%d of %s%s", lost[id], r.start.Groups[id].Name, r.start.Accounts[id])
		}
	}
}

func (r *run) idOf(c change) string {
	if c.Refs.GroupID != "" {
		return c.Refs.GroupID
	}
	return r.start.GroupNamed(c.Key.Group)
}

// stays says that the config still names the group or the account.
func (r *run) stays(id string) bool {
	for _, g := range r.conf.groups {
		if g.name == r.start.Groups[id].Name && r.start.Groups[id].Name != "" {
			return true
		}
		for _, a := range g.accounts {
			if allAccounts[a] == r.start.Accounts[id] {
				return true
			}
		}
	}
	return false
}

// guardLockout: the access that the caller is using, taken or narrowed by us.
func (r *run) guardLockout() {
	if r.w.key != caller || r.flags.lockout {
		return
	}
	management := r.start.accountNamed("management")
	ann := r.start.UserNamed("ann")
	set := r.start.SetNamed(setNames[0])
	if ann == "" || set == "" {
		return
	}
	through := func(g searchtest.Assignment) bool { return g.Set == set && g.Account == management }
	for _, e := range r.events {
		had, has := e.was.Power(through)[searchtest.Person{User: ann, Account: management}], e.is.Power(through)[searchtest.Person{User: ann, Account: management}]
		if had&^has != 0 && !r.w.recent(e.at, set, management, ann) {
			r.w.violate("guard lock-out: "+e.op+reason(e, set), "the caller can do %07b less after %s", had&^has, e.op)
		}
		if e.op == "AttachCustomerManagedPolicyReferenceToPermissionSet" && text(e.body, "PermissionSetArn") == set && had != 0 {
			r.w.violate("guard lock-out: customer policy attached to the caller's set", "what it denies is not known")
		}
	}
}

func reason(e event, set string) string {
	if mayDeny(e.is.Sets[set].Content) {
		return ", by a Deny"
	}
	return ""
}

// guardProtected: a protected group, followed to its sets, loses nothing.
func (r *run) guardProtected() {
	if r.flags.lockout || len(r.conf.protected) == 0 {
		return
	}
	id := r.start.GroupNamed(r.conf.protected[0])
	if id == "" {
		return
	}
	can := func(s *snap) map[string]bits {
		out := map[string]bits{}
		for g := range s.Assignments {
			if g.Principal == id {
				out[g.Account] |= meaning(s.Roles[searchtest.Role{Set: g.Set, Account: g.Account}])
			}
		}
		return out
	}
	was := can(r.start)
	for i := range r.events {
		e := &r.events[i]
		before, now := can(e.was), can(e.is)
		for _, account := range sorted(was) {
			if was[account]&before[account]&^now[account] != 0 && !r.w.recent(e.at, e.objects()...) && !r.comesBack(id, account, was[account]) {
				r.w.violate("guard protected: "+e.op, "protected group %q can do %07b less in %s", r.conf.protected[0], before[account]&^now[account], r.start.Accounts[account])
			}
		}
	}
}

// comesBack says that what a protected group lost for a moment was there again
// at the end: its plan replaced one thing by another.
func (r *run) comesBack(id, account string, had bits) bool {
	var has bits
	for g := range r.w.last.Assignments {
		if g.Principal == id && g.Account == account {
			has |= meaning(r.w.last.Roles[searchtest.Role{Set: g.Set, Account: g.Account}])
		}
	}
	return had&^has == 0
}

// guardAdoption: whatever an adoption takes is refused without
// --allow-removals.
func (r *run) guardAdoption() {
	if r.flags.removals || len(r.flags.adopt) == 0 {
		return
	}
	adopted := func(arn string) bool {
		s, ok := r.start.Sets[arn]
		return ok && s.Owner == "" && slices.Contains(r.flags.adopt, s.Name)
	}
	for _, e := range r.events {
		for _, x := range e.effects {
			switch {
			case x.Kind == "assignment-" && adopted(x.Assignment.Set) && e.was.principalName(x.Assignment.Kind, x.Assignment.Principal) != "":
				r.w.violate("guard adoption: a grant taken", "from %q in %s", e.was.principalName(x.Assignment.Kind, x.Assignment.Principal), e.was.Accounts[x.Assignment.Account])
			case x.Kind == "role" && x.Narrower != 0 && adopted(x.Role.Set) && !r.w.recent(e.at, x.Role.Set):
				r.w.violate("guard adoption: the set narrowed", "%q allows %07b less", e.was.Sets[x.Role.Set].Name, x.Narrower)
			case x.Kind == "member-":
				if g := r.start.Groups[x.Membership.Group]; g.Owner == "" && slices.Contains(r.flags.adopt, g.Name) {
					r.w.violate("guard adoption: a member taken", "%q from %q", e.was.Users[x.Membership.User], g.Name)
				}
			}
		}
	}
}
