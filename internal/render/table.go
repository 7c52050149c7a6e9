package render

import (
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
)

// cell is a cell of a table.
type cell = span

// table writes rows under their headers, columns two blanks apart. Where the
// page is narrower, cells wrap.
func (p *page) table(indent int, headers []string, rows [][]cell) {
	if len(rows) == 0 {
		return
	}
	t := table.New().BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).
		BorderColumn(false).BorderHeader(false).Headers(headers...).
		StyleFunc(func(row, col int) lipgloss.Style { return p.cellStyle(row, col, len(headers), rows) })
	for _, row := range rows {
		t.Row(texts(row)...)
	}
	if room := p.style.room(indent); room > 0 && naturalWidth(headers, rows) > room {
		t.Width(room)
	}
	for line := range strings.SplitSeq(t.String(), "\n") {
		p.raw(strings.TrimRight(strings.Repeat(" ", indent)+line, " ") + "\n")
	}
}

func (p *page) cellStyle(row, col, columns int, rows [][]cell) lipgloss.Style {
	style := lipgloss.NewStyle()
	switch {
	case !p.style.Color:
	case row == table.HeaderRow:
		style = toned(strong)
	case row >= 0 && row < len(rows) && col < len(rows[row]):
		style = toned(rows[row][col].tone)
	}
	if col < columns-1 {
		style = style.PaddingRight(2)
	}
	return style
}

func texts(row []cell) []string {
	out := make([]string, len(row))
	for i, c := range row {
		out[i] = clean(c.text)
	}
	return out
}

func naturalWidth(headers []string, rows [][]cell) int {
	total := 0
	for col, h := range headers {
		width := columns(h)
		for _, row := range rows {
			width = max(width, columns(clean(row[col].text)))
		}
		total += width + 2
	}
	return total - 2
}
