package cli

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/presence"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// A first look again comes soon, for what is pushed in seconds; then the pauses
// double. A look costs about ten calls, so one a minute is far within the
// quotas.
const (
	firstPause = 2 * time.Second
	mostPause  = time.Minute
)

// checkWait refuses a time that means nothing.
func checkWait(flag string, longest time.Duration) error {
	if longest >= 0 {
		return nil
	}
	return diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: fmt.Sprintf("--%s cannot be negative", flag),
		Hint: "Pass the longest time to wait, such as 45m."}
}

// waited says what came of waiting for a sync.
type waited struct {
	Seconds int `json:"seconds"`
	// Until is when waiting ends making sense, Why says what that rests on.
	Until time.Time `json:"until"`
	Why   string    `json:"why"`
	// Pointless says that more waiting brings nothing.
	Pointless bool `json:"pointless"`
}

// verified is what verify returns.
type verified struct {
	presence.Report
	Wait *waited `json:"wait,omitempty"`
}

// text says what is there, and what waiting is worth.
func (v *verified) text(w io.Writer, style render.Style) error {
	if err := render.Verify(w, v.Report, style); err != nil || v.Wait == nil || v.Verdict() == presence.There {
		return err
	}
	said := "Waiting makes sense until " + clock(v.Wait.Until)
	if v.Wait.Pointless || v.Counts.NotYet == 0 {
		said = "Waiting longer does not help"
	}
	_, err := fmt.Fprintf(w, "%s. %s\n", said, v.Wait.Why)
	return err
}

// exit tells what waiting does not bring from what is not there yet, for those
// who wait.
func (v *verified) exit() ExitCode {
	switch {
	case v.Verdict() == presence.There:
		return Done
	case v.Wait != nil && (v.Verdict() == presence.WillNotCome || v.Verdict() == presence.NotYet && v.Wait.Pointless):
		return WillNotCome
	default: // what cannot be told is not proved either
		return NotYet
	}
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// look compares the config's names with AWS.
func (s *session) look(ctx context.Context, desired access.State) (presence.Report, access.State, diag.List, error) {
	live, notes, err := s.reader.Identities(ctx, desired)
	if err != nil {
		return presence.Report{}, live, nil, err
	}
	o := presence.Options{SetUp: s.setUp(), IdP: s.idp()}
	report := presence.Check(desired, live, o)
	if o.Renamed, err = s.renamedOf(ctx, desired, live.Groups, missingGroups(report)); err != nil {
		return presence.Report{}, live, nil, err
	}
	some := report.Lacks(presence.UserItem) && !listsUsers(desired)
	if some {
		o.Names = s.everyName(ctx, false, true)
	}
	if len(o.Renamed) > 0 || some {
		report = presence.Check(desired, live, o)
	}
	return report, live, notes, ctx.Err()
}

// await looks until nothing is on the way any more, at most for the time given.
// Where whole says so, one thing that will not come ends it at once.
func (s *session) await(ctx context.Context, desired access.State, longest time.Duration, whole bool) (verified, error) {
	start := time.Now()
	var v verified
	var known arrivals
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		report, _, notes, err := s.look(ctx, desired)
		if err != nil {
			return v, err
		}
		if longest > 0 && v.Wait == nil {
			v.Wait, known = s.sense(ctx, start, report)
		}
		v.Report = known.explain(report)
		left := v.left(start, longest)
		if left <= 0 || v.Counts.NotYet == 0 || whole && v.Counts.WillNotCome > 0 {
			s.findings = append(s.findings, notes...)
			return v, nil
		}
		s.sayWaiting(v)
		if err := identitycenter.Sleep(ctx, min(pause, left)); err != nil {
			return v, err
		}
	}
}

// left says how much longer it makes sense to wait.
func (v *verified) left(start time.Time, longest time.Duration) time.Duration {
	w, now := v.Wait, time.Now()
	if w == nil {
		return 0
	}
	w.Seconds = int(now.Sub(start).Seconds())
	w.Pointless = w.Pointless || !now.Before(w.Until)
	if w.Pointless {
		return 0
	}
	return min(start.Add(longest).Sub(now), w.Until.Sub(now))
}

// sayWaiting says what is missing, and until when it makes sense to wait.
func (s *session) sayWaiting(v verified) {
	if s.app.json {
		s.app.emit("verify", v.Wait)
		return
	}
	fmt.Fprintf(s.app.sys.Stderr, "%s there, %d not yet: %s. Waiting makes sense until %s.\n",
		count(v.Counts.There, "name"), v.Counts.NotYet, missingNames(v.Report), clock(v.Wait.Until))
}

// missingNames returns the first names that are on the way.
func missingNames(r presence.Report) string {
	const most = 3
	var names []string
	for _, item := range r.Items {
		if item.Verdict == presence.NotYet {
			names = append(names, fmt.Sprintf("%s %q", item.Kind, item.Name))
		}
	}
	return diag.First(most, names, ", ")
}

// awaitSync waits, before a plan, for what SCIM brings. What has not come then is
// the plan's to say.
func (s *session) awaitSync(ctx context.Context, f *planFlags) error {
	if f.waitSync == 0 {
		return nil
	}
	if err := checkWait("wait-sync", f.waitSync); err != nil {
		return err
	}
	cfg, err := onlyGroups(s.result.Config, f.only)
	if err != nil {
		return err
	}
	_, err = s.await(ctx, access.Desired(cfg, s.owner), f.waitSync, false)
	return err
}
