package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// readConfig is Terragrunt's function that reads another of its files.
const readConfig = "read_terragrunt_config"

// fileFunctions are those that look into the config's folder.
func (l *loader) fileFunctions(s *scope) map[string]function.Function {
	none := function.New(&function.Spec{Type: function.StaticReturnType(cty.String),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.StringVal(l.dirOf(s)), nil }})
	return map[string]function.Function{
		"get_terragrunt_dir": none,
		"file":               computed(func(a []cty.Value) (cty.Value, error) { return l.file(s, a[0].AsString()) }, cty.String),
		"fileexists":         computed(func(a []cty.Value) (cty.Value, error) { return l.fileExists(s, a[0].AsString()) }, cty.String),
		"find_in_parent_folders": function.New(&function.Spec{VarParam: &function.Parameter{Name: "name", Type: cty.String},
			Type: function.StaticReturnType(cty.String),
			Impl: func(a []cty.Value, _ cty.Type) (cty.Value, error) { return l.findInParents(s, a) }}),
		"basename": computed(func(a []cty.Value) (cty.Value, error) { return cty.StringVal(path.Base(a[0].AsString())), nil }, cty.String),
		"dirname":  computed(func(a []cty.Value) (cty.Value, error) { return cty.StringVal(path.Dir(a[0].AsString())), nil }, cty.String),
		readConfig: computed(func(a []cty.Value) (cty.Value, error) { return l.readConfigValue(s, a) }, cty.String, cty.DynamicPseudoType),
	}
}

func (l *loader) dirOf(s *scope) string { return path.Join(l.folder.abs, path.Dir(s.name)) }

var errOutside = errors.New("is outside the config's folder, which is all that is read")

// deny makes an error one that try() cannot hide.
func (l *loader) deny(err error) error {
	l.denied = cmp.Or(l.denied, err)
	return err
}

// notRead is for a file that an expression names: one that is missing may be
// optional, one that is there and cannot be read may not.
func (l *loader) notRead(d *diag.Diagnostic) error {
	if d.Code == CodeNotFound {
		return fmt.Errorf("%s: %w", d.Summary, fs.ErrNotExist)
	}
	return l.deny(errors.New(d.Summary))
}

// inside returns the path within the folder of what an expression names.
func (l *loader) inside(s *scope, name string) (string, error) {
	full := name
	if !path.IsAbs(full) {
		full = path.Join(l.dirOf(s), full)
	}
	full = path.Clean(full)
	rest, ok := strings.CutPrefix(full, strings.TrimSuffix(l.folder.abs, "/")+"/")
	if !ok || !fs.ValidPath(rest) {
		return "", l.deny(fmt.Errorf("%q %w", name, errOutside))
	}
	return rest, nil
}

func (l *loader) file(s *scope, name string) (cty.Value, error) {
	at, err := l.inside(s, name)
	if err != nil {
		return cty.NilVal, err
	}
	src, d := l.read(l.folder.within, at)
	if d != nil {
		return cty.NilVal, cmp.Or(l.nearMiss(s, name, at), l.notRead(d))
	}
	return cty.StringVal(string(src)), nil
}

func (l *loader) fileExists(s *scope, name string) (cty.Value, error) {
	at, err := l.inside(s, name)
	if err != nil {
		return cty.NilVal, err
	}
	if err := l.nearMiss(s, name, at); err != nil {
		return cty.NilVal, err
	}
	info, err := fs.Stat(l.folder.within, at)
	return cty.BoolVal(err == nil && info.Mode().IsRegular()), nil
}

// findInParents looks upwards from the file, but not above the config's
// folder. Terragrunt begins in the parent; of a file in the folder itself the
// parent is out of reach, so there the folder is where it looks.
func (l *loader) findInParents(s *scope, args []cty.Value) (cty.Value, error) {
	name := terragruntFile
	if len(args) > 0 {
		name = args[0].AsString()
	}
	for dir := path.Dir(path.Dir(s.name)); ; dir = path.Dir(dir) {
		at := path.Join(dir, name)
		if at != s.name && fs.ValidPath(at) {
			if _, err := fs.Stat(l.folder.within, at); err == nil {
				return cty.StringVal(path.Join(l.folder.abs, at)), nil
			}
		}
		if dir == "." || dir == "/" {
			return cty.NilVal, l.deny(fmt.Errorf("%q %w", name, errOutside))
		}
	}
}

// readConfigValue is read_terragrunt_config in the middle of an expression.
func (l *loader) readConfigValue(s *scope, args []cty.Value) (cty.Value, error) {
	other, err := l.scopeAt(s, args[0].AsString())
	if err != nil {
		if len(args) > 1 && errors.Is(err, fs.ErrNotExist) {
			return args[1], nil
		}
		return cty.NilVal, err
	}
	return l.fileValue(other), nil
}

// scopeAt reads the file that an expression names.
func (l *loader) scopeAt(s *scope, name string) (*scope, error) {
	at, err := l.inside(s, name)
	if err != nil {
		return nil, err
	}
	if known, ok := l.scopes[at]; ok {
		if known == nil {
			return nil, l.deny(fmt.Errorf("%q is broken", name))
		}
		return known, nil
	}
	if _, err := fs.Stat(l.folder.within, at); err != nil {
		return nil, cmp.Or(l.nearMiss(s, name, at), fmt.Errorf("%q does not exist: %w", name, fs.ErrNotExist))
	}
	src, d := l.read(l.folder.within, at)
	if d != nil {
		return nil, l.notRead(d)
	}
	if other := l.scopeOf(at, src); other != nil {
		return other, nil
	}
	return nil, l.deny(fmt.Errorf("%q is broken", name))
}

// otherFile settles a call of read_terragrunt_config to the file.
func (l *loader) otherFile(n node, e *hclsyntax.FunctionCallExpr) node {
	at := fromRange(e.Range())
	if len(e.Args) == 0 || len(e.Args) > 2 || e.ExpandFinal {
		return l.evaluate(n) // which says what is wrong
	}
	arg := l.settle(node{expr: e.Args[0], scope: n.scope})
	if arg.broken() {
		return arg
	}
	name, ok := l.text(arg)
	if !ok {
		return l.evaluate(n)
	}
	other, err := l.scopeAt(n.scope, name)
	switch {
	case err == nil:
		return node{made: &made{at: at, file: other}}
	case len(e.Args) > 1 && errors.Is(err, fs.ErrNotExist):
		return l.settle(node{expr: e.Args[1], scope: n.scope})
	}
	l.reportFile(err, fromRange(e.Args[0].Range()))
	return broken(at)
}

func (l *loader) reportFile(err error, at diag.Range) {
	d := diag.Diagnostic{Code: CodeUnreadable, Range: at, Summary: "cannot read the file: " + err.Error(),
		Detail: "Access depends on it.", Hint: "Correct the file, or write the values out here."}
	var refused refusal
	var wrong misspelt
	var missed nearMiss
	switch {
	case errors.As(err, &missed):
		d.Code, d.Summary, d.Hint = CodeNotFound, err.Error(), fmt.Sprintf("Did you mean %q? A file that is optional needs a name that is not so like another's.", missed.near)
	case errors.As(err, &wrong):
		d = wrong.finding(at)
	case errors.As(err, &refused):
		d.Code, d.Summary, d.Hint = CodeTooMuch, err.Error(), "Write less in one call; docs/config.md says how much expressions may make."
	case errors.Is(err, errOutside):
		d.Code, d.Hint = CodeOutsideFolder, "Move the file into the config's folder, or write the values out here."
	case errors.Is(err, fs.ErrNotExist):
		d.Code, d.Hint = CodeNotFound, "Correct the path; it counts from the folder of the file that names it."
	}
	l.report(d)
}
