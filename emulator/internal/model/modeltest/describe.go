package modeltest

import (
	"fmt"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
)

// Describe lists the members of a structure, the required ones marked *, with what is
// checked of each. The tables of operations in the emulator's README.md are made of it.
func Describe(s *model.Shape) string {
	var cells []string
	for _, m := range s.Members {
		cell := m.Name
		if m.Required {
			cell += "*"
		}
		if c := inWords(m.Shape); c != "" {
			cell += " " + c
		}
		cells = append(cells, cell)
	}
	return strings.Join(cells, "; ")
}

// inWords tells in a few words what is checked of a shape, as "(1-32
// characters, pattern)"; empty where nothing is.
func inWords(s *model.Shape) string {
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
	if s.Kind == model.Structure && len(s.Members) > 0 {
		parts = append(parts, "{"+Describe(s)+"}")
	}
	if s.Element != nil {
		if c := inWords(s.Element); c != "" {
			parts = append(parts, "each "+c)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

func bounds(s *model.Shape) string {
	unit := map[model.Kind]string{model.String: " characters", model.List: " elements", model.Map: " entries"}[s.Kind]
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
