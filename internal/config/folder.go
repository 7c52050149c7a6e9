package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// MaxFileSize is the largest file that is read, in bytes.
const MaxFileSize = 20 << 20

// SettingsFile is the name of the file with the tool's settings.
const SettingsFile = "rolecall.hcl"

const (
	inputsFile     = "inputs.hcl"
	terragruntFile = "terragrunt.hcl"
)

// folder is the folder of a config.
type folder struct {
	display string // how the user called it; ranges begin with it
	abs     string // what get_terragrunt_dir answers
	own     fs.FS  // for the config's own files
	within  fs.FS  // for what expressions read; cannot leave the folder
}

func (f folder) name(within string) string {
	if f.display == "" || f.display == "." {
		return within
	}
	return filepath.Join(f.display, filepath.FromSlash(within))
}

// read gives a file's text, after looking at what it is and how large.
func (l *loader) read(fsys fs.FS, name string) ([]byte, *diag.Diagnostic) {
	shown := l.folder.name(name)
	src, d := l.readAs(shown, fsys, name)
	if _, err := fs.Stat(l.folder.within, name); err != nil && src != nil {
		// A link that leads out of the folder: a file of the machine's may be behind
		// it, and no finding shows its lines.
		l.hide(shown, 0, len(src))
	}
	return src, d
}

// readAs is read of a file that findings call shown.
func (l *loader) readAs(shown string, fsys fs.FS, name string) ([]byte, *diag.Diagnostic) {
	if src, ok := l.texts[shown]; ok {
		return src, nil
	}
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, ptr(unreadablePath(shown, err))
	}
	if !info.Mode().IsRegular() {
		return nil, ptr(unreadablePath(shown, errors.New("is not a regular file")))
	}
	if info.Size() > MaxFileSize {
		return nil, ptr(tooLarge(shown, info.Size()))
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, ptr(unreadablePath(shown, err))
	}
	defer file.Close()
	src, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1)) // it may have grown since
	if err != nil {
		return nil, ptr(unreadablePath(shown, err))
	}
	if len(src) > MaxFileSize {
		return nil, ptr(tooLarge(shown, int64(len(src))))
	}
	l.texts[shown], l.sources[shown] = src, withoutSecrets(src)
	l.files = append(l.files, shown)
	return src, nil
}

func ptr[T any](v T) *T { return &v }

func unreadablePath(name string, err error) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Code: CodeUnreadable, Range: diag.Range{File: name},
		Summary: fmt.Sprintf("cannot read %q", name), Detail: plainError(err),
		Hint: "Check that it is a regular file or a folder and that you may read it."}
	if errors.Is(err, fs.ErrNotExist) {
		d.Code, d.Summary, d.Detail = CodeNotFound, fmt.Sprintf("%q does not exist", name), ""
		d.Hint = "Give the path of a config file, or of the folder that holds terraform.tfvars, inputs.hcl or terragrunt.hcl."
	}
	return d
}

// plainError is the cause without the operation and path that os puts before
// it; the finding names the path itself.
func plainError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func tooLarge(name string, size int64) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: CodeTooLarge, Range: diag.Range{File: name},
		Summary: fmt.Sprintf("%q is too large to be a config", name),
		Detail:  fmt.Sprintf("It has %d bytes; at most %d (20 MB) are read.", size, MaxFileSize),
		Hint:    "Check that this is the file you meant; split a config that is really this large into several *.auto.tfvars files."}
}

// configFiles gives the files that make up the config, within the folder.
func (l *loader) configFiles(name string) []string {
	if name != "" {
		if d := l.wrongForm(name); d != nil {
			l.report(*d)
			return nil
		}
		return []string{name}
	}
	entries, err := fs.ReadDir(l.folder.own, ".")
	if err != nil {
		l.report(unreadablePath(l.folder.name("."), err))
		return nil
	}
	var names, others []string
	for _, e := range entries {
		switch rank := folderRank(e.Name()); {
		case e.IsDir():
		case rank > 0:
			names = append(names, e.Name())
		case isTfvars(e.Name()):
			others = append(others, e.Name())
		}
	}
	if len(names) == 0 {
		l.report(l.noConfig(others))
		return nil
	}
	slices.SortStableFunc(names, func(a, b string) int { return folderRank(a) - folderRank(b) })
	return names
}

func (l *loader) wrongForm(name string) *diag.Diagnostic {
	shown := l.folder.name(name)
	d := diag.Diagnostic{Severity: diag.Error, Code: CodeUnknownForm, Range: diag.Range{File: shown},
		Hint: "Give a *.tfvars, *.tfvars.json, inputs.hcl or terragrunt.hcl, or the folder that holds one."}
	switch ext := path.Ext(name); {
	case name == SettingsFile:
		d.Summary = fmt.Sprintf("%q holds the tool's settings, not the config of access", shown)
	case ext == ".tfvars" || ext == ".json" || ext == ".hcl":
		return nil
	default:
		d.Summary = fmt.Sprintf("%q is no form of config that rolecall reads", shown)
	}
	return &d
}

// folderRank is the place of a file in the order in which Terraform and
// Terragrunt take a folder's files; 0 means that it is not taken.
func folderRank(name string) int {
	switch {
	case name == "terraform.tfvars":
		return 1
	case name == "terraform.tfvars.json":
		return 2
	case strings.HasSuffix(name, ".auto.tfvars"), strings.HasSuffix(name, ".auto.tfvars.json"):
		return 3
	case name == inputsFile:
		return 4
	case name == terragruntFile:
		return 5
	default:
		return 0
	}
}

func isTfvars(name string) bool {
	return strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".tfvars.json")
}

func (l *loader) noConfig(others []string) diag.Diagnostic {
	shown := l.folder.name(".")
	d := diag.Diagnostic{Code: CodeNoConfig, Range: diag.Range{File: shown},
		Summary: fmt.Sprintf("the folder %q holds no config", shown),
		Detail:  "None of terraform.tfvars, terraform.tfvars.json, *.auto.tfvars, *.auto.tfvars.json, inputs.hcl, terragrunt.hcl is in it.",
		Hint:    "Give the path of a config file, or run `rolecall init` to write one."}
	if len(others) > 0 {
		d.Hint = fmt.Sprintf("A folder's %s is not read by itself, as in Terraform: give its path.", strings.Join(others, ", "))
	}
	return d
}
