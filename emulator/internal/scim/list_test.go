package scim

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func names(t *testing.T, list map[string]any, key string) []string {
	t.Helper()
	var all []string
	for _, r := range list["Resources"].([]any) {
		all = append(all, r.(map[string]any)[key].(string))
	}
	return all
}

func TestListPlain(t *testing.T) {
	w := newWorld(t)
	for i := range 120 {
		w.user(fmt.Sprintf("u%03d", i))
	}
	list := w.must(200, "GET", "/Users", "")
	if list["totalResults"] != 120.0 || list["itemsPerPage"] != 100.0 || list["startIndex"] != 1.0 || list["nextCursor"] != nil {
		t.Errorf("total %v, per page %v, start %v, next %v", list["totalResults"], list["itemsPerPage"], list["startIndex"], list["nextCursor"])
	}
	if n := len(names(t, list, "userName")); n != 100 {
		t.Errorf("%d users on a page", n)
	}
	if got := names(t, w.must(200, "GET", "/Users?startIndex=5&count=2&attributes=id", ""), "userName"); !cmp.Equal(got, []string{"u000", "u001"}) {
		t.Errorf("startIndex is not supported by AWS, yet the page is %v", got)
	}
	if empty := w.must(200, "GET", "/Groups", ""); empty["totalResults"] != 0.0 || len(empty["Resources"].([]any)) != 0 {
		t.Errorf("no groups are listed as %v", empty)
	}
}

func TestListByCursor(t *testing.T) {
	w := newWorld(t)
	var want, got []string
	for i := range 25 {
		w.group(fmt.Sprintf("g%02d", i))
		want = append(want, fmt.Sprintf("g%02d", i))
	}
	query, pages := "cursor&count=10", 0
	for query != "" && pages < 10 {
		list := w.must(200, "GET", "/Groups?"+query, "")
		if _, there := list["totalResults"]; there {
			t.Error("a page by cursor has totalResults")
		}
		got = append(got, names(t, list, "displayName")...)
		pages++
		query = ""
		if next, more := list["nextCursor"].(string); more {
			query = "count=10&cursor=" + url.QueryEscape(next)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || pages != 3 {
		t.Errorf("%d pages, -want +got:\n%s", pages, diff)
	}
	next := w.must(200, "GET", "/Groups?cursor&count=10", "")["nextCursor"].(string)
	w.must(400, "GET", "/Users?cursor="+url.QueryEscape(next), "")
	w.must(400, "GET", "/Groups?cursor=bm9uc2Vuc2U", "")
	if strings.Trim(next, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=/:_-") != "" {
		t.Errorf("cursor %q is not of AWS's characters", next)
	}
}

func TestCount(t *testing.T) {
	w := newWorld(t)
	for count, want := range map[string]int{"1": 200, "100": 200, "0": 400, "101": 400, "-1": 400, "x": 400} {
		w.must(want, "GET", "/Users?count="+count, "")
	}
}

func TestFilters(t *testing.T) {
	w := newWorld(t)
	boss := w.user("boss")
	jane := w.must(201, "POST", "/Users", `{"userName":"jane","externalId":"x-jane","name":{"givenName":"G","familyName":"F"},"displayName":"J","`+enterpriseSchema+`":{"manager":{"value":"`+boss+`"}}}`)["id"].(string)
	team := w.must(201, "POST", "/Groups", `{"displayName":"Team \"A\"","externalId":"x-team","members":[{"value":"`+jane+`"}]}`)["id"].(string)
	other := w.group("other")
	tests := []struct {
		resource, filter string
		status           int
		want             string
	}{
		{"Users", `userName eq "jane"`, 200, "jane"}, {"Users", `userName eq "JANE"`, 200, "jane"}, {"Users", `username EQ "jane"`, 200, "jane"},
		{"Users", `userName eq "nobody"`, 200, ""}, {"Users", `externalId eq "x-jane"`, 200, "jane"}, {"Users", `id eq "` + jane + `"`, 200, "jane"},
		{"Users", `groups.value eq "` + team + `"`, 200, "jane"}, {"Users", `groups.value eq "` + other + `"`, 200, ""}, {"Users", `groups.value eq "none"`, 404, ""},
		{"Users", `id eq "` + jane + `" and manager eq "` + boss + `"`, 200, "jane"}, {"Users", `manager eq "` + boss + `" and id eq "` + jane + `"`, 200, "jane"},
		{"Users", `id eq "` + boss + `" and manager eq "` + boss + `"`, 200, ""},
		{"Users", `id eq "` + jane + `" and ` + enterpriseSchema + `:manager.value eq "` + boss + `"`, 200, "jane"},
		{"Groups", `displayName eq "Team \"A\""`, 200, `Team "A"`}, {"Groups", `externalId eq "x-team"`, 200, `Team "A"`},
		{"Groups", `members.value eq "` + jane + `"`, 200, `Team "A"`}, {"Groups", `members.value eq "` + boss + `"`, 200, ""}, {"Groups", `members.value eq "none"`, 404, ""},
		{"Groups", `id eq "` + team + `" and members eq "` + jane + `"`, 200, `Team "A"`}, {"Groups", `member eq "` + jane + `" and id eq "` + team + `"`, 200, `Team "A"`},
		{"Groups", `id eq "` + other + `" and members eq "` + jane + `"`, 200, ""}, {"Groups", `id eq "` + team + `" and members eq "none"`, 404, ""},
		{"Groups", `id eq "` + team + `" and members eq ""`, 400, ""},
		{"Users", `userName sw "j"`, 400, ""}, {"Users", `userName ne "j"`, 400, ""}, {"Users", `userName pr`, 400, ""},
		{"Users", `userName eq "a" or userName eq "b"`, 400, ""}, {"Users", `userName eq "a" and userName eq "b"`, 400, ""},
		{"Users", `not (userName eq "a")`, 400, ""}, {"Users", `userName eq jane`, 400, ""}, {"Users", `userName eq "jane`, 400, ""},
		{"Users", `userName eq "a" and externalId eq "b"`, 400, ""}, {"Users", `displayName eq "J"`, 400, ""}, {"Users", `manager eq "x"`, 400, ""},
		{"Users", ``, 400, ""}, {"Groups", `userName eq "x"`, 400, ""},
	}
	for _, test := range tests {
		t.Run(test.resource+" "+test.filter, func(t *testing.T) {
			for _, cursor := range []string{"", "&cursor"} {
				list := w.must(test.status, "GET", "/"+test.resource+"?filter="+url.QueryEscape(test.filter)+cursor, "")
				if test.status != 200 {
					continue
				}
				key := map[string]string{"Users": "userName", "Groups": "displayName"}[test.resource]
				if got := strings.Join(names(t, list, key), ","); got != test.want {
					t.Errorf("found %q, want %q", got, test.want)
				}
				if n := len(list["Resources"].([]any)); cursor == "" && list["totalResults"] != float64(n) {
					t.Errorf("totalResults %v of %d", list["totalResults"], n)
				}
			}
		})
	}
}

func FuzzApply(f *testing.F) {
	f.Add("POST", "/Users", "", person("a"))
	f.Add("POST", "/Users", "", everything)
	f.Add("PUT", "/Users/USER", "", everything)
	f.Add("PATCH", "/Users/USER", "", patch(`{"op":"replace","path":"emails[type eq \"work\"].value","value":"x"}`))
	f.Add("PATCH", "/Users/USER", "", patch(`{"op":"add","value":{"`+enterpriseSchema+`:manager":{"value":"x"}}}`))
	f.Add("PATCH", "/Groups/GROUP", "", patch(`{"op":"remove","path":"members[value eq \"USER\"]"}`))
	f.Add("PATCH", "/Groups/GROUP", "", patch(`{"op":"add","path":"members","value":[{"value":"USER"}]}`))
	f.Add("POST", "/Groups", "", `{"displayName":"g","members":[{"value":"USER"}]}`)
	f.Add("GET", "/Users", `filter=userName+eq+"a"&cursor&count=5`, "")
	f.Add("GET", "/Groups", `filter=id+eq+"GROUP"+and+members+eq+"USER"&cursor=MDA`, "")
	f.Add("GET", "/Schemas/"+userSchema, "", "")
	f.Fuzz(func(t *testing.T, method, path, query, body string) {
		w := newWorld(t)
		user, group := w.user("jane"), w.group("team")
		ids := strings.NewReplacer("USER", user, "GROUP", group)
		r := Request{ID: "r", Method: method, Path: ids.Replace(path), Query: ids.Replace(query), Body: []byte(ids.Replace(body))}
		answer := Apply(w.dir, w.stamp(), r)
		if answer.Status >= 500 || answer.Status < 200 || (answer.Status == 204) != (answer.Body == nil) || answer.Body != nil && !json.Valid(answer.Body) {
			t.Errorf("%s %s?%s: status %d, body %q", method, path, query, answer.Status, answer.Body)
		}
		if !r.Write() || answer.Status >= 400 {
			if users, groups, memberships := w.dir.Counts(); users != 1 || groups != 1 || memberships != 0 {
				t.Errorf("%s %s answered %d, yet there are %d users, %d groups, %d memberships", method, path, answer.Status, users, groups, memberships)
			}
		}
	})
}
