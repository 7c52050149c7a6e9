package names

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf })
}

func nfc(text string) string { return norm.NFC.String(text) }

func nfkc(text string) string { return norm.NFKC.String(text) }

// Fold is Unicode's full case folding, without a language: ß is ss.
func Fold(text string) string {
	if ascii(text) {
		return strings.ToLower(text)
	}
	return cases.Fold().String(text)
}

// dropSeparator is for strings.Map.
func dropSeparator(r rune) rune {
	if separator(r) {
		return -1
	}
	return r
}

const minusSign = '\u2212'

func separator(r rune) bool {
	if r < utf8.RuneSelf {
		return r == '-' || r == '_' || unicode.IsSpace(r)
	}
	return r == minusSign || unicode.In(r, unicode.Pd, unicode.Pc, unicode.White_Space)
}

// dropInvisible is for strings.Map.
func dropInvisible(r rune) rune {
	if invisible(r) {
		return -1
	}
	return r
}

// invisible says that the character takes no room: controls, zero-width and
// bidirectional format characters, and the rest of what Unicode calls default
// ignorable.
func invisible(r rune) bool {
	if r < utf8.RuneSelf {
		return unicode.IsControl(r) && !unicode.IsSpace(r)
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point)
}

// lookAlikes has a line for each character that looks like others, both sides in hex.
//
//go:embed confusables.txt
var lookAlikes string

// confusables returns, by character, what it looks like.
var confusables = sync.OnceValue(func() map[rune]string {
	out := map[rune]string{}
	for line := range strings.Lines(lookAlikes) {
		if from, to, ok := strings.Cut(line, ";"); ok && from[0] != '#' {
			out[fromHex(from)[0]] = string(fromHex(to))
		}
	}
	return out
})

func fromHex(points string) []rune {
	var out []rune
	for _, p := range strings.Fields(points) {
		n, err := strconv.ParseUint(p, 16, 32)
		if err != nil {
			panic(fmt.Sprintf("the table of look-alikes has %q: %v", p, err))
		}
		out = append(out, rune(n))
	}
	return out
}

// skeleton replaces every character by what it looks like (UTS #39, section 4,
// on NFKD instead of NFD). Two texts with one skeleton look alike. A skeleton
// is its own skeleton.
func skeleton(text string) string {
	looksLike := confusables()
	text = norm.NFKD.String(text)
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range text {
		if to, ok := looksLike[r]; ok {
			b.WriteString(to)
		} else {
			b.WriteRune(r)
		}
	}
	return norm.NFKD.String(b.String())
}

// badByte marks a byte that is no UTF-8, as a lone surrogate, which no valid
// text contains; so differing bytes stay different.
const badByte = 0xDC00

func runes(text string) []rune {
	out := make([]rune, 0, len(text))
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				r = badByte | rune(text[i])
			}
		}
		out = append(out, r)
	}
	return out
}
