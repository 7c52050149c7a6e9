package store

import (
	"fmt"
	"math/rand/v2"
)

// ids makes identifiers. The n-th identifier depends on the seed and n alone, so
// that a replay makes the same ones, and none is made twice.
type ids struct {
	seed uint64
	n    uint64
}

// source is a fresh generator for one identifier.
func (g *ids) source() *rand.Rand {
	g.n++
	return rand.New(rand.NewPCG(g.seed, g.n))
}

func (g *ids) next() uint64 { g.n++; return g.n }

func (g *ids) uuid() string {
	r := g.source()
	hi, lo := r.Uint64(), r.Uint64()
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(3<<62) | 1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}

// hex16 is the form of the suffixes of instances, permission sets and roles.
func (g *ids) hex16() string { return fmt.Sprintf("%016x", g.source().Uint64()) }

func (g *ids) digits(n int) string { return g.draw("0123456789", n) }

func (g *ids) letters(n int) string { return g.draw("0123456789abcdefghijklmnopqrstuvwxyz", n) }

func (g *ids) draw(alphabet string, n int) string {
	r := g.source()
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}
