package file_test

import (
	"testing"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/file"
)

// FuzzExport reads anything: an answer or an error, and an answer only about
// names that are asked for.
func FuzzExport(f *testing.F) {
	f.Add("user_name,groups\njane,a;b\n", false)
	f.Add(`{"users":[{"user_name":"jane"}],"groups":[{"name":"a","member_groups":["a"]}]}`, true)
	f.Fuzz(func(t *testing.T, text string, isJSON bool) {
		name := "u.csv"
		if isJSON {
			name = "u.json"
		}
		d, err := file.New(directory.Settings{Path: name, ReadFile: func(string) ([]byte, error) { return []byte(text), nil }})
		if err != nil {
			t.Fatal(err)
		}
		people, err := d.FindPerson(t.Context(), "jane")
		if err == nil && len(people.Evidence) != 1 {
			t.Error("an answer without evidence")
		}
		exact := 0
		for _, p := range people.People {
			if p.Match == directory.ByUserName {
				exact++
			}
		}
		if exact > 1 {
			t.Errorf("%d people of one name", exact)
		}
		_, _ = d.MembersOf(t.Context(), "a")
	})
}
