package config

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// Result is what the files of a config say.
type Result struct {
	Config   access.Config
	Settings Settings
	// Sources are the texts of Files, for snippets.
	Sources diag.Sources
	// Files are the files that were read, in the order of reading, named as
	// ranges name them.
	Files []string
	// Dir is the config's folder.
	Dir string
	// unread are the places of values that could not be read.
	unread map[diag.Range]bool
}

// Options change how a config is read. The zero value is right for a config
// that means the same on every machine.
type Options struct {
	// Getenv is what get_env asks; without it get_env is refused.
	Getenv func(name string) (value string, ok bool)
	// Machine is what the environment allows the settings beyond what any config
	// may ask for.
	Machine trust.Machine
	// Settings is a file of the form of rolecall.hcl, from outside the config's
	// folder, which pins settings; "" means none.
	Settings string
	// evaluateAll makes the loader evaluate what it would read straight from
	// the syntax tree. Tests compare the two.
	evaluateAll bool
}

// Load reads the config at path: a file, or a folder whose terraform.tfvars,
// *.auto.tfvars, inputs.hcl and terragrunt.hcl make it up. rolecall.hcl beside
// it has the settings. The Result is never nil; where the findings have
// errors, it holds what could be read.
func Load(path string, opts Options) (*Result, diag.List) {
	failed := func(err error) (*Result, diag.List) {
		return &Result{Dir: filepath.Dir(path), Sources: diag.Sources{}}, diag.List{source.Unreadable(path, err)}
	}
	info, err := os.Stat(path)
	if err != nil {
		return failed(err)
	}
	dir, name := path, ""
	if !info.IsDir() {
		dir, name = filepath.Split(path)
	}
	dir = cmp.Or(dir, ".")
	root, err := os.OpenRoot(dir)
	if err != nil {
		return failed(err)
	}
	defer root.Close()
	abs, err := filepath.Abs(dir)
	if err != nil {
		return failed(err)
	}
	// The config's own files may be symbolic links to anywhere; what their
	// expressions read may not leave the folder.
	return load(source.Folder{Display: dir, Abs: filepath.ToSlash(abs), Own: os.DirFS(dir), Within: root.FS()}, name, opts)
}

// LoadFS is Load of a folder in memory, as tests have it: name is a file of fsys, or "" for the
// folder itself; ranges name the files by their path in fsys.
func LoadFS(fsys fs.FS, name string, opts Options) (*Result, diag.List) {
	return load(source.Folder{Abs: "/config", Own: fsys, Within: fsys}, name, opts)
}

// Validate is Load and then access.Check, with snippets, in the order of a
// reader. What could not be read is not also reported as missing.
func Validate(path string, opts Options) (*Result, diag.List) {
	res, found := Load(path, opts)
	return res, res.check(found)
}

// ValidateFS is Validate of a folder in memory, as tests have it.
func ValidateFS(fsys fs.FS, name string, opts Options) (*Result, diag.List) {
	res, found := LoadFS(fsys, name, opts)
	return res, res.check(found)
}

// halts are the findings after which the config is not whole enough for
// access.Check to say anything true about it.
func halts(d diag.Diagnostic) bool {
	wholeFile := d.Severity == diag.Error && d.Range.Start.Line == 0
	return wholeFile || d.Code == CodeSyntax || d.Code == CodeTooDeep || d.Code == CodeTooMuch
}

func (r *Result) check(found diag.List) diag.List {
	return r.with(found, func() diag.List { return access.Check(r.Config) }, nil)
}

// Lint adds to what Validate found what the lints find, as the settings have
// them. Where an error is reported, no lint speaks of the same place: what is
// wrong there comes first.
func (r *Result) Lint(found diag.List) diag.List {
	wrong := map[diag.Range]bool{}
	for _, d := range found {
		if d.Severity == diag.Error {
			wrong[d.Range] = true
		}
	}
	return r.with(found, func() diag.List { return access.Lint(r.Config, r.Settings.Lints) }, wrong)
}

// with adds what a whole config is found to have, but at places that could not be
// read, or are left out.
func (r *Result) with(found diag.List, more func() diag.List, without map[diag.Range]bool) diag.List {
	if slices.ContainsFunc(found, halts) || found.Full() {
		return r.Sources.Fill(found).Sorted()
	}
	for _, d := range more() {
		if !r.unread[d.Range] && !without[d.Range] {
			found = found.With(d)
		}
	}
	return r.Sources.Fill(found).Sorted()
}

func load(f source.Folder, name string, opts Options) (*Result, diag.List) {
	l := newLoader(f, opts)
	res := &Result{Dir: f.Display, Sources: l.Sources}
	res.Settings = l.settings()
	if opts.Settings != "" {
		res.Settings = l.pinnedSettings(opts.Settings, res.Settings)
	}
	if names := l.configFiles(name); names != nil {
		l.readConfig(names, &res.Settings, &res.Config)
	}
	l.ReportSlips()
	l.ReportTooMuch()
	res.Files, res.unread = l.Files, l.Unread
	return res, once(l.Found)
}

// once leaves out what was found a second time on another way.
func once(found diag.List) diag.List {
	type key struct {
		code    diag.Code
		at      diag.Range
		summary string
	}
	seen := make(map[key]bool, len(found))
	return slices.DeleteFunc(found, func(d diag.Diagnostic) bool {
		k := key{d.Code, d.Range, d.Summary}
		dup := seen[k]
		seen[k] = true
		return dup
	})
}

// loader is one reading of a config.
type loader struct {
	*terragrunt.Evaluator
	machine trust.Machine
	top     *object
}

func newLoader(f source.Folder, opts Options) *loader {
	l := &loader{machine: opts.Machine, top: newObject(access.Keys())}
	l.Evaluator = terragrunt.New(source.NewReader(f), terragrunt.Options{Getenv: opts.Getenv, BlockHint: l.blockHint, EvaluateAll: opts.evaluateAll})
	return l
}
