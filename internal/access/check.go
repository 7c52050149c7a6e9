package access

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// Check applies every rule that needs no look at AWS: what each set-up allows,
// and what AWS takes. It returns all findings, in the order of a reader. A config
// without an error among them is one that Desired can turn into a State.
func Check(c Config) diag.List {
	k := &checker{config: c, keys: Keys()}
	k.checkSetUp()
	k.checkUsers()
	k.checkRemovedUsers()
	k.checkGroups()
	k.checkSets()
	k.checkReferences()
	k.checkPartitions()
	return k.found.Sorted()
}

// checker is one run of Check.
type checker struct {
	config Config
	keys   *Kind
	found  diag.List

	users *nameTable // by user name
	// written are the users by how else people write them, made when first needed.
	written map[string]string
	groups  *nameTable
	arns    []Text // of policies
}

// nameTable has the names of one kind of thing, with what finds a near one.
type nameTable struct {
	exact map[string]Text
	fold  map[string]Text
	texts []Text       // as written, each once
	index *names.Index // of texts; made when a name is missed
	// searches bound the work where more are missed than findings are kept.
	searches int
}

func newNames(size int) *nameTable {
	return &nameTable{exact: make(map[string]Text, size), fold: make(map[string]Text, size)}
}

// add returns the earlier name that is equal, or equal but for case.
func (n *nameTable) add(name Text) (earlier Text, same bool) {
	if first, ok := n.exact[name.Value]; ok {
		return first, true
	}
	folded := fold(name.Value)
	first, ok := n.fold[folded]
	if !ok {
		n.fold[folded] = name
	}
	n.exact[name.Value] = name
	n.texts = append(n.texts, name)
	return first, ok
}

func (n *nameTable) has(name string) bool { _, ok := n.exact[name]; return ok }

// mean returns the hint for a name that is not defined: the name that is nearest,
// and otherwise what else there is to do. consequence says what two names that look
// the same would be.
func (n *nameTable) mean(name, consequence, otherwise string) string {
	if n.searches++; n.searches > diag.Most {
		return otherwise
	}
	if n.index == nil {
		n.index = names.IndexOf(n.texts, func(t Text) string { return t.Value })
	}
	near := n.index.Nearest(name, 1, nil)
	if len(near) == 0 {
		return otherwise
	}
	meant := n.texts[near[0].At].Value
	switch match := near[0].Match; match {
	case names.EditDistance:
		return fmt.Sprintf("Did you mean %q? %s", meant, otherwise)
	case names.LookAlike, names.Invisible:
		return fmt.Sprintf("Did you mean %q? The names differ only in %s%s.", meant, match.Words(), consequence)
	default:
		return fmt.Sprintf("Did you mean %q? The names differ only in case, dashes or spaces%s.", meant, consequence)
	}
}

// fold makes names equal that differ only in case or Unicode form.
func fold(s string) string { return names.Fold(norm.NFKC.String(s)) }

func (k *checker) add(severity diag.Severity, code diag.Code, at diag.Range, hint, summary string, related ...diag.Range) {
	k.found = k.found.With(diag.Diagnostic{Severity: severity, Code: code, Range: at, Hint: hint, Summary: summary, Related: related})
}

func (k *checker) errorf(code diag.Code, at diag.Range, hint, format string, args ...any) {
	k.add(diag.Error, code, at, hint, fmt.Sprintf(format, args...))
}

func (k *checker) warnf(code diag.Code, at diag.Range, hint, format string, args ...any) {
	k.add(diag.Warning, code, at, hint, fmt.Sprintf(format, args...))
}

// textRule is what AWS takes as one kind of text.
type textRule struct {
	what    string // "a user name"
	max     int
	legal   func(rune) bool
	allowed string // for the hint
	name    bool   // blanks at its ends would make it match nothing
}

// checkText applies a rule to a text that is not empty.
func (k *checker) checkText(t Text, r textRule) {
	if t.Value == "" {
		return
	}
	if trimmed := strings.TrimSpace(t.Value); r.name && trimmed != t.Value {
		k.errorf(CodeBlankEnds, t.Range, fmt.Sprintf("Write %q; if that is really its name, rename it where it is managed.", trimmed),
			"%q has a leading or trailing space", t.Value)
		return
	}
	if n := utf8.RuneCountInString(t.Value); n > r.max {
		k.errorf(CodeTooLong, t.Range, fmt.Sprintf("Shorten it by %d characters.", n-r.max), "%s has at most %d characters; this has %d", r.what, r.max, n)
	}
	for _, c := range t.Value {
		if !r.legal(c) {
			k.errorf(CodeRefusedRune, t.Range, "Replace it. "+r.allowed, "AWS refuses the character %s in %s", describeRune(c), r.what)
			return
		}
	}
}

// require says that a key is missing or empty; it reports whether there is a
// text.
func (k *checker) require(t Text, key, of string, owner diag.Range) bool {
	switch {
	case t.Value != "":
		return true
	case !t.Set():
		k.errorf(CodeMissingKey, owner, fmt.Sprintf("Add %s = \"...\".", key), "%s lacks %s", of, key)
	default:
		k.errorf(CodeEmptyText, t.Range, "Write some text; AWS does not accept an empty one.", "%s is empty", key)
	}
	return false
}

// checkList looks at the names in a list: each by the rule, none empty, none
// twice.
func (k *checker) checkList(list List[Text], key string, r textRule) {
	seen := make(map[string]diag.Range, len(list.Items))
	for _, t := range list.Items {
		if t.Value == "" {
			k.errorf(CodeEmptyText, t.Range, "Write a name, or remove the element.", "an element of %s is empty", key)
			continue
		}
		k.checkText(t, r)
		if first, ok := seen[t.Value]; ok {
			k.add(diag.Warning, CodeDuplicateItem, t.Range, "Remove one; if another was meant, correct it.",
				fmt.Sprintf("%s names %q twice", key, t.Value), first)
			continue
		}
		seen[t.Value] = t.Range
	}
}
