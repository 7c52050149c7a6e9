// Package bounds is how much of what others answer is taken into memory, in
// numbers that no real answer comes near.
//
// It promises that an answer is read to a limit, unpacked or not, that one whose
// text is small and whose values are many is refused before it is unfolded, and
// that no more is read once the process holds a lot. It leaves out what an
// answer means, and how long it is waited for.
package bounds

import (
	"bytes"
	"fmt"
	"io"
	"runtime/metrics"
)

const (
	maxValues  = 200_000 // objects, lists, and what is in them; a page of a hundred users has a few thousand
	maxNesting = 100
	// maxHeap is what may live in the whole process when more is read: when it is
	// collected again there may be twice that. A state with a million assignments
	// has 230 MiB (docs/performance.md).
	maxHeap = 400 << 20
)

// Error says in words why an answer is not taken.
type Error struct{ says string }

func (e *Error) Error() string { return e.says }

func refuse(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

// Read reads to the end, or refuses with an [*Error] what is longer than most
// bytes.
func Read(from io.Reader, most int64) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(from, most+1))
	if err == nil && int64(len(text)) > most {
		return nil, refuse("the answer is longer than %d MiB", most>>20)
	}
	return text, err
}

// Values refuses JSON with more values than fit into memory once it is
// unfolded, or deeper than anybody writes. It counts without reading: what is no
// JSON is not its matter, and of XML it counts the elements.
func Values(text []byte) error {
	values, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = endOfString(text, i)
		case '{', '[':
			values++
			if depth++; depth > maxNesting {
				return refuse("the answer is nested deeper than %d", maxNesting)
			}
		case '}', ']':
			depth--
		case ',', '<':
			values++
		}
	}
	if values > maxValues {
		return refuse("the answer has more than %d values", maxValues)
	}
	return nil
}

// endOfString returns where a string of JSON ends.
func endOfString(text []byte, from int) int {
	for i := from + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text)
}

// Empty says that an answer has nothing in it.
func Empty(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// Memory refuses more where what was read so far fills the memory.
func Memory() error {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() == metrics.KindUint64 && sample[0].Value.Uint64() > maxHeap {
		return refuse("what was answered so far takes more than %d MiB, and no organization has so much", maxHeap>>20)
	}
	return nil
}
