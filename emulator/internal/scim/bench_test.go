package scim

import (
	"fmt"
	"testing"
)

// BenchmarkApply measures single operations in a directory of 10,000 users.
func BenchmarkApply(b *testing.B) {
	w := newWorld(b)
	for i := range 10_000 {
		w.user(fmt.Sprintf("u%05d", i))
	}
	u, _ := w.dir.UserByName("u05000")
	for name, r := range map[string]Request{
		"look-up": {Method: "GET", Path: "/Users", Query: "filter=userName+eq+%22u05000%22"},
		"page":    {Method: "GET", Path: "/Users", Query: "cursor&count=100"},
		"patch":   {Method: "PATCH", Path: "/Users/" + u.ID, Body: []byte(patch(`{"op":"replace","path":"title","value":"x"}`))},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if a := Apply(w.dir, w.stamp(), r); a.Status != 200 {
					b.Fatalf("%d %s", a.Status, a.Body)
				}
			}
		})
	}
}
