// Command sidebyside measures trees of Go code by one yardstick, and writes a
// Markdown table with a column for each:
//
//	go -C tools run ./sidebyside NAME=FOLDER...
//	go -C tools run ./sidebyside -since OLD NEW
//
// With -since it writes how many lines each package of OLD has in NEW, and lists
// the files that were added. Decision 38 keeps what both said.
//
// Neither counts tests, testdata and vendored files; the table leaves out what a
// program wrote, too, as nobody reads it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	flags := flag.NewFlagSet("sidebyside", flag.ContinueOnError)
	since := flags.String("since", "", "compare a tree with this older one, package by package")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *since != "" {
		if flags.NArg() != 1 {
			return errors.New("-since OLD takes one folder: the newer tree")
		}
		return compare(*since, flags.Arg(0), out)
	}
	if flags.NArg() == 0 {
		return errors.New("name the trees to measure as NAME=FOLDER")
	}
	var columns []column
	for _, arg := range flags.Args() {
		name, folder, ok := strings.Cut(arg, "=")
		if !ok {
			return fmt.Errorf("%q is not NAME=FOLDER", arg)
		}
		files, err := load(folder)
		if err != nil {
			return fmt.Errorf("measure %s: %w", name, err)
		}
		columns = append(columns, column{name: name, files: files})
	}
	return table(columns, out)
}
