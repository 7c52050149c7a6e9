// Package ids makes identifiers in the forms that clouds have. It promises the same
// identifier for the same source of chance, and leaves out where that comes from.
package ids

import (
	"fmt"
	"math/rand/v2"
)

// The alphabets of identifiers.
const (
	Digits  = "0123456789"
	Letters = Digits + "abcdefghijklmnopqrstuvwxyz"
	Mixed   = Letters + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// UUID returns the UUID of version 4 that has the bits of both numbers.
func UUID(high, low uint64) string {
	high, low = high&^0xf000|0x4000, low&^(3<<62)|1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&0xffffffffffff)
}

// DrawUUID draws a UUID.
func DrawUUID(r *rand.Rand) string {
	high := r.Uint64()
	return UUID(high, r.Uint64())
}

// Draw draws n letters of an alphabet.
func Draw(r *rand.Rand, alphabet string, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(out)
}
