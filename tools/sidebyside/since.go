package main

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
)

// counts are the lines of a package: in the older tree, and now in files that
// the older tree had, and in others.
type counts struct{ before, kept, added int }

// compare writes how the packages of a tree grew or shrank since an older one,
// and lists each file that was added with its lines. A file is the same by its path alone:
// one that was moved counts as added.
func compare(older, newer string, out io.Writer) error {
	before, err := load(older)
	if err != nil {
		return fmt.Errorf("measure %s: %w", older, err)
	}
	now, err := load(newer)
	if err != nil {
		return fmt.Errorf("measure %s: %w", newer, err)
	}
	packages, added := count(without(before, file.isTest), without(now, file.isTest))

	var total counts
	fmt.Fprint(out, "| package | before | now, in the same files | in files added since |\n|---|---|---|---|\n")
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		c := packages[name]
		total = counts{total.before + c.before, total.kept + c.kept, total.added + c.added}
		fmt.Fprintf(out, "| %s | %d | %d | %d |\n", name, c.before, c.kept, c.added)
	}
	fmt.Fprintf(out, "| **all** | %d | %d | %d |\n\n", total.before, total.kept, total.added)
	for _, f := range added {
		fmt.Fprintf(out, "- %s %d\n", f.path, f.lines)
	}
	return nil
}

func count(before, now []file) (packages map[string]counts, added []file) {
	packages = map[string]counts{}
	old := map[string]bool{}
	for _, f := range before {
		old[f.path] = true
		c := packages[path.Dir(f.path)]
		c.before += f.lines
		packages[path.Dir(f.path)] = c
	}
	for _, f := range now {
		c := packages[path.Dir(f.path)]
		if old[f.path] {
			c.kept += f.lines
		} else {
			c.added += f.lines
			added = append(added, f)
		}
		packages[path.Dir(f.path)] = c
	}
	return packages, added
}
