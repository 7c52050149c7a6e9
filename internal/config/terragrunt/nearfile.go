package terragrunt

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/names"
)

// nearMiss is the error of a file that does not exist, though one nearly of that
// name does.
type nearMiss struct {
	error
	near string
}

// nearMiss returns the error for a misspelt name of a file, which neither try nor
// a default can hide, or nil. A missing file that is like no other may be optional.
func (ev *Evaluator) nearMiss(f *File, name, at string) error {
	if ev.exists(at) {
		return nil
	}
	found := ""
	for _, part := range strings.Split(at, "/") {
		in := found
		if found = path.Join(in, part); ev.exists(found) {
			continue
		}
		near := ev.nearFile(in, part)
		if near == "" {
			return nil
		}
		found = path.Join(in, near)
	}
	if rest, ok := strings.CutPrefix(found, path.Dir(f.Name)+"/"); ok {
		found = rest
	}
	return ev.deny(nearMiss{fmt.Errorf("%q does not exist, but %q does", name, found), found})
}

// exists reports that there is something, be it out of reach.
func (ev *Evaluator) exists(name string) bool {
	_, err := fs.Stat(ev.Folder.Within, name)
	return !errors.Is(err, fs.ErrNotExist)
}

// nearFile returns the file or folder that was most likely meant, or "".
func (ev *Evaluator) nearFile(dir, name string) string {
	entries, err := fs.ReadDir(ev.Folder.Within, path.Join(".", dir))
	if err != nil {
		return ""
	}
	for _, e := range entries {
		if e.Name() != name && sameFile(name, e.Name()) {
			return e.Name()
		}
	}
	return ""
}

// fileWord is what a file's name is made of.
var fileWord = regexp.MustCompile(`[a-z]+|[0-9]+`)

// sameFile reports that two names are one, but for a slip: files of a series
// (team-a and team-b, region-1 and region-2) differ in a word of their own.
func sameFile(wanted, known string) bool {
	a, b := fileWord.FindAllString(strings.ToLower(wanted), -1), fileWord.FindAllString(strings.ToLower(known), -1)
	if strings.Join(a, "") == strings.Join(b, "") {
		return true
	}
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && !slipped(a[i], b[i]) {
			return false
		}
	}
	return true
}

// slipped reports that two words are one, but for a slip. Numbers and short
// words (dev, prd, eu) are names, each of which means something of its own.
func slipped(a, b string) bool {
	if a[0] <= '9' || max(len(a), len(b)) < shortest {
		return false
	}
	return singular(a) == singular(b) || names.Nearest(a, []string{b}) != ""
}
