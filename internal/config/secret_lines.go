package config

import (
	"bytes"
	"regexp"
)

// word finds the keys under which people write secrets, in all files: what a
// finding shows of a line must not have them.
var word = regexp.MustCompile(`(?i)token|secret|passw|passphrase|credential|(?:api|private|access|client)[_-]?key|bearer|authorization|_env\b`)

// A key that speaks of a secret, and what stands there up to the end of the line:
// as HCL writes it, in quotes as JSON does, or before a colon. The text of an
// action, "secretsmanager:GetSecretValue", is no such key.
const secretKey = `[\w-]*(?:token|secret|passw|passphrase|credential|(?:api|private|access|client)[_-]?key|bearer|authorization|_env\b)[\w-]*`

var secretForms = []*regexp.Regexp{
	regexp.MustCompile(`(?im)(?:^|[\s{,(;])(` + secretKey + `)[ \t]*=([^\r\n]*)`),
	regexp.MustCompile(`(?i)"(` + secretKey + `)"[ \t]*[:=]([^\r\n]*)`),
	regexp.MustCompile(`(?im)(?:^|[{,(])[ \t]*(` + secretKey + `)[ \t]*:([^\r\n]*)`),
}

// shapes are secrets that are known by their form, wherever they stand.
var shapes = []*regexp.Regexp{
	regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|\z)`),
	regexp.MustCompile(`\beyJ[\w-]{10,}\.[\w.-]+`),                                         // a JSON Web Token
	regexp.MustCompile(`\b(?:ghp|gho|ghu|ghs|github_pat|glpat|xox[abeprs])[_-][\w-]{10,}`), // GitHub, GitLab, Slack
	regexp.MustCompile(`://[^\s"/]*@`),                                                     // a user and a password
	regexp.MustCompile(`(?i)[?&](?:[\w-]*(?:token|secret|passw|key|sig)[\w-]*)=[^\s"&]*`),  // a query
}

// heredoc is where a value of several lines begins.
var heredoc = regexp.MustCompile(`^[ \t]*<<-?[ \t]*([\w-]+)[ \t]*$`)

// withoutSecrets gives the text that findings show lines of: stars stand for what
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
	if word.Match(src) {
		for _, form := range secretForms {
			for _, m := range form.FindAllSubmatchIndex(src, -1) {
				if name := string(src[m[2]:m[3]]); name == "token_created" {
					continue
				}
				to := m[5]
				if h := heredoc.FindSubmatch(src[m[4]:m[5]]); h != nil {
					to = heredocEnd(src, m[5], string(h[1]))
				}
				hide(afterBlanks(src, m[4], m[5]), to)
			}
		}
	}
	for _, shape := range shapes {
		for _, m := range shape.FindAllIndex(src, -1) {
			hide(m[0], m[1])
		}
	}
	return out
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
