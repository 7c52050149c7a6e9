package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// kept are the scripts whose characters pass for Latin ones, and the
// characters that belong to no one script: punctuation, digits, marks.
func kept(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Armenian,
		unicode.Cherokee, unicode.Common, unicode.Inherited)
}

// table is what is selected of the data, closed and by source.
func table(d data) ([]rune, map[rune]string, error) {
	all := map[rune]string{}
	for from, to := range d.mappings {
		if norm.NFKD.String(string(from)) == string(from) {
			all[from] = norm.NFKD.String(to)
		}
	}
	var sources []rune
	out := map[rune]string{}
	for from := range all {
		to, err := closed(all, from)
		if err != nil {
			return nil, nil, err
		}
		if kept(from) && to != string(from) {
			out[from] = to
			sources = append(sources, from)
		}
	}
	slices.Sort(sources)
	return sources, out, nil
}

// closed follows the mappings of a character's target until nothing changes.
func closed(all map[rune]string, from rune) (string, error) {
	text := all[from]
	for range 8 {
		var b strings.Builder
		for _, r := range text {
			if to, ok := all[r]; ok {
				b.WriteString(to)
			} else {
				b.WriteRune(r)
			}
		}
		next := norm.NFKD.String(b.String())
		if next == text {
			return text, nil
		}
		text = next
	}
	return "", fmt.Errorf("follow the mappings of %U: they do not end", from)
}

// generate returns the table as text: a line for each character, both sides in hex.
func generate(d data) ([]byte, error) {
	sources, to, err := table(d)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Made by tools/confusables from Unicode's confusables.txt %s: what a character looks like.\n", d.version)
	b.WriteString("# Copyright 1991-2022 Unicode, Inc.; see LICENSE-unicode in this folder.\n")
	for _, from := range sources {
		fmt.Fprintf(&b, "%04X ;", from)
		for _, r := range to[from] {
			fmt.Fprintf(&b, " %04X", r)
		}
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}
