package names

import (
	"cmp"
	"slices"
	"strings"
)

// Match is how well two names match: how much has to be overlooked for them to be the
// same. Exact is the only one that passes.
type Match string

// The matches, in the order in which they are tried. Each overlooks what the
// ones before it do, and one thing more.
const (
	Exact        Match = "exact"
	Trimmed      Match = "trimmed"       // blanks at the ends
	NFC          Match = "nfc"           // one character, or letter and accent apart
	NFKC         Match = "nfkc"          // compatibility forms: full-width letters, no-break spaces, ligatures
	Case         Match = "case"          // upper and lower case
	Separators   Match = "separators"    // blanks, dashes and underscores
	Invisible    Match = "invisible"     // zero-width and bidirectional characters
	LookAlike    Match = "look_alike"    // other letters that look the same
	EditDistance Match = "edit_distance" // a few characters
)

// inWords says in what two names differ that a match joins.
var inWords = map[Match]string{
	Exact:        "nothing",
	Trimmed:      "blanks at the beginning or the end",
	NFC:          "the Unicode form of an accented letter",
	NFKC:         "a compatibility form of a character",
	Case:         "upper and lower case",
	Separators:   "blanks, dashes or underscores",
	Invisible:    "characters that cannot be seen",
	LookAlike:    "letters that look alike",
	EditDistance: "a few characters",
}

// Words says in words what two names differ in that this match joins.
func (r Match) Words() string { return cmp.Or(inWords[r], string(r)) }

// SameName says that people would take two names that match so for one name; an
// edit distance is only a guess, and other evidence is not about the name.
func (r Match) SameName() bool {
	return r != EditDistance && inWords[r] != ""
}

// keyedBy are the matches of two names that have a key in common.
var keyedBy = [...]Match{Trimmed, NFC, NFKC, Case, Separators, Invisible, LookAlike, LookAlike}

// keys are what is left of a name for each match of keyedBy. LookAlike has two:
// capital letters have other doubles than small ones (I looks like l, i does
// not), so both spellings are tried.
type keys [len(keyedBy)]string

// plain is the key that edit distances are taken on.
func (k *keys) plain() string { return k[5] }

func keysOf(name string) keys {
	var k keys
	k[0] = strings.TrimSpace(name)
	k[1] = nfc(k[0])
	k[2] = strings.TrimSpace(nfkc(k[1]))
	k[3] = nfkc(Fold(k[2]))
	k[4] = strings.Map(dropSeparator, k[3])
	k[5] = refold(strings.Map(dropInvisible, k[4]))
	visible := strings.Map(dropSeparator, nfkc(strings.Map(dropInvisible, k[2])))
	k[6] = Fold(skeleton(visible))
	k[7] = Fold(skeleton(k[5]))
	return k
}

// refold brings together what an invisible character kept apart.
func refold(text string) string {
	return strings.Map(dropSeparator, nfkc(Fold(nfkc(text))))
}

// Compare returns the first match that joins the two names, and
// false where none does. It is symmetric, and Exact if and only if the names
// are equal.
func Compare(a, b string) (Match, bool) {
	if a == b {
		return Exact, true
	}
	ka, kb := keysOf(a), keysOf(b)
	for i := range ka {
		if ka[i] != "" && ka[i] == kb[i] {
			return keyedBy[i], true
		}
	}
	x, y := runes(ka.plain()), runes(kb.plain())
	if limit := maxDistance(size(x), size(y)); limit > 0 {
		var m matrix
		if m.distance(x, y, limit) <= limit {
			return EditDistance, true
		}
	}
	return "", false
}

// size is the length of a name without the domain of an e-mail address, which
// a whole organization has in common.
func size(plain []rune) int {
	if at := slices.Index(plain, '@'); at > 0 {
		return at
	}
	return len(plain)
}

// maxDistance is how many edits may lie between two names of these sizes that
// were perhaps meant to be one: 2, or 20% of the longer, but never more than a
// third of it, because any two short names are close to each other.
func maxDistance(a, b int) int {
	n := max(a, b)
	return min(max(2, n/5), n/3, maxEdits)
}

// maxEdits bounds the work on long names; people do not recognize a name with
// more slips in it.
const maxEdits = 12
