package promises

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// others are owners who are not ours: one that is in the world, and made-up ones.
var others = []string{rival, "zzz", "Platform"}

// marks are what a group's description can end in.
var marks = []string{
	"", "[rolecall:" + owner + "]", "[rolecall:" + rival + "]", "[rolecall:zzz]", "[rolecall:" + owner + " later]", "[rolecall:" + owner + "] not at the end",
}

// markActs are about whose something is.
var markActs = []act{
	{"mark forged on a group", func(w *world, a, b, d int) []string {
		g := w.anyGroup(a)
		w.describe(g, "d0 [rolecall:"+owner+"]")
		return []string{g}
	}},
	{"group marked by others, with somebody in it", func(w *world, a, b, d int) []string {
		mark := "[rolecall:" + others[b%len(others)] + "]"
		g := w.confGroupID(a)
		if g == "" {
			return []string{w.createGroup(w.conf.groupName(a), mark, w.last.UserNamed("mallory"))}
		}
		w.describe(g, mark)
		u := pick(w.last.Users, d, func(string, string) bool { return true })
		w.join(g, u)
		return []string{g, u}
	}},
}

// isStranger says that the config does not list somebody who is in a group.
func (c *conf) isStranger(group, user string) bool {
	if c.mode == scim {
		return false
	}
	at := slices.IndexFunc(c.groups, func(g confGroup) bool { return g.name == group })
	return at < 0 || !slices.ContainsFunc(c.groups[at].members, func(p int) bool { return c.people()[p] == user && !slices.Contains(c.gone, p) })
}

// groupName is the name of one of the config's groups, "" where it has none.
func (c *conf) groupName(at int) string {
	if g := c.group(at); g != nil {
		return g.name
	}
	return ""
}

// forgedGroup says that a group had our mark when the run began, and no run of
// ours had anything to do with it.
func (r *run) forgedGroup(id string) bool {
	if r.start.Groups[id].Owner != owner || r.w.made[id] {
		return false
	}
	return !r.start.recordNames(id)
}

// forgedSet is the same of a set.
func (r *run) forgedSet(arn string) bool {
	s := r.start.Sets[arn]
	return s.Owner == owner && !s.Lock && !r.w.made[arn] && !onRecord(s.Tags, arn)
}

// markShapes counts what was there of these when a run that wrote began.
func (r *run) markShapes() {
	for m := range r.start.Memberships {
		g := r.start.Groups[m.Group]
		switch {
		case r.conf.mode == scim:
		case r.forgedGroup(m.Group):
			r.w.counts.shape("our mark on a group that no run made")
		case g.Owner != "" && g.Owner != owner && r.conf.isStranger(g.Name, r.start.Users[m.User]) && r.conf.names(g.Name):
			r.w.counts.shape("another owner's mark on a group of the config, and a stranger in it")
		default:
			continue
		}
		return
	}
	for arn := range r.start.Sets {
		if r.forgedSet(arn) {
			r.w.counts.shape("our mark on a set that no run made")
			return
		}
	}
}

func (c *conf) names(group string) bool {
	return slices.ContainsFunc(c.groups, func(g confGroup) bool { return g.name == group })
}

// guardStrangers: a group of access_groups that we did not mark is granted nothing
// until all its members are in the config, or it is adopted. One of ours is
// granted nothing until those whom the plan saw in it are out. And a set that
// such a group has does not widen for a stranger whom the plan does not name.
func (r *run) guardStrangers() {
	if r.conf.mode == scim {
		return
	}
	for i := range r.events {
		e := &r.events[i]
		for _, x := range e.effects {
			if x.Kind == "assignment+" {
				r.givesStrangers(e, x.Assignment, " is granted while a stranger is in it")
			}
			for g := range e.is.Assignments {
				if x.Kind == "role" && x.Wider != 0 && g.Set == x.Role.Set && g.Account == x.Role.Account && !r.granted[g] {
					r.givesStrangers(e, g, " has a set that widens while a stranger is in it")
				}
			}
		}
	}
}

func (r *run) givesStrangers(e *event, grant searchtest.Assignment, what string) {
	id := grant.Principal
	g := e.is.Groups[id]
	if r.approved != nil && !r.granted[grant] { // who takes another name keeps what there was
		g.Name = r.approved.Groups[id].Name
	}
	if grant.Kind != "GROUP" || g.Owner == "" && slices.Contains(r.flags.adopt, g.Name) || !r.conf.names(g.Name) {
		return
	}
	for m := range e.is.Memberships {
		user := e.is.Users[m.User]
		late := g.Owner == owner && r.approved != nil && r.approved.Memberships[m] == "" // checkArrived's
		if m.Group != id || late || g.Owner == owner && r.conf.ignores("user", user) || !r.conf.isStranger(g.Name, user) || !r.granted[grant] && r.plan.names(user) || r.w.recent(e.at, m.Group, m.User) {
			continue
		}
		r.w.violate("guard strangers: "+r.whose(id, g)+what, "%q with %q in it", g.Name, user)
	}
}

// whose says by what mark a group is called in a find.
func (r *run) whose(id string, g searchtest.Group) string {
	switch {
	case g.Owner == "":
		return "a group without our mark"
	case g.Owner != owner:
		return "another owner's group"
	case r.forgedGroup(id):
		return "a group with our mark that no run here made"
	}
	return "a group of ours"
}

// guardForged: what has our mark, and no run here made or took over, is an
// adoption, not a leftover: nothing of it goes without --allow-removals.
func (r *run) guardForged() {
	if r.flags.removals {
		return
	}
	for i := range r.events {
		e := &r.events[i]
		for _, x := range e.effects {
			switch x.Kind {
			case "assignment-":
				// Of somebody who is gone, it takes nobody's access.
				if e.was.principalName(x.Assignment.Kind, x.Assignment.Principal) != "" {
					r.forgedSetLoses(x.Assignment.Set, "its grants")
				}
			case "set-":
				r.forgedSetLoses(x.ID, "it")
			case "role":
				if x.Narrower != 0 && e.was.held(x.Role) {
					r.forgedSetLoses(x.Role.Set, "what it allows")
				}
			case "member-":
				if !r.w.joined[x.Membership] && e.was.Users[x.Membership.User] != "" && r.gives(x.Membership.Group) {
					r.forgedGroupLoses(x.Membership.Group, "its members")
				}
			case "group-":
				if r.gives(x.ID) {
					r.forgedGroupLoses(x.ID, "it")
				}
			}
		}
	}
}

func (r *run) forgedSetLoses(arn, what string) {
	s := r.start.Sets[arn]
	if !r.forgedSet(arn) || slices.Contains(r.flags.adopt, s.Name) {
		return
	}
	if _, inConfig := r.conf.setOf(s.Name); inConfig {
		what += ", in the config"
	}
	r.w.violate("adoption: a set with our mark that no run here made: "+what+" removed", "%q", s.Name)
}

func (r *run) forgedGroupLoses(id, what string) {
	g := r.start.Groups[id]
	if !r.forgedGroup(id) || slices.Contains(r.flags.adopt, g.Name) {
		return
	}
	if r.conf.names(g.Name) {
		what += ", in the config"
	}
	r.w.violate("adoption: a group with our mark that no run here made: "+what+" removed", "%q", g.Name)
}

// gives says that a group had something when the run began, or got something by
// it: to be in another one is nothing that could be taken.
func (r *run) gives(group string) bool {
	if held, _ := r.start.hasHeld(group); held {
		return true
	}
	for g := range r.granted {
		if g.Principal == group {
			return true
		}
	}
	return false
}

// held says that somebody who is there has a role.
func (s *snap) held(role searchtest.Role) bool {
	for g := range s.Assignments {
		if g.Set == role.Set && g.Account == role.Account && s.principalName(g.Kind, g.Principal) != "" {
			return true
		}
	}
	return false
}

// onRecord says that a set has a record that a run of ours wrote for it: the
// second field is of the owner and the ARN.
func onRecord(tags map[string]string, arn string) bool {
	fields := strings.Fields(tags["rolecall:record"])
	sum := sha256.Sum256([]byte(owner + "\x00" + arn))
	return len(fields) > 1 && fields[1] == hex.EncodeToString(sum[:])[:16]
}
