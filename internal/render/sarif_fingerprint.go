package render

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"unicode/utf16"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// fingerprints make what tells a service that a finding of today is one of
// yesterday, although lines were added above it.
type fingerprints struct {
	sources diag.Sources
	lines   map[string][]string // by file: a hash for each line
	seen    map[string]int
}

func newFingerprints(sources diag.Sources) *fingerprints {
	return &fingerprints{sources: sources, lines: map[string][]string{}, seen: map[string]int{}}
}

// of returns two fingerprints: one of what the finding says, and GitHub's own of
// the line that it is at, which GitHub cannot make by itself where the log is
// uploaded through its API.
func (f *fingerprints) of(d diag.Diagnostic, where string) map[string]string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", d.Code, where, d.Summary))
	own := hex.EncodeToString(sum[:16])
	f.seen[own]++
	out := map[string]string{"rolecallFinding/v1": own + ":" + strconv.Itoa(f.seen[own])}
	if hashes := f.ofLines(d.Range.File); d.Range.Start.Line > 0 && d.Range.Start.Line <= len(hashes) {
		out["primaryLocationLineHash"] = hashes[d.Range.Start.Line-1]
	}
	return out
}

func (f *fingerprints) ofLines(file string) []string {
	src, known := f.sources[file]
	if !known {
		return nil
	}
	if f.lines[file] == nil {
		f.lines[file] = lineHashes(string(src))
	}
	return f.lines[file]
}

// lineHashes returns GitHub's primaryLocationLineHash for each line of a text: a
// polynomial hash of the first 100 characters from the line's beginning on,
// without blanks and tabs, and how often that hash has come before. Line ends
// are one \n each, the text's end is a 65535 and then zeros. It must be the same
// as that of github.com/github/codeql-action, whose upload-sarif warns where it
// differs; its published examples are in the test.
func lineHashes(text string) []string {
	const (
		block = 100
		base  = uint64(37)
	)
	units, starts := hashedUnits(text)
	out := make([]string, len(starts))
	count := map[uint64]int{}
	for i, start := range starts {
		hash := uint64(0)
		for j := start; j < start+block; j++ {
			hash *= base
			if j < len(units) {
				hash += uint64(units[j])
			}
		}
		count[hash]++
		out[i] = fmt.Sprintf("%x:%d", hash, count[hash])
	}
	return out
}

// hashedUnits returns the UTF-16 code units that count, and which of them begin
// lines.
func hashedUnits(text string) (units []uint16, starts []int) {
	starts = []int{0}
	afterCR := false
	for _, c := range utf16.Encode([]rune(text)) {
		wasCR := afterCR
		afterCR = c == '\r'
		switch {
		case c == ' ' || c == '\t' || c == '\n' && wasCR:
		case c == '\n' || c == '\r':
			units = append(units, '\n')
			starts = append(starts, len(units))
		default:
			units = append(units, c)
		}
	}
	return append(units, 65535), starts
}
