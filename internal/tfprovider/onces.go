package tfprovider

import (
	"strings"
	"sync"
)

// onces are things that have happened in this process, by any words that name them.
type onces struct {
	mu   sync.Mutex
	seen map[string]bool
}

// note notes one, and says whether it is the first time.
func (o *onces) note(words ...string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.seen == nil {
		o.seen = map[string]bool{}
	}
	key := strings.Join(words, "\x00")
	first := !o.seen[key]
	o.seen[key] = true
	return first
}

func (o *onces) has(words ...string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen[strings.Join(words, "\x00")]
}

func (o *onces) any() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.seen) > 0
}
