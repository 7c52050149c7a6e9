package main

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
)

// column is one tree of the table.
type column struct {
	name  string
	files []file
}

// row is one measure, taken of the files that are not tests and of all.
type row struct {
	name string
	of   func(code, all []file) string
}

func rows() []row {
	return []row{
		{"packages", func(code, _ []file) string { return fmt.Sprint(len(packages(code))) }},
		{"files", func(code, _ []file) string { return fmt.Sprint(len(code)) }},
		{"lines", func(code, _ []file) string { return fmt.Sprint(sum(code, func(f file) int { return f.lines })) }},
		{"of these code", func(code, _ []file) string { return fmt.Sprint(sum(code, func(f file) int { return f.code })) }},
		{"comment lines for 100 of code", func(code, _ []file) string {
			return share(sum(code, func(f file) int { return f.comments }), sum(code, func(f file) int { return f.code }))
		}},
		{"lines of tests for 100 lines", func(code, all []file) string {
			lines := func(f file) int { return f.lines }
			return share(sum(all, lines)-sum(code, lines), sum(code, lines))
		}},
		{"lines a package: median, 90%, most", func(code, _ []file) string { return spread(packageLines(code)) }},
		{"lines a file: median, 90%, most", func(code, _ []file) string {
			return spread(each(code, func(f file) []int { return []int{f.lines} }))
		}},
		{"functions", func(code, _ []file) string { return fmt.Sprint(sum(code, func(f file) int { return len(f.funcs) })) }},
		{"lines a function: median, 90%, most", func(code, _ []file) string {
			return spread(functions(code, func(f function) int { return f.lines }))
		}},
		{"ways through a function: median, 90%, most", func(code, _ []file) string {
			return spread(functions(code, func(f function) int { return f.ways }))
		}},
		{"functions with more than 15 ways, of 100", func(code, _ []file) string {
			all := functions(code, func(f function) int { return f.ways })
			many := slices.DeleteFunc(slices.Clone(all), func(n int) bool { return n <= 15 })
			return fmt.Sprintf("%.1f", 100*float64(len(many))/float64(max(1, len(all))))
		}},
		{"packages with a comment, of 100", func(code, _ []file) string {
			documented := map[string]bool{}
			for _, f := range code {
				if f.pkgDoc {
					documented[path.Dir(f.path)] = true
				}
			}
			return share(len(documented), len(packages(code)))
		}},
		{"exported names with a comment, of 100", func(code, _ []file) string {
			return share(sum(code, func(f file) int { return f.docs }), sum(code, func(f file) int { return f.exported }))
		}},
	}
}

// table writes a row for each measure and a column for each tree.
func table(columns []column, out io.Writer) error {
	head, rule := "| |", "|---|"
	for _, c := range columns {
		head, rule = head+" "+c.name+" |", rule+"---|"
	}
	lines := []string{head, rule}
	for _, r := range rows() {
		line := "| " + r.name + " |"
		for _, c := range columns {
			written := without(c.files, file.isMade)
			line += " " + r.of(without(written, file.isTest), written) + " |"
		}
		lines = append(lines, line)
	}
	_, err := fmt.Fprintln(out, strings.Join(lines, "\n"))
	return err
}

func without(files []file, drop func(file) bool) []file {
	return slices.DeleteFunc(slices.Clone(files), drop)
}

// packages maps each folder with Go in it to its lines.
func packages(files []file) map[string]int {
	lines := map[string]int{}
	for _, f := range files {
		lines[path.Dir(f.path)] += f.lines
	}
	return lines
}

func packageLines(files []file) []int {
	var all []int
	for _, n := range packages(files) {
		all = append(all, n)
	}
	return all
}

func each(files []file, of func(file) []int) []int {
	var all []int
	for _, f := range files {
		all = append(all, of(f)...)
	}
	return all
}

func functions(files []file, of func(function) int) []int {
	return each(files, func(f file) []int {
		var all []int
		for _, fn := range f.funcs {
			all = append(all, of(fn))
		}
		return all
	})
}

func sum(files []file, of func(file) int) int {
	n := 0
	for _, f := range files {
		n += of(f)
	}
	return n
}

func share(part, whole int) string { return fmt.Sprint(100 * part / max(1, whole)) }

func spread(all []int) string {
	if len(all) == 0 {
		return "-"
	}
	slices.Sort(all)
	return fmt.Sprintf("%d, %d, %d", all[len(all)/2], all[min(len(all)-1, len(all)*9/10)], all[len(all)-1])
}
