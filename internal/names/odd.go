package names

import (
	"cmp"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Odder says which of two names has more of what gets into a name by a slip and
// nobody sees there: a blank at an end or a second one, an invisible character, a
// dash or blank of another kind, a letter of another script than most of the name.
// It is positive for the first, negative for the second, and 0 where one cannot
// tell.
func Odder(a, b string) int { return cmp.Compare(oddities(a), oddities(b)) }

func oddities(name string) int {
	all := runes(name)
	n := foreignLetters(all)
	if !norm.NFC.IsNormalString(name) {
		n++
	}
	for i, r := range all {
		blank := unicode.IsSpace(r)
		switch {
		case r&^0xFF == badByte, invisible(r), r >= utf8.RuneSelf && separator(r):
			n++
		case blank && (i == 0 || i == len(all)-1 || unicode.IsSpace(all[i-1])):
			n++
		}
	}
	return n
}

// foreignLetters counts the letters that are not of the script that most are of.
func foreignLetters(all []rune) int {
	letters, most, of := 0, 0, map[string]int{}
	for _, r := range all {
		if script := scriptOf(r); script != "" {
			letters++
			of[script]++
			most = max(most, of[script])
		}
	}
	return letters - most
}

// compatibility is, as a script, that of other forms of letters: full-width ones,
// those of mathematics.
const compatibility = "compatibility"

// scriptOf returns the script of a letter; "" for what is none, and for what letters
// of all scripts have in common.
func scriptOf(r rune) string {
	switch {
	case r < utf8.RuneSelf:
		if unicode.IsLetter(r) {
			return "Latin"
		}
		return ""
	case !unicode.IsLetter(r):
		return ""
	case nfkc(nfc(string(r))) != nfc(string(r)):
		return compatibility
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana): // which Japanese mixes
		return "Han"
	}
	for script, table := range unicode.Scripts {
		if unicode.Is(table, r) && script != "Common" && script != "Inherited" {
			return script
		}
	}
	return ""
}
