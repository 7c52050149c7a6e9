package directory

import "context"

// Once keeps the first value that could be had; a failure is not kept. Make it
// with [NewOnce].
type Once[T any] struct {
	turn  chan struct{} // a channel, so that waiting counts as idle in virtual time
	value *T
}

// NewOnce makes one.
func NewOnce[T any]() *Once[T] { return &Once[T]{turn: make(chan struct{}, 1)} }

// Get returns the value, and gets it first where there is none yet.
func (o *Once[T]) Get(ctx context.Context, get func(context.Context) (T, error)) (T, error) {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	if o.value != nil {
		return *o.value, nil
	}
	value, err := get(ctx)
	if err == nil {
		o.value = &value
	}
	return value, err
}
