package promises

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
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
		s, ok := w.last.Sets[arn]
		if !ok || s.Owner == owner || r.made[arn] {
			continue
		}
		if s.Owner == "" && slices.Contains(r.flags.adopt, s.Name) && r.start.Sets[arn].Owner == "" || w.recent(time.Now(), arn) {
			continue
		}
		r.notOurs("set", op, s.Name, s.Owner, r.start.Sets[arn].Owner)
	}
	group := text(body, "GroupId")
	if m := text(body, "MembershipId"); m != "" {
		for k, id := range w.last.Memberships {
			if id == m {
				group = k.Group
			}
		}
	}
	r.checkGroupOwner(op, group)
}

func (r *run) checkGroupOwner(op, group string) {
	w := r.w
	g, ok := w.last.Groups[group]
	if !ok || g.Owner == owner || r.made[group] || w.recent(time.Now(), group) {
		return
	}
	if op == "CreateGroupMembership" && g.Owner == "" {
		return // members may come
	}
	if g.Owner == "" && slices.Contains(r.flags.adopt, g.Name) {
		return
	}
	r.notOurs("group", op, g.Name, g.Owner, r.start.Groups[group].Owner)
}

// notOurs is the violation that somebody else's set or group is written; had is whose it
// was when the run began.
func (r *run) notOurs(what, op, name, has, had string) {
	kind := what + " without our mark"
	if has != "" {
		kind = "another owner's " + what
	}
	if had == owner {
		kind += ", ours when the run began"
	}
	r.w.violate("P3 "+kind+" written", "%s on %s %q of owner %q", op, what, name, has)
}

// replayKnown says that a record still has the plan's id. Whoever may delete sets
// and records is beyond what the promise is about.
func (r *run) replayKnown() bool {
	for _, s := range r.start.Sets {
		if slices.Contains(strings.Fields(s.Tags["rolecall:record"]), r.plan.PlanID) {
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
			if r.again && r.replayKnown() && (strings.HasPrefix(x.Kind, "grant") || strings.HasPrefix(x.Kind, "member")) {
				r.w.violate("P1/P3 a plan file is carried out a second time: "+x.Kind, "%s", e.describe())
			}
			switch x.Kind {
			case "assignment+":
				r.judgeAssignment(e, x.Assignment)
			case "assignment-":
				r.judgeRevocation(e, x.Assignment)
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
	name := e.is.Sets[arn].Name
	if name == "" {
		name = e.was.Sets[arn].Name
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

func (r *run) judgeAssignment(e *event, g searchtest.Assignment) {
	who := fmt.Sprintf("%s %q (%s) got %q in %q (%s)", g.Kind, e.is.principalName(g.Kind, g.Principal), g.Principal, e.is.Sets[g.Set].Name, e.is.Accounts[g.Account], g.Account)
	at := slices.IndexFunc(r.changes("account_assignment", "create"), func(c change) bool {
		return c.Key.Account == g.Account && r.isSet(c, g.Set, e) && r.isPrincipal(c, g.Kind, g.Principal, e)
	})
	if at < 0 {
		if !r.w.recent(e.at, g.Set, g.Account, g.Principal) {
			r.w.violate("P1 grant that was not shown", "%s", who)
		}
		return
	}
	c := r.changes("account_assignment", "create")[at]
	r.judgeNames(e, c, g, who)
	if c.Refs.PermissionSetARN == "" && !r.made[g.Set] && !r.again && !r.w.recent(e.at, g.Set) {
		r.w.violate("P1 grant on a set that appeared under a name to be created", "%s", who)
	}
	if g.Kind == "GROUP" && c.Refs.GroupID == "" && !r.made[g.Principal] && !r.again && !r.w.recent(e.at, g.Principal) {
		r.w.violate("P1 grant to a group that appeared under a name to be created", "%s", who)
	}
	r.judgeContent(e, searchtest.Role{Set: g.Set, Account: g.Account}, 0, g.Principal, who)
}

// judgeNames is about what is called otherwise than the plan said.
func (r *run) judgeNames(e *event, c change, g searchtest.Assignment, who string) {
	name, was := c.Key.Group, e.is.principalName(g.Kind, g.Principal)
	if g.Kind == "USER" {
		name = c.Key.User
	}
	if name != was && !r.w.recent(e.at, g.Principal) {
		r.w.violate("P1 grant to a principal that is called otherwise by now", "%s, shown as %q", who, name)
	}
	if got := e.is.Accounts[g.Account]; c.Key.AccountName != "" && c.Key.AccountName != got && !r.w.recent(e.at, g.Account) {
		r.w.violate("P1 grant in an account that is called otherwise by now", "%s, shown as %q", who, c.Key.AccountName)
	}
}

// judgeContent finds what a role gives that neither the config nor the role of
// before explains: what somebody staged on the set.
func (r *run) judgeContent(e *event, key searchtest.Role, _ bits, principal, who string) {
	set, ok := r.conf.setOf(e.is.Sets[key.Set].Name)
	if !ok {
		return
	}
	explained := set.meaning() | meaning(r.start.Roles[key])
	if r.approved != nil {
		explained |= meaning(r.approved.Roles[key])
	}
	c := e.is.Roles[key]
	if extra := meaning(c) &^ explained; extra != 0 && !r.onTheWay(key.Set, c, set) && !r.w.recent(e.at, key.Set, key.Account, principal) {
		r.w.violate("P1 "+e.op+" gives what was staged on the set", "%s: the role allows %07b, which the config does not have", who, extra)
	}
}

// onTheWay says that a content is made of parts of the config and of what the
// set had when the run began: what edits in an order go through, which is P2's.
func (r *run) onTheWay(arn string, c searchtest.Content, want confSet) bool {
	had := r.start.Sets[arn].Content
	if r.approved != nil {
		had = r.approved.Sets[arn].Content
	}
	for _, p := range list(c.Managed) {
		if !slices.Contains(list(had.Managed), p) && !slices.ContainsFunc(want.managed, func(i int) bool { return managed[i] == p }) {
			return false
		}
	}
	return true
}

func (r *run) judgeRevocation(e *event, g searchtest.Assignment) {
	who := fmt.Sprintf("%s %q lost %q in %q", g.Kind, e.was.principalName(g.Kind, g.Principal), e.was.Sets[g.Set].Name, e.was.Accounts[g.Account])
	if !slices.ContainsFunc(r.changes("account_assignment", "delete"), func(c change) bool {
		return c.Key.Account == g.Account && r.isSet(c, g.Set, e) && r.isPrincipal(c, g.Kind, g.Principal, e)
	}) && !r.w.recent(e.at, g.Set, g.Account, g.Principal) {
		r.w.violate("P3 revocation that was not shown", "%s", who)
	}
	called := e.was.Groups[g.Principal].Name
	if r.approved != nil { // nobody dodges a revocation by taking another name
		called = r.approved.Groups[g.Principal].Name
	}
	if len(r.flags.only) > 0 && g.Kind == "GROUP" && !slices.Contains(r.flags.only, r.start.Groups[g.Principal].Name) && called != "" && !slices.Contains(r.flags.only, called) &&
		!r.w.recent(e.at, g.Principal) {
		r.w.violate("P3 --only takes access from a group outside it", "%s with --only %v", who, r.flags.only)
	}
}

func (r *run) judgeMember(e *event, x searchtest.Effect) {
	action, s := "create", e.is
	if x.Kind == "member-" {
		action, s = "delete", e.was
		for _, g := range e.effects {
			if g.Kind == "group-" && g.ID == x.Membership.Group || g.Kind == "user-" && g.ID == x.Membership.User {
				return // judged itself
			}
		}
	}
	who := fmt.Sprintf("%s: %q in %q", x.Kind, s.Users[x.Membership.User], s.Groups[x.Membership.Group].Name)
	at := slices.IndexFunc(r.changes("membership", action), func(c change) bool {
		user := c.Refs.UserID == x.Membership.User || c.Refs.UserID == "" && c.Key.User == s.Users[x.Membership.User]
		return user && r.isPrincipal(c, "GROUP", x.Membership.Group, e)
	})
	recent := func() bool { return r.w.recent(e.at, x.Membership.Group, x.Membership.User) }
	if at < 0 {
		if !recent() {
			r.w.violate("P1/P3 membership that was not shown", "%s", who)
		}
		return
	}
	c := r.changes("membership", action)[at]
	if action == "create" && (c.Key.User != s.Users[x.Membership.User] || c.Key.Group != s.Groups[x.Membership.Group].Name) && !recent() {
		r.w.violate("P1 member of a group, or a user, that is called otherwise by now", "%s, shown as %q in %q", who, c.Key.User, c.Key.Group)
	}
	if action == "create" && (c.Refs.GroupID == "" && !r.made[x.Membership.Group] || c.Refs.UserID == "" && !r.made[x.Membership.User]) && !recent() {
		r.w.violate("P1 membership of what appeared under a name to be created", "%s", who)
	}
}

// judgeRole is about a role that existed and allows something else.
func (r *run) judgeRole(e *event, x searchtest.Effect) {
	if x.Wider|x.Narrower == 0 {
		return
	}
	holders := false
	for g := range e.is.Assignments {
		holders = holders || g.Set == x.Role.Set && g.Account == x.Role.Account
	}
	who := fmt.Sprintf("the role of %q in %q", e.is.Sets[x.Role.Set].Name, e.is.Accounts[x.Role.Account])
	shown := slices.ContainsFunc(r.plan.Changes, func(c change) bool {
		switch c.Kind {
		case "provisioning":
			return r.isSet(c, x.Role.Set, e) && (c.After == nil || len(c.After.Accounts) == 0 || slices.Contains(c.After.Accounts, x.Role.Account))
		case "managed_policy", "customer_managed_policy", "inline_policy", "permissions_boundary":
			return r.isSet(c, x.Role.Set, e)
		}
		return false
	})
	recent := func() bool { return r.w.recent(e.at, x.Role.Set, x.Role.Account) }
	switch {
	case !holders:
		return
	case !shown && x.Wider != 0 && !recent():
		r.w.violate("P1 "+e.op+" provisions a set for its other holders, not shown", "%s allows %07b more", who, x.Wider)
	case !shown && !recent():
		r.w.violate("P3 "+e.op+" narrows a set for its other holders, not shown", "%s allows %07b less", who, x.Narrower)
	case x.Wider != 0:
		r.judgeContent(e, x.Role, x.Wider, "", who)
	}
}

func (r *run) judgeGone(e *event, x searchtest.Effect) {
	kind, what := map[string]string{"set-": "permission_set", "group-": "group", "user-": "user"}[x.Kind], ""
	switch kind {
	case "permission_set":
		what = e.was.Sets[x.ID].Name
	case "group":
		what = e.was.Groups[x.ID].Name
	default:
		what = e.was.Users[x.ID]
	}
	if r.made[x.ID] || r.w.recent(e.at, x.ID) || slices.ContainsFunc(r.changes(kind, "delete"), func(c change) bool {
		return c.Refs.PermissionSetARN+c.Refs.GroupID+c.Refs.UserID == x.ID
	}) {
		return
	}
	r.w.violate("P3 "+kind+" deleted that was not shown", "%q", what)
}
