package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// MaxFileSize is how much is read, in bytes: of one file, and of all files of a
// config together.
const MaxFileSize = 20 << 20

// maxTokens bounds the words and signs of a config's files, because a parsed
// one takes up to 400 bytes: a file of 20 MB may be one long text, or ten
// million numbers, which would fill 7 GB. 5,000 groups have about 450,000.
const maxTokens = 1_500_000

// read returns a file's text, after looking at what it is and how large.
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
	if l.bytes+len(src) > MaxFileSize {
		return nil, ptr(tooLarge(shown, int64(l.bytes+len(src))))
	}
	l.bytes += len(src)
	l.texts[shown], l.sources[shown] = src, withoutSecrets(src)
	l.files = append(l.files, shown)
	return src, nil
}

// perObject is how many words and signs an object counts as besides its own: what
// it is read into, and what is found to be missing in it, takes up to 3 KB.
const perObject = 20

// fits counts the words and signs of one more file, and its objects.
func (l *loader) fits(tokens int, src []byte, shown string) bool {
	tokens += perObject * bytes.Count(src, []byte("{"))
	if l.tokens+tokens <= maxTokens {
		l.tokens += tokens
		return true
	}
	l.report(diag.Diagnostic{Code: CodeTooLarge, Range: diag.Range{File: shown},
		Summary: fmt.Sprintf("%q holds more than a config needs", shown),
		Detail: fmt.Sprintf("A config's files may have %d words and signs together, an object being 20 more, which is enough for more than 10,000 groups; with this one they have %d.",
			maxTokens, l.tokens+tokens),
		Hint: "Check that this is the file you meant; split a config that is really this large into several folders, each with an owner of its own."})
	return false
}

func tooLarge(name string, size int64) diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: CodeTooLarge, Range: diag.Range{File: name},
		Summary: fmt.Sprintf("%q is too large to be a config", name),
		Detail:  fmt.Sprintf("A config's files may have %d bytes (20 MB) together; with this one they have %d.", MaxFileSize, size),
		Hint:    "Check that this is the file you meant; split a config that is really this large into several folders, each with an owner of its own."}
}
