package tfprovider

import (
	"fmt"
	"slices"
)

// searchIntent is what somebody does to a config or a state before a plan.
type searchIntent struct {
	name string
	// ordinary is daily work: where nothing hostile happened, it is never refused.
	ordinary bool
	// refuse says that the plan has to be refused.
	refuse  bool
	destroy bool
	replace map[string]bool
	imports map[string]string
	then    func() // what the user does after the refusal, so that nothing is planned
}

// searchEdit is a kind of edit; false means that there is nothing to do it to.
type searchEdit struct {
	name string
	do   func(c *searchCore, a, b, d int) (searchIntent, bool)
}

func searchEdits() []searchEdit {
	return slices.Concat(contentEdits(), resourceEdits(), peopleEdits(), addressEdits(), takingEdits(), addressEdits())
}

// searchToggled returns a list with one element more or less.
func searchToggled(list any, name string) []string {
	had, _ := list.([]string)
	if at := slices.Index(had, name); at >= 0 {
		return slices.Delete(slices.Clone(had), at, at+1)
	}
	return append(slices.Clone(had), name)
}

// one chooses an address of these kinds.
func (c *searchCore) one(at int, kinds ...string) (string, *searchRes) {
	all := c.addresses(kinds...)
	if len(all) == 0 {
		return "", nil
	}
	addr := all[at%len(all)]
	return addr, c.config[addr]
}

// people are the user names that groups may name.
func (c *searchCore) people() []string {
	out := slices.Clone(searchPeople)
	for _, addr := range c.addresses(user) {
		out = append(out, c.config[addr].object["username"].(string))
	}
	return out
}

// ordinary makes an edit of one resource of these kinds.
func searchOrdinary(name string, change func(c *searchCore, o object, b, d int), kinds ...string) searchEdit {
	return searchEdit{name, func(c *searchCore, a, b, d int) (searchIntent, bool) {
		_, res := c.one(a, kinds...)
		if res == nil {
			return searchIntent{}, false
		}
		change(c, res.object, b, d)
		return searchIntent{ordinary: true}, true
	}}
}

// contentEdits are those of what a group is.
func contentEdits() []searchEdit {
	members := func(c *searchCore, o object, b, _ int) {
		o["members"] = searchToggled(o["members"], c.people()[b%len(c.people())])
	}
	return []searchEdit{
		{"nothing", func(*searchCore, int, int, int) (searchIntent, bool) { return searchIntent{ordinary: true}, true }},
		searchOrdinary("a member", members, accessGroup),
		searchOrdinary("a member, and a policy", func(c *searchCore, o object, b, d int) {
			members(c, o, b, d)
			o["aws_managed_policies"] = []string{searchArns[d%4]}
		}, accessGroup),
		searchOrdinary("an account", func(_ *searchCore, o object, b, _ int) {
			o["accounts_names"] = searchToggled(o["accounts_names"], searchAccounts[b%3])
		}, accessGroup, externalGroup),
		searchOrdinary("another account for one, and a policy", func(_ *searchCore, o object, b, d int) {
			o["accounts_names"], o["aws_managed_policies"] = []string{searchAccounts[b%3]}, []string{searchArns[d%4]}
		}, accessGroup, externalGroup),
		searchOrdinary("a policy", func(_ *searchCore, o object, b, _ int) {
			if list := searchToggled(o["aws_managed_policies"], searchArns[b%4]); len(list) > 0 {
				o["aws_managed_policies"] = list
			}
		}, accessGroup, externalGroup),
		searchOrdinary("an inline policy", func(_ *searchCore, o object, b, _ int) {
			if o["inline_policies"] != nil {
				delete(o, "inline_policies")
				return
			}
			o["inline_policies"] = []object{{"name": "iam", "statements": []object{{"effect": "Allow", "actions": []string{"iam:*"}, "resources": []string{"*"}}}}}
		}, accessGroup, externalGroup),
		searchOrdinary("a description", func(_ *searchCore, o object, b, _ int) { o["description"] = fmt.Sprint("described ", b) }, accessGroup, externalGroup),
		searchOrdinary("a session's length", func(_ *searchCore, o object, b, _ int) { o["session_duration"] = fmt.Sprintf("PT%dH", 1+b%4) }, accessGroup, externalGroup),
		searchOrdinary("another permission set, agreed to", func(_ *searchCore, o object, b, _ int) {
			o["permission_set_name"], o["allow"] = fmt.Sprint(o["name"], "-", b%3), []string{"replace"}
		}, accessGroup, externalGroup),
		searchOrdinary("who is added to a group by hand", func(c *searchCore, o object, b, _ int) { members(c, o, b, 0) }, groupMembers),
		{"another permission set", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			_, res := c.one(a, accessGroup, externalGroup)
			if res == nil {
				return searchIntent{}, false
			}
			delete(res.object, "allow")
			res.object["permission_set_name"] = fmt.Sprint(res.object["name"], "-", b%3)
			return searchIntent{}, true
		}},
		{"the permission set of another group", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			at, res := c.one(a, accessGroup, externalGroup)
			other, of := c.one(b, accessGroup, externalGroup)
			if res == nil || at == other || c.state[other] == nil || c.state[other].cur == nil {
				return searchIntent{}, false
			}
			res.object["permission_set_name"], res.object["allow"] = searchSetName(build(searchSchema().ResourceSchemas[of.kind].ValueType(), of.object)), []string{"replace"}
			return searchIntent{refuse: true}, true
		}},
		{"two groups exchange their names", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			one, x := c.one(a, accessGroup)
			two, y := c.one(b, accessGroup)
			if x == nil || one == two || c.state[one] == nil || c.state[two] == nil {
				return searchIntent{}, false
			}
			x.object["permission_set_name"], y.object["permission_set_name"] = searchSetName(c.state[one].cur.value), searchSetName(c.state[two].cur.value)
			x.object["name"], y.object["name"] = y.object["name"], x.object["name"]
			c.w.counts.shape("two groups exchange their names")
			return searchIntent{}, true
		}},
		{"another name, with the same permission set", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			addr, res := c.one(a, accessGroup)
			free := c.free(searchGroups)
			if res == nil || len(free) == 0 || c.state[addr] == nil {
				return searchIntent{}, false
			}
			res.object["permission_set_name"] = searchSetName(c.state[addr].cur.value)
			res.object["name"] = free[b%len(free)]
			return searchIntent{ordinary: true}, true
		}},
	}
}

// free returns the names that nothing in AWS and no config has.
func (c *searchCore) free(names []string) (out []string) {
	for _, name := range names {
		used := c.w.last.GroupNamed(name) != "" || c.w.last.SetNamed(name) != ""
		for _, res := range c.config {
			used = used || res.object["name"] == name || res.object["permission_set_name"] == name
		}
		if !used {
			out = append(out, name)
		}
	}
	return out
}

func (c *searchCore) newGroup(name string, b, d int) object {
	o := object{"name": name, "description": "made", "aws_managed_policies": []string{searchArns[b%4]}, "accounts_names": slices.Clone(searchAccounts[:1+d%3])}
	for i, who := range c.people() {
		if (b>>i)&1 == 1 {
			o["members"] = searchToggled(o["members"], who)
		}
	}
	return o
}

// newExternal is a group that SCIM brings.
func (c *searchCore) newExternal(name string, b, d int) object {
	return object{"name": name, "description": "made", "scim_identity_source": "Okta", "aws_managed_policies": []string{searchArns[b%4]}, "accounts_names": slices.Clone(searchAccounts[:1+d%3])}
}

// key is the address of a group in a for_each.
func (c *searchCore) key(kind, name string) string {
	return fmt.Sprintf("%s.%s[%q]", kind, c.name, name)
}

// add puts a resource at an address that is free.
func (c *searchCore) add(addr string, res *searchRes) (searchIntent, bool) {
	if c.config[addr] != nil || c.state[addr] != nil {
		return searchIntent{}, false
	}
	c.config[addr] = res
	return searchIntent{ordinary: true}, true
}

func searchRemoves(name string, kinds ...string) searchEdit {
	return searchEdit{name, func(c *searchCore, a, _, _ int) (searchIntent, bool) {
		addr, res := c.one(a, kinds...)
		if res == nil {
			return searchIntent{}, false
		}
		for other, of := range c.config {
			if of.kind == groupMembers && of.object["group"] == res.object["name"] {
				delete(c.config, other)
			}
		}
		delete(c.config, addr)
		return searchIntent{ordinary: true}, true
	}}
}

// resourceEdits bring groups and take them out.
func resourceEdits() []searchEdit {
	adds := searchEdit{"a new group", func(c *searchCore, a, b, d int) (searchIntent, bool) {
		free := c.free(searchGroups)
		if len(free) == 0 {
			return searchIntent{}, false
		}
		name := free[a%len(free)]
		return c.add(c.key(accessGroup, name), &searchRes{kind: accessGroup, object: c.newGroup(name, b, d)})
	}}
	return []searchEdit{adds, adds,
		{"a new external group", func(c *searchCore, a, b, d int) (searchIntent, bool) {
			name := searchExternal[a%2]
			if c.w.last.SetNamed(name) != "" {
				return searchIntent{}, false
			}
			return c.add(c.key(externalGroup, name), &searchRes{kind: externalGroup, object: c.newExternal(name, b, d)})
		}},
		searchRemoves("a group less", accessGroup, externalGroup),
		{"destroy all", func(c *searchCore, _, _, _ int) (searchIntent, bool) {
			return searchIntent{ordinary: true, destroy: true}, len(c.state) > 0
		}},
	}
}

// peopleEdits are about users and who is in the groups of others.
func peopleEdits() []searchEdit {
	return []searchEdit{
		{"a new user, in a group", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			name := searchNewUsers[a%2]
			if c.w.last.UserNamed(name) != "" {
				return searchIntent{}, false
			}
			intent, ok := c.add(user+"."+c.name+"_"+name, &searchRes{kind: user, object: object{"display_name": name, "given_name": name, "family_name": "New", "email": name + "@company.com", "username": name}})
			if _, res := c.one(b, accessGroup); ok && res != nil {
				res.object["members"] = searchToggled(without(searchList(res.object["members"]), []string{name}), name)
			}
			return intent, ok
		}},
		{"a user less", func(c *searchCore, a, _, _ int) (searchIntent, bool) {
			addr, res := c.one(a, user)
			if res == nil {
				return searchIntent{}, false
			}
			for _, other := range c.config {
				if list, ok := other.object["members"].([]string); ok {
					other.object["members"] = without(list, []string{res.object["username"].(string)})
				}
			}
			delete(c.config, addr)
			return searchIntent{ordinary: true}, true
		}},
		searchOrdinary("a user's name", func(_ *searchCore, o object, b, _ int) { o["display_name"] = fmt.Sprint("Name ", b) }, user),
		{"another user name", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			_, res := c.one(a, user)
			if res == nil {
				return searchIntent{}, false
			}
			was := res.object["username"].(string)
			now := fmt.Sprint(searchNewUsers[a%2], "-", b)
			if c.w.last.UserNamed(now) != "" {
				return searchIntent{}, false
			}
			res.object["username"] = now
			for _, other := range c.config {
				if list := searchList(other.object["members"]); slices.Contains(list, was) {
					other.object["members"] = append(without(list, []string{was}), now)
				}
			}
			return searchIntent{ordinary: true}, true
		}},
		{"members of a group by hand", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			group := searchBy[0]
			if c.w.last.GroupNamed(group) == "" || len(c.addresses(groupMembers)) > 0 {
				return searchIntent{}, false
			}
			return c.add(groupMembers+"."+c.name, &searchRes{kind: groupMembers, object: object{"group": group, "members": []string{searchPeople[a%3], "mallory"}[:1+b%2]}})
		}},
		searchRemoves("no members of a group by hand", groupMembers),
		{"a user who is to be gone", func(c *searchCore, _, _, _ int) (searchIntent, bool) {
			return c.add(removedUser+"."+c.name, &searchRes{kind: removedUser, object: object{"username": "zed"}})
		}},
	}
}

func searchList(v any) []string { list, _ := v.([]string); return list }
