package architecture

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the pages for newcomers name is there: files, folders and targets of make; and
// every package is in one of the rooms.
func TestDoorLeadsSomewhere(t *testing.T) {
	page := read(t, root+"/docs/ARCHITECTURE.md")
	inRoom := ""
	for _, line := range strings.Split(page, "\n") {
		for _, name := range regexp.MustCompile("`([A-Za-z_./*-]+)`").FindAllStringSubmatch(line, -1) {
			path := strings.ReplaceAll(name[1], "NAME", "*")
			if strings.HasPrefix(path, "internal/") || strings.HasPrefix(path, "emulator/") {
				inRoom = path // a file after it is in that room
			}
			if !isThere(path, inRoom) {
				t.Errorf("docs/ARCHITECTURE.md names %s, which is not there", path)
			}
		}
	}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		top := strings.Join(strings.SplitN(name, "/", 3)[:min(2, strings.Count(name, "/")+1)], "/")
		if !strings.Contains(page, "`"+top+"`") && !strings.Contains(page, "`"+strings.SplitN(name, "/", 2)[0]+"/`") {
			t.Errorf("docs/ARCHITECTURE.md has no room for %s", name)
		}
	}
	makefile := read(t, root+"/Makefile")
	for _, target := range regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)").FindAllStringSubmatch(read(t, root+"/CONTRIBUTING.md"), -1) {
		if !strings.Contains(makefile, "\n"+target[1]+":") {
			t.Errorf("CONTRIBUTING.md says make %s, which the Makefile does not have", target[1])
		}
	}
}

// isThere says whether a name of the page, if it is one of a file or folder, is there: from
// the root, or in the room of the line.
func isThere(name, room string) bool {
	isFile := regexp.MustCompile(`\.(go|md|tf|txt)$`).MatchString(name)
	if !isFile && !strings.Contains(name, "/") {
		return true // a word of Go or Terraform
	}
	if !regexp.MustCompile(`\.[a-z]+$`).MatchString(room) {
		room += "/x"
	}
	for _, path := range []string{name, filepath.Join(filepath.Dir(room), name), filepath.Join("internal", name), filepath.Join("internal/identitycenter", name), filepath.Join("internal/directory", name)} {
		if found, _ := filepath.Glob(filepath.Join(root, path)); len(found) > 0 {
			return true
		}
	}
	_, err := os.Stat(filepath.Join(root, name))
	return err == nil
}
