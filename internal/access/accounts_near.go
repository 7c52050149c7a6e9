package access

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rolecall-dev/rolecall/internal/names"
)

// SpacedID returns the account id that a text is but for the dashes or blanks
// between its digits, as consoles and chats show ids; "" where it is not such.
func SpacedID(text string) string {
	id := strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Pd, unicode.Zs, unicode.Cf) || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	if id == text || !IsAccountID(id) {
		return ""
	}
	return id
}

// writeID says how an id is written that has something between its digits.
func writeID(id string) string {
	return fmt.Sprintf("An account's id is 12 digits without anything between them: %q.", id)
}

// writeZeros says how an id is written that lost the zeros that it begins with.
func writeZeros(id string) string {
	return fmt.Sprintf("An account's id has 12 digits, and a number loses its leading zeros: write %q, in quotes.", id)
}

// Instead says what to write for a text that means none of the organization's
// accounts.
func (x *AccountIndex) Instead(text string) string {
	if IsAccountID(text) {
		return "Twelve digits are an account's id: correct it, or write the account's name as AWS Organizations has it."
	}
	if id := x.Find(text).LostZeros; id != "" {
		return writeZeros(id)
	}
	if id := SpacedID(text); id != "" {
		return writeID(id) + x.whose(id)
	}
	if near := x.near(text); len(near) > 0 {
		return fmt.Sprintf("Did you mean %s? Account names are those of AWS Organizations, matched exactly.", strings.Join(near, " or "))
	}
	return "Account names are those of AWS Organizations, matched exactly: correct the name here, or create the account."
}

func (x *AccountIndex) whose(id string) string {
	i, ok := x.byID[id]
	switch {
	case !ok:
		return " The organization has no account with this id, either."
	case x.accounts[i].Name == "":
		return ""
	default:
		return fmt.Sprintf(" That is account %q.", x.accounts[i].Name)
	}
}

const (
	// mostNear is how many of the nearest names are told.
	mostNear = 3
	// mostSearches bounds the work where all names are missing, as with the
	// credentials of another organization: no typing error is behind those.
	mostSearches = 100
)

// Near returns the accounts whose names are nearest to a text, the nearest first;
// At is the account's row. Of several accounts of one name it is the one that the
// name means.
func (x *AccountIndex) Near(text string) []names.Candidate {
	if IsAccountID(text) || x.searches.Add(1) > mostSearches {
		return nil
	}
	return x.called().Nearest(text, mostNear, x.goesByAnother)
}

// goesByAnother says that nobody means the account by its name: of twins, the name
// means the other one, and twelve digits are an id.
func (x *AccountIndex) goesByAnother(row int) bool {
	name := x.accounts[row].Name
	at := x.Find(name).At
	return name == "" || IsAccountID(name) || at >= 0 && at != int32(row)
}

// near returns the nearest of these, each as the config would write it: where a
// name leads to no single account, by the id.
func (x *AccountIndex) near(text string) []string {
	var found []string
	nearest := x.Near(text)
	for _, c := range nearest {
		if name := strconv.Quote(x.NameOf(int32(c.At))); c.Distance == nearest[0].Distance && !slices.Contains(found, name) {
			found = append(found, name)
		}
	}
	return found
}
