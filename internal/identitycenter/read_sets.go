package identitycenter

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// setRead is a permission set in scope: one that we own or that the config
// names.
type setRead struct {
	access.PermissionSet
	described bool
	read      bool // everything on it
	gone      bool // deleted while it was read
}

func (s *setRead) owned(owner string) bool { return s.Owner != "" && s.Owner == owner }

// tagsRead are a set's tags as read in this run.
type tagsRead struct {
	tags  []access.Tag
	owner string
	lock  bool
}

// readSets finds the sets in scope and reads everything on them.
func (r *reader) readSets(ctx context.Context) error {
	if err := r.listSets(ctx); err != nil {
		return err
	}
	r.c.recall()
	err := r.findSets(ctx)
	if errors.Is(err, errCacheWrong) {
		r.c.distrustCache()
		r.notes = append(r.notes, wrongCache())
		err = r.findSets(ctx)
	}
	if err != nil {
		return err
	}
	return r.readContents(ctx)
}

// readContents reads everything on the sets in scope that were not read yet.
func (r *reader) readContents(ctx context.Context) error {
	if err := each(ctx, r, "permission sets", r.contents(), func(ctx context.Context, read func(context.Context) error) error {
		return read(ctx)
	}); err != nil {
		return err
	}
	for arn, s := range r.sets {
		if s.gone {
			r.gone[arn] = true
			delete(r.sets, arn)
			continue
		}
		r.setARN[s.Name] = arn
		if !s.read {
			s.PermissionSet, s.read = normal(s.PermissionSet), true
		}
	}
	return nil
}

func (r *reader) listSets(ctx context.Context) error {
	list := func() ([]string, error) { return r.c.listSetARNs(ctx) }
	var err error
	if r.c.memory != nil && (!r.o.Deep || len(r.o.Only) > 0) {
		r.arns, err = r.c.memory.arns.get(ctx, list)
		r.remembered = true
	} else {
		r.arns, err = list()
	}
	return err
}

func (c *Client) listSetARNs(ctx context.Context) ([]string, error) {
	var arns []string
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListPermissionSets(ctx, &ssoadmin.ListPermissionSetsInput{
			InstanceArn: &c.instance.ARN, MaxResults: aws.Int32(pageSize), NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		arns = append(arns, out.PermissionSets...)
		return out.NextToken, nil
	})
	if err != nil {
		return nil, fmt.Errorf("list permission sets: %w", err)
	}
	return onceBy(arns, func(arn string) string { return arn }), nil
}

// recall takes what earlier runs saw of the sets from the cache. A cache that
// cannot be read is as good as none.
func (c *Client) recall() {
	if c.cache == nil {
		return
	}
	cached, _ := c.cache.Load(c.instance.ARN)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cacheWrong {
		return
	}
	for arn, set := range cached {
		if _, ok := c.sets[arn]; !ok {
			c.sets[arn] = set
		}
	}
}

// findSets puts the sets in scope. Tags say which are ours: they are read of
// ARNs never seen before (with Deep: of all), and of those that were ours when
// last seen. Names are read of ours, and of others only as long as the config
// names a set that was not found.
func (r *reader) findSets(ctx context.Context) error {
	if len(r.o.Only) == 0 {
		if err := each(ctx, r, "permission sets' owners", r.unseen(), r.readTags); err != nil {
			return err
		}
	}
	wanted := map[string]bool{}
	for _, s := range r.want.Sets {
		wanted[s.Name] = true
	}
	for _, name := range r.o.Sets {
		wanted[name] = true
	}
	if err := r.findOwned(ctx, wanted); err != nil {
		return err
	}
	return r.findNamed(ctx, wanted)
}

// unseen gives the ARNs whose tags have to be read to know their owner.
func (r *reader) unseen() []string {
	known := r.c.knownSets()
	var out []string
	for _, arn := range r.arns {
		if set := known[arn]; !set.Marked || r.o.Deep || set.Owner == r.o.Owner && r.o.Owner != "" {
			out = append(out, arn)
		}
	}
	return out
}

// findOwned finds the sets that carry the owner's mark, and learns the names of
// those that may be locks.
func (r *reader) findOwned(ctx context.Context, wanted map[string]bool) error {
	var owned, locks []string
	for _, arn := range r.arns {
		t, ok := r.tags[arn]
		if ok && t.lock && t.owner == "" && r.c.known(arn).Name == "" {
			locks = append(locks, arn)
		}
		if ok && t.owner == r.o.Owner && t.owner != "" && r.sets[arn] == nil {
			owned = append(owned, arn)
			r.sets[arn] = &setRead{}
		}
	}
	if err := each(ctx, r, "permission sets' names", owned, r.describeSet); err != nil {
		return err
	}
	if err := each(ctx, r, "permission sets' names", locks, func(ctx context.Context, arn string) error {
		return r.describe(ctx, arn, &setRead{})
	}); err != nil {
		return err
	}
	for _, arn := range owned {
		delete(wanted, r.sets[arn].Name)
	}
	return r.findLocks(ctx)
}

func (r *reader) describeSet(ctx context.Context, arn string) error {
	return r.describe(ctx, arn, r.sets[arn])
}

// describe reads a set's attributes and remembers its name.
func (r *reader) describe(ctx context.Context, arn string, s *setRead) error {
	ps, err := r.c.attributes(ctx, arn)
	if isNotFound(err) {
		r.vanished(s)
		return nil
	}
	if err != nil {
		return fmt.Errorf("describe permission set %s: %w", arn, err)
	}
	// Field by field: the set's other parts may be read at the same time.
	s.ARN, s.Name, s.Description = ps.ARN, ps.Name, ps.Description
	s.SessionDuration, s.RelayState, s.described = ps.SessionDuration, ps.RelayState, true
	r.c.learnName(arn, ps.Name)
	return nil
}

func (r *reader) vanished(s *setRead) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s.gone = true
}

// attributes gives a set's attributes, from memory where there is one.
func (c *Client) attributes(ctx context.Context, arn string) (access.PermissionSet, error) {
	ask := func() (access.PermissionSet, error) { return c.describeSet(ctx, arn) }
	if c.memory == nil {
		return ask()
	}
	return c.memory.set(arn).get(ctx, ask)
}

func (c *Client) describeSet(ctx context.Context, arn string) (access.PermissionSet, error) {
	out, err := c.sso.DescribePermissionSet(ctx, &ssoadmin.DescribePermissionSetInput{InstanceArn: &c.instance.ARN, PermissionSetArn: &arn})
	if err != nil {
		return access.PermissionSet{}, err
	}
	p := out.PermissionSet
	return access.PermissionSet{
		ARN: arn, Name: aws.ToString(p.Name), Description: aws.ToString(p.Description),
		SessionDuration: aws.ToString(p.SessionDuration), RelayState: aws.ToString(p.RelayState),
	}, nil
}

// readTags reads a set's tags, once in a run, and remembers whose it is.
func (r *reader) readTags(ctx context.Context, arn string) error {
	tags, err := r.c.setTags(ctx, arn)
	if isNotFound(err) { // deleted since it was listed
		r.mu.Lock()
		defer r.mu.Unlock()
		r.tags[arn], r.gone[arn] = tagsRead{}, true
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the tags of permission set %s: %w", arn, err)
	}
	t := tagsRead{tags: tags}
	for _, tag := range tags {
		switch tag.Key {
		case access.OwnerTag:
			t.owner = tag.Value
		case access.LockTag:
			t.lock = true
		}
	}
	r.mu.Lock()
	r.tags[arn] = t
	r.mu.Unlock()
	r.c.mu.Lock()
	defer r.c.mu.Unlock()
	known := r.c.sets[arn]
	known.Marked, known.Owner, known.Lock = true, t.owner, t.lock
	r.c.sets[arn] = known
	return nil
}

func (c *Client) setTags(ctx context.Context, arn string) ([]access.Tag, error) {
	var tags []access.Tag
	err := eachPage(ctx, func(ctx context.Context, token *string) (*string, error) {
		out, err := c.sso.ListTagsForResource(ctx, &ssoadmin.ListTagsForResourceInput{
			InstanceArn: &c.instance.ARN, ResourceArn: &arn, NextToken: token,
		})
		if err != nil {
			return nil, err
		}
		for _, t := range out.Tags {
			tags = append(tags, access.Tag{Key: aws.ToString(t.Key), Value: aws.ToString(t.Value)})
		}
		return out.NextToken, nil
	})
	return onceBy(tags, func(t access.Tag) string { return t.Key }), err
}

func customerPolicy(ref *ssotypes.CustomerManagedPolicyReference) access.CustomerPolicy {
	p := access.CustomerPolicy{Name: aws.ToString(ref.Name), Path: aws.ToString(ref.Path)}
	if p.Path == "" {
		p.Path = "/" // the default of the model
	}
	return p
}
