package directory

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// AWS's limits of what SCIM brings (IAM Identity Center SCIM developer guide).
const mostName = 1024 // characters

// Unfit says, in words, what of these attributes AWS or the provider's own
// matching does not take; pairs are names for people and values in turn. required
// are the names that must not be empty.
func Unfit(refused string, required []string, pairs ...string) []string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		name, value := pairs[i], pairs[i+1]
		switch at := strings.IndexAny(value, refused); {
		case strings.TrimSpace(value) == "" && slices.Contains(required, name):
			out = append(out, "the "+name+" is empty")
		case at >= 0:
			r, _ := utf8.DecodeRuneInString(value[at:])
			out = append(out, fmt.Sprintf("the %s has the character %q", name, r))
		case len([]rune(value)) > mostName:
			out = append(out, "the "+name+" is too long")
		}
	}
	return out
}
