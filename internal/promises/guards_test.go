package promises

import (
	"slices"
	"strings"
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
		was, ok := r.start.sets[arn]
		if !ok || was.owner != "" || !slices.Contains(r.flags.adopt, was.name) || r.w.recent(e.at, arn) {
			continue
		}
		want, inConfig := r.conf.setOf(was.name)
		if e.op == "UpdatePermissionSet" || e.op == "ProvisionPermissionSet" {
			continue // the config has a description and a session duration, which are another matter
		}
		if inConfig && want.equals(was.content) && !strings.Contains(e.op, "AccountAssignment") {
			r.w.violate("adoption: an equal set is changed by more than its marks", "%s on %q", e.op, was.name)
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
		for g := range s.grants {
			have[wantedAssignment{s.sets[g.set].name, r.start.accounts[g.account], s.principalName(g.kind, g.principal)}] = true
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
func (r *run) owned(g assignmentKey) bool {
	orphan, there := r.start.grants[g]
	return there && !orphan && r.start.sets[g.set].owner == owner && r.w.made[g.set]
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
	for g := range r.start.grants {
		if r.owned(g) {
			total++
			of[g.principal]++
			of[g.account]++
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
			if x.kind == "grant-" && r.owned(x.grant) && e.was.principalName(x.grant.kind, x.grant.principal) != "" {
				gone++
				lost[x.grant.principal]++
				lost[x.grant.account]++
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
			r.w.violate("guard removals: all of a group or account", "%d of %s%s", lost[id], r.start.groups[id].name, r.start.accounts[id])
		}
	}
}

func (r *run) idOf(c change) string {
	if c.Refs.GroupID != "" {
		return c.Refs.GroupID
	}
	return r.start.groupNamed(c.Key.Group)
}

// stays says that the config still names the group or the account.
func (r *run) stays(id string) bool {
	for _, g := range r.conf.groups {
		if g.name == r.start.groups[id].name && r.start.groups[id].name != "" {
			return true
		}
		for _, a := range g.accounts {
			if allAccounts[a] == r.start.accounts[id] {
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
	ann := r.start.userNamed("ann")
	set := r.start.setNamed(setNames[0])
	if ann == "" || set == "" {
		return
	}
	through := func(g assignmentKey) bool { return g.set == set && g.account == management }
	for _, e := range r.events {
		had, has := e.was.power(through)[person{ann, management}], e.is.power(through)[person{ann, management}]
		if had&^has != 0 && !r.w.recent(e.at, set, management, ann) {
			r.w.violate("guard lock-out: "+e.op+reason(e, set), "the caller can do %07b less after %s", had&^has, e.op)
		}
		if e.op == "AttachCustomerManagedPolicyReferenceToPermissionSet" && text(e.body, "PermissionSetArn") == set && had != 0 {
			r.w.violate("guard lock-out: customer policy attached to the caller's set", "what it denies is not known")
		}
	}
}

func reason(e event, set string) string {
	if e.is.sets[set].content.mayDeny() {
		return ", by a Deny"
	}
	return ""
}

// guardProtected: a protected group, followed to its sets, loses nothing.
func (r *run) guardProtected() {
	if r.flags.lockout || len(r.conf.protected) == 0 {
		return
	}
	id := r.start.groupNamed(r.conf.protected[0])
	if id == "" {
		return
	}
	can := func(s *snap) map[string]bits {
		out := map[string]bits{}
		for g := range s.grants {
			if g.principal == id {
				out[g.account] |= s.roles[roleKey{g.set, g.account}].meaning()
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
				r.w.violate("guard protected: "+e.op, "protected group %q can do %07b less in %s", r.conf.protected[0], before[account]&^now[account], r.start.accounts[account])
			}
		}
	}
}

// comesBack says that what a protected group lost for a moment was there again
// at the end: its plan replaced one thing by another.
func (r *run) comesBack(id, account string, had bits) bool {
	var has bits
	for g := range r.w.last.grants {
		if g.principal == id && g.account == account {
			has |= r.w.last.roles[roleKey{g.set, g.account}].meaning()
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
		s, ok := r.start.sets[arn]
		return ok && s.owner == "" && slices.Contains(r.flags.adopt, s.name)
	}
	for _, e := range r.events {
		for _, x := range e.effects {
			switch {
			case x.kind == "grant-" && adopted(x.grant.set) && e.was.principalName(x.grant.kind, x.grant.principal) != "":
				r.w.violate("guard adoption: a grant taken", "from %q in %s", e.was.principalName(x.grant.kind, x.grant.principal), e.was.accounts[x.grant.account])
			case x.kind == "role" && x.smaller != 0 && adopted(x.role.set) && !r.w.recent(e.at, x.role.set):
				r.w.violate("guard adoption: the set narrowed", "%q allows %07b less", e.was.sets[x.role.set].name, x.smaller)
			case x.kind == "member-":
				if g := r.start.groups[x.member.group]; g.owner == "" && slices.Contains(r.flags.adopt, g.name) {
					r.w.violate("guard adoption: a member taken", "%q from %q", e.was.users[x.member.user], g.name)
				}
			}
		}
	}
}
