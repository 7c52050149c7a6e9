package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// A line is its number, the length of the record, a digest and the record. The
// digest is that of the line before it and of all of this line, so that no line
// can be changed, left out, repeated or moved and still fit the one before it.

// link is a line in the chain: its number and digest. The zero value stands before
// the first.
type link struct {
	n   int
	sum [sha256.Size]byte
}

var (
	errDamaged = errors.New("it is damaged: a byte of it has changed, or this is no journal; restore the file, or start anew with another folder")
	errOlder   = errors.New("it was written by an emulator of before, whose journals this one does not read; start anew with another folder")

	olderLine = regexp.MustCompile(`^[0-9a-f]{8} \{`)
	lineHead  = regexp.MustCompile(`^([1-9][0-9]{0,17}) (0|[1-9][0-9]{0,9}) ([0-9a-f]{64}) `)
)

func (l link) next(record []byte) link {
	h := sha256.New()
	fmt.Fprintf(h, "%x %d %d ", l.sum, l.n+1, len(record))
	h.Write(record)
	next := link{n: l.n + 1}
	h.Sum(next.sum[:0])
	return next
}

// frame is a record as the line behind another.
func frame(last link, record []byte) ([]byte, link) {
	next := last.next(record)
	line := fmt.Appendf(nil, "%d %d %x ", next.n, len(record), next.sum)
	return append(append(line, record...), '\n'), next
}

// unframe returns the record in a line, if it is the one behind another.
func unframe(last link, line []byte) (record []byte, next link, err error) {
	head := lineHead.FindSubmatch(line)
	if head == nil {
		if last.n == 0 && olderLine.Match(line) {
			return nil, last, errOlder
		}
		return nil, last, errDamaged
	}
	record = line[len(head[0]):]
	next = last.next(record)
	number, _ := strconv.Atoi(string(head[1]))
	length, _ := strconv.Atoi(string(head[2]))
	switch {
	case number != next.n && hex.EncodeToString(next.sum[:]) != string(head[3]):
		return nil, last, fmt.Errorf("it is number %d and should be %d: a line is missing, comes twice or stands elsewhere; restore the file, or start anew with another folder", number, next.n)
	case number != next.n, length != len(record), hex.EncodeToString(next.sum[:]) != string(head[3]):
		return nil, last, errDamaged
	}
	return record, next, nil
}

// begins tells whether a tail could be the beginning of the next line: what is
// left of it where a crash tore it. Blocks that never reached the disk are zero.
func (l link) begins(tail []byte) bool {
	tail = bytes.TrimRight(tail, "\x00")
	whole := lineHead.FindSubmatch(tail)
	if whole == nil { // torn before the record begins
		return beginsHead(tail, strconv.Itoa(l.n+1))
	}
	length, _ := strconv.Atoi(string(whole[2]))
	return string(whole[1]) == strconv.Itoa(l.n+1) && len(tail)-len(whole[0]) <= length
}

var headBegins = regexp.MustCompile(`^ ((0|[1-9][0-9]{0,9})?$|(0|[1-9][0-9]{0,9}) [0-9a-f]{0,64}$)`)

func beginsHead(tail []byte, number string) bool {
	if len(tail) <= len(number) {
		return bytes.HasPrefix([]byte(number), tail)
	}
	rest, ok := bytes.CutPrefix(tail, []byte(number))
	return ok && headBegins.Match(rest)
}
