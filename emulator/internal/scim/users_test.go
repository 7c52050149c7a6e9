package scim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// everything is a user with every attribute that AWS supports, after the answer
// captured in slashdevops/idp-scim-sync, pkg/aws/testdata/PatchUserResponse.json.
const everything = `{
	"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
	"externalId": "701984", "userName": "bjensen",
	"name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara", "middleName": "Jane", "honorificPrefix": "Ms.", "honorificSuffix": "III"},
	"displayName": "Babs Jensen", "nickName": "Bas", "title": "Tour Guide", "userType": "Employee",
	"preferredLanguage": "en-US", "locale": "en-US", "timezone": "America/Los_Angeles", "active": true,
	"emails": [{"value": "bjensen@example.com", "type": "work", "primary": true}],
	"addresses": [{"formatted": "100 Universal City Plaza Hollywood, CA 91608 USA", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood", "region": "CA", "postalCode": "91608", "country": "USA", "type": "work", "primary": true}],
	"phoneNumbers": [{"value": "555-555-5555", "type": "work"}],
	"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
		"employeeNumber": "701984", "costCenter": "4130", "organization": "Universal Studios", "division": "Theme Park",
		"department": "Tour Operations", "manager": {"value": "9067729b3d-ee533c18-538a-4cd3-a572-63fb863ed734"}}
}`

func TestCreateUserKeepsEverything(t *testing.T) {
	w := newWorld(t)
	status, text := w.send("POST", "/Users", everything)
	if status != 201 {
		t.Fatalf("status %d: %s", status, text)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(text, `{"id":"`), `"`)
	want := `{"id":"` + id + `","externalId":"701984","meta":{"resourceType":"User","created":"2026-03-18T10:57:08Z","lastModified":"2026-03-18T10:57:08Z"},` +
		`"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
		`"userName":"bjensen","name":{"formatted":"Ms. Barbara J Jensen, III","familyName":"Jensen","givenName":"Barbara","middleName":"Jane","honorificPrefix":"Ms.","honorificSuffix":"III"},` +
		`"displayName":"Babs Jensen","nickName":"Bas","title":"Tour Guide","userType":"Employee","preferredLanguage":"en-US","locale":"en-US","timezone":"America/Los_Angeles","active":true,` +
		`"emails":[{"value":"bjensen@example.com","type":"work","primary":true}],` +
		`"addresses":[{"formatted":"100 Universal City Plaza Hollywood, CA 91608 USA","streetAddress":"100 Universal City Plaza","locality":"Hollywood","region":"CA","postalCode":"91608","country":"USA","type":"work","primary":true}],` +
		`"phoneNumbers":[{"value":"555-555-5555","type":"work"}],` +
		`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","costCenter":"4130","organization":"Universal Studios","division":"Theme Park","department":"Tour Operations","manager":{"value":"9067729b3d-ee533c18-538a-4cd3-a572-63fb863ed734"}}}`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, again := w.send("GET", "/Users/"+id, ""); again != text {
		t.Errorf("GET answers %s", again)
	}
}

func TestCreateUserRefuses(t *testing.T) {
	user := func(more string) string {
		return `{"userName":"new","name":{"givenName":"G","familyName":"F"},"displayName":"N"` + more + `}`
	}
	tests := []struct {
		name, body string
		want       int
	}{
		{"minimal", user(""), 201},
		{"empty lists that IdPs send", user(`,"groups":[],"photos":[],"entitlements":[]`), 201},
		{"null", user(`,"title":null`), 201},
		{"active as text", user(`,"active":"False"`), 201},
		{"a role", user(`,"roles":[{"value":"admin"}]`), 201},
		{"manager as text", user(`,"` + enterpriseSchema + `":{"manager":"m"}`), 201},
		{"no user name", `{"name":{"givenName":"G","familyName":"F"},"displayName":"N"}`, 400},
		{"no display name", `{"userName":"new","name":{"givenName":"G","familyName":"F"}}`, 400},
		{"no given name", `{"userName":"new","name":{"familyName":"F"},"displayName":"N"}`, 400},
		{"no family name", `{"userName":"new","name":{"givenName":"G"},"displayName":"N"}`, 400},
		{"two e-mail addresses", user(`,"emails":[{"value":"a@b","primary":true},{"value":"c@d"}]`), 400},
		{"e-mail that is not primary", user(`,"emails":[{"value":"a@b"}]`), 400},
		{"two phone numbers", user(`,"phoneNumbers":[{"value":"1"},{"value":"2"}]`), 400},
		{"two addresses", user(`,"addresses":[{"country":"DE"},{"country":"US"}]`), 400},
		{"groups", user(`,"groups":[{"value":"g"}]`), 400},
		{"password", user(`,"password":"x"`), 400},
		{"photos", user(`,"photos":[{"value":"https://a/b"}]`), 400},
		{"a blank in the user name", `{"userName":"a b","name":{"givenName":"G","familyName":"F"},"displayName":"N"}`, 400},
		{"a user name of 129", `{"userName":"` + strings.Repeat("a", 129) + `","name":{"givenName":"G","familyName":"F"},"displayName":"N"}`, 400},
		{"a title of 1025", user(`,"title":"` + strings.Repeat("a", 1025) + `"`), 400},
		{"an empty title", user(`,"title":""`), 400},
		{"an external id of 257", user(`,"externalId":"` + strings.Repeat("a", 257) + `"`), 400},
		{"a number for text", user(`,"title":5`), 400},
		{"unknown attribute", user(`,"shoeSize":"46"`), 400},
		{"wrong schema", user(`,"schemas":["` + groupSchema + `"]`), 400},
		{"reserved name", `{"userName":"Administrator","name":{"givenName":"G","familyName":"F"},"displayName":"N"}`, 400},
		{"taken user name, in capitals", `{"userName":"OLD","name":{"givenName":"G","familyName":"F"},"displayName":"N"}`, 409},
		{"taken external id", user(`,"externalId":"e1"`), 409},
		{"taken e-mail", user(`,"emails":[{"value":"old@b.c","primary":true}]`), 409},
		{"no JSON", `{`, 400}, {"two values", user("") + `{}`, 400}, {"a list", `[]`, 400}, {"null body", `null`, 400}, {"empty", ``, 400},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.must(201, "POST", "/Users", `{"userName":"old","externalId":"e1","name":{"givenName":"G","familyName":"F"},"displayName":"O","emails":[{"value":"old@b.c","primary":true}]}`)
			w.must(test.want, "POST", "/Users", test.body)
		})
	}
}

func TestActiveDecidesTheStatus(t *testing.T) {
	w := newWorld(t)
	id := w.user("jane")
	active := func() bool { u, _ := w.dir.User(id); return u.Active }
	if !active() {
		t.Error("a user without active is disabled")
	}
	w.must(200, "PATCH", "/Users/"+id, patch(`{"op":"replace","path":"active","value":"false"}`))
	if active() {
		t.Error("the user is still enabled")
	}
	w.must(200, "PUT", "/Users/"+id, person("jane"))
	if active() {
		t.Error("a PUT without active let a disabled user in again")
	}
	w.must(200, "PATCH", "/Users/"+id, patch(`{"op":"Replace","value":{"active":true}}`))
	if !active() {
		t.Error("the user is still disabled")
	}
}

func TestPutUserReplacesAll(t *testing.T) {
	w := newWorld(t)
	id := w.must(201, "POST", "/Users", everything)["id"].(string)
	if _, err := w.dir.UpdateUser(store.Stamp{}, id, func(u *store.User) error { u.Website = "https://a.b"; return nil }); err != nil {
		t.Fatal(err)
	}
	got := w.must(200, "PUT", "/Users/"+id, person("babs"))
	for _, gone := range []string{"externalId", "emails", "title", enterpriseSchema} {
		if got[gone] != nil {
			t.Errorf("%s survived: %v", gone, got[gone])
		}
	}
	if u, _ := w.dir.User(id); u.UserName != "babs" || u.Website != "https://a.b" {
		t.Errorf("user %q with website %q", u.UserName, u.Website)
	}
	w.must(404, "PUT", "/Users/none", person("x"))
	w.must(400, "PUT", "/Users/"+id, `{"userName":"x"}`)
}

func TestPatchUser(t *testing.T) {
	const ent = enterpriseSchema
	tests := []struct {
		name, operations string
		want             int
		read             func(u *store.User) string
		value            string
	}{
		{"user name", `{"op":"replace","path":"userName","value":"barbara"}`, 200, func(u *store.User) string { return u.UserName }, "barbara"},
		{"attribute in capitals", `{"op":"replace","path":"TITLE","value":"Guide"}`, 200, func(u *store.User) string { return u.Title }, "Guide"},
		{"with the schema", `{"op":"replace","path":"` + userSchema + `:title","value":"Guide"}`, 200, func(u *store.User) string { return u.Title }, "Guide"},
		{"add", `{"op":"add","path":"profileUrl","value":"https://a.b"}`, 200, func(u *store.User) string { return u.ProfileURL }, "https://a.b"},
		{"remove", `{"op":"remove","path":"title"}`, 200, func(u *store.User) string { return u.Title }, ""},
		{"remove the external id", `{"op":"remove","path":"externalId"}`, 200, func(u *store.User) string { return u.ExternalID }, ""},
		{"one part of the name", `{"op":"replace","path":"name.familyName","value":"Smith"}`, 200, func(u *store.User) string { return u.Name.GivenName + " " + u.Name.FamilyName }, "Barbara Smith"},
		{"parts of the name", `{"op":"replace","path":"name","value":{"familyName":"Smith"}}`, 200, func(u *store.User) string { return u.Name.GivenName + " " + u.Name.FamilyName }, "Barbara Smith"},
		{"dotted, without path", `{"op":"replace","value":{"name.familyName":"Smith"}}`, 200, func(u *store.User) string { return u.Name.FamilyName }, "Smith"},
		{"enterprise", `{"op":"replace","path":"` + ent + `:department","value":"IT"}`, 200, func(u *store.User) string { return u.Enterprise.Department + u.Enterprise.CostCenter }, "IT4130"},
		{"manager as Entra ID sends it", `{"op":"Add","path":"` + ent + `:manager","value":"m1"}`, 200, func(u *store.User) string { return u.Enterprise.Manager }, "m1"},
		{"manager.value", `{"op":"replace","path":"` + ent + `:manager.value","value":"m1"}`, 200, func(u *store.User) string { return u.Enterprise.Manager }, "m1"},
		{"several of the extension", `{"op":"replace","path":"` + ent + `","value":{"division":"D","department":"E"}}`, 200, func(u *store.User) string { return u.Enterprise.Division + u.Enterprise.Department }, "DE"},
		{"remove from the extension", `{"op":"remove","path":"` + ent + `:manager"}`, 200, func(u *store.User) string { return u.Enterprise.Manager }, ""},
		{"e-mail by filter", `{"op":"replace","path":"emails[type eq \"work\"].value","value":"b@c"}`, 200, func(u *store.User) string { return u.Emails[0].Value + " " + u.Emails[0].Type }, "b@c work"},
		{"e-mail by primary", `{"op":"replace","path":"emails[primary eq true].value","value":"b@c"}`, 200, func(u *store.User) string { return u.Emails[0].Value }, "b@c"},
		{"e-mails as a whole", `{"op":"replace","path":"emails","value":[{"value":"b@c","primary":true}]}`, 200, func(u *store.User) string { return u.Emails[0].Value + u.Emails[0].Type }, "b@c"},
		{"e-mail removed", `{"op":"remove","path":"emails"}`, 200, func(u *store.User) string { return fmt.Sprint(len(u.Emails)) }, "0"},
		{"e-mail of another type removed", `{"op":"remove","path":"emails[type eq \"home\"]"}`, 200, func(u *store.User) string { return fmt.Sprint(len(u.Emails)) }, "1"},
		{"the first role", `{"op":"add","path":"roles[type eq \"job\"].value","value":"dev"}`, 200, func(u *store.User) string { return u.Roles[0].Type + u.Roles[0].Value }, "jobdev"},
		{"several operations", `{"op":"replace","path":"title","value":"A"},{"op":"replace","path":"nickName","value":"B"}`, 200, func(u *store.User) string { return u.Title + u.NickName }, "AB"},

		{"a second e-mail", `{"op":"add","path":"emails","value":[{"value":"b@c","type":"home"}]}`, 400, nil, ""},
		{"a second e-mail by filter", `{"op":"add","path":"emails[type eq \"home\"].value","value":"b@c"}`, 400, nil, ""},
		{"remove the user name", `{"op":"remove","path":"userName"}`, 400, nil, ""},
		{"remove active", `{"op":"remove","path":"active"}`, 400, nil, ""},
		{"remove the display name", `{"op":"remove","path":"displayName"}`, 400, nil, ""},
		{"remove the name", `{"op":"remove","path":"name"}`, 400, nil, ""},
		{"active twice", `{"op":"replace","path":"active","value":false},{"op":"replace","path":"active","value":true}`, 400, nil, ""},
		{"remove without path", `{"op":"remove","value":{"title":"x"}}`, 400, nil, ""},
		{"replace without value", `{"op":"replace","path":"title"}`, 400, nil, ""},
		{"two attributes without path", `{"op":"replace","value":{"title":"A","nickName":"B"}}`, 400, nil, ""},
		{"unknown operation", `{"op":"move","path":"title","value":"x"}`, 400, nil, ""},
		{"unknown attribute", `{"op":"replace","path":"shoeSize","value":"x"}`, 400, nil, ""},
		{"groups", `{"op":"add","path":"groups","value":[{"value":"x"}]}`, 400, nil, ""},
		{"password", `{"op":"replace","path":"password","value":"x"}`, 400, nil, ""},
		{"manager.displayName", `{"op":"replace","path":"` + ent + `:manager.displayName","value":"x"}`, 400, nil, ""},
		{"wrong type", `{"op":"replace","path":"title","value":{"a":1}}`, 400, nil, ""},
		{"or in a filter", `{"op":"replace","path":"emails[type ne \"work\"].value","value":"x"}`, 400, nil, ""},
		{"open bracket", `{"op":"replace","path":"emails[type eq \"work\"","value":"x"}`, 400, nil, ""},
		{"a taken user name", `{"op":"replace","path":"userName","value":"taken"}`, 409, nil, ""},
		{"no operations", ``, 400, nil, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			w.user("taken")
			id := w.must(201, "POST", "/Users", everything)["id"].(string)
			before, _ := w.dir.User(id)
			was := *before
			w.must(test.want, "PATCH", "/Users/"+id, patch(test.operations))
			after, _ := w.dir.User(id)
			if test.read != nil {
				if got := test.read(after); got != test.value {
					t.Errorf("got %q, want %q", got, test.value)
				}
			} else if diff := cmp.Diff(was.Profile, after.Profile); diff != "" || was.Active != after.Active {
				t.Errorf("a refused request changed the user:\n%s", diff)
			}
		})
	}
}

func TestDeleteUser(t *testing.T) {
	w := newWorld(t)
	id := w.user("jane")
	w.must(204, "DELETE", "/Users/"+id, "")
	w.must(404, "DELETE", "/Users/"+id, "")
	w.must(404, "GET", "/Users/"+id, "")
	if again := w.user("jane"); again == id {
		t.Error("an id was used twice")
	}
}
