package diag

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func at(file string, line, byteAt int) Range {
	return Range{File: file, Start: Pos{Line: line, Column: 1, Byte: byteAt}}
}

func TestSortedReadsLikeTheFile(t *testing.T) {
	l := List{
		{Severity: Warning, Code: "w", Summary: "no place"},
		{Severity: Warning, Code: "b", Range: at("b", 1, 0)},
		{Severity: Warning, Code: "x", Range: at("a", 2, 9)},
		{Severity: Error, Code: "y", Range: at("a", 2, 9)},
		{Severity: Error, Code: "z", Range: at("a", 1, 3)},
	}
	var got []Code
	for _, d := range l.Sorted() {
		got = append(got, d.Code)
	}
	if diff := cmp.Diff([]Code{"z", "y", "x", "b", "w"}, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if l[0].Code != "w" {
		t.Error("Sorted changed its receiver")
	}
}

func TestFindingsTravelAsErrors(t *testing.T) {
	l := List{{Severity: Error, Code: "a", Summary: "wrong", Detail: "because", Range: at("f.tf", 3, 5)}, {Severity: Warning, Code: "b", Summary: "odd"}}
	err := fmt.Errorf("load: %w", l.Err())
	if diff := cmp.Diff(l, FromError(err)); diff != "" {
		t.Errorf("findings lost on the way (-want +got):\n%s", diff)
	}
	if got, want := err.Error(), "load: f.tf:3:1: wrong: because"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
	if err := (List{{Severity: Warning}}).Err(); err != nil {
		t.Errorf("a warning became the error %v", err)
	}
	if diff := cmp.Diff(List{l[1]}, FromError(fmt.Errorf("x: %w", l[1]))); diff != "" {
		t.Errorf("one finding (-want +got):\n%s", diff)
	}
	if FromError(errors.New("plain")) != nil {
		t.Error("a plain error gave findings")
	}
}

// TestFillFindsTheLine holds the quick look-up by byte to the plain one by line.
func TestFillFindsTheLine(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`([a-zé ]{0,5}(\r?\n)?){0,8}`).Draw(t, "text")
		n := rapid.IntRange(0, len(text)).Draw(t, "byte")
		line := 1
		for _, c := range []byte(text[:n]) {
			if c == '\n' {
				line++
			}
		}
		s := Sources{"f": []byte(text)}
		got := s.Fill(List{{Range: at("f", line, n)}})[0].Snippet
		if want := s.Line("f", line); got != want {
			t.Fatalf("byte %d of %q is in line %q, found %q", n, text, want, got)
		}
	})
	if got := (Sources{}).Fill(List{{Range: at("gone", 4, 7)}, {Snippet: "kept", Range: at("gone", 1, 0)}}); got[0].Snippet != "" || got[1].Snippet != "kept" {
		t.Errorf("without a source: %q", got)
	}
}
