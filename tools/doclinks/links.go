package main

import (
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// link is a relative link at a line of a document.
type link struct {
	file, target string
	line         int
}

func (l link) broken(why string) string {
	return fmt.Sprintf("%s:%d: %s: %s", l.file, l.line, l.target, why)
}

// check returns the number of relative links and what is wrong with some.
func check(repository fs.FS) (links int, broken []string, err error) {
	err = fs.WalkDir(repository, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".git", "node_modules"}, d.Name()):
			return fs.SkipDir
		case d.IsDir() || path.Ext(name) != ".md":
			return nil
		}
		text, err := fs.ReadFile(repository, name)
		if err != nil {
			return err
		}
		for _, l := range linksOf(name, string(text)) {
			links++
			if why := follow(repository, l); why != "" {
				broken = append(broken, l.broken(why))
			}
		}
		return nil
	})
	return links, broken, err
}

var (
	inline    = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)`)
	reference = regexp.MustCompile(`^\s{0,3}\[[^\]]+\]:\s+<?([^\s>]+)`)
	code      = regexp.MustCompile("`[^`]*`")
)

// linksOf returns a document's relative links; what stands in code is no link.
func linksOf(file, text string) []link {
	var out []link
	for i, line := range prose(text) {
		line = code.ReplaceAllString(line, "``")
		for _, pattern := range []*regexp.Regexp{inline, reference} {
			for _, m := range pattern.FindAllStringSubmatch(line, -1) {
				if u, err := url.Parse(m[1]); err != nil || u.Scheme == "" && u.Host == "" {
					out = append(out, link{file, m[1], i + 1})
				}
			}
		}
	}
	return out
}

// prose returns the lines of a document, with those of code blocks empty.
func prose(text string) []string {
	lines := strings.Split(text, "\n")
	fence := ""
	for i, line := range lines {
		trimmed := strings.TrimSpace(line)
		switch {
		case fence != "":
			if strings.HasPrefix(trimmed, fence) {
				fence = ""
			}
			lines[i] = ""
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fence = trimmed[:3]
			lines[i] = ""
		}
	}
	return lines
}

// follow says why a link leads nowhere, or "".
func follow(repository fs.FS, l link) string {
	u, err := url.Parse(l.target)
	if err != nil {
		return "is no link"
	}
	target := l.file
	if u.Path != "" {
		target = path.Join(path.Dir(l.file), u.Path)
		if strings.HasPrefix(u.Path, "/") {
			return "begins at the root of the machine; write it relative to the document"
		}
	}
	if !fs.ValidPath(target) {
		return "leads out of the repository"
	}
	if _, err := fs.Stat(repository, target); err != nil {
		return "does not exist"
	}
	if u.Fragment == "" || path.Ext(target) != ".md" {
		return ""
	}
	text, err := fs.ReadFile(repository, target)
	if err != nil {
		return "cannot be read"
	}
	if !slices.Contains(anchors(string(text)), u.Fragment) {
		return "the document has no such heading"
	}
	return ""
}

var (
	heading = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	named   = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
)

// anchors returns the fragments that lead to a document's headings, as GitHub
// makes them.
func anchors(text string) []string {
	var out []string
	times := map[string]int{}
	for _, line := range prose(text) {
		for _, m := range named.FindAllStringSubmatch(line, -1) {
			out = append(out, m[1])
		}
		m := heading.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		a := anchor(m[1])
		if n := times[a]; n > 0 {
			out = append(out, fmt.Sprintf("%s-%d", a, n))
		} else {
			out = append(out, a)
		}
		times[a]++
	}
	return out
}

var linked = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)

func anchor(title string) string {
	title = strings.ToLower(linked.ReplaceAllString(title, "$1"))
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r):
			return r
		default:
			return -1
		}
	}, title)
}
