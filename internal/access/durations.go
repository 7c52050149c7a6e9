package access

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

var durationPattern = regexp.MustCompile(`^P(?:(\d{1,4})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$`)

// DefaultSessionDuration is AWS's default for a permission set.
const DefaultSessionDuration = "PT1H"

// ISODuration returns the one spelling of a session duration that states carry:
// PT60M and PT3600S are PT1H, "" is AWS's default of one hour. What it cannot
// read stays as it is.
func ISODuration(text string) string {
	if text == "" {
		return DefaultSessionDuration
	}
	seconds, ok := DurationSeconds(text)
	if !ok {
		return text
	}
	out := "PT"
	for _, unit := range []struct {
		size int
		name string
	}{{3600, "H"}, {60, "M"}, {1, "S"}} {
		if n := seconds / unit.size; n > 0 {
			out += strconv.Itoa(n) + unit.name
		}
		seconds %= unit.size
	}
	if out == "PT" {
		return "PT0S"
	}
	return out
}

// DurationSeconds reads an ISO 8601 duration of days, hours, minutes and
// seconds.
func DurationSeconds(text string) (seconds int, ok bool) {
	m := durationPattern.FindStringSubmatch(text)
	if m == nil || strings.HasSuffix(text, "T") || text == "P" {
		return 0, false
	}
	for i, size := range []int{86400, 3600, 60, 1} {
		n, _ := strconv.Atoi("0" + m[i+1]) // digits only, by the pattern
		seconds += n * size
	}
	return seconds, true
}

// SessionHint says how a duration that AWS does not take is written so that it
// does, from what it seems to mean: PT1.5H, 90m, 5400 and 1:30 are PT1H30M.
func SessionHint(text string) string {
	seconds, ok := looseSeconds(text)
	switch iso := ISODuration(fmt.Sprintf("PT%dS", seconds)); {
	case !ok:
		return "Write it as \"PT8H\"; AWS accepts PT1H to PT12H."
	case seconds < MinSession:
		return fmt.Sprintf("AWS accepts PT1H to PT12H, and this is %s: the shortest is \"PT1H\".", iso)
	case seconds > MaxSession:
		return fmt.Sprintf("AWS accepts PT1H to PT12H, and this is %s: the longest is \"PT12H\".", iso)
	default:
		return fmt.Sprintf("Did you mean %q?", iso)
	}
}

var (
	amountPattern = regexp.MustCompile(`(\d{1,9}(?:\.\d{1,9})?)\s*([A-Z]+)`)
	clockPattern  = regexp.MustCompile(`^(?:P[0-]*T)?(\d{1,4}):(\d{1,2})(?::(\d{1,2}))?$`)
	timeMark      = regexp.MustCompile(`T ?(\d)`)
	bareNumber    = regexp.MustCompile(`^\d{1,6}$`)
)

// looseSeconds reads what people write for a duration. That AWS does not take
// it is known, so this is for advice only.
func looseSeconds(text string) (int, bool) {
	text = strings.ToUpper(strings.ReplaceAll(strings.Join(strings.FieldsFunc(text, unseen), " "), ",", "."))
	text = strings.TrimLeft(text, "+-")
	if m := clockPattern.FindStringSubmatch(text); m != nil {
		return atoi(m[1])*3600 + atoi(m[2])*60 + atoi(m[3]), true
	}
	if bareNumber.MatchString(text) {
		return bareSeconds(atoi(text)), true
	}
	text = timeMark.ReplaceAllString(strings.TrimPrefix(text, "P"), " $1")
	total := 0.0
	for _, m := range amountPattern.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.ParseFloat(m[1], 64) // digits only, by the pattern
		total += n * unitSeconds(m[2])
	}
	rest := strings.TrimSpace(amountPattern.ReplaceAllString(text, ""))
	return int(math.Round(total)), rest == "" && !math.IsNaN(total) && total < 1e9
}

// unseen says whether a character shows as a blank or not at all.
func unseen(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }

func atoi(digits string) int {
	n, _ := strconv.Atoi("0" + digits)
	return n
}

// bareSeconds takes a number without a unit for that in which it is a length
// that AWS takes: no number is one in two of them.
func bareSeconds(n int) int {
	switch {
	case n <= MaxSession/3600:
		return n * 3600
	case n <= MaxSession/60:
		return n * 60
	default:
		return n
	}
}

// unitSeconds returns a unit's length, NaN for what is none. M is a minute also
// where the T before it is missing: nobody means a session of months.
func unitSeconds(unit string) float64 {
	switch strings.TrimSuffix(unit, "S") {
	case "Y", "YEAR":
		return 365 * 86400
	case "W", "WEEK":
		return 7 * 86400
	case "D", "DAY":
		return 86400
	case "H", "HR", "HOUR":
		return 3600
	case "M", "MIN", "MINUTE":
		return 60
	case "", "SEC", "SECOND":
		return 1
	default:
		return math.NaN()
	}
}
