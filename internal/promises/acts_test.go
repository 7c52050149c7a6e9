package promises

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// pick returns one of the keys for which keep holds, "" where there is none.
func pick[V any](m map[string]V, at int, keep func(id string, v V) bool) string {
	var ids []string
	for id, v := range m {
		if keep(id, v) {
			ids = append(ids, id)
		}
	}
	label := func(id string) string { // ids are made in the order of calls that run side by side
		switch v := any(m[id]).(type) {
		case searchtest.Set:
			return v.Name + id
		case searchtest.Group:
			return v.Name + id
		default:
			return fmt.Sprint(v, id)
		}
	}
	slices.SortFunc(ids, func(x, y string) int { return strings.Compare(label(x), label(y)) })
	if len(ids) == 0 {
		return ""
	}
	return ids[at%len(ids)]
}

// ourSet picks a set with our mark.
func (w *world) ourSet(at int) string {
	return pick(w.last.Sets, at, func(_ string, s searchtest.Set) bool { return s.Owner == owner && !s.Lock })
}

func (w *world) anySet(at int) string {
	return pick(w.last.Sets, at, func(_ string, s searchtest.Set) bool { return !s.Lock })
}

// confGroupID picks a group that the config names, by name.
func (w *world) confGroupID(at int) string {
	g := w.conf.group(at)
	if g == nil {
		return ""
	}
	return w.last.GroupNamed(g.name)
}

func (w *world) anyGroup(at int) string {
	return pick(w.last.Groups, at, func(string, searchtest.Group) bool { return true })
}

func (w *world) anyAccount(at int) string {
	return pick(w.last.Accounts, at, func(string, string) bool { return true })
}

func (w *world) assign(set, account, kind, principal string) {
	w.SSO("CreateAccountAssignment", map[string]any{"PermissionSetArn": set, "TargetId": account, "TargetType": "AWS_ACCOUNT", "PrincipalType": kind, "PrincipalId": principal})
}

func (w *world) revoke(g searchtest.Assignment) {
	w.SSO("DeleteAccountAssignment", map[string]any{"PermissionSetArn": g.Set, "TargetId": g.Account, "TargetType": "AWS_ACCOUNT", "PrincipalType": g.Kind, "PrincipalId": g.Principal})
}

func (w *world) rename(group, name string) {
	w.Store("UpdateGroup", map[string]any{"GroupId": group, "Operations": []map[string]any{{"AttributePath": "displayName", "AttributeValue": name}}})
}

func (w *world) describe(group, text string) {
	w.Store("UpdateGroup", map[string]any{"GroupId": group, "Operations": []map[string]any{{"AttributePath": "description", "AttributeValue": text}}})
}

func (w *world) join(group, user string) {
	w.Store("CreateGroupMembership", map[string]any{"GroupId": group, "MemberId": map[string]any{"UserId": user}})
}

// createGroup makes a group as an identity provider or an administrator does.
func (w *world) createGroup(name, description string, members ...string) string {
	body := map[string]any{"DisplayName": name}
	if description != "" {
		body["Description"] = description
	}
	id, _ := w.Store("CreateGroup", body)["GroupId"].(string)
	for _, m := range members {
		w.join(id, m)
	}
	return id
}

func (w *world) createUser(name string) string {
	id, _ := w.Store("CreateUser", map[string]any{"UserName": name, "DisplayName": name, "Name": map[string]any{"GivenName": "G", "FamilyName": "F"}})["UserId"].(string)
	return id
}

func (w *world) tag(set string, tags map[string]string) {
	var list []map[string]string
	for _, key := range sorted(tags) {
		list = append(list, map[string]string{"Key": key, "Value": tags[key]})
	}
	w.SSO("TagResource", map[string]any{"ResourceArn": set, "Tags": list})
}

func (w *world) untag(set string, keys ...string) {
	w.SSO("UntagResource", map[string]any{"ResourceArn": set, "TagKeys": keys})
}

func (w *world) provision(set string) {
	w.SSO("ProvisionPermissionSet", map[string]any{"PermissionSetArn": set, "TargetType": "ALL_PROVISIONED_ACCOUNTS"})
}

func (w *world) attach(set, policy string) {
	w.SSO("AttachManagedPolicyToPermissionSet", map[string]any{"PermissionSetArn": set, "ManagedPolicyArn": policy})
}

// act is something that somebody hostile, or only somebody else, does to AWS. It
// returns the ids of what it was about, beside what changed visibly.
type act struct {
	name string
	do   func(w *world, a, b, d int) []string
}

var acts = slices.Concat(commonActs, markActs, nameActs, lateActs)

var commonActs = []act{
	{"group renamed", func(w *world, a, b, d int) []string {
		g := w.confGroupID(a)
		w.rename(g, []string{"Z", groupNames[b%len(groupNames)], "Y"}[d%3])
		return []string{g}
	}},
	{"two groups renamed into one another", func(w *world, a, b, d int) []string {
		x, y := w.confGroupID(a), w.confGroupID(a+1+b%2)
		if x == y || x == "" || y == "" {
			return nil
		}
		nx, ny := w.last.Groups[x].Name, w.last.Groups[y].Name
		w.rename(x, "between")
		w.rename(y, nx)
		w.rename(x, ny)
		return []string{x, y}
	}},
	{"group deleted", func(w *world, a, b, d int) []string {
		g := w.confGroupID(a)
		w.Store("DeleteGroup", map[string]any{"GroupId": g})
		return []string{g}
	}},
	{"group deleted and made again", func(w *world, a, b, d int) []string {
		g := w.confGroupID(a)
		if g == "" {
			return nil
		}
		name := w.last.Groups[g].Name
		w.Store("DeleteGroup", map[string]any{"GroupId": g})
		return []string{g, w.createGroup(name, marks[d%len(marks)], w.last.UserNamed([]string{"mallory", personNames[b%3]}[b%2]))}
	}},
	{"group of a name of the config made", func(w *world, a, b, d int) []string {
		return []string{w.createGroup(groupNames[a%len(groupNames)], marks[d%len(marks)], w.last.UserNamed("mallory"))}
	}},
	{"group's mark changed", func(w *world, a, b, d int) []string {
		g := w.confGroupID(a)
		w.describe(g, "d0 "+marks[d%len(marks)])
		return []string{g}
	}},
	{"person added by hand", func(w *world, a, b, d int) []string {
		g, u := w.confGroupID(a), pick(w.last.Users, b, func(string, string) bool { return true })
		w.join(g, u)
		return []string{g, u}
	}},
	{"person taken out by hand", func(w *world, a, b, d int) []string {
		names := map[string]string{}
		for m, id := range w.last.Memberships {
			names[id] = w.last.Groups[m.Group].Name + " " + w.last.Users[m.User]
		}
		w.Store("DeleteGroupMembership", map[string]any{"MembershipId": pick(names, a, func(string, string) bool { return true })})
		return nil
	}},
	{"person deleted and made again", func(w *world, a, b, d int) []string {
		u := w.last.UserNamed(personNames[a%len(personNames)])
		if u == "" {
			return nil
		}
		name := w.last.Users[u]
		w.Store("DeleteUser", map[string]any{"UserId": u})
		if b%2 == 0 {
			return []string{u}
		}
		return []string{u, w.createUser(name)}
	}},
	{"set handed to another owner", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		w.tag(s, map[string]string{"rolecall:owner": others[b%len(others)]})
		return []string{s}
	}},
	{"set's mark taken away", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		w.untag(s, "rolecall:owner")
		return []string{s}
	}},
	{"mark forged on a set", func(w *world, a, b, d int) []string {
		s := w.anySet(a)
		w.tag(s, map[string]string{"rolecall:owner": owner})
		return []string{s}
	}},
	{"tags moved from set to set", func(w *world, a, b, d int) []string {
		from, to := w.ourSet(a), w.anySet(b)
		if from == "" || to == "" || from == to {
			return nil
		}
		tags := map[string]string{}
		for k, v := range w.last.Sets[from].Tags {
			if strings.HasPrefix(k, "rolecall:") {
				tags[k] = v
			}
		}
		w.tag(to, tags)
		if d%2 == 0 {
			w.untag(from, slices.Sorted(maps.Keys(tags))...)
		}
		return []string{from, to}
	}},
	{"records taken away", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		for k := range w.last.Sets[s].Tags {
			if strings.HasPrefix(k, "rolecall:") && k != "rolecall:owner" {
				w.untag(s, k)
			}
		}
		return []string{s}
	}},
	{"lock's tag on a set", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		w.tag(s, map[string]string{"rolecall:lock": owner})
		return []string{s}
	}},
	{"assigned by hand to a group", func(w *world, a, b, d int) []string {
		s, acc, g := w.ourSet(a), w.anyAccount(b), w.anyGroup(d)
		w.assign(s, acc, "GROUP", g)
		return []string{s, acc, g}
	}},
	{"assigned by hand to a person", func(w *world, a, b, d int) []string {
		s, acc, u := w.ourSet(a), w.anyAccount(b), pick(w.last.Users, d, func(string, string) bool { return true })
		w.assign(s, acc, "USER", u)
		return []string{s, acc, u}
	}},
	{"unassigned by hand", func(w *world, a, b, d int) []string {
		var all []searchtest.Assignment
		for g := range w.last.Assignments {
			all = append(all, g)
		}
		if len(all) == 0 {
			return nil
		}
		label := func(g searchtest.Assignment) string {
			return w.last.Sets[g.Set].Name + g.Account + w.last.principalName(g.Kind, g.Principal) + g.Principal
		}
		slices.SortFunc(all, func(x, y searchtest.Assignment) int { return strings.Compare(label(x), label(y)) })
		g := all[a%len(all)]
		w.revoke(g)
		return []string{g.Set, g.Account, g.Principal}
	}},
	{"policy attached, not provisioned", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		w.attach(s, managed[b%len(managed)])
		return []string{s}
	}},
	{"policy of the config attached, not provisioned", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		if want, ok := w.conf.setOf(w.last.Sets[s].Name); ok {
			for _, p := range want.managed {
				w.attach(s, managed[p])
			}
		}
		return []string{s}
	}},
	{"policy detached", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		if have := list(w.last.Sets[s].Content.Managed); len(have) > 0 {
			w.SSO("DetachManagedPolicyFromPermissionSet", map[string]any{"PermissionSetArn": s, "ManagedPolicyArn": have[b%len(have)]})
		}
		return []string{s}
	}},
	{"inline policy put", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		w.SSO("PutInlinePolicyToPermissionSet", map[string]any{"PermissionSetArn": s, "InlinePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}`})
		return []string{s}
	}},
	{"boundary taken away", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		w.SSO("DeletePermissionsBoundaryFromPermissionSet", map[string]any{"PermissionSetArn": s})
		return []string{s}
	}},
	{"set provisioned", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		w.provision(s)
		return []string{s}
	}},
	{"set of a name of the config made", func(w *world, a, b, d int) []string {
		name := append(slices.Clone(setNames), groupNames...)[a%(len(setNames)+len(groupNames))]
		body := map[string]any{"Name": name}
		if d%3 > 0 {
			body["Tags"] = []map[string]string{{"Key": "rolecall:owner", "Value": []string{owner, others[b%len(others)]}[d%2]}}
		}
		made, _ := w.SSO("CreatePermissionSet", body)["PermissionSet"].(map[string]any)
		arn, _ := made["PermissionSetArn"].(string)
		w.attach(arn, managed[b%5])
		if d%2 == 0 {
			w.assign(arn, w.anyAccount(b), "GROUP", w.anyGroup(d))
		}
		return []string{arn}
	}},
	{"set made as the config says", func(w *world, a, b, d int) []string {
		g := w.conf.group(a)
		if g == nil {
			return nil
		}
		s := w.conf.sets[g.set]
		made, _ := w.SSO("CreatePermissionSet", map[string]any{"Name": w.conf.setName(*g), "SessionDuration": fmt.Sprintf("PT%dH", max(1, s.hours))})["PermissionSet"].(map[string]any)
		arn, _ := made["PermissionSetArn"].(string)
		for _, p := range s.managed {
			w.attach(arn, managed[p])
		}
		if s.customer {
			w.SSO("AttachCustomerManagedPolicyReferenceToPermissionSet", map[string]any{"PermissionSetArn": arn, "CustomerManagedPolicyReference": map[string]any{"Name": "edge", "Path": "/"}})
		}
		if s.inline > 0 {
			w.SSO("PutInlinePolicyToPermissionSet", map[string]any{"PermissionSetArn": arn, "InlinePolicy": inlineJSON[s.inline]})
		}
		if b%2 == 0 {
			w.assign(arn, w.anyAccount(d), "GROUP", w.anyGroup(b))
		}
		if d%3 == 0 {
			w.tag(arn, map[string]string{"rolecall:owner": owner})
		}
		return []string{arn}
	}},
	{"set deleted", func(w *world, a, b, d int) []string {
		s := w.ourSet(a)
		for g := range w.last.Assignments {
			if g.Set == s {
				w.revoke(g)
			}
		}
		w.SSO("DeletePermissionSet", map[string]any{"PermissionSetArn": s})
		return []string{s}
	}},
	{"account renamed", func(w *world, a, b, d int) []string {
		x := w.anyAccount(a)
		w.account(x, emulator.AccountChange{Name: []string{"renamed", w.anyAccount(b)}[d%2]})
		return []string{x}
	}},
	{"two accounts renamed into one another", func(w *world, a, b, d int) []string {
		x, y := w.anyAccount(a), w.anyAccount(a+1+b%3)
		nx, ny := w.last.Accounts[x], w.last.Accounts[y]
		w.account(x, emulator.AccountChange{Name: ny})
		w.account(y, emulator.AccountChange{Name: nx})
		return []string{x, y}
	}},
	{"account suspended or back", func(w *world, a, b, d int) []string {
		x := w.anyAccount(a)
		state := "SUSPENDED"
		if w.last.States[x] == state {
			state = "ACTIVE"
		}
		w.account(x, emulator.AccountChange{State: state})
		return []string{x}
	}},
	{"everything back in its name", func(w *world, a, b, d int) []string {
		for i, name := range accountNames {
			w.account(accountID(i), emulator.AccountChange{Name: name, State: "ACTIVE"})
		}
		return nil
	}},
}

func (w *world) account(id string, change emulator.AccountChange) {
	change.Account = id
	if err := w.em.Change(emulator.Change{Account: &change}); err != nil {
		w.t.Fatal(err)
	}
}

// act carries out an act; what it gives or takes counts as before from then on.
func (w *world) act(k, a, b, d int) {
	w.observe(nil)
	w.log("  act %q %d %d %d", acts[k%len(acts)].name, a, b, d)
	then := w.last
	ids := acts[k%len(acts)].do(w, a, b, d)
	w.theirs = true
	w.observe(nil)
	w.theirs = false
	for _, e := range then.Diff(w.last.Snapshot) {
		ids = append(ids, e.Objects()...)
	}
	w.touch(append(ids, then.altered(w.last)...))
	w.meanings.act(then, w.last)
	w.counts.acts++
	w.counts.steps++
}
