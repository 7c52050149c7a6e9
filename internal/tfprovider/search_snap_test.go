package tfprovider

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator"
)

// What AWS has at one moment, by ids.
type (
	searchGrant  struct{ set, account, kind, principal string }
	searchRole   struct{ set, account string }
	searchMember struct{ group, user string }
	searchPerson struct{ user, account string }
	searchSet    struct {
		name string
		tags map[string]string
		bits searchBits
		all  string // everything on it
	}
	searchGroup struct{ name, description string }
)

// searchBits are what somebody may do, as a small mask.
type searchBits uint8

const searchPolicy = "arn:aws:iam::aws:policy/"

// searchPolicies are the policies that configs and others use, and what each stands
// for here; iam:* is the action of the inline policies.
var searchPolicies = map[string]searchBits{
	searchPolicy + "ReadOnlyAccess": 1, searchPolicy + "PowerUserAccess": 3, searchPolicy + "SecurityAudit": 4, searchPolicy + "AmazonS3FullAccess": 8, "iam:*": 16,
}

func searchBitsOf(texts ...string) (out searchBits) {
	for _, text := range texts {
		for policy, b := range searchPolicies {
			if strings.Contains(text, policy) {
				out |= b
			}
		}
	}
	return out
}

// searchSnap is AWS at one moment.
type searchSnap struct {
	accounts map[string]string // id -> name
	users    map[string]string // id -> user name
	groups   map[string]searchGroup
	members  map[searchMember]string // -> membership's id
	sets     map[string]searchSet    // by ARN
	grants   map[searchGrant]bool
	roles    map[searchRole]searchBits
}

func searchSnapOf(e *emulator.Emulator) *searchSnap {
	state := e.State()
	i := state.Instances[0]
	s := &searchSnap{accounts: map[string]string{}, users: map[string]string{}, groups: map[string]searchGroup{}, members: map[searchMember]string{},
		sets: map[string]searchSet{}, grants: map[searchGrant]bool{}, roles: map[searchRole]searchBits{}}
	for _, a := range state.Accounts {
		s.accounts[a.ID] = a.Name
	}
	users, groups, arns := map[string]string{}, map[string]string{}, map[string]string{}
	for _, u := range i.Users {
		s.users[u.ID], users[u.UserName] = u.UserName, u.ID
	}
	for _, g := range i.Groups {
		s.groups[g.ID], groups[g.DisplayName] = searchGroup{g.DisplayName, g.Description}, g.ID
	}
	for _, m := range i.Memberships {
		s.members[searchMember{groups[m.Group], users[m.User]}] = m.ID
	}
	for _, p := range i.PermissionSets {
		arns[p.Name] = p.ARN
		all, _ := json.Marshal(p)
		s.sets[p.ARN] = searchSet{p.Name, p.Tags, searchBitsOf(strings.Join(p.AWSManagedPolicies, " "), p.InlinePolicy), string(all)}
	}
	for _, a := range i.Assignments {
		if !a.Orphan {
			s.grants[searchGrant{arns[a.PermissionSet], a.Account, a.PrincipalType, a.PrincipalID}] = true
		}
	}
	for _, r := range i.Roles {
		s.roles[searchRole{arns[r.PermissionSet], r.Account}] = searchBitsOf(strings.Join(r.Content.AWSManagedPolicies, " "), r.Content.InlinePolicy)
	}
	return s
}

func (s *searchSnap) groupNamed(name string) string {
	for id, g := range s.groups {
		if g.name == name {
			return id
		}
	}
	return ""
}

func (s *searchSnap) setNamed(name string) string {
	for arn, p := range s.sets {
		if p.name == name {
			return arn
		}
	}
	return ""
}

func (s *searchSnap) userNamed(name string) string {
	for id, n := range s.users {
		if n == name {
			return id
		}
	}
	return ""
}

// name says what an id is called, for people.
func (s *searchSnap) name(id string) string {
	return cmp.Or(s.accounts[id], s.users[id], s.groups[id].name, s.sets[id].name, id)
}

// reach says what everybody can do through some sets, by person and account.
func (s *searchSnap) reach(sets map[string]bool) map[searchPerson]searchBits {
	out := map[searchPerson]searchBits{}
	for g := range s.grants {
		if !sets[g.set] {
			continue
		}
		b := s.roles[searchRole{g.set, g.account}]
		if g.kind == "USER" {
			out[searchPerson{g.principal, g.account}] |= b
			continue
		}
		for m := range s.members {
			if m.group == g.principal {
				out[searchPerson{m.user, g.account}] |= b
			}
		}
	}
	return out
}

// searchEffect is one difference between two moments.
type searchEffect struct {
	kind          string // grant+ grant- member+ member- role set+ set- group+ group- user+ user-
	grant         searchGrant
	member        searchMember
	role          searchRole
	id            string
	wider, narrow searchBits // of a role
}

func (a *searchSnap) diff(b *searchSnap) (out []searchEffect) {
	for g := range b.grants {
		if !a.grants[g] {
			out = append(out, searchEffect{kind: "grant+", grant: g})
		}
	}
	for g := range a.grants {
		if !b.grants[g] {
			out = append(out, searchEffect{kind: "grant-", grant: g})
		}
	}
	for m := range b.members {
		if a.members[m] == "" {
			out = append(out, searchEffect{kind: "member+", member: m})
		}
	}
	for m := range a.members {
		if b.members[m] == "" {
			out = append(out, searchEffect{kind: "member-", member: m})
		}
	}
	for r, now := range b.roles {
		if was, there := a.roles[r]; there && was != now {
			out = append(out, searchEffect{kind: "role", role: r, wider: now &^ was, narrow: was &^ now})
		}
	}
	out = append(out, searchCameAndWent("set", a.sets, b.sets)...)
	out = append(out, searchCameAndWent("group", a.groups, b.groups)...)
	out = append(out, searchCameAndWent("user", a.users, b.users)...)
	slices.SortFunc(out, func(x, y searchEffect) int {
		return cmp.Compare(x.kind+strings.Join(x.objects(), " "), y.kind+strings.Join(y.objects(), " "))
	})
	return out
}

func searchCameAndWent[V any](what string, a, b map[string]V) (out []searchEffect) {
	for id := range b {
		if _, had := a[id]; !had {
			out = append(out, searchEffect{kind: what + "+", id: id})
		}
	}
	for id := range a {
		if _, has := b[id]; !has {
			out = append(out, searchEffect{kind: what + "-", id: id})
		}
	}
	return out
}

// objects are the ids of what the effect is about.
func (e searchEffect) objects() []string {
	return slices.DeleteFunc([]string{e.grant.set, e.grant.account, e.grant.principal, e.member.group, e.member.user, e.role.set, e.role.account, e.id},
		func(id string) bool { return id == "" })
}

// altered returns the ids of what is called, marked or filled otherwise.
func (a *searchSnap) altered(b *searchSnap) (ids []string) {
	for id, name := range b.accounts {
		if a.accounts[id] != name {
			ids = append(ids, id)
		}
	}
	for id, g := range b.groups {
		if a.groups[id] != g {
			ids = append(ids, id)
		}
	}
	for id, p := range b.sets {
		if a.sets[id].all != p.all {
			ids = append(ids, id)
		}
	}
	return ids
}

var searchMark = regexp.MustCompile(`\[rolecall:([A-Za-z0-9-]{1,18})((?: [A-Za-z0-9-]+)*)\]$`)

// ownerMarked returns the owner and the further words of a group's mark.
func (g searchGroup) ownerMarked() (owner, words string) {
	if m := searchMark.FindStringSubmatch(g.description); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// searchSorted returns keys in an order that does not depend on chance.
func searchSorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
