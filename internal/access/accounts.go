package access

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/rolecall-dev/rolecall/internal/names"
)

// accountIDLength is the number of digits of an account's id.
const accountIDLength = 12

// IsAccountID says that a text is an account's id, twelve digits, and so never
// the name of one.
func IsAccountID(text string) bool { return len(text) == accountIDLength && onlyDigits(text) }

func onlyDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// LostZeros returns the account id that a text of fewer digits would be with the
// zeros that a number loses at its beginning; "" where the text is not such.
func LostZeros(text string) string {
	if !onlyDigits(text) || len(text) >= accountIDLength {
		return ""
	}
	return strings.Repeat("0", accountIDLength-len(text)) + text
}

// QuoteAccount says how an account is written for which somebody wrote a number.
func QuoteAccount(n *big.Float) string {
	if n.MantExp(nil) < 64 && n.IsInt() { // 1e999999999 is short only as it is written
		digits, _ := n.Int64()
		switch text := strconv.FormatInt(digits, 10); {
		case IsAccountID(text):
			return fmt.Sprintf("Write %q, in quotes.", text)
		case LostZeros(text) != "":
			return fmt.Sprintf("Write %q, in quotes: an account's id has 12 digits, and the number lost its leading zeros.", LostZeros(text))
		}
	}
	return "Write the account's id as 12 digits in quotes, or its name in quotes."
}

// ActiveState is the state of an account that works, in AWS Organizations.
const ActiveState = "ACTIVE"

// Active says that AWS can change access in the account. A state that was not
// observed counts as that.
func (a Account) Active() bool { return a.State == "" || a.State == ActiveState }

// Names returns what the account goes by in configs and settings: its name and its
// id. Twelve digits are an id, never a name, whatever an account is called.
func (a Account) Names() []string {
	switch {
	case a.ID == "": // as the config writes it
		return []string{a.Name}
	case a.Name == "" || IsAccountID(a.Name):
		return []string{a.ID}
	default:
		return []string{a.Name, a.ID}
	}
}

// AccountIndex finds accounts by what a config, a setting or a person calls them.
// Every front door asks it, so that a name means the same account to each.
type AccountIndex struct {
	accounts []Account
	byID     map[string]int32
	byName   map[string][]int32
	searches atomic.Int32 // for near names
	called   func() *names.Index
}

// NewAccountIndex makes the index of an organization's accounts.
func NewAccountIndex(accounts []Account) *AccountIndex {
	x := &AccountIndex{accounts: accounts, byID: make(map[string]int32, len(accounts)), byName: make(map[string][]int32, len(accounts))}
	x.called = sync.OnceValue(func() *names.Index { return names.IndexOf(accounts, func(a Account) string { return a.Name }) })
	for i, a := range accounts {
		x.byID[a.ID] = int32(i)
		x.byName[a.Name] = append(x.byName[a.Name], int32(i))
	}
	return x
}

// ByID returns the row of the account with an id.
func (x *AccountIndex) ByID(id string) (row int32, there bool) {
	row, there = x.byID[id]
	return row, there
}

// AccountMatch is what a text means. The numbers are rows of the index's accounts.
type AccountMatch struct {
	// At is the account that is meant; -1 where there is none, or where it is not
	// clear which.
	At int32
	// Same are the accounts that the text may stand for, the one meant among them.
	Same []int32
	// LostZeros is the id of one of the organization's accounts that a text of
	// fewer digits may have been before a number lost its zeros; "" for none.
	LostZeros string
}

// Find returns the account that a text means. Twelve digits are an id. A name means
// the account of exactly that name; where several have it, the one that is ACTIVE,
// as the others, which are closed, are only still listed. Where none or several of
// them are, the name means none of them: only an id tells them apart.
func (x *AccountIndex) Find(text string) AccountMatch {
	if IsAccountID(text) {
		if i, ok := x.byID[text]; ok {
			return AccountMatch{At: i, Same: []int32{i}}
		}
		return AccountMatch{At: -1}
	}
	m := AccountMatch{At: -1, Same: x.byName[text]}
	if id := LostZeros(text); id != "" {
		if i, ok := x.byID[id]; ok {
			m.LostZeros = id
			if len(m.Same) > 0 && !slices.Contains(m.Same, i) { // the name or the number?
				m.Same = append(slices.Clone(m.Same), i)
				return m
			}
		}
	}
	if len(m.Same) == 1 {
		m.At = m.Same[0]
		return m
	}
	for _, i := range m.Same {
		if !x.accounts[i].Active() {
			continue
		}
		if m.At >= 0 {
			m.At = -1
			break
		}
		m.At = i
	}
	return m
}

// Others returns the accounts of a name that the text does not mean.
func (m AccountMatch) Others() []int32 {
	return slices.DeleteFunc(slices.Clone(m.Same), func(i int32) bool { return i == m.At })
}

// Unclear says why a text means none of the accounts that it may stand for.
func (m AccountMatch) Unclear(text string) string {
	if m.LostZeros != "" {
		return fmt.Sprintf("%q is the name of one account, and the id %s of another without its zeros", text, m.LostZeros)
	}
	return fmt.Sprintf("%d accounts are named %q", len(m.Same), text)
}

// NoAccount says that a text means no account at all.
func NoAccount(text string) string {
	if IsAccountID(text) {
		return "the organization has no account with the id " + text
	}
	return fmt.Sprintf("the organization has no account named %q", text)
}

// NameOf returns the text by which a config means the account: its name, or its id
// where the name means another one, or none.
func (x *AccountIndex) NameOf(i int32) string {
	a := x.accounts[i]
	if a.Name == "" || IsAccountID(a.Name) || x.Find(a.Name).At != i {
		return a.ID
	}
	return a.Name
}
