package api

import (
	"regexp"
	"strconv"
	"time"
)

// The bounds of a session
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/howtosessionduration.html).
const (
	minSession = time.Hour
	maxSession = 12 * time.Hour
)

// isoDuration takes the ISO 8601 durations of the model's pattern that are made
// of days and smaller; years and months have no fixed length and are over 12
// hours anyhow.
var isoDuration = regexp.MustCompile(`^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?)?$`)

func parseDuration(text string) (time.Duration, bool) {
	m := isoDuration.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	var total time.Duration
	for n, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		if m[n+1] == "" {
			continue
		}
		count, err := strconv.Atoi(m[n+1])
		if err != nil || count > 1_000_000 {
			return 0, false
		}
		total += time.Duration(count) * unit
	}
	return total, true
}
