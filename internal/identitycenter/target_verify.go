package identitycenter

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// Verify reads what the changes are about to write over and compares it with
// what the plan saw. Assignments, memberships and attachments need no look:
// their key says all of them, and creating or deleting one may be repeated.
// What is as wanted already is no difference.
func (t *Target) Verify(ctx context.Context, changes []plan.Change) (map[plan.ID]diag.Diagnostic, error) {
	found := map[plan.ID]diag.Diagnostic{}
	var mu sync.Mutex
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(readers)
	for _, ch := range changes {
		look := t.looker(ch)
		if look == nil {
			continue
		}
		g.Go(func() error {
			difference, err := look(gctx, ch)
			if isNotFound(err) {
				difference, err = t.isGone(ch), nil
			}
			if err != nil {
				return fmt.Errorf("compare %s with the plan: %w", ch.ID, err)
			}
			if difference != "" {
				mu.Lock()
				defer mu.Unlock()
				found[ch.ID] = changed(ch, difference)
			}
			return nil
		})
	}
	return found, g.Wait()
}

// looker gives what compares a change with what is there: "" where nothing
// differs.
func (t *Target) looker(ch plan.Change) func(context.Context, plan.Change) (string, error) {
	if ch.Action == plan.Create || ch.Before == nil {
		return nil
	}
	switch ch.Kind {
	case plan.User:
		return t.compareUser
	case plan.Group:
		return t.compareGroup
	case plan.PermissionSet:
		return t.compareSet
	case plan.Tags:
		return t.compareTags
	case plan.InlinePolicy:
		return t.compareInline
	case plan.PermissionsBoundary:
		return t.compareBoundary
	default:
		return nil
	}
}

// isGone says what it means that the object is not there: a delete has nothing
// left to do.
func (t *Target) isGone(ch plan.Change) string {
	if ch.Action == plan.Delete {
		return ""
	}
	return "it does not exist any more"
}

func changed(ch plan.Change, difference string) diag.Diagnostic {
	what := strings.ReplaceAll(string(ch.Kind), "_", " ")
	for _, name := range []string{ch.Key.PermissionSet, ch.Key.Group, ch.Key.User} {
		if name != "" {
			what += fmt.Sprintf(" %q", name)
		}
	}
	return diag.Diagnostic{
		Severity: diag.Error, Code: CodeChanged, Summary: what + " has changed since the plan was made",
		Detail: difference, Hint: "Plan again, look at the difference, and apply that plan.", Range: ch.Source,
	}
}

// differs compares what is there with what the plan saw and with what it wants.
func differs[T any](have T, before, after *T, same func(a, b T) bool, show func(T) string) string {
	if before != nil && same(have, *before) || after != nil && same(have, *after) {
		return ""
	}
	was := "nothing"
	if before != nil {
		was = show(*before)
	}
	return fmt.Sprintf("the plan saw %s; now there is %s", was, show(have))
}

func (t *Target) compareUser(ctx context.Context, ch plan.Change) (string, error) {
	id, err := t.user(ctx, ch)
	if err != nil {
		return "", err
	}
	have, err := t.c.user(ctx, id)
	if err != nil {
		return "", err
	}
	return differs(have, ch.Before.User, after(ch).User, sameUser, func(u access.User) string {
		return fmt.Sprintf("user %q, display name %q, e-mail %q, %q %q", u.Username, u.DisplayName, u.Email, u.GivenName, u.FamilyName)
	}), nil
}

func (t *Target) compareGroup(ctx context.Context, ch plan.Change) (string, error) {
	id, err := t.group(ctx, ch)
	if err != nil {
		return "", err
	}
	have, err := t.c.group(ctx, id)
	if err != nil {
		return "", err
	}
	return differs(have, ch.Before.Group, after(ch).Group, sameGroup, func(g access.Group) string {
		return fmt.Sprintf("group %q with description %q", g.Name, g.Mark().On(g.Description))
	}), nil
}

// compareSet compares a set's attributes; before it is deleted, its mark too.
func (t *Target) compareSet(ctx context.Context, ch plan.Change) (string, error) {
	arn, err := t.set(ctx, ch)
	if err != nil {
		return "", err
	}
	have, err := t.c.describeSet(ctx, arn)
	if err != nil {
		return "", err
	}
	if ch.Action == plan.Delete {
		tags, err := t.c.setTags(ctx, arn)
		if err != nil {
			return "", err
		}
		for _, tag := range tags {
			if tag.Key == access.OwnerTag && tag.Value == t.owner {
				return "", nil // whatever its attributes are, it is ours and unused
			}
		}
		return fmt.Sprintf("it no longer carries the mark of owner %q", t.owner), nil
	}
	return differs(have, ch.Before.PermissionSet, after(ch).PermissionSet, sameAttributes, func(p access.PermissionSet) string {
		return fmt.Sprintf("description %q, session duration %s, relay state %q", p.Description, access.ISODuration(p.SessionDuration), p.RelayState)
	}), nil
}

func (t *Target) compareTags(ctx context.Context, ch plan.Change) (string, error) {
	arn, err := t.set(ctx, ch)
	if err != nil {
		return "", err
	}
	have, err := t.c.setTags(ctx, arn)
	if err != nil {
		return "", err
	}
	return differs(have, &ch.Before.Tags, &after(ch).Tags, sameTags, func(tags []access.Tag) string { return fmt.Sprintf("tags %v", tags) }), nil
}

func (t *Target) compareInline(ctx context.Context, ch plan.Change) (string, error) {
	arn, err := t.set(ctx, ch)
	if err != nil {
		return "", err
	}
	have, err := t.c.inlinePolicy(ctx, arn)
	if err != nil {
		return "", err
	}
	same := func(a, b string) bool { return access.CanonicalPolicy(a) == access.CanonicalPolicy(b) }
	return differs(have, &ch.Before.Document, &after(ch).Document, same, func(d string) string { return "inline policy " + d }), nil
}

func (t *Target) compareBoundary(ctx context.Context, ch plan.Change) (string, error) {
	arn, err := t.set(ctx, ch)
	if err != nil {
		return "", err
	}
	have, err := t.c.boundary(ctx, arn)
	if err != nil {
		return "", err
	}
	want := after(ch).Boundary
	if want == nil {
		want = &access.Boundary{}
	}
	return differs(have, ch.Before.Boundary, want, func(a, b access.Boundary) bool { return a == b },
		func(b access.Boundary) string { return fmt.Sprintf("permissions boundary %q", b.String()) }), nil
}

func after(ch plan.Change) *plan.Value {
	if ch.After == nil {
		return &plan.Value{}
	}
	return ch.After
}
