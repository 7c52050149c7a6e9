package tfprovider

import "fmt"

// addressEdits change where the state has something, or ask to replace it.
func addressEdits() []searchEdit {
	return []searchEdit{
		{"another address, with moved", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			old, res := c.one(a, accessGroup, externalGroup, user, groupMembers)
			if now := c.elsewhere(old, b); res == nil || c.state[old] == nil || c.used(now) {
				return searchIntent{}, false
			}
			c.moved(old, c.elsewhere(old, b))
			c.w.counts.shape("moved")
			return searchIntent{ordinary: true}, true
		}},
		{"another address", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			old, res := c.one(a, accessGroup, externalGroup, user, groupMembers)
			now := c.elsewhere(old, b)
			if res == nil || c.state[old] == nil || c.used(now) {
				return searchIntent{}, false
			}
			c.config[now] = res
			delete(c.config, old)
			c.w.counts.shape("another address without moved")
			return searchIntent{refuse: res.kind != groupMembers, then: func() { // as the refusal says
				if !c.used(now) {
					c.moved(old, now)
				}
			}}, true
		}},
		{"-replace", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			addr, res := c.one(a, accessGroup, externalGroup, user, groupMembers)
			if res == nil || c.state[addr] == nil {
				return searchIntent{}, false
			}
			res.cbd = b%2 == 0
			c.w.counts.shape("-replace")
			return searchIntent{refuse: res.kind != groupMembers, replace: map[string]bool{addr: true}}, true
		}},
		{"taint", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			addr, res := c.one(a, accessGroup, externalGroup, user, groupMembers)
			if res == nil || c.state[addr] == nil {
				return searchIntent{}, false
			}
			res.cbd = b%2 == 0
			c.state[addr].tainted = true
			c.w.counts.shape("taint")
			return searchIntent{refuse: res.kind != groupMembers}, true // and then it is untainted
		}},
		{"the same group twice", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			old, res := c.one(a, accessGroup, externalGroup, user)
			if res == nil || c.used(c.elsewhere(old, b)) {
				return searchIntent{}, false
			}
			c.config[c.elsewhere(old, b)] = searchCloneConfig(map[string]*searchRes{"": res})[""]
			c.w.counts.shape("one object at two addresses")
			return searchIntent{refuse: true}, true
		}},
		{"members of a group of its own", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			_, res := c.one(a, accessGroup)
			if res == nil {
				return searchIntent{}, false
			}
			_, ok := c.add(groupMembers+"."+c.name+"_own", &searchRes{kind: groupMembers, object: object{"group": res.object["name"], "members": []string{searchPeople[b%3]}}})
			return searchIntent{refuse: ok}, ok
		}},
	}
}

func (c *searchCore) elsewhere(addr string, b int) string {
	return fmt.Sprintf("module.m%d.%s", b%3, addr)
}

func (c *searchCore) used(addr string) bool { return c.config[addr] != nil || c.state[addr] != nil }

// moved is a moved block.
func (c *searchCore) moved(old, now string) {
	if c.config[old] != nil {
		c.config[now] = c.config[old]
		delete(c.config, old)
	}
	if c.state[old] != nil && c.state[now] == nil {
		c.state[now] = c.state[old]
		delete(c.state, old)
	}
}

// takingEdits are about what is there already.
func takingEdits() []searchEdit {
	return []searchEdit{
		{"adopt what was made by hand", func(c *searchCore, a, b, d int) (searchIntent, bool) {
			name, ok := c.byHand(a, b, d)
			if !ok {
				return searchIntent{}, false
			}
			o := c.newGroup(name, b, d)
			o["adopt"] = true
			_, ok = c.add(c.key(accessGroup, name), &searchRes{kind: accessGroup, object: o})
			c.w.counts.shape("adopt")
			return searchIntent{refuse: ok && (d%2 == 1 || b%2 == 0 && d%4 == 2)}, ok
		}},
		{"take what was made by hand", func(c *searchCore, a, b, d int) (searchIntent, bool) {
			name, ok := c.byHand(a, b, d)
			if !ok {
				return searchIntent{}, false
			}
			_, ok = c.add(c.key(accessGroup, name), &searchRes{kind: accessGroup, object: c.newGroup(name, b, d)})
			return searchIntent{refuse: ok}, ok
		}},
		{"import what was made by hand", func(c *searchCore, a, b, d int) (searchIntent, bool) {
			name, ok := c.byHand(a, b, d)
			if !ok {
				return searchIntent{}, false
			}
			addr, o := c.key(accessGroup, name), c.newGroup(name, b, d)
			if a%2 == 0 {
				o["allow"] = []string{"strangers"}
			}
			_, ok = c.add(addr, &searchRes{kind: accessGroup, object: o})
			c.w.counts.shape("import")
			return searchIntent{imports: map[string]string{addr: name}}, ok
		}},
		{"import what the state has elsewhere", func(c *searchCore, a, b, _ int) (searchIntent, bool) {
			old, res := c.one(a, accessGroup, externalGroup)
			now := c.elsewhere(old, b)
			if res == nil || c.state[old] == nil || c.state[old].cur == nil || c.used(now) {
				return searchIntent{}, false
			}
			c.config[now] = searchCloneConfig(map[string]*searchRes{"": res})[""]
			name := fmt.Sprint(res.object["name"])
			if set := searchSetName(c.state[old].cur.value); set != name {
				name += "::" + set
			}
			return searchIntent{refuse: true, imports: map[string]string{now: name}}, true
		}},
	}
}

// byHand makes a group and a permission set by hand, mostly as a config that takes them
// over says; with d odd, with somebody in it whom the config does not have, and with d 2 or
// 6, with somebody else who has the set.
func (c *searchCore) byHand(a, b, d int) (string, bool) {
	free := c.free(searchGroups)
	if len(free) == 0 {
		return "", false
	}
	name := free[a%len(free)]
	w, o := c.w, c.newGroup(name, b, d)
	group, _ := w.Store("CreateGroup", map[string]any{"DisplayName": name})["GroupId"].(string)
	for _, who := range searchList(o["members"]) {
		w.join(group, w.last.UserNamed(who))
	}
	if d%2 == 1 {
		w.join(group, w.last.UserNamed("mallory"))
	}
	if b%2 == 0 {
		made, _ := w.SSO("CreatePermissionSet", map[string]any{"Name": name})["PermissionSet"].(map[string]any)
		arn, _ := made["PermissionSetArn"].(string)
		w.SSO("AttachManagedPolicyToPermissionSet", map[string]any{"PermissionSetArn": arn, "ManagedPolicyArn": searchList(o["aws_managed_policies"])[0]})
		w.grant(arn, searchPick(w.last.Accounts, 0), "GROUP", group) // dev
		if d%4 == 2 {
			w.grant(arn, searchPick(w.last.Accounts, 0), "GROUP", w.last.GroupNamed("Breakglass"))
		}
	}
	w.last = searchSnapOf(w.e)
	w.log("    by hand: group %q", name)
	w.settled()
	return name, true
}
