package entra

import (
	"encoding/json"
	"testing"
	"time"
)

func TestInterval(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT40M": 40 * time.Minute, "P1DT2H": 26 * time.Hour, "PT1H30M15.5S": time.Hour + 30*time.Minute + 15*time.Second + 500*time.Millisecond,
		"P10675199DT2H48M5.4775807S": 0, "": 0, "40M": 0, "P": 0, "PTM": 0, "PT-5M": 0,
	} {
		if got := interval(text); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	for text, want := range map[string]time.Time{
		`"2026-11-23T10:00:00Z"`: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC), `"2026-11-23T10:00:00.1234567Z"`: time.Date(2026, 11, 23, 10, 0, 0, 123456700, time.UTC),
		`null`: {}, `""`: {}, `"0001-01-01T00:00:00Z"`: {},
	} {
		var m moment
		if err := json.Unmarshal([]byte(text), &m); err != nil || !m.Equal(want) {
			t.Errorf("%s: %s, %v", text, m, err)
		}
	}
	var m moment
	if json.Unmarshal([]byte(`"yesterday"`), &m) == nil || json.Unmarshal([]byte(`1`), &m) == nil {
		t.Error("took what is no time")
	}
}
