package promises

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator"
)

// The tables of a snapshot of AWS, by ids.
type (
	assignmentKey struct{ set, account, kind, principal string }
	roleKey       struct{ set, account string }
	memberKey     struct{ group, user string }
	person        struct{ user, account string }
	setInfo       struct {
		name, owner string
		lock        bool
		tags        map[string]string
		content     content
	}
	groupInfo struct{ name, description, owner string }
)

// snap is AWS at one moment.
type snap struct {
	accounts, states map[string]string // id -> name, state
	users            map[string]string // id -> user name
	groups           map[string]groupInfo
	members          map[memberKey]string   // -> membership id
	sets             map[string]setInfo     // by ARN
	grants           map[assignmentKey]bool // true: an orphan
	roles            map[roleKey]content
	stale            map[roleKey]bool // roles that lack an edit of their set

	powers map[person]bits
}

var markForm = regexp.MustCompile(`(?:^| )\[rolecall:([A-Za-z0-9-]{1,18})(?: (?:terraform|unfinished-[0-9a-f]+))*\]$`)

func ownerOf(description string) string {
	if m := markForm.FindStringSubmatch(description); m != nil {
		return m[1]
	}
	return ""
}

func snapshot(e *emulator.Emulator) *snap {
	state := e.State()
	i := state.Instances[0]
	s := &snap{
		accounts: map[string]string{}, states: map[string]string{}, users: map[string]string{}, groups: map[string]groupInfo{}, members: map[memberKey]string{},
		sets: map[string]setInfo{}, grants: map[assignmentKey]bool{}, roles: map[roleKey]content{}, stale: map[roleKey]bool{},
	}
	for _, a := range state.Accounts {
		s.accounts[a.ID], s.states[a.ID] = a.Name, a.State
	}
	userIDs, groupIDs, arns := map[string]string{}, map[string]string{}, map[string]string{}
	for _, u := range i.Users {
		s.users[u.ID], userIDs[u.UserName] = u.UserName, u.ID
	}
	for _, g := range i.Groups {
		s.groups[g.ID], groupIDs[g.DisplayName] = groupInfo{g.DisplayName, g.Description, ownerOf(g.Description)}, g.ID
	}
	for _, m := range i.Memberships {
		s.members[memberKey{groupIDs[m.Group], userIDs[m.User]}] = m.ID
	}
	for _, p := range i.PermissionSets {
		arns[p.Name] = p.ARN
		s.sets[p.ARN] = setInfo{p.Name, p.Tags["rolecall:owner"], strings.HasPrefix(p.Name, "rolecall-lock-"), p.Tags,
			contentOf(emulator.StateContent{AWSManagedPolicies: p.AWSManagedPolicies, CustomerManagedPolicies: p.CustomerManagedPolicies,
				InlinePolicy: p.InlinePolicy, PermissionsBoundary: p.PermissionsBoundary})}
	}
	for _, a := range i.Assignments {
		s.grants[assignmentKey{arns[a.PermissionSet], a.Account, a.PrincipalType, a.PrincipalID}] = a.Orphan
	}
	for _, r := range i.Roles {
		key := roleKey{arns[r.PermissionSet], r.Account}
		s.roles[key] = contentOf(r.Content)
		if !r.Latest {
			s.stale[key] = true
		}
	}
	s.powers = s.power(func(assignmentKey) bool { return true })
	return s
}

// power says what each person can do in each account, through the assignments that
// count.
func (s *snap) power(counts func(assignmentKey) bool) map[person]bits {
	in := map[string][]string{} // group -> users
	for m := range s.members {
		in[m.group] = append(in[m.group], m.user)
	}
	out := map[person]bits{}
	for g := range s.grants {
		if !counts(g) {
			continue
		}
		b := s.roles[roleKey{g.set, g.account}].meaning()
		if b == 0 {
			continue
		}
		if g.kind == "USER" {
			if s.users[g.principal] != "" {
				out[person{g.principal, g.account}] |= b
			}
			continue
		}
		for _, u := range in[g.principal] {
			out[person{u, g.account}] |= b
		}
	}
	return out
}

func (s *snap) setNamed(name string) string {
	for arn, i := range s.sets {
		if i.name == name {
			return arn
		}
	}
	return ""
}

func (s *snap) groupNamed(name string) string {
	for id, g := range s.groups {
		if g.name == name {
			return id
		}
	}
	return ""
}

func (s *snap) userNamed(name string) string {
	for id, n := range s.users {
		if n == name {
			return id
		}
	}
	return ""
}

// accountNamed is "" where several have the name.
func (s *snap) accountNamed(name string) string {
	found := ""
	for id, n := range s.accounts {
		if n == name {
			if found != "" {
				return ""
			}
			found = id
		}
	}
	return found
}

func (s *snap) principalName(kind, id string) string {
	if kind == "USER" {
		return s.users[id]
	}
	return s.groups[id].name
}

// sorted returns the keys in an order that does not depend on chance.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// effect is one difference between two moments.
type effect struct {
	kind           string // assignment+ assignment- member+ member- role set+ set- group+ group- user+ user- other
	grant          assignmentKey
	member         memberKey
	role           roleKey
	id             string
	wider, smaller bits // of a role
}

func (a *snap) diff(b *snap) (out []effect) {
	for g := range b.grants {
		if _, had := a.grants[g]; !had {
			out = append(out, effect{kind: "grant+", grant: g})
		}
	}
	for g := range a.grants {
		if _, has := b.grants[g]; !has {
			out = append(out, effect{kind: "grant-", grant: g})
		}
	}
	for m := range b.members {
		if a.members[m] == "" {
			out = append(out, effect{kind: "member+", member: m})
		}
	}
	for m := range a.members {
		if b.members[m] == "" {
			out = append(out, effect{kind: "member-", member: m})
		}
	}
	for r, c := range b.roles {
		if had, ok := a.roles[r]; ok && had != c {
			out = append(out, effect{kind: "role", role: r, wider: c.meaning() &^ had.meaning(), smaller: had.meaning() &^ c.meaning()})
		}
	}
	out = append(out, appeared("set", a.sets, b.sets)...)
	out = append(out, appeared("group", a.groups, b.groups)...)
	out = append(out, appeared("user", a.users, b.users)...)
	slices.SortFunc(out, func(x, y effect) int { return strings.Compare(x.key(), y.key()) })
	return out
}

func appeared[V any](what string, a, b map[string]V) (out []effect) {
	for id := range b {
		if _, had := a[id]; !had {
			out = append(out, effect{kind: what + "+", id: id})
		}
	}
	for id := range a {
		if _, has := b[id]; !has {
			out = append(out, effect{kind: what + "-", id: id})
		}
	}
	return out
}

// key names what the effect is about, for attribution.
func (e effect) key() string {
	switch e.kind {
	case "grant+", "grant-":
		return e.kind + e.grant.set + e.grant.account + e.grant.principal
	case "member+", "member-":
		return e.kind + e.member.group + e.member.user
	case "role":
		return e.kind + e.role.set + e.role.account
	}
	return e.kind + e.id
}

// objects are the ids of what the effect is about.
func (e effect) objects() []string {
	switch e.kind {
	case "grant+", "grant-":
		return []string{e.grant.set, e.grant.account, e.grant.principal}
	case "member+", "member-":
		return []string{e.member.group, e.member.user}
	case "role":
		return []string{e.role.set, e.role.account}
	}
	return []string{e.id}
}

// altered returns the ids of what is called, marked, described or filled
// otherwise.
func (a *snap) altered(b *snap) (ids []string) {
	for id, name := range b.accounts {
		if a.accounts[id] != name || a.states[id] != b.states[id] {
			ids = append(ids, id)
		}
	}
	for id, g := range b.groups {
		if a.groups[id] != g {
			ids = append(ids, id)
		}
	}
	for id, s := range b.sets {
		if old := a.sets[id]; old.name != s.name || old.content != s.content || !maps.Equal(old.tags, s.tags) {
			ids = append(ids, id)
		}
	}
	return ids
}
