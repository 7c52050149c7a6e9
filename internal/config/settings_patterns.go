package config

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// checkPatterns refuses patterns that could never match anything: whoever wrote
// one believes that something is left alone, or may be taken over.
func (l *loader) checkPatterns(patterns access.List[access.Text], things ...string) {
	for _, p := range patterns.Items {
		if why, hint := badPattern(p.Value, things); p.Set() && why != "" && !l.reportedAt(p.Range) {
			l.Reportf(CodeBadSetting, p.Range, hint, "the pattern %q %s", p.Value, why)
		}
	}
}

// badPattern says what is wrong with a pattern, and what to do; "" where nothing is.
func badPattern(pattern string, things []string) (why, hint string) {
	all := []string{access.SetThing, access.GroupThing, access.UserThing, access.AccountThing}
	if thing, rest, ok := strings.Cut(pattern, ":"); ok && slices.Contains(all, thing) {
		if !slices.Contains(things, thing) {
			return fmt.Sprintf("narrows to %q, which this list does not accept", thing+":"), "Use " + anyOf(things) + ", or no prefix."
		}
		pattern = rest
	} else if near := names.Nearest(thing, all); ok && near != "" {
		return fmt.Sprintf("begins with %q, which narrows to nothing", thing+":"), fmt.Sprintf("%s For a name that begins so, write what it is the name of first, such as %q.", names.DidYouMean(near+":", ""), access.GroupThing+":"+thing+":*")
	}
	if pattern == "" {
		return "matches nothing", "Write a name, or a pattern such as AWS-*."
	}
	if _, err := path.Match(pattern, ""); err != nil {
		return "is not valid and would match nothing", `Close every [, and put a backslash before a character that should match itself, such as \\[.`
	}
	return "", ""
}

// anyOf returns "set: or group:".
func anyOf(things []string) string {
	list := make([]string, len(things))
	for i, t := range things {
		list[i] = t + ":"
	}
	if n := len(list) - 1; n > 0 {
		return strings.Join(list[:n], ", ") + " or " + list[n]
	}
	return strings.Join(list, "")
}
