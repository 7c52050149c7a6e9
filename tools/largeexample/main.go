// Command largeexample generates examples/large: the access of an organization
// of 40 groups, 25 accounts and 120 users, and the estate in which it works.
//
// It promises the same files every time. From the folder tools/:
//
//	go run ./largeexample
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	out := flag.String("out", "../examples/large", "folder of the generated files")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "largeexample:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	files, err := generate(company())
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write the example: %w", err)
		}
	}
	return nil
}

// generate returns the files by name.
func generate(o organization) (map[string]string, error) {
	estate, err := estateOf(o)
	if err != nil {
		return nil, err
	}
	return map[string]string{"terraform.tfvars": tfvarsOf(o), "estate.json": estate}, nil
}
