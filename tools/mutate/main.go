// Command mutate proves that tests have teeth: it takes a rule out of the code,
// runs the test that has to notice, and says whether it did.
//
//	go -C tools run ./mutate                   every mutation of mutate/mutations.txt
//	go -C tools run ./mutate -only 'order'     those whose name matches
//	go -C tools run ./mutate -sample 60        so many of them, others each day
//	go -C tools run ./mutate -table FILE -root DIR
//
// It promises to leave the code alone: the changed file is given to the compiler
// in place of the real one (go test -overlay), so it can run beside an editor. It
// ends with 1 where a mutation survives its runs, no longer fits the code, does
// not build, or where the test fails without it: then it proves nothing.
//
// The table is a list of blocks:
//
//	== name of the mutation: the rule that is taken out
//	test: ./internal/plan -run ^TestSearch$
//	env: PLAN_SEARCH_FROM={run}000000
//	runs: 3
//	--- internal/plan/grants.go
//	the old text, which stands in the file exactly once
//	+++
//	the new text, which may be empty
//
// A block may change several places or files, each with its --- and +++. test is
// given to go test as it is, split at blanks, packages first; the mutation has to make it fail
// within runs runs (1 where it is not said). {run} in env is the number of the
// run, from 0, for tests that search: so each run looks elsewhere. Lines that
// begin with "# " are remarks.
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	table := flag.String("table", "mutate/mutations.txt", "the table of mutations")
	root := flag.String("root", "..", "the folder that the table's files and tests are relative to")
	only := flag.String("only", "", "a pattern of names")
	sample := flag.Int("sample", 0, "how many to try, others each day; 0 is all")
	limit := flag.Duration("timeout", 10*time.Minute, "how long one run of a test may take")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	day := time.Now().UTC().Format(time.DateOnly)
	ok, err := run(ctx, os.Stdout, *table, *only, *sample, day, &bench{root: *root, limit: *limit})
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
	if !ok {
		os.Exit(1)
	}
}

// sampleOf returns n of the mutations in their order, which ones depends on the day.
func sampleOf(list []mutation, n int, day string) []mutation {
	rank := func(m mutation) string {
		sum := sha256.Sum256([]byte(day + "\x00" + m.name))
		return string(sum[:])
	}
	last := slices.SortedFunc(slices.Values(list), func(a, b mutation) int { return strings.Compare(rank(a), rank(b)) })[n-1]
	return slices.DeleteFunc(list, func(m mutation) bool { return rank(m) > rank(last) })
}

func run(ctx context.Context, out io.Writer, table, only string, sample int, day string, b *bench) (ok bool, err error) {
	text, err := os.ReadFile(table)
	if err != nil {
		return false, fmt.Errorf("read the table: %w", err)
	}
	mutations, err := parse(string(text))
	if err != nil {
		return false, fmt.Errorf("%s: %w", table, err)
	}
	pattern, err := regexp.Compile(only)
	if err != nil {
		return false, fmt.Errorf("-only: %w", err)
	}
	mutations = slices.DeleteFunc(mutations, func(m mutation) bool { return !pattern.MatchString(m.name) })
	if sample > 0 && sample < len(mutations) {
		fmt.Fprintf(out, "%d of %d, those of %s\n", sample, len(mutations), day)
		mutations = sampleOf(mutations, sample, day)
	}
	all, found := 0, 0
	for _, m := range mutations {
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		all++
		r := b.try(ctx, m)
		if r.verdict == "found" {
			found++
		}
		fmt.Fprintf(out, "%-9s run %d of %d  %6.1fs  %s  %s\n", r.verdict, r.runs, m.runs, r.took.Seconds(), m.name, r.by)
		if r.why != "" {
			fmt.Fprintf(out, "          %s\n", strings.ReplaceAll(strings.TrimSpace(r.why), "\n", "\n          "))
		}
	}
	fmt.Fprintf(out, "%d mutations, %d found\n", all, found)
	return all == found && all > 0, nil
}
