package config

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// entry is one top-level key of a config.
type entry struct {
	terragrunt.Field
	// computed says that the key was not written as a literal where the inputs
	// are, so it may well be meant for another module.
	computed bool
}

func entriesOf(fields []terragrunt.Field, computed bool) []entry {
	out := make([]entry, len(fields))
	for i, f := range fields {
		out[i] = entry{f, computed}
	}
	return out
}

// readConfig reads the files of one config. A key that two of them set is an
// error; of two files of which one reads the other, only the first counts.
func (l *loader) readConfig(names []string, settings *Settings, out *access.Config) {
	// terragrunt.hcl says what becomes of inputs.hcl, so it comes first.
	order := slices.Clone(names)
	slices.SortStableFunc(order, func(a, b string) int { return folderRank(b) - folderRank(a) })
	whole := true
	byFile := map[string][]entry{}
	for _, name := range order {
		more, ok := l.readFile(name)
		byFile[name] = more
		whole = whole && ok
	}
	var entries []entry
	for _, name := range names {
		entries = append(entries, byFile[name]...)
	}
	known := l.known(entries, settings)
	if len(known) == 0 && whole && !l.has(CodeUnknownKey) {
		l.reportEmpty(names)
	}
	for _, e := range known {
		l.top.readKey(l, l.top.index[e.Name], out, e.Node)
	}
}

func (l *loader) has(code diag.Code) bool {
	return slices.ContainsFunc(l.Found, func(d diag.Diagnostic) bool { return d.Code == code })
}

func (l *loader) reportEmpty(names []string) {
	shown := make([]string, len(names))
	for i, n := range names {
		shown[i] = l.Folder.Name(n)
	}
	l.Reportf(CodeEmpty, diag.Range{File: shown[0]}, "Check the path. To remove all access, write the lists explicitly as empty: access_groups = [].",
		"%s sets no key of access", strings.Join(shown, ", "))
}

// known returns the entries that are keys of access, each once.
func (l *loader) known(entries []entry, settings *Settings) []entry {
	var out []entry
	seen := map[string]diag.Range{}
	for _, e := range entries {
		isKey := l.top.has(e.Name)
		if !isKey && e.Name != "owner" {
			l.reportUnknownEntry(e, settings)
			continue
		}
		if e.Name == "owner" && e.computed && !e.Node.LiteralText() {
			continue // a helper of another module's, perhaps a tag
		}
		if first, dup := seen[e.Name]; dup {
			l.ReportDuplicate(e.Name, e.At, first)
			continue
		}
		seen[e.Name] = e.At
		if isKey {
			out = append(out, e)
		} else {
			l.moduleOwner(e, settings)
		}
	}
	return out
}

func (l *loader) reportUnknownEntry(e entry, settings *Settings) {
	if e.computed || slices.ContainsFunc(settings.OtherKeys.Items, func(t access.Text) bool { return t.Value == e.Name }) {
		return
	}
	near := names.Nearest(e.Name, append(l.top.Names(), "owner"))
	hint := fmt.Sprintf("Remove it; if another tool needs it, write other_keys = [%q] in %s.", e.Name, SettingsFile)
	switch {
	case near != "":
		hint = fmt.Sprintf("Did you mean %q?", near)
	case source.NamesSecret.MatchString(e.Name):
		hint = "It looks like a secret: remove it from the file, and replace it where it was created: it is in a file now, and perhaps in its history."
	}
	l.Reportf(CodeUnknownKey, e.At, hint, "the config has no key %q", e.Name)
}

// moduleOwner takes the owner from the module's variables.
func (l *loader) moduleOwner(e entry, settings *Settings) {
	owner := l.readText(e.Node, "owner")
	switch {
	case !owner.Set():
	case !settings.Owner.Set():
		settings.Owner = owner
		l.checkOwner(owner)
	case settings.Owner.Value != owner.Value:
		l.Report(diag.Diagnostic{Code: CodeOwnerConflict, Range: owner.Range, Related: []diag.Range{settings.Owner.Range},
			Summary: fmt.Sprintf("the owner is %q here and %q in %s", owner.Value, settings.Owner.Value, SettingsFile),
			Hint:    "Keep only one of the two: the owner marks what rolecall may change."})
	}
}

// readFile returns a file's top-level keys; false means that the file could not
// be read whole.
func (l *loader) readFile(name string) ([]entry, bool) {
	if f, read := l.Opened(name); read && path.Ext(name) == ".hcl" {
		return nil, f != nil // terragrunt.hcl reads it: what counts is what that passes on
	}
	src, d := l.Read(l.Folder.Own, name)
	if d != nil {
		l.Report(*d)
		return nil, false
	}
	shown := l.Folder.Name(name)
	switch path.Ext(name) {
	case ".json":
		if len(strings.TrimSpace(string(src))) == 0 {
			return nil, true
		}
		body := l.ParseJSON(src, shown)
		if body == nil {
			return nil, false
		}
		fields, diags := terragrunt.Attributes(body, nil)
		l.ReportSyntax(diags)
		return entriesOf(fields, false), !diags.HasErrors()
	case ".tfvars":
		body := l.ParseHCL(src, shown)
		if body == nil {
			return nil, false
		}
		for _, b := range body.Blocks {
			l.Reportf(CodeMisplacedKey, source.Range(b.TypeRange), l.blockHint(b.Type), "a block %q does not belong in a .tfvars file", b.Type)
		}
		return entriesOf(constants(body), false), true
	}
	f := l.Open(name, src)
	if f == nil {
		return nil, false
	}
	return l.terragrunt(f)
}

func (l *loader) blockHint(name string) string {
	if l.top.has(name) {
		return fmt.Sprintf("Write it as a value: %s = [ ... ]", name)
	}
	if name == "locals" {
		return "Locals belong in a file called inputs.hcl; a .tfvars file has the keys at its top level."
	}
	return "Remove it; settings of the tool belong in rolecall.hcl."
}

// terragrunt returns the keys of a Terragrunt file: those of its inputs, or,
// where it has none, its locals.
func (l *loader) terragrunt(f *terragrunt.File) ([]entry, bool) {
	l.checkTopLevel(f)
	if inputs, at, ok := l.Inputs(f); ok {
		return l.inputs(f, inputs, at)
	}
	if path.Base(f.Name) == terragrunt.FileName {
		l.reportUnpassed(f)
		return nil, true
	}
	l.checkHelpers(f)
	return entriesOf(f.Locals(), true), true
}

// inputs returns the keys of `inputs`. Those that are written there must be
// known; those that come from elsewhere, such as all locals of another file,
// may be meant for something else.
func (l *loader) inputs(f *terragrunt.File, n terragrunt.Node, all diag.Range) ([]entry, bool) {
	if n.Broken() {
		return nil, false
	}
	fields, ok := l.Fields(n)
	if !ok {
		l.wrongType(n, "", "inputs", "an object")
		return nil, false
	}
	out := entriesOf(fields, n.Evaluated())
	for i, e := range out {
		written := e.At.File == all.File && e.At.Start.Byte >= all.Start.Byte && e.At.End.Byte <= all.End.Byte
		out[i].computed = e.computed || !written
	}
	l.ReadReferenced(f)
	l.reportUnpassed(f, out...)
	for _, read := range l.OpenFiles() {
		l.checkHelpers(read)
	}
	return out, true
}

// reportUnpassed warns of keys of access in the files read that do not reach
// the inputs.
func (l *loader) reportUnpassed(f *terragrunt.File, passed ...entry) {
	for _, other := range l.OpenFiles() {
		for _, key := range other.Locals() {
			if l.top.has(key.Name) && !slices.ContainsFunc(passed, func(e entry) bool { return e.Name == key.Name }) {
				l.Report(diag.Diagnostic{Severity: diag.Warning, Code: CodeUnusedKey, Range: key.At,
					Summary: fmt.Sprintf("%q is written here and not passed on", key.Name),
					Detail:  fmt.Sprintf("The inputs of %s do not set it.", f.Shown),
					Hint:    fmt.Sprintf("Set %s in the inputs of %s, or remove it here.", key.Name, f.Shown)})
			}
		}
	}
}

// checkTopLevel finds keys of access that stand beside locals, not in it.
func (l *loader) checkTopLevel(f *terragrunt.File) {
	for _, key := range constants(f.Body) {
		if l.top.has(key.Name) {
			l.Reportf(CodeMisplacedKey, key.At, "Move it into locals { }, or into inputs = { } of a terragrunt.hcl.",
				"%q has no effect at the top level of this file", key.Name)
		}
	}
	for _, b := range f.Body.Blocks {
		if l.top.has(b.Type) {
			l.Reportf(CodeMisplacedKey, source.Range(b.TypeRange), l.blockHint(b.Type), "a block %q has no effect here", b.Type)
		}
	}
}

// checkHelpers finds locals that are nearly called as a key of access and that
// nothing uses: most likely a key misspelt, whose access would be missing.
func (l *loader) checkHelpers(f *terragrunt.File) {
	var used map[string]bool
	for _, local := range f.Locals() {
		if l.top.has(local.Name) {
			continue
		}
		near := names.Nearest(local.Name, l.top.Names())
		if near == "" {
			continue
		}
		if used == nil {
			used = l.NamesUsed()
		}
		if !used[local.Name] {
			l.Reportf(CodeUnknownKey, local.At, fmt.Sprintf("Did you mean %q? If it is a local of your own, give it a less similar name.", near),
				"the config has no key %q, and no expression uses the local", local.Name)
		}
	}
}
