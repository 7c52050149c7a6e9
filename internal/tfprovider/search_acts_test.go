package tfprovider

import (
	"cmp"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// searchAct is something that somebody hostile, or only somebody else, does to AWS:
// which of searchActs, and to what. At is the call before which it happens.
type searchAct struct {
	at int
	n  [4]int
}

// searchDeed is a kind of act. What it chooses among goes by a, b and d.
type searchDeed struct {
	name string
	do   func(w *searchWorld, a, b, d int)
}

// act carries an act out, by hand.
func (w *searchWorld) act(x searchAct) {
	deeds := searchDeeds()
	deed := deeds[x.n[0]%len(deeds)]
	w.catchUp(w.alone())
	clear(w.ours) // a job may be of this act from now on
	was := w.last
	deed.do(w, x.n[1], x.n[2], x.n[3])
	now := searchSnapOf(w.e)
	w.last = now
	effects := was.diff(now)
	if len(effects)+len(was.altered(now)) == 0 && w.jobs == 0 {
		return // there was nothing to do it to
	}
	w.log("    somebody: %s%s", deed.name, searchDescribe(was, now, effects))
	w.acted = true
	w.counts.shape("somebody: " + deed.name)
	w.others(nil, was, now)
}

// alone is the run that is under way, where it is the only one.
func (w *searchWorld) alone() *searchRun {
	if len(w.runs) == 1 {
		return w.runs[0]
	}
	return nil
}

func searchDeeds() []searchDeed { return slices.Concat(accessDeeds(), markDeeds(), nameDeeds()) }

// accessDeeds give and take access.
func accessDeeds() []searchDeed {
	return []searchDeed{
		{"puts a person into a group", func(w *searchWorld, a, b, _ int) {
			w.join(w.ownGroup(a), searchPick(w.last.Users, b))
		}},
		{"puts a person into a group of the config", func(w *searchWorld, a, b, _ int) {
			w.join(w.ownGroup(a), w.last.UserNamed(append([]string{"mallory"}, searchPeople...)[b%4]))
		}},
		{"takes a person out", func(w *searchWorld, a, _, _ int) {
			if m := searchPick(w.membershipIDs(), a); m != "" {
				w.Store("DeleteGroupMembership", map[string]any{"MembershipId": m})
			}
		}},
		{"assigns a set to a stranger", func(w *searchWorld, a, b, d int) {
			kind, who := "GROUP", w.last.GroupNamed("Breakglass")
			if d%2 == 0 {
				kind, who = "USER", w.last.UserNamed("mallory")
			}
			w.grant(w.ownSet(a), w.account(b), kind, who)
		}},
		{"gives a group another account", func(w *searchWorld, a, b, _ int) {
			set := w.ownSet(a)
			if group := w.last.GroupNamed(w.last.Sets[set].Name); group != "" {
				w.grant(set, w.account(b), "GROUP", group)
			}
		}},
		{"takes an assignment away", func(w *searchWorld, a, _, _ int) {
			if set := w.ownSet(a); set != "" {
				for _, g := range w.grantsOf(set) {
					w.SSO("DeleteAccountAssignment", map[string]any{"PermissionSetArn": g.Set, "TargetId": g.Account, "TargetType": "AWS_ACCOUNT", "PrincipalType": g.Kind, "PrincipalId": g.Principal})
					break
				}
			}
		}},
		{"attaches a policy", func(w *searchWorld, a, b, d int) {
			set := w.ownSet(a)
			w.SSO("AttachManagedPolicyToPermissionSet", map[string]any{"PermissionSetArn": set, "ManagedPolicyArn": searchArns[b%len(searchArns)]})
			if d%2 == 0 {
				w.SSO("ProvisionPermissionSet", map[string]any{"PermissionSetArn": set, "TargetType": "ALL_PROVISIONED_ACCOUNTS"})
			}
		}},
		{"detaches a policy", func(w *searchWorld, a, b, d int) {
			set := w.ownSet(a)
			w.SSO("DetachManagedPolicyFromPermissionSet", map[string]any{"PermissionSetArn": set, "ManagedPolicyArn": searchArns[b%len(searchArns)]})
		}},
		{"deletes a user", func(w *searchWorld, a, _, _ int) {
			if id := w.last.UserNamed(slices.Concat(searchNewUsers, searchPeople)[a%5]); id != "" {
				w.Store("DeleteUser", map[string]any{"UserId": id})
			}
		}},
	}
}

// searchMarks are those that somebody writes on a group.
var searchMarks = []string{"", "[rolecall:platform terraform]", "[rolecall:platform terraform unfinished-0badc0de]", "[rolecall:platform]", "[rolecall:rival]"}

// searchTags are those that somebody writes on a permission set.
var searchTags = []map[string]string{
	{}, {"rolecall:owner": searchOwner, "rolecall:via": "terraform"}, {"rolecall:owner": searchOwner, "rolecall:via": "terraform", "rolecall:unfinished": "0badc0de"},
	{"rolecall:owner": searchOwner}, {"rolecall:owner": searchRival},
}

// markDeeds change who something belongs to, as it seems.
func markDeeds() []searchDeed {
	return []searchDeed{
		{"changes a group's mark", func(w *searchWorld, a, b, _ int) {
			w.describe(w.ownGroup(a), searchMarks[b%len(searchMarks)])
		}},
		{"takes a set's mark away", func(w *searchWorld, a, b, _ int) {
			w.SSO("UntagResource", map[string]any{"ResourceArn": w.ownSet(a), "TagKeys": []string{[]string{"rolecall:owner", "rolecall:via"}[b%2]}})
		}},
		{"gives a set to another owner", func(w *searchWorld, a, _, _ int) {
			w.tag(w.ownSet(a), map[string]string{"rolecall:owner": searchRival})
		}},
		{"marks a group as unfinished, with a stranger in it", func(w *searchWorld, a, b, _ int) {
			if group := w.ownGroup(a); group != "" {
				w.describe(group, searchMarks[2])
				w.join(group, w.last.UserNamed("mallory"))
			}
		}},
	}
}

// nameDeeds change what a name leads to.
func nameDeeds() []searchDeed {
	return []searchDeed{
		{"renames a group", func(w *searchWorld, a, b, _ int) {
			w.rename(w.ownGroup(a), append([]string{"Renamed"}, searchGroups...)[b%5])
		}},
		{"deletes a group", func(w *searchWorld, a, _, _ int) { w.Store("DeleteGroup", map[string]any{"GroupId": w.ownGroup(a)}) }},
		{"deletes a group and makes it again", func(w *searchWorld, a, b, d int) {
			if id := w.ownGroup(a); id != "" {
				name := w.last.Groups[id].Name
				w.Store("DeleteGroup", map[string]any{"GroupId": id})
				w.createGroup(name, searchMarks[d%len(searchMarks)])
			}
		}},
		{"makes a group of a name of the config", func(w *searchWorld, a, _, d int) {
			w.createGroup(searchGroups[a%len(searchGroups)], searchMarks[d%len(searchMarks)])
		}},
		{"makes a set of a name of the config", func(w *searchWorld, a, b, d int) {
			w.createSet(searchGroups[a%len(searchGroups)], searchTags[d%len(searchTags)], b)
		}},
		{"makes a user of a name of the config", func(w *searchWorld, a, _, _ int) {
			name := searchNewUsers[a%2]
			w.Store("CreateUser", map[string]any{"UserName": name, "DisplayName": name, "Name": map[string]any{"GivenName": "G", "FamilyName": "F"}})
		}},
		{"renames an account", func(w *searchWorld, a, b, _ int) {
			now := []string{"renamed", searchAccounts[b%3]}[b%2]
			_ = w.e.Change(emulator.Change{Account: &emulator.AccountChange{Account: w.account(a), Name: now}}) // refused where the name is taken
		}},
		{"renames it back", func(w *searchWorld, _, _, _ int) {
			for id, g := range w.last.Groups {
				if g.Name == "Renamed" && w.made[id] {
					w.rename(id, searchGroups[0])
				}
			}
		}},
	}
}

// searchPick returns one of the keys, in the order of the values.
func searchPick[V cmp.Ordered](m map[string]V, at int) string {
	keys := searchSorted(m)
	slices.SortStableFunc(keys, func(x, y string) int { return cmp.Compare(m[x], m[y]) })
	if len(keys) == 0 {
		return ""
	}
	return keys[at%len(keys)]
}

// ownGroup is a group that configs may name.
func (w *searchWorld) ownGroup(at int) string {
	names := map[string]string{}
	for id, g := range w.last.Groups {
		if slices.Contains(slices.Concat(searchGroups, searchExternal, searchBy[:1], []string{"Renamed"}), g.Name) {
			names[id] = g.Name
		}
	}
	return w.aimed(names, at)
}

// aimed mostly chooses among what a plan is about that waits to be applied, where there is one.
func (w *searchWorld) aimed(names map[string]string, at int) string {
	about := map[string]string{}
	for id, name := range names {
		for _, r := range w.runs {
			if slices.ContainsFunc(r.changes, func(ch *searchChange) bool { return ch.about(id, name) }) {
				about[id] = name
			}
		}
	}
	if len(about) > 0 && at%4 != 0 {
		return searchPick(about, at)
	}
	return searchPick(names, at)
}

// about says whether a change is about a group or a permission set.
func (ch *searchChange) about(id, name string) bool {
	for _, v := range []tftypes.Value{ch.before, ch.planned} {
		if searchText(v, "id") == id || searchText(v, "permission_set_arn") == id || searchText(v, "group") == name {
			return true
		}
	}
	return false
}

// ownSet is a permission set that configs may name.
func (w *searchWorld) ownSet(at int) string {
	names := map[string]string{}
	for arn, p := range w.last.Sets {
		if !slices.Contains([]string{"Theirs", "Nobodys"}, p.Name) {
			names[arn] = p.Name
		}
	}
	return w.aimed(names, at)
}

func (w *searchWorld) account(at int) string { return searchPick(w.last.Accounts, at) }

func (w *searchWorld) membershipIDs() map[string]string {
	out := map[string]string{}
	for m, id := range w.last.Memberships {
		out[id] = w.last.name(m.Group) + " " + w.last.name(m.User)
	}
	return out
}

func (w *searchWorld) grantsOf(set string) (out []searchtest.Assignment) {
	for g := range w.last.Assignments {
		if g.Set == set {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(x, y searchtest.Assignment) int { return cmp.Compare(x.Account+x.Principal, y.Account+y.Principal) })
	return out
}

func (w *searchWorld) grant(set, account, kind, principal string) {
	w.SSO("CreateAccountAssignment", map[string]any{"PermissionSetArn": set, "TargetId": account, "TargetType": "AWS_ACCOUNT", "PrincipalType": kind, "PrincipalId": principal})
}

func (w *searchWorld) join(group, user string) {
	w.Store("CreateGroupMembership", map[string]any{"GroupId": group, "MemberId": map[string]any{"UserId": user}})
}

func (w *searchWorld) rename(group, name string) {
	w.Store("UpdateGroup", map[string]any{"GroupId": group, "Operations": []map[string]any{{"AttributePath": "displayName", "AttributeValue": name}}})
}

func (w *searchWorld) describe(group, text string) {
	w.Store("UpdateGroup", map[string]any{"GroupId": group, "Operations": []map[string]any{{"AttributePath": "description", "AttributeValue": text}}})
}

// createGroup makes a group, with a stranger inside.
func (w *searchWorld) createGroup(name, description string) {
	body := map[string]any{"DisplayName": name}
	if description != "" {
		body["Description"] = description
	}
	if id, ok := w.Store("CreateGroup", body)["GroupId"].(string); ok {
		w.join(id, w.last.UserNamed("mallory"))
	}
}

// createSet makes a permission set, mostly with somebody who has it.
func (w *searchWorld) createSet(name string, tags map[string]string, n int) {
	var list []map[string]string
	for _, key := range searchSorted(tags) {
		list = append(list, map[string]string{"Key": key, "Value": tags[key]})
	}
	body := map[string]any{"Name": name}
	if len(list) > 0 {
		body["Tags"] = list
	}
	made, _ := w.SSO("CreatePermissionSet", body)["PermissionSet"].(map[string]any)
	arn, _ := made["PermissionSetArn"].(string)
	if arn == "" || n%3 == 0 {
		return
	}
	w.SSO("AttachManagedPolicyToPermissionSet", map[string]any{"PermissionSetArn": arn, "ManagedPolicyArn": searchArns[n%len(searchArns)]})
	w.grant(arn, w.account(n), "GROUP", w.last.GroupNamed("Breakglass"))
}

func (w *searchWorld) tag(set string, tags map[string]string) {
	var list []map[string]string
	for _, key := range searchSorted(tags) {
		list = append(list, map[string]string{"Key": key, "Value": tags[key]})
	}
	w.SSO("TagResource", map[string]any{"ResourceArn": set, "Tags": list})
}

// settled waits until whatever was looked at is out of date.
func (w *searchWorld) settled() { time.Sleep(2 * searchLook) }
