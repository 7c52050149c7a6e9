package terragrunt

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

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Terragrunt calls a unit's file so, and the function that reads another file.
const (
	FileName   = "terragrunt.hcl"
	readConfig = "read_terragrunt_config"
)

// fileFunctions are those that look into the config's folder.
func (ev *Evaluator) fileFunctions(f *File) map[string]function.Function {
	return map[string]function.Function{
		"get_terragrunt_dir": computed(func([]cty.Value) (cty.Value, error) { return cty.StringVal(ev.dirOf(f)), nil }),
		"file":               computed(func(a []cty.Value) (cty.Value, error) { return ev.file(f, a[0].AsString()) }, cty.String),
		"fileexists":         computed(func(a []cty.Value) (cty.Value, error) { return ev.fileExists(f, a[0].AsString()) }, cty.String),
		"find_in_parent_folders": function.New(&function.Spec{VarParam: &function.Parameter{Name: "name", Type: cty.String},
			Type: function.StaticReturnType(cty.String),
			Impl: func(a []cty.Value, _ cty.Type) (cty.Value, error) { return ev.findInParents(f, a) }}),
		"basename": computed(func(a []cty.Value) (cty.Value, error) { return cty.StringVal(path.Base(a[0].AsString())), nil }, cty.String),
		"dirname":  computed(func(a []cty.Value) (cty.Value, error) { return cty.StringVal(path.Dir(a[0].AsString())), nil }, cty.String),
		readConfig: computed(func(a []cty.Value) (cty.Value, error) { return ev.readConfigValue(f, a) }, cty.String, cty.DynamicPseudoType),
	}
}

func (ev *Evaluator) dirOf(f *File) string { return path.Join(ev.Folder.Abs, path.Dir(f.Name)) }

var errOutside = errors.New("is outside the config's folder, and only that folder is read")

// deny makes an error one that try() cannot hide.
func (ev *Evaluator) deny(err error) error {
	ev.denied = cmp.Or(ev.denied, err)
	return err
}

// notRead is for a file that an expression names: one that is missing may be
// optional, one that is there and cannot be read may not.
func (ev *Evaluator) notRead(d *diag.Diagnostic) error {
	if d.Code == source.CodeNotFound {
		return fmt.Errorf("%s: %w", d.Summary, fs.ErrNotExist)
	}
	return ev.deny(errors.New(d.Summary))
}

// inside returns the path within the folder of what an expression names.
func (ev *Evaluator) inside(f *File, name string) (string, error) {
	full := path.Clean(name)
	if !path.IsAbs(name) {
		full = path.Join(ev.dirOf(f), name)
	}
	rest, ok := strings.CutPrefix(full, strings.TrimSuffix(ev.Folder.Abs, "/")+"/")
	if !ok || !fs.ValidPath(rest) {
		return "", ev.deny(fmt.Errorf("%q %w", name, errOutside))
	}
	return rest, nil
}

func (ev *Evaluator) file(f *File, name string) (cty.Value, error) {
	at, err := ev.inside(f, name)
	if err != nil {
		return cty.NilVal, err
	}
	src, d := ev.Read(ev.Folder.Within, at)
	if d != nil {
		return cty.NilVal, cmp.Or(ev.nearMiss(f, name, at), ev.notRead(d))
	}
	return cty.StringVal(string(src)), nil
}

func (ev *Evaluator) fileExists(f *File, name string) (cty.Value, error) {
	at, err := ev.inside(f, name)
	if err != nil {
		return cty.NilVal, err
	}
	if err := ev.nearMiss(f, name, at); err != nil {
		return cty.NilVal, err
	}
	info, err := fs.Stat(ev.Folder.Within, at)
	return cty.BoolVal(err == nil && info.Mode().IsRegular()), nil
}

// findInParents looks upwards from the file, but not above the config's
// folder. Terragrunt begins in the parent; of a file in the folder itself the
// parent is out of reach, so there the folder is where it looks.
func (ev *Evaluator) findInParents(f *File, args []cty.Value) (cty.Value, error) {
	name := FileName
	if len(args) > 0 {
		name = args[0].AsString()
	}
	for dir := path.Dir(path.Dir(f.Name)); ; dir = path.Dir(dir) {
		at := path.Join(dir, name)
		if at != f.Name && fs.ValidPath(at) {
			if _, err := fs.Stat(ev.Folder.Within, at); err == nil {
				return cty.StringVal(path.Join(ev.Folder.Abs, at)), nil
			}
		}
		if dir == "." || dir == "/" {
			return cty.NilVal, ev.deny(fmt.Errorf("%q %w", name, errOutside))
		}
	}
}

// readConfigValue is read_terragrunt_config in the middle of an expression.
func (ev *Evaluator) readConfigValue(f *File, args []cty.Value) (cty.Value, error) {
	other, err := ev.fileAt(f, args[0].AsString())
	if err != nil {
		if len(args) > 1 && errors.Is(err, fs.ErrNotExist) {
			return args[1], nil
		}
		return cty.NilVal, err
	}
	return ev.fileValue(other), nil
}

// fileAt reads the file that an expression names.
func (ev *Evaluator) fileAt(f *File, name string) (*File, error) {
	at, err := ev.inside(f, name)
	if err != nil {
		return nil, err
	}
	other, known := ev.files[at]
	if !known {
		if _, err := fs.Stat(ev.Folder.Within, at); err != nil {
			return nil, cmp.Or(ev.nearMiss(f, name, at), fmt.Errorf("%q does not exist: %w", name, fs.ErrNotExist))
		}
		src, d := ev.Read(ev.Folder.Within, at)
		if d != nil {
			return nil, ev.notRead(d)
		}
		other = ev.Open(at, src)
	}
	if other == nil {
		return nil, ev.deny(fmt.Errorf("%q is broken", name))
	}
	return other, nil
}

// otherFile resolves a call of read_terragrunt_config to the file.
func (ev *Evaluator) otherFile(n Node, e *hclsyntax.FunctionCallExpr) Node {
	if len(e.Args) == 0 || len(e.Args) > 2 || e.ExpandFinal {
		return ev.evaluate(n) // which says what is wrong
	}
	arg := ev.Resolve(Node{expr: e.Args[0], file: n.file})
	if arg.Broken() {
		return arg
	}
	name, ok := ev.Text(arg)
	if !ok {
		return ev.evaluate(n)
	}
	at := source.Range(e.Range())
	other, err := ev.fileAt(n.file, name)
	switch {
	case err == nil:
		return Node{result: &result{at: at, file: other}}
	case len(e.Args) > 1 && errors.Is(err, fs.ErrNotExist):
		return ev.Resolve(Node{expr: e.Args[1], file: n.file})
	}
	ev.reportFile(err, source.Range(e.Args[0].Range()))
	return broken(at)
}

func (ev *Evaluator) reportFile(err error, at diag.Range) {
	d := diag.Diagnostic{Code: source.CodeUnreadable, Range: at, Summary: "cannot read the file: " + err.Error(),
		Detail: "Access depends on it.", Hint: "Correct the file, or write the values out here."}
	var refused refusal
	var missed nearMiss
	switch {
	case errors.As(err, &missed):
		d.Code, d.Summary, d.Hint = source.CodeNotFound, err.Error(), fmt.Sprintf("Did you mean %q? An optional file needs a name that is less similar to another's.", missed.near)
	case errors.As(err, &refused):
		d.Code, d.Summary, d.Hint = source.CodeTooMuch, err.Error(), "Write less in one call; docs/config.md says how much expressions may make."
	case errors.Is(err, errOutside):
		d.Code, d.Hint = source.CodeOutsideFolder, "Move the file into the config's folder, or write the values out here."
	case errors.Is(err, fs.ErrNotExist):
		d.Code, d.Hint = source.CodeNotFound, "Correct the path; it is relative to the folder of the file that names it."
	}
	ev.Report(d)
}
