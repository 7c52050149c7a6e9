package write

import "sync"

// notes are a map that many use at once. The zero value is ready.
type notes[K comparable, V any] struct {
	mu sync.Mutex
	m  map[K]V
}

func (n *notes[K, V]) get(key K) (V, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	value, ok := n.m[key]
	return value, ok
}

// of returns the zero value for what was not noted.
func (n *notes[K, V]) of(key K) V {
	value, _ := n.get(key)
	return value
}

func (n *notes[K, V]) has(key K) bool {
	_, ok := n.get(key)
	return ok
}

func (n *notes[K, V]) put(key K, value V) {
	n.update(key, func(V) V { return value })
}

// update puts what a function makes of the value, and returns it.
func (n *notes[K, V]) update(key K, change func(V) V) V {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.m == nil {
		n.m = map[K]V{}
	}
	value := change(n.m[key])
	n.m[key] = value
	return value
}

func (n *notes[K, V]) drop(key K) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.m, key)
}

func (n *notes[K, V]) size() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.m)
}
