package architecture

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	named    = regexp.MustCompile("`([A-Za-z_./*-]+)`")
	aFile    = regexp.MustCompile(`\.(go|md|tf|txt)$`)
	makes    = regexp.MustCompile("(?m)(?:^|`)make ([a-z]+)")
	newcomer = root + "/docs/ARCHITECTURE.md"
)

// What the pages for newcomers name is there: files, folders and targets of make.
func TestDoorLeadsSomewhere(t *testing.T) {
	inRoom := ""
	for line := range strings.Lines(read(t, newcomer)) {
		for _, name := range named.FindAllStringSubmatch(line, -1) {
			path := strings.ReplaceAll(name[1], "NAME", "*")
			if strings.HasPrefix(path, "internal/") || strings.HasPrefix(path, "emulator/") {
				inRoom = path // a file after it is in that room
			}
			if !isThere(path, inRoom) {
				t.Errorf("docs/ARCHITECTURE.md names %s, which is not there", path)
			}
		}
	}
	makefile := read(t, root+"/Makefile")
	for _, target := range makes.FindAllStringSubmatch(read(t, root+"/CONTRIBUTING.md"), -1) {
		if !strings.Contains(makefile, "\n"+target[1]+":") {
			t.Errorf("CONTRIBUTING.md says make %s, which the Makefile does not have", target[1])
		}
	}
}

// packagesHaveARoom judges that every package is in one of the rooms of the page.
func packagesHaveARoom(t *testing.T, all []listed) {
	page := read(t, newcomer)
	for _, p := range all {
		name := strings.TrimPrefix(p.ImportPath, module)
		parts := strings.Split(name, "/")
		if top := strings.Join(parts[:min(2, len(parts))], "/"); !strings.Contains(page, "`"+top+"`") && !strings.Contains(page, "`"+parts[0]+"/`") {
			t.Errorf("docs/ARCHITECTURE.md has no room for %s", name)
		}
	}
}

// isThere says whether a name of the page, if it is one of a file or folder, is there: from
// the root, or in the room of the line.
func isThere(name, room string) bool {
	if !aFile.MatchString(name) && !strings.Contains(name, "/") {
		return true // a word of Go or Terraform
	}
	if aFile.MatchString(room) {
		room = filepath.Dir(room)
	}
	for _, path := range []string{name, filepath.Join(room, name), filepath.Join("internal", name), filepath.Join("internal/identitycenter", name), filepath.Join("internal/directory", name)} {
		if found, _ := filepath.Glob(filepath.Join(root, path)); len(found) > 0 {
			return true
		}
	}
	return false
}
