package plan_test

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	. "github.com/rolecall-dev/rolecall/internal/plan"
)

// sketch is one case of the search in names and numbers: what AWS has, what the
// config asks for, and what the policies mean. It is small enough to be read by
// a person, and every part can be left out.
type sketch struct {
	External bool // the groups belong to SCIM
	Accounts []accountSketch
	People   []string
	Groups   []groupSketch
	Sets     []setSketch
	// The config.
	Config  []wantSketch
	Content []wantSet
	Removed []string // removed_users
	Adopt   []string
	Rebind  []string // --allow-rebind
	Ignore  []string // of rolecall.hcl
	Meaning policyMeaning
}

type accountSketch struct {
	Name      string
	Suspended bool
}

// groupSketch is a group that AWS has.
type groupSketch struct {
	Name, Owner string
	Members     []string
}

// setSketch is a permission set that AWS has.
type setSketch struct {
	Name, Owner string
	Content     contentSketch
	Grants      []assignmentSketch
	Staged      []stagedSketch
	Bare        []string // provisioned there without an assignment
	Record      string   // "", "fits", "other": of another set
}

// assignmentSketch has exactly one of Group, User and Orphan.
type assignmentSketch struct{ Group, User, Orphan, Account string }

// stagedSketch says that the role in the account still has this docContent.
type stagedSketch struct {
	Account string
	Role    contentSketch
}

// wantSketch is a group of the config.
type wantSketch struct {
	Name, Previously, Set string
	Members, Accounts     []string
}

// wantSet is what the config's groups of one permission_set_name all say.
type wantSet struct {
	Name    string
	Content contentSketch
}

func (s sketch) clone() sketch {
	raw, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	var out sketch
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err)
	}
	return out
}

func sketchAccountID(name string) string { return fmt.Sprintf("%012d", 111100000000+int(name[0])) }
func sketchARN(set string) string        { return "arn:aws:sso:::permissionSet/ins/" + set }

// live builds what AWS has.
func (s sketch) live() access.State {
	b := access.Builder{Observed: access.Observed{Read: "deep", Complete: true, Members: map[string]bool{}, Uses: map[string]bool{}, SetUses: map[string]bool{}, SetPrincipals: map[string]bool{}}}
	accounts, users, groups := map[string]int32{}, map[string]int32{}, map[string]int32{}
	for _, a := range s.Accounts {
		state := "ACTIVE"
		if a.Suspended {
			state = "SUSPENDED"
		}
		accounts[a.Name] = b.AddAccount(access.Account{ID: sketchAccountID(a.Name), Name: a.Name, State: state})
	}
	for _, p := range s.People {
		users[p] = b.AddUser(access.User{Username: p, Email: p, ID: "u-" + p, SCIM: s.External})
	}
	for _, g := range s.Groups {
		groups[g.Name] = b.AddGroup(access.Group{Name: g.Name, Owner: g.Owner, ID: "g-" + g.Name, SCIM: s.External})
		b.Observed.Members["g-"+g.Name], b.Observed.Uses["g-"+g.Name] = true, true
		for _, m := range g.Members {
			b.AddMembership(groups[g.Name], users[m], 0)
		}
	}
	for _, set := range s.Sets {
		handle := b.AddSet(s.liveSet(set))
		b.Observed.SetUses[sketchARN(set.Name)], b.Observed.SetPrincipals[sketchARN(set.Name)] = true, true
		for _, g := range set.Grants {
			grant := access.Assignment{Set: handle, Account: accounts[g.Account]}
			switch {
			case g.Group != "":
				grant.Kind, grant.Principal = access.GroupPrincipal, groups[g.Group]
			case g.User != "":
				grant.Kind, grant.Principal = access.UserPrincipal, users[g.User]
			default:
				grant.Kind, grant.Principal = access.OrphanPrincipal, b.AddOrphan(access.Orphan{Kind: access.GroupPrincipal, ID: g.Orphan})
			}
			b.AddAssignment(grant)
		}
	}
	return b.State()
}

func (s sketch) liveSet(set setSketch) access.PermissionSet {
	g := set.Content.spec()
	g.Name = text(set.Name)
	p := g.PermissionSet()
	p.ARN = sketchARN(set.Name)
	if set.Owner != "" {
		p.Tags = append(p.Tags, access.Tag{Key: access.OwnerTag, Value: set.Owner}, access.Tag{Key: access.GroupTag, Value: s.groupTag(set)})
	}
	for _, a := range s.Accounts {
		held := slices.ContainsFunc(set.Grants, func(g assignmentSketch) bool { return g.Account == a.Name })
		if held || slices.Contains(set.Bare, a.Name) {
			p.Provisioned = append(p.Provisioned, sketchAccountID(a.Name))
		}
	}
	for _, o := range set.Staged {
		p.Outdated = append(p.Outdated, sketchAccountID(o.Account))
	}
	p.Tags = append(p.Tags, s.record(set)...)
	return p
}

// groupTag is what Desired would write for the groups that hold the set, so that
// a config that changes nothing there plans no tags.
func (s sketch) groupTag(set setSketch) string {
	var names []string
	for _, w := range s.Config {
		if w.Set == set.Name {
			names = append(names, w.Name)
		}
	}
	if names == nil {
		return set.Name
	}
	tag := names[0]
	for _, n := range names[1:] {
		tag += " / " + n
	}
	return access.TagText(tag)
}

func (s sketch) record(set setSketch) []access.Tag {
	var r access.Record
	for _, g := range set.Grants {
		switch {
		case g.Group != "":
			r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: g.Group, ID: "g-" + g.Group})
		case g.User != "":
			continue // a stranger's, of which no record knows
		case len(g.Orphan) > len("gone-"):
			r.Principals = append(r.Principals, access.RecordedPrincipal{Kind: access.GroupPrincipal, Name: g.Orphan[len("gone-"):], ID: g.Orphan})
		}
		r.Accounts = append(r.Accounts, access.RecordedAccount{Name: g.Account, ID: sketchAccountID(g.Account)})
	}
	r.Normalize()
	r.Principals, r.Accounts = slices.Compact(r.Principals), slices.Compact(r.Accounts)
	switch set.Record {
	case "fits":
		return r.Tags("me", sketchARN(set.Name))
	case "other":
		return r.Tags("me", sketchARN("elsewhere"))
	default:
		return nil
	}
}

func (s sketch) wantContent(set string) contentSketch {
	for _, w := range s.Content {
		if w.Name == set {
			return w.Content
		}
	}
	return contentSketch{}
}

// config returns the config as its files would.
func (s sketch) config() access.Config {
	var c access.Config
	if s.External {
		c.ManagementMode = text("external")
	}
	for _, w := range s.Config {
		g := s.wantContent(w.Set).spec()
		g.Name, g.Previously, g.PermissionSetName = text(w.Name), text(w.Previously), text(w.Set)
		g.AccountsNames = texts(w.Accounts...)
		if s.External {
			c.ExternalGroups.Items = append(c.ExternalGroups.Items, g)
			continue
		}
		g.Members = texts(w.Members...)
		c.AccessGroups.Items = append(c.AccessGroups.Items, g)
	}
	if s.External {
		return c
	}
	for _, p := range s.wantPeople() {
		c.Users.Items = append(c.Users.Items, access.UserSpec{Email: text(p)})
	}
	c.RemovedUsers = texts(s.Removed...)
	return c
}

// wantPeople are all whom the config names as members: a person of AWS among
// them is defined, one that AWS does not have is created.
func (s sketch) wantPeople() []string {
	var out []string
	for _, w := range s.Config {
		for _, m := range w.Members {
			if !slices.Contains(out, m) {
				out = append(out, m)
			}
		}
	}
	slices.Sort(out)
	return out
}

func (s sketch) options() Options {
	o := allowAll()
	if s.External {
		o = options(access.SCIM)
		o.Guards = allowAll().Guards
	}
	o.Adopt, o.Ignore = s.Adopt, s.Ignore
	o.Guards.AllowRebind = s.Rebind
	return o
}

// plan makes both states and the plan between them.
func (s sketch) plan() (live, want access.State, p *Plan) {
	live, want = s.live(), access.Desired(s.config(), "me")
	return live, want, Diff(&want, &live, s.options())
}
