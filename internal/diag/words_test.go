package diag

import "testing"

func TestWords(t *testing.T) {
	list := []string{"a", "b", "c", "d"}
	for want, got := range map[string]string{
		"1 role": Counted(1, "role", "roles"), "0 roles": Counted(0, "role", "roles"),
		"a, b and 2 more": First(2, list, ", "), "a; b; c; d": First(4, list, "; "), "": First(3, nil, ", "),
		"x and 4 more": FirstOf([]string{"x"}, 5, ", "), `"a", "b\n"`: Quoted([]string{"a", "b\n"}),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
