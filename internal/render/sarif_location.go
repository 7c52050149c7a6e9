package render

import (
	"bytes"
	"net/url"
	"path"
	"strings"
	"unicode/utf8"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// location returns a range as SARIF has it. A range without a line is a whole
// file.
func (r SARIFReport) location(at diag.Range) sarifLocation {
	place := sarifPhysical{Artifact: artifactOf(r.Path(at.File))}
	if at.Start.Line > 0 {
		place.Region = regionOf(at, r.Sources[at.File])
	}
	return sarifLocation{Physical: place}
}

// artifactOf makes a URI of a path: relative to the root of the repository, or
// a file URI.
func artifactOf(name string) sarifArtifact {
	if path.IsAbs(name) || len(name) > 1 && name[1] == ':' { // a volume of Windows
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(name, "/")}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: name}).String(), BaseID: sarifRoot}
}

// regionOf returns lines and columns from 1; the end column is the one after the
// last character, in SARIF as in ranges. Columns count UTF-16 code units, for
// that is what run.columnKind says.
func regionOf(at diag.Range, src []byte) *sarifRegion {
	region := &sarifRegion{StartLine: at.Start.Line, StartColumn: utf16Column(at.Start, src)}
	if after(at.End, at.Start) {
		region.EndLine, region.EndColumn = at.End.Line, utf16Column(at.End, src)
	}
	return region
}

func after(a, b diag.Pos) bool { return a.Line > b.Line || a.Line == b.Line && a.Column > b.Column }

// utf16Column returns the column of a place; where the text is not known, the one
// that a person sees, which is the same for most.
func utf16Column(p diag.Pos, src []byte) int {
	if p.Byte < 0 || p.Byte > len(src) || src == nil {
		return max(p.Column, 1)
	}
	line := src[bytes.LastIndexByte(src[:p.Byte], '\n')+1 : p.Byte]
	return utf16Len(line) + 1
}

func utf16Len(text []byte) int {
	n := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}
