package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/doctor"
)

// DoctorMarkdown writes a diagnosis for a ticket.
func DoctorMarkdown(w io.Writer, r doctor.Report) error {
	p := newPage(Style{})
	b := &p.b
	title := strings.TrimSpace(string(r.Subject) + " " + plainMarkdown(r.Name))
	if r.Account != "" {
		title += " in account " + r.Account
	}
	fmt.Fprintf(b, "## rolecall doctor: %s\n\n**%s**\n", title, plainMarkdown(r.Answer))
	for _, state := range []doctor.State{doctor.Problem, doctor.Warning} {
		for _, v := range r.Found(state) {
			fmt.Fprintf(b, "\n### %s (`%s`)\n\n**Do in %s:** %s\n", plainMarkdown(v.Cause), v.Check, plainMarkdown(v.System), plainMarkdown(v.Fix))
			if len(v.Evidence) > 0 {
				b.WriteString("\nEvidence:\n\n")
			}
			for _, e := range v.Evidence {
				fmt.Fprintf(b, "- %s\n", plainMarkdown(seenWords(e)))
			}
		}
	}
	b.WriteString("\n| link | state | seen |\n|---|---|---|\n")
	for _, step := range r.Chain {
		word, _ := stateWords(step.State)
		if step.Broken {
			word = "x **broken here**"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", step.Link, word, plainMarkdown(step.Says))
	}
	if cannot := r.Found(doctor.CannotTell); len(cannot) > 0 {
		b.WriteString("\nWhat could not be seen, and what it needs:\n\n")
		for _, v := range cannot {
			fmt.Fprintf(b, "- `%s`: %s\n", v.Check, plainMarkdown(v.Needs))
		}
	}
	return p.writeTo(w)
}

// plainMarkdown keeps names, which anybody may choose, from being Markdown.
func plainMarkdown(text string) string {
	return strings.ReplaceAll(escaped(clean(text)), "\n", " ")
}
