package access_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
)

func TestWhatToWriteInsteadOfAMissingAccount(t *testing.T) {
	accounts := append(organization(), access.Account{ID: "121212121212", Name: "Log Archive"}, access.Account{ID: "131313131313", Name: "log-archive"}, access.Account{ID: "141414141414", Name: "log_archive2"})
	index := access.NewAccountIndex(accounts)
	for text, want := range map[string]string{
		"managment": `Did you mean "management"?`, "MANAGEMENT": `Did you mean "management"?`, " management": `Did you mean "management"?`, "m\u0430nagement": `Did you mean "management"?`,
		"developmnt":     `Did you mean "222233334444" or "333344445555"?`, // two of the name: only an id tells them apart
		"twins":          `Did you mean "twin"?`,
		"logarchive":     `Did you mean "Log Archive" or "log-archive"?`,
		"2222-3333-4444": `: "222233334444". That is account "Development".`, "2222 3333 4444": `: "222233334444". That is`, "2222\u00a03333\u20114444": `: "222233334444". That is`,
		"222233334444 ": `: "222233334444". That is`, "22-22-33-33-44-44": `: "222233334444". That is`,
		"9999-8888-7777": `: "999988887777". The organization has no account with this id, either.`,
		"12345678901":    `write "012345678901", in quotes.`,
		"999988887777":   "Twelve digits are an account's id",
		"sandbox":        "or create the account.", "": "or create the account.", "2222-3333": "or create the account.",
	} {
		if got := index.Instead(text); !strings.Contains(got, want) {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// With the credentials of another organization all names are missing: near names
// are looked for only for the first of them.
func TestAllAccountsAreMissing(t *testing.T) {
	instead := allMissing(4000)
	if got := instead[0]; !strings.Contains(got, `"workload-00000-production"`) {
		t.Error(got)
	}
	told := 0
	for _, text := range instead {
		if strings.Contains(text, "Did you mean") {
			told++
		}
	}
	if told > 100 {
		t.Errorf("near names were looked for in %d of %d cases, each time among all accounts", told, len(instead))
	}
}

func BenchmarkAllAccountsAreMissing(b *testing.B) {
	for b.Loop() {
		allMissing(4000) // the floor is 100 searches of 4,000 names
	}
}

// allMissing asks for each of n accounts by a misspelled name.
func allMissing(n int) []string {
	accounts := make([]access.Account, n)
	for i := range accounts {
		accounts[i] = access.Account{ID: fmt.Sprintf("%012d", i), Name: fmt.Sprintf("workload-%05d-production", i)}
	}
	index, instead := access.NewAccountIndex(accounts), make([]string, n)
	for i := range instead {
		instead[i] = index.Instead(fmt.Sprintf("workload-%05d-productoin", i))
	}
	return instead
}
