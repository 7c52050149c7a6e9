package config

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// secretKeys are keys under which people write secrets.
func secretKeys() []string {
	return []string{"token", "secret", "client_secret", "private_key", "password", "api_token", "access_token", "credentials"}
}

// secretLine finds them in a text that cannot be parsed, too.
var secretLine = regexp.MustCompile(`\b(?:` + strings.Join(secretKeys(), "|") + `)"?\s*[=:][ \t]*([^\r\n]+)`)

// secretHeredoc finds where a secret of several lines begins.
var secretHeredoc = regexp.MustCompile(`\b(?:` + strings.Join(secretKeys(), "|") + `)"?\s*[=:][ \t]*<<-?[ \t]*([\w-]+)[ \t]*\r?\n`)

// hideSecretLines takes the secrets out of the text that findings show lines
// of. It is done before anything is read, because a finding of the syntax shows
// a line too.
func (l *loader) hideSecretLines(shown string) {
	text := l.sources[shown] // hide leaves it as it is
	for _, m := range secretLine.FindAllSubmatchIndex(text, -1) {
		l.hide(shown, m[2], m[3])
	}
	for _, m := range secretHeredoc.FindAllSubmatchIndex(text, -1) {
		l.hide(shown, m[1], heredocEnd(text, m[1], string(text[m[2]:m[3]])))
	}
}

// heredocEnd gives where the text of a heredoc ends that begins at from: at the
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

// hide puts stars for what stands there, in the text that findings show only:
// places stay what they are.
func (l *loader) hide(shown string, from, to int) {
	text := bytes.Clone(l.sources[shown])
	for i := from; i < to && i < len(text); i++ {
		if text[i] != '\n' && text[i] != '\r' {
			text[i] = '*'
		}
	}
	l.sources[shown] = text
}

// refuseSecrets finds secrets that were written into the file.
func (l *loader) refuseSecrets(body *hclsyntax.Body) {
	for name, a := range body.Attributes {
		if !slices.Contains(secretKeys(), name) {
			continue
		}
		at := fromRange(a.Expr.Range())
		l.hide(at.File, at.Start.Byte, at.End.Byte)
		l.report(diag.Diagnostic{Code: CodeSecret, Range: fromRange(a.NameRange),
			Summary: fmt.Sprintf("%q is a secret and has no place in a file that is committed", name),
			Hint:    fmt.Sprintf("Put it into an environment variable and write %s_env = \"<its name>\"; then replace the secret, for it may have been seen.", name),
			Snippet: name + " = (not shown)"})
		delete(body.Attributes, name)
	}
}
