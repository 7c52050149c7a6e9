package diag

import (
	"fmt"
	"strings"
)

// Counted returns "1 role" or "2 roles".
func Counted(n int, one, many string) string { return fmt.Sprintf("%d %s", n, Plural(n, one, many)) }

// Plural returns the word for one, or for many.
func Plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// First returns the first of a list, so many at most, with the text between them, and how
// many more there are: "a, b and 3 more".
func First(most int, list []string, between string) string {
	return FirstOf(list[:min(most, len(list))], len(list), between)
}

// FirstOf returns the first of so many, and how many more there are.
func FirstOf(first []string, all int, between string) string {
	text := strings.Join(first, between)
	if more := all - len(first); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// Quoted returns names in quotes, with commas between them.
func Quoted(names []string) string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(out, ", ")
}
