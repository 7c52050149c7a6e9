package access_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

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

// With the credentials of another organization all names are missing.
func TestAllAccountsAreMissing(t *testing.T) {
	const n = 4000
	var accounts []access.Account
	for i := range n {
		accounts = append(accounts, access.Account{ID: fmt.Sprintf("%012d", i), Name: fmt.Sprintf("workload-%05d-production", i)})
	}
	index, start := access.NewAccountIndex(accounts), time.Now()
	for i := range n {
		if got := index.Instead(fmt.Sprintf("workload-%05d-productoin", i)); i == 0 && !strings.Contains(got, `"workload-00000-production"`) {
			t.Error(got)
		}
	}
	if took := time.Since(start); took > 5*time.Second { // it would be half a minute
		t.Errorf("near names for %d missing ones took %s", n, took)
	}
}
