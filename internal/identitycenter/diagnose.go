package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Diagnosis asks single questions about one person, group or account. No
// answer costs more where there are more users, sets or accounts, but for what
// its comment says. Each answer has its evidence; errors are findings.
//
// What was answered is not asked again where several questions rest on it, so a
// Diagnosis is for one look, by one goroutine.
type Diagnosis struct {
	c        *Client
	accounts []access.Account
	sets     map[string][]string // ARNs, by account
	pairs    map[pair][]grantKey
	users    map[string]string // user names, by id
	learned  bool
}

// Diagnosis gives the questions; names of permission sets come from the cache
// where it knows them.
func (c *Client) Diagnosis() *Diagnosis {
	c.recall()
	return &Diagnosis{c: c, sets: map[string][]string{}, pairs: map[pair][]grantKey{}, users: map[string]string{}}
}

// SaveNames puts the names that were learned into the cache, so that the next
// look has fewer calls. A cache that cannot be written costs calls, no more.
func (d *Diagnosis) SaveNames() {
	if d.learned && d.c.cache != nil {
		_ = d.c.cache.Save(d.c.instance.ARN, d.c.knownSets())
	}
}

// looked is the evidence of a call.
func looked(action, about, saw string, metadata middleware.Metadata) diag.Evidence {
	id, _ := awsmiddleware.GetRequestIDMetadata(metadata)
	return diag.Evidence{System: system, What: strings.TrimSpace(action + " " + about), Saw: saw, ID: id, When: time.Now().UTC().Format(time.RFC3339)}
}

// several gives a number of things in words.
func several(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// unanswered turns the error of a question into nothing found, or a finding.
func (d *Diagnosis) unanswered(err error, action, about string) (diag.Evidence, error) {
	if isNotFound(err) {
		e := evidence(err)
		return diag.Evidence{System: system, What: action + " " + about, Saw: "none", ID: e.ID, When: time.Now().UTC().Format(time.RFC3339)}, nil
	}
	return diag.Evidence{}, d.c.explain(fmt.Errorf("%s: %w", about, err))
}

// UserByName looks a user up by user name: two calls, or one where there is
// none.
func (d *Diagnosis) UserByName(ctx context.Context, name string) (access.User, bool, diag.Evidence, error) {
	return d.userBy(ctx, "userName", name)
}

// UserByEmail looks a user up by the primary e-mail address.
func (d *Diagnosis) UserByEmail(ctx context.Context, email string) (access.User, bool, diag.Evidence, error) {
	return d.userBy(ctx, "emails.value", email)
}

func (d *Diagnosis) userBy(ctx context.Context, path, value string) (access.User, bool, diag.Evidence, error) {
	about := fmt.Sprintf("%s=%q", path, value)
	out, err := d.c.store.GetUserId(ctx, &identitystore.GetUserIdInput{
		IdentityStoreId: &d.c.instance.IdentityStoreID, AlternateIdentifier: byAttribute(path, value),
	})
	if err != nil {
		e, err := d.unanswered(err, "identitystore:GetUserId", about)
		return access.User{}, false, e, err
	}
	u, err := d.c.user(ctx, aws.ToString(out.UserId))
	if err != nil {
		e, err := d.unanswered(err, "identitystore:DescribeUser", about)
		return access.User{}, false, e, err
	}
	saw := fmt.Sprintf("user %q, id %s", u.Username, u.ID)
	if u.Disabled {
		saw += ", disabled"
	}
	return u, true, looked("identitystore:GetUserId", about, saw, out.ResultMetadata), nil
}

// GroupByName looks a group up by its name: two calls, or one where there is
// none. Should the look-up be refused, the groups are listed.
func (d *Diagnosis) GroupByName(ctx context.Context, name string) (access.Group, bool, diag.Evidence, error) {
	const call = "identitystore:GetGroupId"
	about := fmt.Sprintf("displayName=%q", name)
	out, err := d.c.store.GetGroupId(ctx, &identitystore.GetGroupIdInput{
		IdentityStoreId: &d.c.instance.IdentityStoreID, AlternateIdentifier: byAttribute("displayName", name),
	})
	var g access.Group
	var metadata middleware.Metadata
	var invalid *storetypes.ValidationException
	switch {
	case err == nil:
		metadata = out.ResultMetadata
		g, err = d.c.group(ctx, aws.ToString(out.GroupId))
	case errors.As(err, &invalid):
		if g, err = d.c.groupFromList(ctx, name, err); errors.As(err, &invalid) {
			return g, false, looked("identitystore:ListGroups", about, "none", metadata), nil
		}
	}
	if err != nil {
		e, err := d.unanswered(err, call, about)
		return g, false, e, err
	}
	return g, true, looked(call, about, "id "+g.ID, metadata), nil
}

// GroupsOf gives the groups of a user: a call for each hundred, and one for
// each group.
func (d *Diagnosis) GroupsOf(ctx context.Context, userID string) ([]access.Group, diag.Evidence, error) {
	in, last, err := d.c.listGroupsOf(ctx, userID)
	e := looked("identitystore:ListGroupMembershipsForMember", "user "+userID, "", last)
	if err != nil {
		return nil, e, d.c.explain(fmt.Errorf("list the groups of user %s: %w", userID, err))
	}
	var groups []access.Group
	for _, b := range in {
		g, err := d.c.group(ctx, b.group)
		if isNotFound(err) {
			continue // deleted since it was listed
		}
		if err != nil {
			return nil, e, d.c.explain(fmt.Errorf("describe group %s: %w", b.group, err))
		}
		groups = append(groups, g)
	}
	e.Saw = several(len(groups), "group")
	return groups, e, nil
}
