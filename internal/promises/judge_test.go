package promises

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// violation is a promise that was broken.
type violation struct {
	kind   string // what differs between causes; equal ones are one find
	detail string
}

func (w *world) violate(kind, format string, args ...any) {
	if w.run != nil && w.run.edited {
		kind += ", from an edited plan file"
	}
	w.log("!!! "+kind+": "+format, args...)
	w.found = append(w.found, violation{kind, fmt.Sprintf(format, args...)})
}

// planJSON is what a plan's JSON says, as far as it is judged.
type planJSON struct {
	PlanID   string   `json:"plan_id"`
	Changes  []change `json:"changes"`
	Blocked  []any    `json:"blocked"`
	Complete *bool    `json:"complete"`
	Observed struct {
		Complete *bool `json:"complete"`
	} `json:"observed"`

	text string // all of it
}

// names says that the plan says a name anywhere.
func (p *planJSON) names(name string) bool { return strings.Contains(p.text, strconv.Quote(name)) }

type change struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"`
	Action string `json:"action"`
	Key    struct {
		User          string `json:"user"`
		Group         string `json:"group"`
		PermissionSet string `json:"permission_set"`
		Policy        string `json:"policy"`
		Account       string `json:"account"`
		OrphanID      string `json:"orphan_id"`
		AccountName   string `json:"account_name"`
	} `json:"key"`
	Refs struct {
		PermissionSetARN string `json:"permission_set_arn"`
		GroupID          string `json:"group_id"`
		UserID           string `json:"user_id"`
	} `json:"refs"`
	After *struct {
		Accounts []string `json:"accounts"`
	} `json:"after"`
}

// planOf finds the plan in what a command printed.
func planOf(stdout string) *planJSON {
	var e struct {
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal([]byte(stdout), &e) != nil || e.Data == nil {
		return nil
	}
	var nested struct {
		Plan *planJSON `json:"plan"`
	}
	if json.Unmarshal(e.Data, &nested) == nil && nested.Plan != nil {
		nested.Plan.text = stdout
		return nested.Plan
	}
	p := &planJSON{text: stdout}
	if json.Unmarshal(e.Data, p) != nil {
		return nil
	}
	return p
}

func (w *world) touch(ids []string) {
	for _, id := range ids {
		if id != "" {
			w.touched[id] = time.Now()
		}
	}
}

// recent tells whether somebody changed one of the objects within the
// permitted look before: that is counted apart.
func (w *world) recent(at time.Time, ids ...string) bool {
	for _, id := range ids {
		if t, ok := w.touched[id]; ok && at.Sub(t) <= lookup+w.late+time.Second {
			w.counts.apart++
			return true
		}
	}
	return false
}

// checkOwner is the part of P3 about other people's objects, before a write.
func (r *run) checkOwner(op string, body map[string]any) {
	w := r.w
	w.observe(nil)
	for _, arn := range []string{text(body, "PermissionSetArn"), text(body, "ResourceArn")} {
		s, ok := w.last.sets[arn]
		if !ok || s.owner == owner || r.made[arn] {
			continue
		}
		if s.owner == "" && slices.Contains(r.flags.adopt, s.name) && r.start.sets[arn].owner == "" || w.recent(time.Now(), arn) {
			continue
		}
		kind := "set without our mark"
		if s.owner != "" {
			kind = "another owner's set"
		}
		if r.start.sets[arn].owner == owner {
			kind += ", ours when the run began"
		}
		w.violate("P3 "+kind+" written", "%s on set %q of owner %q", op, s.name, s.owner)
	}
	group := text(body, "GroupId")
	if m := text(body, "MembershipId"); m != "" {
		for k, id := range w.last.members {
			if id == m {
				group = k.group
			}
		}
	}
	r.checkGroupOwner(op, group)
}

func (r *run) checkGroupOwner(op, group string) {
	w := r.w
	g, ok := w.last.groups[group]
	if !ok || g.owner == owner || r.made[group] || w.recent(time.Now(), group) {
		return
	}
	if op == "CreateGroupMembership" && g.owner == "" {
		return // members may come
	}
	if g.owner == "" && slices.Contains(r.flags.adopt, g.name) {
		return
	}
	kind := "group without our mark"
	if g.owner != "" {
		kind = "another owner's group"
	}
	if r.start.groups[group].owner == owner {
		kind += ", ours when the run began"
	}
	w.violate("P3 "+kind+" written", "%s on group %q of owner %q", op, g.name, g.owner)
}

// replayKnown says that a record still has the plan's id. Whoever may delete sets
// and records is beyond what the promise is about.
func (r *run) replayKnown() bool {
	for _, s := range r.start.sets {
		if slices.Contains(strings.Fields(s.tags["rolecall:record"]), r.plan.PlanID) {
			return true
		}
	}
	return false
}

// judge is P1 and P3 of a run, once it is known what was approved.
func (r *run) judge() {
	if r.plan == nil {
		return
	}
	for i := range r.events {
		e := &r.events[i]
		for _, x := range e.effects {
			if r.again && r.replayKnown() && (strings.HasPrefix(x.kind, "grant") || strings.HasPrefix(x.kind, "member")) {
				r.w.violate("P1/P3 a plan file is carried out a second time: "+x.kind, "%s", e.describe())
			}
			switch x.kind {
			case "grant+":
				r.judgeAssignment(e, x.grant)
			case "grant-":
				r.judgeRevocation(e, x.grant)
			case "member+", "member-":
				r.judgeMember(e, x)
			case "role":
				r.judgeRole(e, x)
			case "set-", "group-", "user-":
				r.judgeGone(e, x)
			}
		}
	}
}

func (r *run) changes(kind, action string) (out []change) {
	for _, c := range r.plan.Changes {
		if c.Kind == kind && (action == "" || c.Action == action) {
			out = append(out, c)
		}
	}
	return out
}

// isSet says whether a change of the plan is about the set.
func (r *run) isSet(c change, arn string, e *event) bool {
	if c.Refs.PermissionSetARN != "" {
		return c.Refs.PermissionSetARN == arn
	}
	name := e.is.sets[arn].name
	if name == "" {
		name = e.was.sets[arn].name
	}
	return c.Key.PermissionSet == name
}

// isPrincipal says whether a change is about the principal: by id, or by name
// where the plan or this run makes it.
func (r *run) isPrincipal(c change, kind, id string, e *event) bool {
	ref, name := c.Refs.GroupID, c.Key.Group
	if kind == "USER" {
		ref, name = c.Refs.UserID, c.Key.User
	}
	switch {
	case c.Key.OrphanID != "":
		return c.Key.OrphanID == id
	case ref != "":
		return ref == id
	}
	return name != "" && (name == e.is.principalName(kind, id) || name == r.madeAs[id])
}

func (r *run) judgeAssignment(e *event, g assignmentKey) {
	who := fmt.Sprintf("%s %q (%s) got %q in %q (%s)", g.kind, e.is.principalName(g.kind, g.principal), g.principal, e.is.sets[g.set].name, e.is.accounts[g.account], g.account)
	at := slices.IndexFunc(r.changes("account_assignment", "create"), func(c change) bool {
		return c.Key.Account == g.account && r.isSet(c, g.set, e) && r.isPrincipal(c, g.kind, g.principal, e)
	})
	if at < 0 {
		if !r.w.recent(e.at, g.set, g.account, g.principal) {
			r.w.violate("P1 grant that was not shown", "%s", who)
		}
		return
	}
	c := r.changes("account_assignment", "create")[at]
	r.judgeNames(e, c, g, who)
	if c.Refs.PermissionSetARN == "" && !r.made[g.set] && !r.again && !r.w.recent(e.at, g.set) {
		r.w.violate("P1 grant on a set that appeared under a name to be created", "%s", who)
	}
	if g.kind == "GROUP" && c.Refs.GroupID == "" && !r.made[g.principal] && !r.again && !r.w.recent(e.at, g.principal) {
		r.w.violate("P1 grant to a group that appeared under a name to be created", "%s", who)
	}
	r.judgeContent(e, roleKey{g.set, g.account}, 0, g.principal, who)
}

// judgeNames is about what is called otherwise than the plan said.
func (r *run) judgeNames(e *event, c change, g assignmentKey, who string) {
	name, was := c.Key.Group, e.is.principalName(g.kind, g.principal)
	if g.kind == "USER" {
		name = c.Key.User
	}
	if name != was && !r.w.recent(e.at, g.principal) {
		r.w.violate("P1 grant to a principal that is called otherwise by now", "%s, shown as %q", who, name)
	}
	if got := e.is.accounts[g.account]; c.Key.AccountName != "" && c.Key.AccountName != got && !r.w.recent(e.at, g.account) {
		r.w.violate("P1 grant in an account that is called otherwise by now", "%s, shown as %q", who, c.Key.AccountName)
	}
}

// judgeContent finds what a role gives that neither the config nor the role of
// before explains: what somebody staged on the set.
func (r *run) judgeContent(e *event, key roleKey, _ bits, principal, who string) {
	set, ok := r.conf.setOf(e.is.sets[key.set].name)
	if !ok {
		return
	}
	explained := set.meaning() | r.start.roles[key].meaning()
	if r.approved != nil {
		explained |= r.approved.roles[key].meaning()
	}
	c := e.is.roles[key]
	if extra := c.meaning() &^ explained; extra != 0 && !r.onTheWay(key.set, c, set) && !r.w.recent(e.at, key.set, key.account, principal) {
		r.w.violate("P1 "+e.op+" gives what was staged on the set", "%s: the role allows %07b, which the config does not have", who, extra)
	}
}

// onTheWay says that a content is made of parts of the config and of what the
// set had when the run began: what edits in an order go through, which is P2's.
func (r *run) onTheWay(arn string, c content, want confSet) bool {
	had := r.start.sets[arn].content
	if r.approved != nil {
		had = r.approved.sets[arn].content
	}
	for _, p := range list(c.managed) {
		if !slices.Contains(list(had.managed), p) && !slices.ContainsFunc(want.managed, func(i int) bool { return managed[i] == p }) {
			return false
		}
	}
	return true
}

func (r *run) judgeRevocation(e *event, g assignmentKey) {
	who := fmt.Sprintf("%s %q lost %q in %q", g.kind, e.was.principalName(g.kind, g.principal), e.was.sets[g.set].name, e.was.accounts[g.account])
	if !slices.ContainsFunc(r.changes("account_assignment", "delete"), func(c change) bool {
		return c.Key.Account == g.account && r.isSet(c, g.set, e) && r.isPrincipal(c, g.kind, g.principal, e)
	}) && !r.w.recent(e.at, g.set, g.account, g.principal) {
		r.w.violate("P3 revocation that was not shown", "%s", who)
	}
	called := e.was.groups[g.principal].name
	if r.approved != nil { // nobody dodges a revocation by taking another name
		called = r.approved.groups[g.principal].name
	}
	if len(r.flags.only) > 0 && g.kind == "GROUP" && !slices.Contains(r.flags.only, r.start.groups[g.principal].name) && called != "" && !slices.Contains(r.flags.only, called) &&
		!r.w.recent(e.at, g.principal) {
		r.w.violate("P3 --only takes access from a group outside it", "%s with --only %v", who, r.flags.only)
	}
}

func (r *run) judgeMember(e *event, x effect) {
	action, s := "create", e.is
	if x.kind == "member-" {
		action, s = "delete", e.was
		for _, g := range e.effects {
			if g.kind == "group-" && g.id == x.member.group || g.kind == "user-" && g.id == x.member.user {
				return // judged itself
			}
		}
	}
	who := fmt.Sprintf("%s: %q in %q", x.kind, s.users[x.member.user], s.groups[x.member.group].name)
	at := slices.IndexFunc(r.changes("membership", action), func(c change) bool {
		user := c.Refs.UserID == x.member.user || c.Refs.UserID == "" && c.Key.User == s.users[x.member.user]
		return user && r.isPrincipal(c, "GROUP", x.member.group, e)
	})
	recent := func() bool { return r.w.recent(e.at, x.member.group, x.member.user) }
	if at < 0 {
		if !recent() {
			r.w.violate("P1/P3 membership that was not shown", "%s", who)
		}
		return
	}
	c := r.changes("membership", action)[at]
	if action == "create" && (c.Key.User != s.users[x.member.user] || c.Key.Group != s.groups[x.member.group].name) && !recent() {
		r.w.violate("P1 member of a group, or a user, that is called otherwise by now", "%s, shown as %q in %q", who, c.Key.User, c.Key.Group)
	}
	if action == "create" && (c.Refs.GroupID == "" && !r.made[x.member.group] || c.Refs.UserID == "" && !r.made[x.member.user]) && !recent() {
		r.w.violate("P1 membership of what appeared under a name to be created", "%s", who)
	}
}

// judgeRole is about a role that existed and allows something else.
func (r *run) judgeRole(e *event, x effect) {
	if x.wider|x.smaller == 0 {
		return
	}
	holders := false
	for g := range e.is.grants {
		holders = holders || g.set == x.role.set && g.account == x.role.account
	}
	who := fmt.Sprintf("the role of %q in %q", e.is.sets[x.role.set].name, e.is.accounts[x.role.account])
	shown := slices.ContainsFunc(r.plan.Changes, func(c change) bool {
		switch c.Kind {
		case "provisioning":
			return r.isSet(c, x.role.set, e) && (c.After == nil || len(c.After.Accounts) == 0 || slices.Contains(c.After.Accounts, x.role.account))
		case "managed_policy", "customer_managed_policy", "inline_policy", "permissions_boundary":
			return r.isSet(c, x.role.set, e)
		}
		return false
	})
	recent := func() bool { return r.w.recent(e.at, x.role.set, x.role.account) }
	switch {
	case !holders:
		return
	case !shown && x.wider != 0 && !recent():
		r.w.violate("P1 "+e.op+" provisions a set for its other holders, not shown", "%s allows %07b more", who, x.wider)
	case !shown && !recent():
		r.w.violate("P3 "+e.op+" narrows a set for its other holders, not shown", "%s allows %07b less", who, x.smaller)
	case x.wider != 0:
		r.judgeContent(e, x.role, x.wider, "", who)
	}
}

func (r *run) judgeGone(e *event, x effect) {
	kind, what := map[string]string{"set-": "permission_set", "group-": "group", "user-": "user"}[x.kind], ""
	switch kind {
	case "permission_set":
		what = e.was.sets[x.id].name
	case "group":
		what = e.was.groups[x.id].name
	default:
		what = e.was.users[x.id]
	}
	if r.made[x.id] || r.w.recent(e.at, x.id) || slices.ContainsFunc(r.changes(kind, "delete"), func(c change) bool {
		return c.Refs.PermissionSetARN+c.Refs.GroupID+c.Refs.UserID == x.id
	}) {
		return
	}
	r.w.violate("P3 "+kind+" deleted that was not shown", "%q", what)
}
