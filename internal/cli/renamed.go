package cli

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/verify"
)

// mostRenamed is how many missing groups are looked for under another name, each
// by the permission sets that the config gives it.
const mostRenamed = 20

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
func (s *session) renamedOf(ctx context.Context, desired access.State, missing []string) (map[string]access.Renamed, error) {
	if len(missing) == 0 {
		return nil, nil
	}
	if slices.Equal(s.names.missing, missing) && time.Since(s.names.at) < asksAgain {
		return s.names.renamed, nil
	}
	found, err := s.renamed(ctx, desired, missing)
	if err != nil {
		return nil, err
	}
	s.names = namesNow{missing, time.Now(), found}
	return found, nil
}

// renamed asks what groups that are missing are called now: their permission sets
// say which ids were meant. Only groups that the config grants something have any.
func (s *session) renamed(ctx context.Context, desired access.State, names []string) (map[string]access.Renamed, error) {
	owner := s.result.Settings.Owner.Value
	names = slices.DeleteFunc(names, func(name string) bool { return !grantedTo(desired, name) })
	if owner == "" || len(names) == 0 {
		return nil, nil
	}
	names = names[:min(len(names), mostRenamed)]
	live, _, err := s.client.Read(ctx, identitycenter.ReadOptions{Desired: desired, Owner: owner, Only: names})
	var refused diag.Diagnostic
	switch {
	case errors.As(err, &refused) && refused.Code == identitycenter.CodeAccessDenied:
		return nil, nil // verify needs no permission sets, and says then what it says without
	case err != nil:
		return nil, err
	}
	found := access.RenamedGroups(&desired, &live, owner)
	for name := range found {
		if !slices.Contains(names, name) {
			delete(found, name)
		}
	}
	return found, nil
}

func grantedTo(desired access.State, group string) bool {
	at := desired.GroupIndex(group)
	return at >= 0 && slices.ContainsFunc(desired.Grants, func(g access.Grant) bool {
		return g.Kind == access.GroupPrincipal && g.Principal == int32(at)
	})
}

// missingGroups gives the names of the groups of a report that AWS does not have.
func missingGroups(r verify.Report) []string {
	var out []string
	for _, item := range r.Items {
		if item.Kind == verify.GroupItem && item.Verdict != verify.There && item.Verdict != verify.CannotTell {
			out = append(out, item.Name)
		}
	}
	return out
}
