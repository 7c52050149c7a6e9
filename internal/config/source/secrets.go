package source

import (
	"bytes"
	"iter"
	"regexp"
	"slices"
	"strings"
)

// NamesSecret finds the keys under which people write secrets, in all files: what a
// finding shows of a line must not have them.
var NamesSecret = regexp.MustCompile(`(?i)token|secret|passw|passphrase|credential|(?:api|private|access|client)[_-]?key|bearer|authorization|_env\b`)

// secretWords are the same as texts, in lower case: a file of 20 MB is looked
// through for them in passing, which regular expressions are too slow for.
func secretWords() []string {
	out := []string{"token", "secret", "passw", "passphrase", "credential", "bearer", "authorization", "_env"}
	for _, of := range []string{"api", "private", "access", "client"} {
		out = append(out, of+"_key", of+"-key", of+"key")
	}
	return out
}

// shapes are secrets that are known by their form, wherever they stand, each with
// texts without which there is none.
var shapes = map[*regexp.Regexp][]string{
	regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|\z)`): {"PRIVATE KEY-----"},
	regexp.MustCompile(`eyJ[\w-]{10,}\.[\w.-]+`):                                   {"eyJ"}, // a JSON Web Token
	regexp.MustCompile(`(?:gh[opus]|github_pat|glpat|xox[abeprs])[_-][\w-]{10,}`):  {"gho_", "ghp_", "ghu_", "ghs_", "github_pat_", "glpat-", "xox"},
	regexp.MustCompile(`://[^\s"/]*@`):                                             {"://"}, // a user and a password
	regexp.MustCompile(`://[^\s"?#]*[?#]([^\s"]+)`):                                {"://"}, // a query and a fragment
}

// heredoc is where a value of several lines begins.
var heredoc = regexp.MustCompile(`^[ \t]*<<-?[ \t]*([\w-]+)[ \t]*$`)

// withoutSecrets returns the text that findings show lines of: stars stand for what
// may be a secret, and places stay what they are. It is made before anything is
// read, because a finding of the syntax shows a line too.
func withoutSecrets(src []byte) []byte {
	out := src
	hide := func(from, to int) {
		if &out[0] == &src[0] {
			out = bytes.Clone(src)
		}
		stars(out, from, to)
	}
	lower := lowered(src)
	for _, text := range secretWords() {
		for at := 0; ; {
			i := bytes.Index(lower[at:], []byte(text))
			if i < 0 {
				break
			}
			from, to := secretAt(src, at+i, text)
			if from < to {
				hide(from, to)
			}
			at = max(at+i+len(text), to)
		}
	}
	known(src, hide)
	return out
}

// withoutTokens returns a finding's text without what is known as a secret by its
// form: most secrets that stand in a wrong place are quoted there.
func withoutTokens(text string) string {
	out := []byte(text)
	known([]byte(text), func(from, to int) { stars(out, from, to) })
	return string(out)
}

// known hides what is a secret by its form.
func known(src []byte, hide func(from, to int)) {
	for shape, texts := range shapes {
		if !slices.ContainsFunc(texts, func(t string) bool { return bytes.Contains(src, []byte(t)) }) {
			continue
		}
		for _, m := range shape.FindAllSubmatchIndex(src, -1) {
			hide(m[len(m)-2], m[len(m)-1]) // the part in parentheses, or the whole
		}
	}
	for from, to := range randomWords(src) {
		hide(from, to)
	}
}

// randomWords returns the words that are as long and as mixed as no name is, and
// as tokens are.
func randomWords(src []byte) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for at := 0; at < len(src); at++ {
			from := at
			var upper, lower, digits int
			for ; at < len(src) && inName(src[at]); at++ {
				switch c := src[at]; {
				case c >= 'a' && c <= 'z':
					lower++
				case c >= 'A' && c <= 'Z':
					upper++
				case c >= '0' && c <= '9':
					digits++
				}
			}
			if at-from >= 32 && min(upper, lower, digits) >= 3 && !yield(from, at) {
				return
			}
		}
	}
}

// lowered returns plain letters in lower case, and all else, broken text too, as it
// is: places stay what they are.
func lowered(src []byte) []byte {
	out := bytes.Clone(src)
	for i, c := range out {
		if c >= 'A' && c <= 'Z' {
			out[i] = c + ('a' - 'A')
		}
	}
	return out
}

// secretAt returns where the value stands whose key has the word at i: as HCL writes
// it, in quotes as JSON does, or before a colon. The text of an action,
// "secretsmanager:GetSecretValue", is no such key.
func secretAt(src []byte, i int, text string) (from, to int) {
	begin, end := i, i+len(text)
	for begin > 0 && inName(src[begin-1]) {
		begin--
	}
	for end < len(src) && inName(src[end]) {
		end++
	}
	name := string(src[begin:end])
	if name == "token_created" || text == "_env" && !strings.HasSuffix(strings.ToLower(name), text) {
		return 0, 0
	}
	sign := end
	quoted := begin > 0 && src[begin-1] == '"'
	if quoted && sign < len(src) && src[sign] == '"' {
		sign++
	}
	sign = afterBlanks(src, sign, len(src))
	if sign >= len(src) || src[sign] != '=' && src[sign] != ':' || quoted && src[end] != '"' || !quoted && src[sign] == ':' && !opens(src, begin) {
		return 0, 0
	}
	line := bytes.IndexAny(src[sign:], "\r\n")
	if line < 0 {
		line = len(src) - sign
	}
	to = sign + line
	if h := heredoc.FindSubmatch(src[sign+1 : to]); h != nil {
		return sign + 1, heredocEnd(src, to, string(h[1]))
	}
	return afterBlanks(src, sign+1, to), to
}

func inName(c byte) bool {
	return c == '_' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// opens says that a key begins there: nothing but blanks is before it, back to
// the line's begin or to what opens or separates.
func opens(src []byte, at int) bool {
	before := bytes.TrimRight(src[:at], " \t")
	return len(before) == 0 || bytes.ContainsAny(before[len(before)-1:], "\r\n{,(")
}

func afterBlanks(src []byte, from, to int) int {
	for from < to && (src[from] == ' ' || src[from] == '\t') {
		from++
	}
	return from
}

func stars(text []byte, from, to int) {
	for i := from; i < to && i < len(text); i++ {
		if text[i] != '\n' && text[i] != '\r' {
			text[i] = '*'
		}
	}
}

// heredocEnd returns where the text of a heredoc ends that begins at from: at the
// line with its marker, or where the file ends without one.
func heredocEnd(text []byte, from int, marker string) int {
	for at := from; at < len(text); {
		line, _, _ := bytes.Cut(text[at:], []byte("\n"))
		if string(bytes.TrimSpace(line)) == marker {
			return at
		}
		at += len(line) + 1
	}
	return len(text)
}
