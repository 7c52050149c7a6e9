package model

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes one table a service: each operation with its members
// (the required ones marked *), what is checked of them, and its errors.
func WriteMarkdown(w io.Writer, services ...*Service) error {
	for _, s := range services {
		if _, err := fmt.Fprintf(w, "### %s\n\n| operation | input, and what is checked | errors |\n|---|---|---|\n", s.Name); err != nil {
			return err
		}
		for _, op := range s.Operations {
			if _, err := fmt.Fprintf(w, "| %s | %s | %s |\n", op.Name, inputCell(op.Input), errorCell(op)); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintln(w); err != nil {
			return err
		}
	}
	return nil
}

func inputCell(s *Shape) string {
	if len(s.Members) == 0 {
		return "none"
	}
	return strings.ReplaceAll(members(s), "|", `\|`)
}

func members(s *Shape) string {
	var cells []string
	for _, m := range s.Members {
		cell := m.Name
		if m.Required {
			cell += "*"
		}
		if c := Constraints(m.Shape); c != "" {
			cell += " " + c
		}
		cells = append(cells, cell)
	}
	return strings.Join(cells, "; ")
}

// Constraints tells in a few words what is checked of a shape, as "(1-32
// characters, pattern)"; empty where nothing is.
func Constraints(s *Shape) string {
	var parts []string
	if b := bounds(s); b != "" {
		parts = append(parts, b)
	}
	if s.Pattern != "" {
		parts = append(parts, "pattern")
	}
	if len(s.Enum) > 0 {
		parts = append(parts, strings.Join(s.Enum, "|"))
	}
	if s.Union {
		parts = append(parts, "exactly one of")
	}
	if s.Kind == Structure && len(s.Members) > 0 {
		parts = append(parts, "{"+members(s)+"}")
	}
	if s.Element != nil {
		if c := Constraints(s.Element); c != "" {
			parts = append(parts, "each "+c)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func bounds(s *Shape) string {
	unit := map[Kind]string{String: " characters", List: " elements", Map: " entries"}[s.Kind]
	switch {
	case s.Min != 0 && s.Min == s.Max:
		return fmt.Sprintf("exactly %d%s", s.Min, unit)
	case s.Max != 0:
		return fmt.Sprintf("%d-%d%s", s.Min, s.Max, unit)
	case s.Min != 0:
		return fmt.Sprintf("at least %d%s", s.Min, unit)
	}
	return ""
}

func errorCell(op *Operation) string {
	var names []string
	for _, e := range op.Errors {
		names = append(names, strings.TrimSuffix(e.Name, "Exception"))
	}
	if names == nil {
		return "none declared"
	}
	return strings.Join(names, ", ")
}
