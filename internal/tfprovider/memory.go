package tfprovider

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// memory is what this process remembers, by words that name it, such as a resource's
// kind and name. Terraform plans each resource on its own, side by side.
type memory[V any] struct {
	mu     sync.Mutex
	values map[string]V
}

// note remembers a value, and says whether it is the first one by these words.
func (m *memory[V]) note(value V, words ...string) (first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.values == nil {
		m.values = map[string]V{}
	}
	key := strings.Join(words, "\x00")
	_, known := m.values[key]
	m.values[key] = value
	return !known
}

// recall returns what was noted last by these words; the zero value where nothing was.
func (m *memory[V]) recall(words ...string) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.values[strings.Join(words, "\x00")]
}

// words are all by which something was noted.
func (m *memory[V]) words() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Sorted(maps.Keys(m.values))
}
