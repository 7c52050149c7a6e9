package store

import (
	"cmp"
	"slices"
)

// Page is a part of a list. Next is the position to continue from; More tells
// whether there is anything behind it.
type Page[T any] struct {
	Items []T
	Next  uint64
	More  bool
}

type sequenced interface{ Sequence() uint64 }

// seq is the position of a thing in the order of creation. It is never used twice,
// so a position in a list outlives the thing at that position.
type seq uint64

// Sequence is the position of the thing in every list that it is part of.
func (s seq) Sequence() uint64 { return uint64(s) }

// list keeps things in the order of their sequence numbers. Most additions are
// at the end; removing moves pointers only.
type list[T sequenced] struct{ items []T }

func (l *list[T]) search(at uint64) (int, bool) {
	return slices.BinarySearchFunc(l.items, at, func(x T, at uint64) int {
		return cmp.Compare(x.Sequence(), at)
	})
}

func (l *list[T]) add(x T) {
	at, found := l.search(x.Sequence())
	if !found {
		l.items = slices.Insert(l.items, at, x)
	}
}

func (l *list[T]) remove(x T) {
	if at, found := l.search(x.Sequence()); found {
		l.items = slices.Delete(l.items, at, at+1)
	}
}

// drain takes everything out with remove, the newest first.
func (l *list[T]) drain(remove func(T)) {
	for len(l.items) > 0 {
		remove(l.items[len(l.items)-1])
	}
}

// after returns at most limit things behind the position, those that keep says
// yes to (nil keeps all).
func (l *list[T]) after(position uint64, limit int, keep func(T) bool) Page[T] {
	at, _ := l.search(position + 1)
	page := Page[T]{Next: position}
	for ; at < len(l.items); at++ {
		x := l.items[at]
		if keep != nil && !keep(x) {
			continue
		}
		if len(page.Items) == limit {
			page.More = true
			return page
		}
		page.Items = append(page.Items, x)
		page.Next = x.Sequence()
	}
	return page
}
