// Command confusables generates the table of look-alike characters that
// internal/names compares names with, from Unicode's confusables.txt (UTS #39,
// Unicode Security Mechanisms).
//
// It promises the same output for the same file, and a table that is closed: no
// target contains a character that the table maps further. It keeps what names
// in Latin script are mistaken for (generate.go) and leaves out characters
// that NFKD already takes apart, because the reader of the table applies that
// first.
//
// The file is at https://www.unicode.org/Public/security/, and in the sources
// of ICU (apt-get source icu: source/data/unidata/confusables.txt). From the
// folder tools/:
//
//	go run ./confusables -in confusables.txt
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	in := flag.String("in", "", "Unicode's confusables.txt")
	out := flag.String("out", "../internal/names/confusables.txt", "the table that internal/names embeds")
	flag.Parse()
	if err := run(*in, *out); err != nil {
		fmt.Fprintln(os.Stderr, "confusables:", err)
		os.Exit(1)
	}
}

func run(in, out string) error {
	if in == "" {
		return fmt.Errorf("find the data: pass Unicode's confusables.txt with -in")
	}
	text, err := os.ReadFile(in)
	if err != nil {
		return fmt.Errorf("read the data: %w", err)
	}
	data, err := parse(string(text))
	if err != nil {
		return fmt.Errorf("parse %q: %w", in, err)
	}
	source, err := generate(data)
	if err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	if err := os.WriteFile(out, source, 0o644); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	return nil
}
