package store

import "slices"

// Tag is a key and a value on a resource.
type Tag struct{ Key, Value string }

// Tags are kept in the order in which their keys first came.
type Tags []Tag

// With returns the tags with more added or overwritten.
func (t Tags) With(more Tags) Tags {
	out := slices.Clone(t)
	for _, tag := range more {
		at := slices.IndexFunc(out, func(have Tag) bool { return have.Key == tag.Key })
		if at >= 0 {
			out[at].Value = tag.Value
			continue
		}
		out = append(out, tag)
	}
	return out
}

// Without returns the tags but those of the keys.
func (t Tags) Without(keys []string) Tags {
	return slices.DeleteFunc(slices.Clone(t), func(have Tag) bool { return slices.Contains(keys, have.Key) })
}

// CheckTags refuses more tags than a resource may have.
func (s *Store) CheckTags(tags Tags) error {
	if len(tags) > s.Quotas.TagsPerResource {
		return refuse(OverQuota, "You have exceeded the maximum number of tags (%d) for the resource.", s.Quotas.TagsPerResource)
	}
	return nil
}
