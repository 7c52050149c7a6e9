package config

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// readConfig reads the files of one config. A key that two of them set is an
// error; of two files of which one reads the other, only the first counts.
func (l *loader) readConfig(names []string, settings *Settings, out *access.Config) {
	var entries []entry
	whole := true
	// terragrunt.hcl says what becomes of inputs.hcl, so it comes first.
	order := slices.Clone(names)
	slices.SortStableFunc(order, func(a, b string) int { return folderRank(b) - folderRank(a) })
	byFile := map[string][]entry{}
	for _, name := range order {
		more, ok := l.entriesOf(name)
		byFile[name] = more
		whole = whole && ok
	}
	for _, name := range names {
		entries = append(entries, byFile[name]...)
	}
	known := l.known(entries, settings)
	if len(known) == 0 && whole && !l.has(CodeUnknownKey) {
		l.reportEmpty(names)
	}
	for _, e := range known {
		l.top.readKey(l, l.top.index[e.name], out, e.node)
	}
}

func (l *loader) has(code diag.Code) bool {
	return slices.ContainsFunc(l.found, func(d diag.Diagnostic) bool { return d.Code == code })
}

func (l *loader) reportEmpty(names []string) {
	shown := make([]string, len(names))
	for i, n := range names {
		shown[i] = l.folder.name(n)
	}
	l.reportf(CodeEmpty, diag.Range{File: shown[0]}, "Check the path. To remove all access, write the lists explicitly as empty: access_groups = [].",
		"%s sets no key of access", strings.Join(shown, ", "))
}

// known returns the entries that are keys of access, each once.
func (l *loader) known(entries []entry, settings *Settings) []entry {
	var out []entry
	seen := map[string]diag.Range{}
	for _, e := range entries {
		isKey := l.top.has(e.name)
		if !isKey && e.name != "owner" {
			l.reportUnknownEntry(e, settings)
			continue
		}
		if e.name == "owner" && e.computed && !e.literalText() {
			continue // a helper of another module's, perhaps a tag
		}
		if first, dup := seen[e.name]; dup {
			l.duplicate(e.name, e.at, first)
			continue
		}
		seen[e.name] = e.at
		if isKey {
			out = append(out, e)
		} else {
			l.moduleOwner(e, settings)
		}
	}
	return out
}

func (e entry) literalText() bool {
	t, ok := e.node.expr.(*hclsyntax.TemplateExpr)
	return ok && t.IsStringLiteral()
}

func (l *loader) reportUnknownEntry(e entry, settings *Settings) {
	if e.computed || slices.ContainsFunc(settings.OtherKeys.Items, func(t access.Text) bool { return t.Value == e.name }) {
		return
	}
	near := names.Nearest(e.name, append(l.top.Names(), "owner"))
	d := diag.Diagnostic{Code: CodeUnknownKey, Range: e.at, Summary: fmt.Sprintf("the config has no key %q", e.name),
		Hint: fmt.Sprintf("Remove it; if another tool needs it, write other_keys = [%q] into %s.", e.name, SettingsFile)}
	switch {
	case near != "":
		d.Hint = fmt.Sprintf("Did you mean %q?", near)
	case word.MatchString(e.name):
		d.Hint = "It looks like a secret: take it out of the file, and replace it where it was made: it is in a file now, and perhaps in its history."
	}
	l.report(d)
}

// moduleOwner takes the owner from the module's variables.
func (l *loader) moduleOwner(e entry, settings *Settings) {
	owner := l.readText(e.node, "owner")
	switch {
	case !owner.Set():
	case !settings.Owner.Set():
		settings.Owner = owner
		l.checkOwner(owner)
	case settings.Owner.Value != owner.Value:
		l.report(diag.Diagnostic{Code: CodeOwnerConflict, Range: owner.Range, Related: []diag.Range{settings.Owner.Range},
			Summary: fmt.Sprintf("the owner is %q here and %q in %s", owner.Value, settings.Owner.Value, SettingsFile),
			Hint:    "Keep one of the two: the owner marks what rolecall may change."})
	}
}

// entriesOf returns a file's top-level keys; false means that the file could not
// be read whole.
func (l *loader) entriesOf(name string) ([]entry, bool) {
	isNative := path.Ext(name) == ".hcl"
	if isNative {
		if _, known := l.scopes[name]; known {
			return l.readAlready(name)
		}
	}
	src, d := l.read(l.folder.own, name)
	if d != nil {
		l.report(*d)
		return nil, false
	}
	shown := l.folder.name(name)
	switch path.Ext(name) {
	case ".json":
		if len(strings.TrimSpace(string(src))) == 0 {
			return nil, true
		}
		return l.tfvarsJSON(src, shown)
	case ".tfvars":
		return l.tfvars(src, shown)
	}
	s := l.scopeOf(name, src)
	if s == nil {
		return nil, false
	}
	return l.terragrunt(s)
}

// readAlready is for an inputs.hcl that terragrunt.hcl reads: what counts is
// what terragrunt.hcl passes on.
func (l *loader) readAlready(name string) ([]entry, bool) {
	return nil, l.scopes[name] != nil
}

// terragrunt returns the keys of a Terragrunt file: those of its inputs, or,
// where it has none, its locals.
func (l *loader) terragrunt(s *scope) ([]entry, bool) {
	l.checkTopLevel(s)
	if s.inputs != nil {
		return l.inputs(s)
	}
	if path.Base(s.name) == terragruntFile {
		l.reportUnpassed(s)
		return nil, true
	}
	l.checkHelpers(s)
	var out []entry
	for _, f := range s.members() {
		out = append(out, entry{name: f.name, at: f.at, node: f.node, computed: true})
	}
	return out, true
}

// inputs returns the keys of `inputs`. Those that are written there must be
// known; those that come from elsewhere, such as all locals of another file,
// may be meant for something else.
func (l *loader) inputs(s *scope) ([]entry, bool) {
	all := fromRange(s.inputs.expr.Range())
	n := l.through(s.inputs, nil, s.inputs.node())
	if n.broken() {
		return nil, false
	}
	fields, ok := l.members(n)
	if !ok {
		l.wrongType(n, "", "inputs", "an object")
		return nil, false
	}
	out := make([]entry, 0, len(fields))
	for _, f := range fields {
		written := f.at.File == all.File && f.at.Start.Byte >= all.Start.Byte && f.at.End.Byte <= all.End.Byte
		made := f.node.made != nil && n.made != nil && n.made.fields == nil
		out = append(out, entry{name: f.name, at: f.at, node: f.node, computed: !written || made})
	}
	l.readReferenced(s)
	l.reportUnpassed(s, out...)
	for _, read := range l.readScopes() {
		l.checkHelpers(read)
	}
	return out, true
}

// readReferenced reads the files that s names, so that an inputs.hcl which
// terragrunt.hcl reads does not count a second time on its own. What cannot be
// read is reported when something needs it.
func (l *loader) readReferenced(s *scope) {
	before := l.found
	_ = hclsyntax.VisitAll(s.body, func(n hclsyntax.Node) hcl.Diagnostics {
		if c, ok := n.(*hclsyntax.FunctionCallExpr); ok && c.Name == readConfig {
			l.otherFile(node{expr: c, scope: s}, c)
		}
		return nil
	})
	l.found = before
	maps.DeleteFunc(l.scopes, func(_ string, s *scope) bool { return s == nil })
}

// reportUnpassed warns of keys of access in the files read that do not reach
// the inputs.
func (l *loader) reportUnpassed(s *scope, passed ...entry) {
	for _, other := range l.readScopes() {
		for _, f := range other.members() {
			if l.top.has(f.name) && !slices.ContainsFunc(passed, func(e entry) bool { return e.name == f.name }) {
				l.report(diag.Diagnostic{Severity: diag.Warning, Code: CodeUnusedKey, Range: f.at,
					Summary: fmt.Sprintf("%q is written here and not passed on", f.name),
					Detail:  fmt.Sprintf("The inputs of %s do not set it.", s.shown),
					Hint:    fmt.Sprintf("Set %s in the inputs of %s, or remove it here.", f.name, s.shown)})
			}
		}
	}
}

// checkTopLevel finds keys of access that stand beside locals, not in it.
func (l *loader) checkTopLevel(s *scope) {
	for _, e := range sortedEntries(s.body.Attributes, s) {
		if l.top.has(e.name) {
			l.reportf(CodeMisplacedKey, e.at, "Move it into locals { }, or into inputs = { } of a terragrunt.hcl.",
				"%q has no effect at the top level of this file", e.name)
		}
	}
	for _, b := range s.body.Blocks {
		if l.top.has(b.Type) {
			l.reportf(CodeMisplacedKey, fromRange(b.TypeRange), l.blockHint(b.Type), "a block %q has no effect here", b.Type)
		}
	}
}

// checkHelpers finds locals that are nearly called as a key of access and that
// nothing uses: most likely a key misspelt, whose access would be lost.
func (l *loader) checkHelpers(s *scope) {
	var used map[string]bool
	for _, f := range s.members() {
		if l.top.has(f.name) {
			continue
		}
		near := names.Nearest(f.name, l.top.Names())
		if near == "" {
			continue
		}
		if used == nil {
			used = l.namesUsed()
		}
		if used[f.name] {
			continue
		}
		l.reportf(CodeUnknownKey, f.at, fmt.Sprintf("Did you mean %q? If it is a local of your own, give it a name further from that.", near),
			"the config has no key %q, and no expression uses the local", f.name)
	}
}

// namesUsed returns every name that an expression of the files read names.
func (l *loader) namesUsed() map[string]bool {
	used := map[string]bool{}
	for _, s := range l.readScopes() {
		_ = hclsyntax.VisitAll(s.body, func(n hclsyntax.Node) hcl.Diagnostics {
			var t hcl.Traversal
			switch n := n.(type) {
			case *hclsyntax.ScopeTraversalExpr:
				t = n.Traversal
			case *hclsyntax.RelativeTraversalExpr:
				t = n.Traversal
			}
			for _, step := range t {
				if name, ok := stepName(step); ok {
					used[name] = true
				}
			}
			return nil
		})
	}
	return used
}
