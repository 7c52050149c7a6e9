package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// MaxFileSize is how much is read, in bytes: of one file, and of all files of a
// config together.
const MaxFileSize = 20 << 20

// maxTokens bounds the words and signs of a config's files, because a parsed
// one takes up to 400 bytes: a file of 20 MB may be one long text, or ten
// million numbers, which would fill 7 GB. 5,000 groups have about 450,000.
const maxTokens = 1_500_000

// perObject is how many words and signs an object counts as besides its own: what
// it is read into, and what is found to be missing in it, takes up to 3 KB.
const perObject = 20

const tooLargeHint = "Check that this is the file you meant; split a config that is really this large into several folders, each with an owner of its own."

// Folder is the folder of a config.
type Folder struct {
	Display string // how the user called it; ranges begin with it
	Abs     string // what get_terragrunt_dir returns
	Own     fs.FS  // for the config's own files
	Within  fs.FS  // for what expressions read; cannot leave the folder
}

// Name returns how findings call a file of the folder.
func (f Folder) Name(within string) string {
	if f.Display == "" || f.Display == "." {
		return within
	}
	return filepath.Join(f.Display, filepath.FromSlash(within))
}

// Reader reads the files of one config.
type Reader struct {
	Folder  Folder
	Sources diag.Sources // what findings show: without what may be secrets
	Files   []string     // that were read, in that order
	Found   diag.List
	// Unread are the places of values that could not be read, which is reported.
	Unread map[diag.Range]bool
	texts  map[string][]byte // what the files say
	bytes  int               // read so far
	tokens int               // in what was parsed so far
}

// NewReader returns a Reader that has read nothing.
func NewReader(f Folder) *Reader {
	return &Reader{Folder: f, Sources: diag.Sources{}, Unread: map[diag.Range]bool{}, texts: map[string][]byte{}}
}

// Read returns a file's text, after looking at what it is and how large.
func (r *Reader) Read(fsys fs.FS, name string) ([]byte, *diag.Diagnostic) {
	shown := r.Folder.Name(name)
	src, d := r.ReadAs(shown, fsys, name)
	if _, err := fs.Stat(r.Folder.Within, name); err != nil && src != nil {
		// A link that leads out of the folder: a file of the machine's may be behind
		// it, and no finding shows its lines.
		r.Hide(shown, 0, len(src))
	}
	return src, d
}

// ReadAs is Read of a file that findings call shown.
func (r *Reader) ReadAs(shown string, fsys fs.FS, name string) ([]byte, *diag.Diagnostic) {
	if src, ok := r.texts[shown]; ok {
		return src, nil
	}
	src, size, err := readFile(fsys, name)
	if err != nil {
		d := Unreadable(shown, err)
		return nil, &d
	}
	if src != nil {
		size += int64(r.bytes)
	}
	if size > MaxFileSize {
		return nil, &diag.Diagnostic{Severity: diag.Error, Code: CodeTooLarge, Range: diag.Range{File: shown},
			Summary: fmt.Sprintf("%q is too large to be a config", shown),
			Detail:  fmt.Sprintf("A config's files may have %d bytes (20 MB) in total; with this one they have %d.", MaxFileSize, size),
			Hint:    tooLargeHint}
	}
	r.bytes += len(src)
	r.texts[shown], r.Sources[shown] = src, withoutSecrets(src)
	r.Files = append(r.Files, shown)
	return src, nil
}

// readFile returns a regular file's text and size; of one that is too large, the
// size alone.
func readFile(fsys fs.FS, name string) ([]byte, int64, error) {
	info, err := fs.Stat(fsys, name)
	switch {
	case err != nil:
		return nil, 0, err
	case !info.Mode().IsRegular():
		return nil, 0, errors.New("is not a regular file")
	case info.Size() > MaxFileSize:
		return nil, info.Size(), nil
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	src, err := io.ReadAll(io.LimitReader(file, MaxFileSize+1)) // it may have grown since
	return src, int64(len(src)), err
}

// Unreadable returns the finding of a file or folder that cannot be read.
func Unreadable(name string, err error) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Code: CodeUnreadable, Range: diag.Range{File: name},
		Summary: fmt.Sprintf("cannot read %q", name), Detail: err.Error(),
		Hint: "Check that it is a regular file or a folder and that you may read it."}
	if pe, ok := errors.AsType[*fs.PathError](err); ok { // the finding names the path itself
		d.Detail = pe.Err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		d.Code, d.Summary, d.Detail = CodeNotFound, fmt.Sprintf("%q does not exist", name), ""
		d.Hint = "Pass the path of a config file, or of the folder that contains terraform.tfvars, inputs.hcl or terragrunt.hcl."
	}
	return d
}

// fits counts the words and signs of one more file, and its objects.
func (r *Reader) fits(tokens int, src []byte, shown string) bool {
	tokens += perObject * bytes.Count(src, []byte("{"))
	if r.tokens+tokens <= maxTokens {
		r.tokens += tokens
		return true
	}
	r.Report(diag.Diagnostic{Code: CodeTooLarge, Range: diag.Range{File: shown},
		Summary: fmt.Sprintf("%q contains more than a config needs", shown),
		Detail: fmt.Sprintf("A config's files may have %d tokens in total, with 20 more per object, which is enough for more than 10,000 groups; with this one they have %d.",
			maxTokens, r.tokens+tokens),
		Hint: tooLargeHint})
	return false
}

// Hide puts stars for what stands there, in the text that findings show only:
// places stay what they are.
func (r *Reader) Hide(shown string, from, to int) {
	text := bytes.Clone(r.Sources[shown])
	stars(text, from, to)
	r.Sources[shown] = text
}

// Report adds a finding, an error unless it says otherwise.
func (r *Reader) Report(d diag.Diagnostic) {
	if d.Severity == "" {
		d.Severity = diag.Error
	}
	if !r.Found.Full() {
		d.Summary, d.Detail = withoutTokens(d.Summary), withoutTokens(d.Detail)
	}
	r.Found = r.Found.With(d)
}

// Reportf is Report of an error without a detail.
func (r *Reader) Reportf(code diag.Code, at diag.Range, hint, format string, args ...any) {
	r.Report(diag.Diagnostic{Code: code, Range: at, Summary: fmt.Sprintf(format, args...), Hint: hint})
}

// ReportDuplicate reports a key that is set a second time.
func (r *Reader) ReportDuplicate(name string, at, first diag.Range) {
	r.Report(diag.Diagnostic{Code: CodeDuplicateKey, Range: at, Related: []diag.Range{first},
		Summary: "the key \"" + name + "\" is set twice", Detail: "It is first set at " + first.String() + ".",
		Hint: "Keep only one: it is not defined which one would be used."})
}
