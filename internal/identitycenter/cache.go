package identitycenter

import "github.com/rolecall-dev/rolecall/internal/diag"

// CachedSet is what is remembered of a permission set. A set's ARN never
// changes its name, so Name stays true for as long as the set exists. Owner is
// only what was last seen; nothing is written on its word.
type CachedSet struct {
	// Name is "" where only the tags were looked at.
	Name string `json:"name,omitempty"`
	// Marked says that the tags were looked at, so that Owner and Lock mean
	// something.
	Marked bool   `json:"marked,omitempty"`
	Owner  string `json:"owner,omitempty"`
	// Lock marks the set of a lock, which is no set to the planner.
	Lock bool `json:"lock,omitempty"`
}

// SetCache remembers the permission sets of an instance between runs, by ARN.
// Losing it costs calls, never truth.
type SetCache interface {
	// Refused returns why the cache must not be used: others could write it.
	Refused() error
	Load(instanceARN string) (map[string]CachedSet, error)
	Save(instanceARN string, sets map[string]CachedSet) error
}

// refuseCache goes on without a cache that others could write: whoever can, could
// make a permission set look like another one or hide one.
func (c *Client) refuseCache() {
	if c.cache == nil {
		return
	}
	if err := c.cache.Refused(); err != nil {
		c.cache = nil
		c.notes = append(c.notes, diag.Diagnostic{
			Severity: diag.Warning, Code: CodeCacheRefused, Summary: "the cache of permission set names is not used: others could write to it",
			Detail: err.Error() + ". This run makes more calls.",
			Hint:   "Own the folder and make it writable only by you (`chmod go-w`), or set another one in XDG_CACHE_HOME.",
		})
	}
}
