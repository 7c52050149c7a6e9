package render

import (
	"fmt"
	"io"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// Verify writes what AWS has of each group, user and account of a config, how
// the names differ that do not match, and how long a sync takes. The report's
// Findings, with what to do, are for Diagnostics.
func Verify(w io.Writer, r presence.Report, s Style) error {
	p := newPage(s)
	for _, kind := range []struct {
		kind  diag.Kind
		title string
	}{{presence.GroupItem, "GROUP"}, {presence.UserItem, "USER"}, {presence.AccountItem, "ACCOUNT"}} {
		p.items(r, kind.kind, kind.title)
	}
	for _, item := range r.Items {
		p.nearNames(item)
	}
	p.window(r)
	p.gap()
	p.verdict(r)
	return p.writeTo(w)
}

func (p *page) items(r presence.Report, kind diag.Kind, title string) {
	headers := []string{title, "VERDICT", "CAME FROM", "MEMBERS"}
	switch kind {
	case presence.UserItem:
		headers = headers[:3]
	case presence.AccountItem:
		headers = []string{title, "VERDICT", "ID"}
	}
	var rows [][]cell
	for _, item := range r.Items {
		if item.Kind != kind {
			continue
		}
		row := []cell{say(item.Name), verdictCell(item)}
		if kind == presence.AccountItem {
			row = append(row, say(item.ID))
		} else {
			row = append(row, say(originWords(item)), say(members(item)))
		}
		rows = append(rows, row[:len(headers)])
	}
	p.gap()
	p.table(0, headers, rows)
}

func verdictCell(item presence.Item) cell {
	text, t := verdictWords(item.Verdict)
	switch {
	case item.Absent && item.Verdict == presence.There:
		text = "gone, as asked"
	case item.Absent:
		text = "still there"
	}
	return cell{text, t}
}

func verdictWords(v presence.Verdict) (string, tone) {
	switch v {
	case presence.There:
		return "there", good
	case presence.NotYet:
		return "not yet", change
	case presence.WillNotCome:
		return "will not come", bad
	default:
		return "cannot tell", halted
	}
}

func originWords(item presence.Item) string {
	switch item.Origin {
	case presence.FromSCIM:
		return "SCIM"
	case presence.FromRolecall:
		if item.Owner != "" {
			return "rolecall, owner " + item.Owner
		}
		return "rolecall"
	case presence.Unmarked:
		return "AWS, without a mark"
	case presence.FromUnknown:
		return "AWS does not say"
	default:
		return "-"
	}
}

func members(item presence.Item) string {
	switch {
	case item.Members != nil:
		return number(*item.Members)
	case item.ID == "":
		return "-"
	default:
		return "not read"
	}
}

// nearNames shows the names in AWS that a missing one may have been meant to
// be, and each character that differs.
func (p *page) nearNames(item presence.Item) {
	if len(item.Suggestions) == 0 {
		return
	}
	p.gap()
	p.line(0, say(string(item.Kind)+" "), bold(fmt.Sprintf("%q", item.Name)), say(" is not in AWS; similar names:"))
	for _, s := range item.Suggestions {
		p.line(2, bold(fmt.Sprintf("%q", s.Name)), dim("  "+s.Differs()))
		if len(s.Differences) > 0 {
			p.differences(s.Differences)
		}
	}
}

func (p *page) differences(list []names.Difference) {
	var rows [][]cell
	for i, d := range list {
		if i == maxNamed {
			break
		}
		rows = append(rows, []cell{say(fmt.Sprintf("%d", d.Position)), character(d.Expected), character(d.Observed)})
	}
	p.table(4, []string{"CHARACTER", "THE CONFIG HAS", "AWS HAS"}, rows)
	if more := len(list) - len(rows); more > 0 {
		p.more(4, more)
	}
}

func character(c *names.Character) cell {
	if c == nil {
		return dim("nothing")
	}
	return say(fmt.Sprintf("%q %s %s", c.Text, c.CodePoint, c.Name))
}

func (p *page) window(r presence.Report) {
	if r.Window == nil || r.Counts.NotYet == 0 {
		return
	}
	p.gap()
	w := r.Window
	p.prose(0, dim("Sync: "), fmt.Sprintf("%s Usually %s, at most %s. Look in %s.", w.Why,
		diag.Minutes(w.TypicalMinutes), diag.Minutes(w.LongestMinutes), w.Where))
}

func (p *page) verdict(r presence.Report) {
	c := r.Counts
	if len(r.Items) == 0 {
		p.line(0, bold("Nothing to verify: the config names no group, user or account."))
		return
	}
	if r.Verdict() == presence.There {
		p.line(0, in(good, "Everything is there: "), say(counted(c.There, "name", "names")+", exactly as in the config."))
		return
	}
	count := func(n int, words string) string {
		if n == 0 {
			return ""
		}
		return number(n) + " " + words
	}
	p.line(0, bold("Not everything is there: "), say(sentence(number(c.There)+" there", count(c.NotYet, "not yet"),
		count(c.WillNotCome, "that waiting will not bring"), count(c.CannotTell, "cannot be told"))+"."))
}
