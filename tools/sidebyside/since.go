package main

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// counts are the lines of a package: in the older tree, and now in files that the
// older tree had by the same path, in files that were moved, and in new ones.
type counts struct{ before, kept, moved, added int }

// compare writes how the packages of a tree grew or shrank since an older one, and
// lists the files that were moved or added, with their lines.
func compare(older, newer string, out io.Writer) error {
	before, err := load(older)
	if err != nil {
		return fmt.Errorf("measure %s: %w", older, err)
	}
	now, err := load(newer)
	if err != nil {
		return fmt.Errorf("measure %s: %w", newer, err)
	}
	before, now = without(before, file.isTest), without(now, file.isTest)
	packages, moved, added := count(before, now)

	fmt.Fprint(out, "| package | before | now, in the same files | in files moved | in files added |\n|---|---|---|---|---|\n")
	var total counts
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		c := packages[name]
		total = counts{total.before + c.before, total.kept + c.kept, total.moved + c.moved, total.added + c.added}
		fmt.Fprintf(out, "| %s | %d | %d | %d | %d |\n", name, c.before, c.kept, c.moved, c.added)
	}
	fmt.Fprintf(out, "| **all** | %d | %d | %d | %d |\n", total.before, total.kept, total.moved, total.added)
	list(out, "Moved", moved)
	list(out, "Added", added)
	return nil
}

// list writes the files of each package in a line.
func list(out io.Writer, title string, files []file) {
	of := map[string][]string{}
	for _, f := range files {
		of[path.Dir(f.path)] = append(of[path.Dir(f.path)], fmt.Sprintf("%s %d", path.Base(f.path), f.lines))
	}
	fmt.Fprintf(out, "\n%s:\n\n", title)
	for _, name := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(out, "- `%s`: %s\n", name, strings.Join(of[name], ", "))
	}
}

func count(before, now []file) (packages map[string]counts, moved, added []file) {
	packages = map[string]counts{}
	old := map[string]bool{}
	for _, f := range before {
		old[f.path] = true
		c := packages[path.Dir(f.path)]
		c.before += f.lines
		packages[path.Dir(f.path)] = c
	}
	left := movable(before, now, old)
	for _, f := range now {
		c := packages[path.Dir(f.path)]
		switch {
		case old[f.path]:
			c.kept += f.lines
		case wasMoved(f, left):
			c.moved += f.lines
			moved = append(moved, f)
		default:
			c.added += f.lines
			added = append(added, f)
		}
		packages[path.Dir(f.path)] = c
	}
	return packages, moved, added
}

// movable counts the telling lines of the older tree that its files do not have
// any more: whatever has them now got them from there.
func movable(before, now []file, old map[string]bool) map[string]int {
	left := map[string]int{}
	for _, f := range before {
		for _, line := range f.telling {
			left[line]++
		}
	}
	for _, f := range now {
		for _, line := range f.telling {
			if old[f.path] {
				left[line]--
			}
		}
	}
	return left
}

// wasMoved says whether half of a file's telling lines, or more, stood elsewhere in
// the older tree; it takes them from what is left.
func wasMoved(f file, left map[string]int) bool {
	found := 0
	for _, line := range f.telling {
		if left[line] > 0 {
			left[line]--
			found++
		}
	}
	return found > 0 && 2*found >= len(f.telling)
}
