package render

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// longestSession is the most that AWS takes as a session's duration.
const longestSession = "PT12H"

// Session says of a permission set that loses a holder, and is changed or
// replaced in the same plan, how long its open sessions live on: AWS ends none
// when access is taken away, and they have what the set is given meanwhile.
type Session struct {
	PermissionSet string `json:"permission_set"`
	// UpTo is the longer of the session durations before and after, ISO 8601.
	UpTo string `json:"up_to"`
	// Assumed says that the durations are not known, and UpTo is AWS's maximum.
	Assumed bool `json:"assumed,omitempty"`
	// Leaving are those who lose the set, in words: groups, users, members of
	// groups.
	Leaving []string `json:"leaving,omitempty"`
	// ReplacedBy are the permission sets that take its place.
	ReplacedBy []string `json:"replaced_by,omitempty"`
}

// sessions returns one for each set, by name.
func sessions(p *plan.Plan, desired, live *access.State) []Session {
	found := map[string]*Session{}
	at := func(set string) *Session {
		if found[set] == nil {
			found[set] = &Session{PermissionSet: set}
		}
		return found[set]
	}
	for set, who := range leavers(p) {
		at(set).Leaving = who
	}
	for _, r := range p.Replaced {
		s := at(r.PermissionSet)
		if !slices.Contains(s.ReplacedBy, r.Replacement) {
			s.ReplacedBy = append(s.ReplacedBy, r.Replacement)
		}
	}
	durations := durationsOf(p, desired, live)
	var out []Session
	for _, set := range slices.Sorted(maps.Keys(found)) {
		s := found[set]
		s.UpTo, s.Assumed = cmp.Or(durations[set], longestSession), durations[set] == ""
		out = append(out, *s)
	}
	return out
}

// leavers returns, by permission set, whoever has to be off a set before it allows
// more or other permissions: the plan's graph says so.
func leavers(p *plan.Plan) map[string][]string {
	going, attributes := map[plan.ID]*plan.Change{}, map[string]bool{}
	for i := range p.Changes {
		c := &p.Changes[i]
		switch {
		case c.Action == plan.Delete && c.Key.OrphanID == "" && (c.Kind == plan.Assignment || c.Kind == plan.Membership || c.Kind == plan.User):
			going[c.ID] = c
		case c.Kind == plan.PermissionSet && c.Action == plan.Update:
			attributes[c.Key.PermissionSet] = true
		}
	}
	out := map[string][]string{}
	for i := range p.Changes {
		c := &p.Changes[i]
		set := c.Key.PermissionSet
		if !isContent(c.Kind) && (c.Kind != plan.Provisioning || attributes[set]) {
			continue
		}
		for _, id := range c.DependsOn {
			if g := going[id]; g != nil && (g.Kind != plan.Assignment || g.Key.PermissionSet == set) {
				out[set] = append(out[set], leaver(g))
			}
		}
	}
	for set, who := range out {
		slices.Sort(who)
		out[set] = slices.Compact(who)
	}
	return out
}

// isContent says that a change of the kind changes what a permission set allows.
func isContent(k plan.Kind) bool {
	switch k {
	case plan.ManagedPolicy, plan.CustomerManagedPolicy, plan.InlinePolicy, plan.PermissionsBoundary:
		return true
	default:
		return false
	}
}

func leaver(c *plan.Change) string {
	switch c.Kind {
	case plan.Assignment:
		return principal(c.Key)
	case plan.Membership:
		return "user " + c.Key.User + " of group " + c.Key.Group
	default:
		return "user " + c.Key.User
	}
}

// durationsOf returns the longer of the session durations that each permission set
// has and shall have, as far as they are known.
func durationsOf(p *plan.Plan, desired, live *access.State) map[string]string {
	out := map[string]string{}
	note := func(set access.PermissionSet) {
		if longer(set.SessionDuration, out[set.Name]) {
			out[set.Name] = set.SessionDuration
		}
	}
	for _, s := range []*access.State{desired, live} {
		if s != nil {
			for _, set := range s.Sets {
				note(set)
			}
		}
	}
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Kind == plan.PermissionSet {
			for _, v := range []*plan.Value{c.Before, c.After} {
				if v != nil && v.PermissionSet != nil {
					note(*v.PermissionSet)
				}
			}
		}
	}
	return out
}

func longer(a, b string) bool {
	x, known := access.DurationSeconds(a)
	y, _ := access.DurationSeconds(b)
	return known && (b == "" || x > y)
}

// sessions says how long they live on, a line for each permission set.
func (p *page) sessions(list []Session) {
	if len(list) == 0 {
		return
	}
	p.gap()
	p.line(0, bold("Open sessions"), say(": AWS does not end them when access is taken away."))
	for i, s := range list {
		if i == maxNamed && !p.style.Verbose {
			p.more(2, len(list)-i)
			return
		}
		p.prose(2, say(s.PermissionSet+"  "), clean(sessionText(s)))
	}
}

// durationWords returns an ISO 8601 duration as people say it: "8 hours", "1 hour
// and 30 minutes".
func durationWords(iso string) string {
	seconds, ok := access.DurationSeconds(iso)
	if !ok || seconds == 0 {
		return iso
	}
	var parts []string
	for _, unit := range []struct {
		size      int
		one, many string
	}{{3600, "hour", "hours"}, {60, "minute", "minutes"}, {1, "second", "seconds"}} {
		if n := seconds / unit.size; n > 0 {
			parts = append(parts, counted(n, unit.one, unit.many))
		}
		seconds %= unit.size
	}
	return and(parts)
}

func sessionText(s Session) string {
	text := "Open sessions keep their permissions until they end, up to " + durationWords(s.UpTo)
	if s.Assumed {
		text += ", the maximum that AWS allows"
	}
	var why []string
	if len(s.Leaving) > 0 {
		text += ", and also get what the permission set gains"
		why = append(why, s.PermissionSet+" is taken from "+listed(s.Leaving, 3))
	}
	if len(s.ReplacedBy) > 0 {
		why = append(why, s.PermissionSet+" is replaced by "+listed(s.ReplacedBy, 3))
	}
	return text + "; " + strings.Join(why, ", and ") + "."
}
