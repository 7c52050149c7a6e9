package file_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/file"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

func open(t *testing.T, name, text string) *file.Directory {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := file.New(directory.Settings{Path: name, Dir: dir, Organization: "PingFederate"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCSV(t *testing.T) {
	d := open(t, "users.csv", "\ufeffLogin,First name,Last Name,E-mail,Shoe size,Status,Groups\r\n"+
		"jane@company.com,Jane,\"Doe, née X\",j.doe@company.com,38,active,AWS-Admins; Everyone\r\n"+
		"bob@company.com,Bob,B,,44,disabled,Everyone\r\n")
	found, err := d.FindPerson(t.Context(), "J.Doe@company.com")
	if err != nil {
		t.Fatal(err)
	}
	want := []directory.Person{{
		ID: "jane@company.com", UserName: "jane@company.com", Email: "j.doe@company.com", GivenName: "Jane", FamilyName: "Doe, née X",
		Status: directory.Active, Said: "active", Match: directory.ByEmail,
	}}
	if diff := cmp.Diff(want, found.People); diff != "" {
		t.Error(diff)
	}
	e := found.Evidence[0]
	if e.System != "PingFederate" || e.What != "read users.csv" || !strings.Contains(e.Saw, "line 2") || e.When == "" {
		t.Errorf("evidence %+v", e)
	}
	got := members(t, d, "Everyone")
	if want := []string{"jane@company.com active true", "bob@company.com suspended true"}; !slices.Equal(got, want) {
		t.Errorf("members %q", got)
	}
	groups, err := d.GroupsOf(t.Context(), "jane@company.com")
	if err != nil || len(groups.Groups) != 2 {
		t.Errorf("groups %+v, %v", groups, err)
	}
}

func members(t *testing.T, d *file.Directory, group string) (all []string) {
	t.Helper()
	found, err := d.MembersOf(t.Context(), group)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range found.Members {
		all = append(all, strings.Join(strings.Fields(fmt.Sprint(m.Name, " ", m.Status, " ", m.Direct)), " "))
	}
	return all
}

func TestJSON(t *testing.T) {
	d := open(t, "export.json", `{"exported":"2026-11-01T08:00:00Z",
		"users":[{"id":"1","user_name":"jane@company.com"},{"id":"2","user_name":"bob@company.com","status":"inactive"}],
		"groups":[{"name":"Outer","members":["1"],"member_groups":["Inner"]},{"name":"Inner","members":["BOB@company.com","jane@company.com","ghost@company.com"],"member_groups":["Outer"]}]}`)
	got := members(t, d, "Outer")
	want := []string{"jane@company.com unknown true", "Inner true", "bob@company.com suspended false", "ghost@company.com unknown false"}
	if !slices.Equal(got, want) {
		t.Errorf("members %q, want %q", got, want)
	}
	near, err := d.FindGroups(t.Context(), "outer")
	if err != nil || len(near.Groups) > 0 || len(near.Near) != 1 || near.Evidence[0].When != "2026-11-01T08:00:00Z" {
		t.Errorf("%+v, %v", near, err)
	}
}

// TestNoGroups tells a file without groups from one with none.
func TestNoGroups(t *testing.T) {
	for name, text := range map[string]string{"u.csv": "user_name\njane", "u.json": `{"users":[{"user_name":"jane"}]}`} {
		d := open(t, name, text)
		if _, err := d.FindGroups(t.Context(), "Admins"); !directory.NotThere.Is(err) {
			t.Errorf("%s: %v", name, err)
		}
		if found, err := d.FindPerson(t.Context(), "jane"); err != nil || len(found.People) != 1 || found.People[0].Status != directory.Unknown {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
	}
	d := open(t, "u.json", `{"users":[],"groups":[]}`)
	if found, err := d.FindGroups(t.Context(), "Admins"); err != nil || len(found.Groups) > 0 {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestRefusedFiles(t *testing.T) {
	for _, c := range []struct{ name, text, says string }{
		{"empty.csv", "", "no header"},
		{"u.csv", "name,mail\njane,j@x\n", "no column is called user_name"},
		{"u.csv", "login,username\na,b\n", "both mean user_name"},
		{"u.csv", "user_name\njane\nbob\nJane\n", "line 2 and line 4"},
		{"u.csv", "user_name,status\njane,perhaps\n", `line 2 has no user name, or an unknown status "perhaps"`},
		{"u.csv", "user_name,status\njane\n", "wrong number of fields"},
		{"u.csv", "user_name,status\n,active\n", "line 2 has no user name"},
		{"u.json", `{"users":[{"user_name":"a"},{"user_name":"A"}]}`, "both called"},
		{"u.json", `{"users":[{"username":"a"}]}`, "unknown field"},
		{"u.json", `{"users":[]} x`, "after the JSON"},
		{"u.json", `{"groups":[{"name":"A"},{"name":"A"}]}`, "two groups"},
		{"u.json", `{"groups":[{}]}`, "group 1 has no name"},
	} {
		_, err := open(t, c.name, c.text).FindPerson(t.Context(), "jane")
		if !directory.Unreadable.Is(err) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s %q: %v, want %q", c.name, c.text, err, c.says)
		}
	}
	for path, says := range map[string]string{"": "path", "users.xlsx": "neither"} {
		if _, err := file.New(directory.Settings{Path: path}); !directory.BadSetting.Is(err) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", path, err)
		}
	}
	d, err := file.New(directory.Settings{Path: "nowhere.csv", Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.FindPerson(t.Context(), "x"); !directory.BadSetting.Is(err) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// A path that leads to something without end, and a file with very many people,
// are read in bounds.
func TestFilesInBounds(t *testing.T) {
	dir := t.TempDir()
	if err := os.Symlink("/dev/zero", filepath.Join(dir, "users.csv")); err != nil {
		t.Skip(err)
	}
	d, err := file.New(directory.Settings{Path: filepath.Join(dir, "users.csv"), Machine: trust.Of(func(name string) string {
		return map[string]string{trust.PathsVariable: dir}[name]
	})})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.FindPerson(t.Context(), "jane"); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("err = %v", err)
	}
	if _, err := open(t, "users.csv", "login,groups\njane,"+strings.Repeat("a;", 4_000_000)).FindPerson(t.Context(), "jane"); err == nil || !strings.Contains(err.Error(), "fields") {
		t.Errorf("err = %v", err)
	}
	var many strings.Builder
	many.WriteString("login,groups\n")
	for n := range 200_000 {
		fmt.Fprintf(&many, "user%d,All;Own%d\n", n, n)
	}
	found, err := open(t, "users.csv", many.String()).MembersOf(t.Context(), "All")
	if err != nil || len(found.Members) != 200_000 {
		t.Errorf("%d members, %v", len(found.Members), err)
	}
}

// TestRehired finds somebody who left and came back under another user name: the
// living one first.
func TestRehired(t *testing.T) {
	d := open(t, "users.csv", "user_name,email,status\nann.old@company.com,ann@company.com,deleted\nann@company.com,,active\n")
	found, err := d.FindPerson(t.Context(), "ann@company.com")
	if err != nil || len(found.People) != 2 || found.People[0].Status != directory.Active || directory.Several(found.People) {
		t.Errorf("%+v, %v", found.People, err)
	}
}
