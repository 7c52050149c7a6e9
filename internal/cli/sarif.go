package cli

import (
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// sarifText returns the findings on a config as SARIF. Its paths are relative to
// the root of the repository, wherever in it rolecall runs, because that is
// where code scanning looks for them.
func sarifText(path string, findings diag.List, sources diag.Sources) text {
	info, _ := debug.ReadBuildInfo()
	root := repositoryRoot(absolute("."))
	report := render.SARIFReport{
		Version: versionOf(info).Version, Findings: findings, Sources: sources,
		Category: within(root, path),
		Codes:    everyCode(),
		Path:     func(file string) string { return within(root, file) },
	}
	return func(w io.Writer, _ render.Style) error { return render.SARIF(w, report) }
}

// repositoryRoot returns the nearest folder, from dir upwards, that Git keeps;
// else dir. In a linked work tree .git is a file.
func repositoryRoot(dir string) string {
	for at := dir; ; {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
		up := filepath.Dir(at)
		if up == at {
			return dir
		}
		at = up
	}
}

// within returns a path relative to the root, with slashes; one that lies outside
// stays absolute.
func within(root, path string) string {
	path = absolute(path)
	rel, err := filepath.Rel(root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}

// absolute stays what it was where the current folder is gone.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}
