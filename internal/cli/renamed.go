package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// asksAgain is how long an answer about renamed groups serves who waits.
const asksAgain = 5 * time.Minute

// namesNow is what was found out about the groups that are missing.
type namesNow struct {
	missing []string
	at      time.Time
	renamed map[string]access.Renamed
}

// renamedOf asks what missing groups are called now, again only where others are
// missing, or after a while.
func (s *session) renamedOf(ctx context.Context, desired access.State, groups []access.Group, missing []string) (map[string]access.Renamed, error) {
	if len(missing) == 0 {
		return nil, nil
	}
	if slices.Equal(s.names.missing, missing) && time.Since(s.names.at) < asksAgain {
		return s.names.renamed, nil
	}
	found, err := s.askRenamed(ctx, desired, groups, missing)
	if err != nil {
		return nil, err
	}
	s.names = namesNow{missing, time.Now(), found}
	return found, nil
}

// askRenamed asks what groups are called now. Where that is refused, it is said, or
// a group that was renamed would be waited for as one that comes.
func (s *session) askRenamed(ctx context.Context, desired access.State, groups []access.Group, names []string) (map[string]access.Renamed, error) {
	found, err := s.reader.Renamed(ctx, desired, groups, s.result.Settings.Owner.Value, names)
	if !identitycenter.IsAccessDenied(err) {
		return found, err
	}
	s.notRead(err, "So it is unknown whether a missing group exists under another name.")
	return nil, nil
}

// notRead warns of an error that only leaves something unsaid, once.
func (s *session) notRead(err error, unsaid string) {
	for _, d := range diag.FromError(err) {
		d.Severity, d.Detail = diag.Warning, strings.TrimSpace(unsaid+" "+d.Detail)
		if !slices.ContainsFunc(s.findings, d.Same) {
			s.findings = append(s.findings, d)
		}
	}
}

// movedOn finds, where only some groups were read, those of them that a record of ours
// has by the name of another group of the config: what that one has is not theirs to
// lose, nor theirs what the config assigns to the name of now. Whether the other one is
// there by its name was not looked at, so only records count.
func movedOn(whole, live *access.State, owner string) map[string]access.Renamed {
	found := access.RenamedGroups(whole, live, owner)
	maps.DeleteFunc(found, func(_ string, r access.Renamed) bool { return !r.Recorded })
	return found
}

// missingGroups returns the names of the groups of a report that AWS does not have.
func missingGroups(r presence.Report) []string {
	var out []string
	for _, item := range r.Items {
		if item.Kind == presence.GroupItem && item.Verdict != presence.There && item.Verdict != presence.CannotTell {
			out = append(out, item.Name)
		}
	}
	return out
}

// nearNow is every name that AWS has of the kinds that were asked for, as they were
// read last.
type nearNow struct {
	groups, users bool
	all           access.State
	at            time.Time
}

// listsUsers says that a read for a config lists all users: one that only refers to
// some has them looked up.
func listsUsers(desired access.State) bool {
	return slices.ContainsFunc(desired.Users, func(u access.User) bool { return !u.Referenced })
}

// everyName reads the name of every group, every user, or both, where what is missing
// is to be explained and only some were read. Where that fails, nothing else does: what
// is missing is missing, and a warning says why nobody tells which name is near.
func (s *session) everyName(ctx context.Context, groups, users bool) access.State {
	if s.near.groups == groups && s.near.users == users && time.Since(s.near.at) < asksAgain {
		return s.near.all
	}
	all, err := s.reader.Names(ctx, groups, users)
	s.notRead(err, "So similar names cannot be suggested for a missing one.")
	s.near = nearNow{groups, users, all, time.Now()}
	return all
}
