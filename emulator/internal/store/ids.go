package store

import (
	"fmt"
	"math/rand/v2"

	"github.com/rolecall-dev/rolecall/emulator/internal/ids"
)

// generator makes identifiers. The n-th identifier depends on the seed and n alone, so
// that a replay makes the same ones, and none is made twice.
type generator struct {
	seed uint64
	n    uint64
}

// source is a fresh generator for one identifier.
func (g *generator) source() *rand.Rand {
	g.n++
	return rand.New(rand.NewPCG(g.seed, g.n))
}

func (g *generator) next() uint64 { g.n++; return g.n }

func (g *generator) uuid() string { return ids.DrawUUID(g.source()) }

// hex16 is the form of the suffixes of instances, permission sets and roles.
func (g *generator) hex16() string { return fmt.Sprintf("%016x", g.source().Uint64()) }

func (g *generator) digits(n int) string { return ids.Draw(g.source(), ids.Digits, n) }

func (g *generator) letters(n int) string { return ids.Draw(g.source(), ids.Letters, n) }
