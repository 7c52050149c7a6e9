package render

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/quota"
)

// CallsLine returns how many calls were made, by family, and how many of them
// AWS throttled: "42 calls to AWS (sso-admin 30, organizations 12)".
func CallsLine(calls []quota.Use) string {
	total, throttled := 0, 0
	families := map[string]int{}
	for _, c := range calls {
		total += c.Calls
		throttled += c.Throttles
		families[c.Family] += c.Calls
	}
	if total == 0 {
		return "no calls to AWS"
	}
	names := slices.SortedFunc(maps.Keys(families), func(a, b string) int {
		return cmp.Or(cmp.Compare(families[b], families[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %s", name, number(families[name]))
	}
	text := fmt.Sprintf("%s to AWS (%s)", counted(total, "call", "calls"), listed(names, len(names)))
	if throttled > 0 {
		text += fmt.Sprintf(", %s of them throttled and retried", number(throttled))
	}
	return text
}
