package api

import (
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

func tags(list []Args) store.Tags {
	var out store.Tags
	for _, t := range list {
		out = append(out, store.Tag{Key: t.text("Key"), Value: t.text("Value")})
	}
	return out
}

// checkNewTags refuses keys that AWS keeps for itself and keys given twice.
func checkNewTags(list store.Tags) error {
	seen := map[string]bool{}
	for _, t := range list {
		switch {
		case reservedTag(t):
			return validation("aws: prefixed tag key names are not allowed for external use.")
		case seen[t.Key]:
			return validation("Duplicate tag keys are not allowed: " + t.Key)
		}
		seen[t.Key] = true
	}
	return nil
}

// reservedTag says that only AWS may give the tag.
func reservedTag(t store.Tag) bool { return strings.HasPrefix(strings.ToLower(t.Key), "aws:") }

// pagedTags answers tags, 50 a page: the operation has no page size.
func pagedTags(c *Call, list store.Tags) (any, error) {
	fifty := func(after uint64, limit int) store.Page[store.Tag] { return listPage(list)(after, min(limit, 50)) }
	return paged(c, "Tags", fifty, func(t store.Tag) any { return Out{"Key": t.Key, "Value": t.Value} })
}

// taggable is a resource of sso-admin with tags, and what refuses too many.
type taggable struct {
	tags  *store.Tags
	check func(store.Tags) error
}

func (t *taggable) set(tags store.Tags) error {
	if err := t.check(tags); err != nil {
		return err
	}
	*t.tags = tags
	return nil
}

// tagTarget finds the resource that ResourceArn names. The instance is part of
// the resource's ARN, InstanceArn is optional and must agree.
func (c *Call) tagTarget(write bool) (*taggable, error) {
	arn := c.In.text("ResourceArn")
	for _, i := range c.Store.Instances() {
		if given := c.In.text("InstanceArn"); given != "" && given != i.ARN {
			continue
		}
		t, set := c.tagsOf(i, arn)
		if t == nil {
			continue
		}
		if _, err := c.instanceByARN(i.ARN); err != nil {
			return nil, err
		}
		if write {
			if err := c.mayManage(i, set, ""); err != nil {
				return nil, err
			}
		}
		return t, nil
	}
	return nil, awsError("ResourceNotFoundException", "Could not find resource with ARN "+arn)
}

func (c *Call) tagged() (*taggable, error)       { return c.tagTarget(false) }
func (c *Call) editableTags() (*taggable, error) { return c.tagTarget(true) }

func (c *Call) tagsOf(i *store.Instance, arn string) (*taggable, *store.PermissionSet) {
	if arn == i.ARN {
		return &taggable{&i.Tags, c.Store.CheckTags}, nil
	}
	if p, ok := i.PermissionSet(arn); ok {
		return &taggable{&p.Tags, c.Store.CheckTags}, p
	}
	for _, app := range i.Applications() {
		if app.ARN == arn {
			return &taggable{&app.Tags, func(store.Tags) error { return nil }}, nil
		}
	}
	return nil, nil
}

func ssoTagResource(c *Call, t *taggable) (any, error) {
	more := tags(c.In.parts("Tags"))
	if err := checkNewTags(more); err != nil {
		return nil, err
	}
	return c.done(t.set(t.tags.With(more)))
}

func ssoUntagResource(c *Call, t *taggable) (any, error) {
	return c.done(t.set(t.tags.Without(c.In.texts("TagKeys"))))
}

func ssoListTags(c *Call, t *taggable) (any, error) {
	return pagedTags(c, *t.tags)
}
