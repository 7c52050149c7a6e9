package identitycenter

import (
	"fmt"
	"maps"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// What the client knows of permission sets by name and mark: each operation that
// sees them learns it, and the cache has it from earlier runs.

// SetMark says whose a set is, by its tags.
type SetMark struct {
	Owner, Via string
	Lock       bool
}

// MarkOf returns the mark that a set's tags make.
func MarkOf(tags []access.Tag) SetMark {
	var m SetMark
	for _, t := range tags {
		switch t.Key {
		case access.OwnerTag:
			m.Owner = t.Value
		case access.ViaTag:
			m.Via = t.Value
		case access.LockTag:
			m.Lock = true
		}
	}
	return m
}

func (m SetMark) String() string {
	switch {
	case m.Lock:
		return "the tag of a lock"
	case m.Owner == "":
		return "no owner"
	case m.Via == "":
		return fmt.Sprintf("owner %q", m.Owner)
	default:
		return fmt.Sprintf("owner %q via %s", m.Owner, m.Via)
	}
}

// KnownSets returns a copy of what is known of the instance's permission sets, by
// ARN.
func (c *Client) KnownSets() map[string]CachedSet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.sets)
}

// Known returns what is known of one set.
func (c *Client) Known(arn string) CachedSet {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sets[arn]
}

// LearnMark keeps whose a set is.
func (c *Client) LearnMark(arn string, m SetMark) {
	c.learn(arn, func(s *CachedSet) { s.Marked, s.Owner, s.Lock = true, m.Owner, m.Lock })
}

func (c *Client) learnName(arn, name string) {
	c.learn(arn, func(s *CachedSet) { s.Name = name })
}

func (c *Client) learn(arn string, change func(*CachedSet)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	set := c.sets[arn]
	change(&set)
	c.learned = c.learned || set != c.sets[arn]
	c.sets[arn] = set
}

// Recall takes what earlier runs saw of the sets from the cache. A cache that
// cannot be read is as good as none.
func (c *Client) Recall() {
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

// SaveNames puts what is known into the cache, so that the next run makes fewer
// calls: of the sets that are alive, or, where that is not known (nil), of all, if
// there is anything new.
func (c *Client) SaveNames(alive []string) error {
	c.mu.Lock()
	learned := c.learned
	c.learned = false
	c.mu.Unlock()
	if c.cache == nil || alive == nil && !learned {
		return nil
	}
	known := c.KnownSets()
	keep := known
	if alive != nil {
		keep = make(map[string]CachedSet, len(alive))
		for _, arn := range alive {
			if set, ok := known[arn]; ok {
				keep[arn] = set
			}
		}
	}
	return c.cache.Save(c.instance.ARN, keep)
}

// DistrustCache forgets all that is known of permission sets, because the cache
// was found to be wrong: AWS never gives an ARN to a set of another name.
func (c *Client) DistrustCache() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cacheWrong = true
	clear(c.sets)
}
