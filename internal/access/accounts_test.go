package access_test

import (
	"math/big"
	"slices"
	"testing"

	"github.com/rolecall-dev/rolecall/internal/access"
)

func organization() []access.Account {
	return []access.Account{
		{ID: "111122223333", Name: "management"},
		{ID: "222233334444", Name: "Development", State: "ACTIVE"}, {ID: "333344445555", Name: "Development", State: "ACTIVE"},
		{ID: "888899990000", Name: "twin", State: "ACTIVE"}, {ID: "999900001111", Name: "twin", State: "SUSPENDED"}, {ID: "999900002222", Name: "twin", State: "PENDING_CLOSURE"},
		{ID: "555566667777", Name: "old", State: "SUSPENDED"},
		{ID: "666677778888", Name: "gone", State: "SUSPENDED"}, {ID: "666677779999", Name: "gone", State: "PENDING_CLOSURE"},
		{ID: "000000000123", Name: "tiny", State: "ACTIVE"}, {ID: "123456789010", Name: "decoy", State: "ACTIVE"}, {ID: "012345678901", Name: "legacy", State: "ACTIVE"},
		{ID: "444455556666", Name: "222233334444", State: "ACTIVE"}, // whoever names an account may call it anything
		{ID: "777788889999", Name: "123", State: "ACTIVE"}, {ID: "777788880000", Name: "000000000999", State: "ACTIVE"},
	}
}

func TestAccountIndex(t *testing.T) {
	accounts := organization()
	index := access.NewAccountIndex(accounts)
	for _, c := range []struct {
		text, means string
		same        int
		zeros       string
	}{
		{text: "management", means: "111122223333", same: 1},
		{text: "222233334444", means: "222233334444", same: 1},
		{text: "444455556666", means: "444455556666", same: 1},
		{text: "999900001111", means: "999900001111", same: 1},
		{text: "000000000123", means: "000000000123", same: 1},
		{text: "000000000999"},
		{text: "Management"},
		{text: "Development", same: 2},
		{text: "twin", means: "888899990000", same: 3},
		{text: "old", means: "555566667777", same: 1},
		{text: "gone", same: 2},
		{text: "12345678901", zeros: "012345678901"},
		{text: "123", same: 2, zeros: "000000000123"},
		{text: ""},
	} {
		found := index.Find(c.text)
		means := ""
		if found.At >= 0 {
			means = accounts[found.At].ID
		}
		if means != c.means || len(found.Same) != c.same || found.LostZeros != c.zeros {
			t.Errorf("%q means %q, one of %d, zeros %q", c.text, means, len(found.Same), found.LostZeros)
		}
		if found.At >= 0 && len(found.Others()) != c.same-1 {
			t.Errorf("%q: the others are %v", c.text, found.Others())
		}
	}
	for i, want := range []string{"management", "222233334444", "333344445555", "twin", "999900001111", "999900002222", "old", "666677778888", "666677779999",
		"tiny", "decoy", "legacy", "444455556666", "777788889999", "777788880000"} {
		if got := index.NameOf(int32(i)); got != want {
			t.Errorf("%s is written %q, want %q", accounts[i].ID, got, want)
		}
	}
}

func TestAccountNames(t *testing.T) {
	for _, c := range []struct {
		account access.Account
		want    []string
	}{
		{access.Account{ID: "111122223333", Name: "management"}, []string{"management", "111122223333"}},
		{access.Account{ID: "444455556666", Name: "222233334444"}, []string{"444455556666"}},
		{access.Account{ID: "444455556666"}, []string{"444455556666"}},
		{access.Account{Name: "222233334444"}, []string{"222233334444"}},
	} {
		if got := c.account.Names(); !slices.Equal(got, c.want) {
			t.Errorf("%+v goes by %q", c.account, got)
		}
	}
}

func TestQuoteAccount(t *testing.T) {
	const form = "Write the account's id as 12 digits in quotes, or its name in quotes."
	const lost = "\", in quotes: an account's id has 12 digits, and the number lost its leading zeros."
	for number, want := range map[string]string{
		"12345678901": "Write \"012345678901" + lost, "123": "Write \"000000000123" + lost, "1.2345678901e10": "Write \"012345678901" + lost, "0": "Write \"000000000000" + lost,
		"123456789012": `Write "123456789012", in quotes.`,
		"-5":           form, "1.5": form, "1234567890123": form, "1e400": form, "1e999999999": form, "1e-400": form,
	} {
		n, _, err := big.ParseFloat(number, 10, 512, big.ToNearestEven)
		if err != nil {
			t.Fatal(err)
		}
		if got := access.QuoteAccount(n); got != want {
			t.Errorf("%s: %s", number, got)
		}
	}
}
