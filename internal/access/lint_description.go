package access

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// DescriptionLint wants a description that says something. That there is none at
// all is an error of Check.
type DescriptionLint struct{ LintRule }

func (DescriptionLint) look(g GroupSpec) diag.List {
	why := saysNothing(g)
	if why == "" {
		return nil
	}
	return diag.List{{Range: g.Description.Range,
		Summary: fmt.Sprintf("the description of %s %s", groupCalled(g), why),
		Detail:  "It becomes the description of the permission set, by which reviewers here and auditors in the AWS console tell what the access is for.",
		Hint:    "Say in a few words who is in the group and what the access is for."}}
}

// reminder is a note to its own author: "todo: describe", "todo(jane)".
var reminder = regexp.MustCompile(`(?i)^todo\s*[:(]`)

// saysNothing returns what is wrong with a description, or "".
func saysNothing(g GroupSpec) string {
	text := strings.TrimSpace(g.Description.Value)
	switch words := letters(text); {
	case !g.Description.Set():
		return ""
	case text == "":
		return "is empty"
	case strings.HasPrefix(text, "<") && strings.HasSuffix(text, ">"), words == "", slices.Contains(placeholders(), words), reminder.MatchString(text):
		return fmt.Sprintf("is the placeholder %q", text)
	case words == letters(g.Name.Value):
		return "only repeats its name"
	default:
		return ""
	}
}

func placeholders() []string {
	return []string{"todo", "tbd", "tba", "fixme", "xxx", "na", "none", "null", "empty", "nodescription", "description", "groupdescription",
		"adescription", "placeholder", "changeme", "replaceme", "test", "foo", "bar", "loremipsum"}
}

// letters returns what is left of a text without case, blanks and punctuation.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, fold(text))
}
