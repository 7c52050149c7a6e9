package names

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/runenames"
)

// Character is one character as a person needs to see it who cannot tell it
// from another.
type Character struct {
	Text      string `json:"text"`
	CodePoint string `json:"code_point"` // "U+00A0"
	Name      string `json:"name"`       // Unicode's: "NO-BREAK SPACE"
}

// Difference is one place where an observed name departs from the expected
// one. Position counts the expected name's characters from 1. Expected is nil
// where a character was inserted, Observed where one is missing.
type Difference struct {
	Position int        `json:"position"`
	Expected *Character `json:"expected,omitempty"`
	Observed *Character `json:"observed,omitempty"`
}

// String returns the difference in one line.
func (d Difference) String() string {
	switch {
	case d.Expected == nil:
		return fmt.Sprintf("character %d: has an extra %s", d.Position, d.Observed)
	case d.Observed == nil:
		return fmt.Sprintf("character %d: lacks %s", d.Position, d.Expected)
	default:
		return fmt.Sprintf("character %d: has %s, not %s", d.Position, d.Observed, d.Expected)
	}
}

// String returns the character, its code point and its name.
func (c Character) String() string {
	return fmt.Sprintf("%q %s %s", c.Text, c.CodePoint, c.Name)
}

// mostInWords bounds how many differences are spelled out in a sentence.
const mostInWords = 3

// InWords puts differences in parentheses, for the end of a sentence; "" for none.
func InWords(differences []Difference) string {
	if len(differences) == 0 {
		return ""
	}
	var parts []string
	for _, d := range differences[:min(len(differences), mostInWords)] {
		parts = append(parts, d.String())
	}
	if more := len(differences) - mostInWords; more > 0 {
		parts = append(parts, fmt.Sprintf("and %d more", more))
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

func character(r rune) *Character {
	if r&^0xFF == badByte {
		return &Character{Text: "\uFFFD", CodePoint: fmt.Sprintf("byte %#02x", r&0xFF), Name: "not UTF-8"}
	}
	return &Character{Text: string(r), CodePoint: fmt.Sprintf("%U", r), Name: runeName(r)}
}

// runeName returns Unicode's name; for the controls, which have none, the alias
// that Unicode gives to those that get into names by pasting.
func runeName(r rune) string {
	switch r {
	case '\t':
		return "CHARACTER TABULATION"
	case '\n':
		return "LINE FEED"
	case '\r':
		return "CARRIAGE RETURN"
	case 0:
		return "NULL"
	}
	return runenames.Name(r)
}

// maxAligned bounds the memory of an alignment: what differs is at most so
// long, or it is given as it stands, position by position.
const maxAligned = 256

// Differences returns the fewest character differences that turn the expected
// name into the observed one, in the order of the name. It is empty if and only
// if the names are equal. A swap of neighbors is two differences.
func Differences(expected, observed string) []Difference {
	if expected == observed {
		return nil
	}
	a, b, offset := trimCommon(runes(expected), runes(observed))
	if len(a) > maxAligned || len(b) > maxAligned {
		return byPosition(a, b, offset)
	}
	return aligned(a, b, offset)
}

func byPosition(a, b []rune, offset int) []Difference {
	var out []Difference
	for i := range max(len(a), len(b)) {
		d := Difference{Position: offset + i + 1}
		if i < len(a) {
			d.Expected = character(a[i])
		}
		if i < len(b) {
			d.Observed = character(b[i])
		}
		if i < len(a) && i < len(b) && a[i] == b[i] {
			continue
		}
		out = append(out, d)
	}
	return out
}

// aligned walks back through the table of edit distances.
func aligned(a, b []rune, offset int) []Difference {
	table := distances(a, b)
	var out []Difference
	i, j := len(a), len(b)
	for i > 0 || j > 0 {
		here := table[i][j]
		switch {
		case i > 0 && j > 0 && here == table[i-1][j-1]+differ(a[i-1], b[j-1]):
			i, j = i-1, j-1
			if a[i] != b[j] {
				out = append(out, Difference{offset + i + 1, character(a[i]), character(b[j])})
			}
		case i > 0 && here == table[i-1][j]+1:
			i--
			out = append(out, Difference{offset + i + 1, character(a[i]), nil})
		default:
			j--
			out = append(out, Difference{offset + i + 1, nil, character(b[j])})
		}
	}
	slices.Reverse(out)
	return out
}

func distances(a, b []rune) [][]int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
		for j := range table[i] {
			switch {
			case i == 0:
				table[i][j] = j
			case j == 0:
				table[i][j] = i
			default:
				table[i][j] = min(table[i-1][j]+1, table[i][j-1]+1, table[i-1][j-1]+differ(a[i-1], b[j-1]))
			}
		}
	}
	return table
}
