package render

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/quota"
)

// EventLine returns an event of an apply as one line, or "" for one that is not
// worth a line of a log: starts, and snapshots, which are ProgressLine's.
func EventLine(e apply.Event, s Style) string {
	switch e.Type {
	case apply.Succeeded:
		return s.line(append(about(e), in(good, "done"), dim(" in "+spell(e.TookSeconds)))...)
	case apply.Failed:
		if e.Cause == apply.Futile {
			return s.line(append(about(e), in(change, "impossible in AWS"))...)
		}
		return s.line(append(about(e), in(bad, "failed"))...) // the result says why, and what to do
	case apply.Retried:
		return s.line(append(about(e), in(change, "again in "+spell(e.DelaySeconds)), dim(reasonOf(e)))...)
	case apply.Stopping:
		text := string(e.Stop)
		if e.Finding != nil {
			text = e.Finding.Summary
		}
		return s.line(in(bad, "! stopping: "), say(text+"; finishing what is in progress, starting nothing new"))
	default:
		return ""
	}
}

func about(e apply.Event) []span {
	if e.Change == nil {
		return []span{say(string(e.ID) + ": ")}
	}
	symbol, t := mark(e.Change.Action)
	return []span{in(t, symbol+" "), say(object(e.Change) + ": ")}
}

func reasonOf(e apply.Event) string {
	text := ""
	switch {
	case e.Reason != "":
		text = ": " + e.Reason
	case e.Finding != nil:
		text = ": " + e.Finding.Summary
	case e.Cause != "":
		text = ": " + string(e.Cause)
	}
	return text
}

// ProgressLine returns how far an apply is: "12 of 40 done, 5 running, 1 failed,
// 120 calls, about 30s left". The calls may be nil.
func ProgressLine(p apply.Progress, calls []quota.Use, s Style) string {
	some := func(n int, words string) string {
		if n == 0 {
			return ""
		}
		return number(n) + " " + words
	}
	made, throttled := 0, 0
	for _, c := range calls {
		made, throttled = made+c.Calls, throttled+c.Throttles
	}
	eta := ""
	if p.ETASeconds > 0 {
		eta = "about " + spell(p.ETASeconds) + " left"
	}
	spans := []span{bold(fmt.Sprintf("%s of %s done", number(p.Done), number(p.Total)))}
	for _, part := range []span{say(some(p.Running, "running")), in(bad, some(p.Failed, "failed")), say(some(p.Left, "left")),
		say(some(p.Retries, "retried")), dim(some(made, "calls")), in(change, some(throttled, "throttled")), say(eta)} {
		if part.text != "" {
			spans = append(spans, say(", "), part)
		}
	}
	return s.line(spans...)
}
