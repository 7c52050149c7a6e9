package names

import "testing"

func TestNearestWord(t *testing.T) {
	known := []string{"accounts_names", "access_groups", "username", "users", "tags"}
	for given, want := range map[string]string{
		"account_names": "accounts_names", "acess_groups": "access_groups", "acecss_groups": "access_groups", "usernam": "username",
		"user": "users", "tag": "tags", "sid": "", "": "", "region": "", "members": "",
	} {
		if got := Nearest(given, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", given, got, want)
		}
	}
}
