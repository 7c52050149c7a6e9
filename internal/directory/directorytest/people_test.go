package directorytest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

func TestFindPerson(t *testing.T) {
	each(t, readable(vendors()), func(t *testing.T, v vendor) {
		r := v.rig(t)
		people := can[directory.People](r, directory.CanFindPeople)
		jane := r.person("jane@company.com")
		r.person("amy@company.com", func(u *idp.User) { u.Email = "amy.o'neil@company.com" })
		bob := r.person("bob@company.com")
		must(t, r.idp.SuspendUser(t.Context(), bob))
		gone := r.person("gone@company.com")
		must(t, r.idp.DeleteUser(t.Context(), gone))
		byEmail := directory.ByEmail
		if v.kind == idp.Google {
			byEmail = directory.ByAlias
		}
		for _, c := range []struct {
			ask, userName string
			status        directory.Status
			match         directory.Match
		}{
			{"jane@company.com", "jane@company.com", directory.Active, directory.ByUserName},
			{"Jane@company.com", "jane@company.com", directory.Active, directory.ByCase},
			{"amy.o'neil@company.com", "amy@company.com", directory.Active, byEmail},
			{"bob@company.com", "bob@company.com", directory.Suspended, directory.ByUserName},
		} {
			found, err := people.FindPerson(t.Context(), c.ask)
			must(t, err)
			evident(t, r, found.Evidence)
			if len(found.People) != 1 {
				t.Fatalf("%q: found %+v", c.ask, found.People)
			}
			p := found.People[0]
			if p.UserName != c.userName || p.Status != c.status || p.Match != c.match || p.GivenName != "Jane" || p.FamilyName != "Doe" || p.Said == "" {
				t.Errorf("%q: %+v", c.ask, p)
			}
		}
		found, err := people.FindPerson(t.Context(), "jane@company.com")
		must(t, err)
		if found.People[0].ID != jane {
			t.Errorf("id %q, want %q", found.People[0].ID, jane)
		}
		nobody(t, r, people, "nobody@company.com", "a/b@company.com", `" or "x`, "x' or 'y", "", ".", "..", "%2e%2e")
		deleted, err := people.FindPerson(t.Context(), "gone@company.com")
		must(t, err)
		for _, p := range deleted.People {
			if p.Status != directory.Deleted {
				t.Errorf("a deleted person is %+v", p)
			}
		}
	})
}

func nobody(t *testing.T, r *rig, people directory.People, names ...string) {
	t.Helper()
	for _, name := range names {
		found, err := people.FindPerson(t.Context(), name)
		if err != nil || len(found.People) > 0 {
			t.Errorf("%q: %+v, %v", name, found.People, err)
		}
		evident(t, r, found.Evidence)
	}
}

// evident checks that an answer says what it rests on.
func evident(t *testing.T, r *rig, all []diag.Evidence) {
	t.Helper()
	if len(all) == 0 {
		t.Error("an answer without evidence")
	}
	for _, e := range all {
		about := r.dir.About()
		hasID := e.ID != "" || about.Kind == "google" || about.Kind == "file" // which have none
		asked := strings.HasPrefix(e.What, "GET /") || about.Kind == "file" && e.What == "read export.json"
		if e.System != about.System || !asked || e.Saw == "" || e.When == "" || !hasID {
			t.Errorf("evidence %+v", e)
		}
	}
}

// TestGroupsOnManyPages finds all members, whatever the size of the pages.
func TestGroupsOnManyPages(t *testing.T) {
	each(t, readable(vendors()), func(t *testing.T, v vendor) {
		for _, size := range []int{0, 1, 3} {
			r := v.rig(t, func(o *vendorapi.Options) { o.PageSize = size })
			groups := can[directory.Groups](r, directory.CanFindGroups)
			var people, want []string
			for i := range 7 {
				name := fmt.Sprintf("user%d@company.com", i)
				people, want = append(people, r.person(name)), append(want, name+" person true active")
			}
			r.group("Other", people[0])
			admins := r.group("Admins", people...)
			found, err := groups.FindGroups(t.Context(), "Admins")
			must(t, err)
			evident(t, r, found.Evidence)
			if len(found.Groups) != 1 || found.Groups[0].ID != admins || found.Groups[0].Name != "Admins" || len(found.Near) > 0 {
				t.Fatalf("found %+v", found)
			}
			if got := members(t, r, groups, admins); !slices.Equal(got, want) {
				t.Errorf("pages of %d: members %q, want %q", size, got, want)
			}
			of, err := groups.GroupsOf(t.Context(), people[0])
			must(t, err)
			evident(t, r, of.Evidence)
			if got := names(of.Groups); got != "Admins Other" {
				t.Errorf("pages of %d: groups %q", size, got)
			}
		}
	})
}

func members(t *testing.T, r *rig, groups directory.Groups, id string) (all []string) {
	t.Helper()
	found, err := groups.MembersOf(t.Context(), id)
	must(t, err)
	evident(t, r, found.Evidence)
	for _, m := range found.Members {
		all = append(all, strings.TrimSpace(fmt.Sprint(m.Name, " ", m.Kind, " ", m.Direct, " ", m.Status)))
	}
	slices.Sort(all)
	return all
}

// names are those of the groups that the provider does not make itself.
func names(groups []directory.Group) string {
	var all []string
	for _, g := range groups {
		if !g.BuiltIn {
			all = append(all, g.Name)
		}
	}
	slices.SortFunc(all, cmp.Compare[string])
	return strings.Join(all, " ")
}

func TestGroupNames(t *testing.T) {
	each(t, readable(once()), func(t *testing.T, v vendor) {
		r := v.rig(t)
		groups := can[directory.Groups](r, directory.CanFindGroups)
		for _, name := range []string{"AWS-Admins", `A "quoted" \ name`, "O'Neil's, & Co + 50%/x#y?z"} {
			r.group(name)
			found, err := groups.FindGroups(t.Context(), name)
			must(t, err)
			if len(found.Groups) != 1 || found.Groups[0].Name != name {
				t.Errorf("%q: found %+v", name, found)
			}
		}
		near, err := groups.FindGroups(t.Context(), "aws-admins")
		must(t, err)
		if len(near.Groups) > 0 || len(near.Near) != 1 || near.Near[0].Name != "AWS-Admins" {
			t.Errorf("in another case: %+v", near)
		}
		none, err := groups.FindGroups(t.Context(), "Nobody")
		if err != nil || len(none.Groups)+len(none.Near) > 0 {
			t.Errorf("none: %+v, %v", none, err)
		}
		evident(t, r, none.Evidence)
	})
}

func TestNestedGroups(t *testing.T) {
	each(t, readable(once()), func(t *testing.T, v vendor) {
		if v.kind == idp.Okta {
			t.Skip("Okta has no nested groups")
		}
		r := v.rig(t, func(o *vendorapi.Options) { o.PageSize = 1 })
		groups := can[directory.Groups](r, directory.CanFindGroups)
		ann, bob, eve := r.person("ann@company.com"), r.person("bob@company.com"), r.person("eve@company.com")
		inner := r.group("Inner", bob, eve)
		outer := r.group("Outer", ann, inner, eve)
		must(t, r.idp.SuspendUser(t.Context(), bob))
		want := []string{"Inner group true", "ann@company.com person true active", "bob@company.com person false suspended", "eve@company.com person true active"}
		got := members(t, r, groups, outer)
		for i := range got { // Google names groups by address
			got[i] = strings.Replace(got[i], "inner@groups.example", "Inner", 1)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("members %q, want %q", got, want)
		}
		of, err := groups.GroupsOf(t.Context(), bob)
		must(t, err)
		if got := names(of.Groups); got != "Inner" {
			t.Errorf("direct groups %q, want Inner alone", got)
		}
	})
}
