package scim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCreateGroup(t *testing.T) {
	w := newWorld(t)
	a, b := w.user("a"), w.user("b")
	got := w.must(201, "POST", "/Groups", `{"schemas":["`+groupSchema+`"],"displayName":"Team A","externalId":"x1","members":[{"value":"`+a+`","$ref":"../Users/`+a+`","type":"User"},{"value":"`+b+`"}]}`)
	id := got["id"].(string)
	want := map[string]any{
		"id": id, "externalId": "x1", "displayName": "Team A", "members": []any{}, "schemas": []any{groupSchema},
		"meta": map[string]any{"resourceType": "Group", "created": "2026-03-18T10:57:08Z", "lastModified": "2026-03-18T10:57:08Z"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, w.members(id)); diff != "" {
		t.Errorf("members: %s", diff)
	}
	if g, _ := w.dir.Group(id); !g.SCIM {
		t.Error("the group does not say that SCIM made it")
	}
}

func TestCreateGroupRefuses(t *testing.T) {
	tests := []struct {
		name, body string
		want       int
	}{
		{"no name", `{"externalId":"x"}`, 400}, {"empty name", `{"displayName":""}`, 400},
		{"taken name, in capitals", `{"displayName":"OLD"}`, 409}, {"taken external id", `{"displayName":"new","externalId":"e"}`, 409},
		{"unknown member", `{"displayName":"new","members":[{"value":"none"}]}`, 404},
		{"101 members", `{"displayName":"new","members":[` + strings.Repeat(`{"value":"x"},`, 100) + `{"value":"x"}]}`, 400},
		{"unknown attribute", `{"displayName":"new","color":"red"}`, 400}, {"reserved", `{"displayName":"AWSAdministrators"}`, 400},
		{"too long", `{"displayName":"` + strings.Repeat("a", 1025) + `"}`, 400}, {"wrong type", `{"displayName":1}`, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.must(201, "POST", "/Groups", `{"displayName":"old","externalId":"e"}`)
			w.must(test.want, "POST", "/Groups", test.body)
			if _, groups, _ := w.dir.Counts(); groups != 1 {
				t.Errorf("%d groups after a refusal", groups)
			}
		})
	}
}

func TestPatchGroup(t *testing.T) {
	many := func(n int) string {
		return strings.TrimSuffix(strings.Repeat(`{"value":"A"},`, n), ",")
	}
	tests := []struct {
		name, operations string
		want             int
		members          string
		groupName        string
	}{
		{"rename, as idp-scim-sync does", `{"op":"replace","value":{"id":"G","displayName":"new"}}`, 204, "a b", "new"},
		{"rename by path", `{"op":"replace","path":"displayName","value":"new"}`, 204, "a b", "new"},
		{"add", `{"op":"add","path":"members","value":[{"value":"C"}]}`, 204, "a b c", "old"},
		{"add without path", `{"op":"add","value":{"members":[{"value":"C"}]}}`, 204, "a b c", "old"},
		{"add who is in", `{"op":"add","path":"members","value":[{"value":"A"}]}`, 204, "a b", "old"},
		{"remove", `{"op":"remove","path":"members","value":[{"value":"A"}]}`, 204, "b", "old"},
		{"remove by filter", `{"op":"remove","path":"members[value eq \"A\"]"}`, 204, "b", "old"},
		{"remove who is not in", `{"op":"remove","path":"members","value":[{"value":"C"}]}`, 204, "a b", "old"},
		{"add and remove", `{"op":"add","path":"members","value":[{"value":"C"}]},{"op":"remove","path":"members","value":[{"value":"A"},{"value":"B"}]}`, 204, "c", "old"},
		{"rename and add", `{"op":"replace","path":"displayName","value":"new"},{"op":"add","path":"members","value":[{"value":"C"}]}`, 204, "a b c", "new"},
		{"external id", `{"op":"add","path":"externalId","value":"x9"}`, 204, "a b", "old"},
		{"100 changes", `{"op":"add","path":"members","value":[` + many(100) + `]}`, 204, "a b", "old"},
		{"101 changes", `{"op":"add","path":"members","value":[` + many(101) + `]}`, 400, "a b", "old"},
		{"101 changes in two operations", `{"op":"add","path":"members","value":[` + many(60) + `]},{"op":"remove","path":"members","value":[` + many(41) + `]}`, 400, "a b", "old"},
		{"replace all", `{"op":"replace","path":"members","value":[{"value":"C"}]}`, 400, "a b", "old"},
		{"replace all without path", `{"op":"replace","value":{"members":[{"value":"C"}]}}`, 400, "a b", "old"},
		{"replace with none", `{"op":"replace","path":"members","value":[]}`, 400, "a b", "old"},
		{"remove all", `{"op":"remove","path":"members"}`, 400, "a b", "old"},
		{"remove an empty list", `{"op":"remove","path":"members","value":[]}`, 400, "a b", "old"},
		{"two attributes without path", `{"op":"replace","value":{"displayName":"new","externalId":"x"}}`, 400, "a b", "old"},
		{"remove the name", `{"op":"remove","path":"displayName"}`, 400, "a b", "old"},
		{"taken name", `{"op":"replace","path":"displayName","value":"Taken"}`, 409, "a b", "old"},
		{"unknown member", `{"op":"add","path":"members","value":[{"value":"none"}]}`, 404, "a b", "old"},
		{"unknown member beside a rename", `{"op":"replace","path":"displayName","value":"new"},{"op":"add","path":"members","value":[{"value":"none"}]}`, 404, "a b", "old"},
		{"unknown attribute", `{"op":"replace","path":"color","value":"red"}`, 400, "a b", "old"},
		{"members as text", `{"op":"add","path":"members","value":["C"]}`, 400, "a b", "old"},
		{"display name as a number", `{"op":"replace","path":"displayName","value":1}`, 400, "a b", "old"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.group("taken")
			a, b, c := w.user("a"), w.user("b"), w.user("c")
			id := w.must(201, "POST", "/Groups", fmt.Sprintf(`{"displayName":"old","members":[{"value":%q},{"value":%q}]}`, a, b))["id"].(string)
			body := strings.NewReplacer(`"A"`, `"`+a+`"`, `\"A\"`, `\"`+a+`\"`, `"B"`, `"`+b+`"`, `"C"`, `"`+c+`"`, `"G"`, `"`+id+`"`).Replace(test.operations)
			w.must(test.want, "PATCH", "/Groups/"+id, patch(body))
			if got := strings.Join(w.members(id), " "); got != test.members {
				t.Errorf("members %q, want %q", got, test.members)
			}
			if g, _ := w.dir.Group(id); g.DisplayName != test.groupName {
				t.Errorf("name %q, want %q", g.DisplayName, test.groupName)
			}
		})
	}
}

// TestPathMissingDetail is the answer captured in goauthentik/authentik#12321.
func TestPathMissingDetail(t *testing.T) {
	w := newWorld(t)
	id := w.group("g")
	got := w.must(400, "PATCH", "/Groups/"+id, patch(`{"op":"replace","value":{"displayName":"new","externalId":"x"}}`))
	want := `Current PATCH support allows omitting "path" attribute only for Add and Replace operations modifying a single attribute.`
	if got["detail"] != want {
		t.Errorf("detail %q", got["detail"])
	}
}

func TestDeletedGroupComesBackWithAnotherID(t *testing.T) {
	w := newWorld(t)
	id := w.group("g")
	w.must(204, "DELETE", "/Groups/"+id, "")
	for _, method := range []string{"GET", "DELETE"} {
		w.must(404, method, "/Groups/"+id, "")
	}
	w.must(404, "PATCH", "/Groups/"+id, patch(`{"op":"replace","path":"displayName","value":"x"}`))
	if again := w.group("g"); again == id {
		t.Error("an id was used twice")
	}
}
