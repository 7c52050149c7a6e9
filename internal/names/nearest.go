package names

import (
	"fmt"
	"strings"
)

// DidYouMean returns a hint that asks whether a near name was meant, or what else
// there is to do where none is near.
func DidYouMean(near, otherwise string) string {
	if near == "" {
		return otherwise
	}
	return fmt.Sprintf("Did you mean %q?", near)
}

// BeforeAt returns what a user name or an address has before its @, or the whole where
// it has none, so that case does not count: people leave out what is behind it.
func BeforeAt(name string) string {
	start, _, _ := strings.Cut(name, "@")
	return Fold(start)
}

// Meant returns the one of many names that is nearest; "" for none.
func Meant(given string, among []string) string {
	near := NewIndex(among).Nearest(given, 1, nil)
	if len(near) == 0 {
		return ""
	}
	return among[near[0].At]
}

// Nearest returns the known word that a person most likely meant by given, or ""
// where none is near: at most one edit in three characters. It is for the few words
// of a vocabulary, such as the keys of a config; names of things in AWS, which are
// many and look alike in more ways, have an Index.
func Nearest(given string, known []string) string {
	var m matrix
	a, best := []rune(given), ""
	limit := max(1, len(a)/3)
	for _, name := range known {
		if d := m.distance(a, []rune(name), limit); d <= limit {
			best, limit = name, d-1
		}
	}
	return best
}
