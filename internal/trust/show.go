package trust

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// address finds URLs in a text. A double quote ends one, because texts quote
// them, unless it is escaped.
var address = regexp.MustCompile(`[A-Za-z][A-Za-z0-9+.-]*://(?:\\.|[^\s"<>\\])*`)

// after is what ends a sentence or a quotation, and no URL.
const after = ".,:;)'`"

var hostAndPort = regexp.MustCompile(`^(\[[^\]]*\]|[^:@]*)(:\d*)?$`)

// Show returns a text as it may be shown: every URL in it has lost its user,
// password, query and fragment. Errors of net/http quote whole URLs, and those
// of proxies and of AWS_ENDPOINT_URL may have passwords in them.
func Show(text string) string {
	if !strings.Contains(text, "://") {
		return text
	}
	return address.ReplaceAllStringFunc(text, showURL)
}

func showURL(text string) string {
	scheme, whole, _ := strings.Cut(text, "://")
	bare := strings.TrimRight(whole, after)
	end := whole[len(bare):]
	rest := bare
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = strings.TrimRight(rest[:i], `\`) // what it escaped is gone, and it would escape what follows
	}
	authority, path, slash := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	if !hostAndPort.MatchString(authority) {
		// A password with a slash, "?", "#" or quote in it: nobody can tell where it ends.
		return scheme + "://(not shown)" + end
	}
	if slash {
		path = "/" + path
	}
	return scheme + "://" + authority + path + end
}

// Finding returns a finding as it may be shown: what it quotes of others, and of the
// environment, by [Show]. The snippet is the config's own line.
func Finding(d diag.Diagnostic) diag.Diagnostic {
	d.Summary, d.Detail = Show(d.Summary), Show(d.Detail)
	d.Evidence = slices.Clone(d.Evidence)
	for i, e := range d.Evidence {
		d.Evidence[i].What, d.Evidence[i].Saw = Show(e.What), Show(e.Saw)
	}
	return d
}
