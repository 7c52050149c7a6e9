package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// Renamed is a group that the config misses by its name, and that is alive under
// another one: waiting does not bring it.
type Renamed struct {
	Name string `json:"name"` // in the config
	Now  string `json:"now"`  // in AWS
	ID   string `json:"id"`
	// Set is the permission set that tells. Recorded says that its record names the
	// id; else the group is the only one on the set that the config does not name.
	Set      string `json:"permission_set,omitempty"`
	Recorded bool   `json:"recorded"`
	// Known says that the config names Now, too, for another group.
	Known bool `json:"known,omitempty"`
}

// RenamedGroups returns the groups of the desired state, by their names there, that
// are not in AWS, while the id that a set of the owner's says was meant is alive
// under another name.
func RenamedGroups(desired, live *State, owner string) map[string]Renamed {
	if owner == "" {
		return nil
	}
	f := renameFinder{desired: desired, live: live, owner: owner, found: map[string]Renamed{}}
	there := make(map[string]bool, 2*len(live.Groups))
	for _, g := range live.Groups {
		there[g.Name], there[strings.ToLower(g.Name)] = true, true
	}
	for i, g := range desired.Groups {
		if !there[g.Name] && (g.Previously == "" || !there[g.Previously]) {
			f.wanted = append(f.wanted, int32(i))
		}
	}
	if len(f.wanted) == 0 {
		return nil
	}
	f.byID = make(map[string]int, 2*len(live.Groups))
	for i, g := range live.Groups {
		f.byID[g.ID], f.byID[PrincipalMark(g.ID)] = i, i
	}
	f.byRecord()
	f.wanted = slices.DeleteFunc(f.wanted, func(row int32) bool { return there[strings.ToLower(desired.Groups[row].Name)] })
	f.byAssignment() // without a record, one that differs in case only is told otherwise
	return f.found
}

type renameFinder struct {
	desired, live *State
	owner         string
	wanted        []int32 // desired groups
	byID          map[string]int
	found         map[string]Renamed
}

// byRecord asks every record of the owner's what the names meant. Where two say
// otherwise, nothing is said.
func (f *renameFinder) byRecord() {
	for _, row := range f.wanted {
		g := f.desired.Groups[row]
		var hits []Renamed
		for _, name := range slices.DeleteFunc([]string{g.Name, g.Previously}, func(n string) bool { return n == "" }) {
			for _, set := range f.live.Sets {
				if set.Record.FitsSet(f.owner, set.ARN) {
					hits = f.meant(hits, g.Name, name, set.Name, set.Record)
				}
			}
		}
		if len(hits) == 1 {
			f.found[g.Name] = hits[0]
		}
	}
}

func (f *renameFinder) meant(hits []Renamed, wants, name, set string, r Recorded) []Renamed {
	id, known := r.PrincipalID(GroupPrincipal, name)
	if !known {
		return hits
	}
	at, alive := f.byID[id]
	if alive && f.becameBy(f.live.Groups[at].Name, name) {
		return hits
	}
	if !alive || slices.ContainsFunc(hits, func(h Renamed) bool { return h.ID == f.live.Groups[at].ID }) {
		return hits
	}
	return append(hits, f.renamed(wants, at, set, true))
}

// becameBy says that the config itself renames the group: the former name is free.
func (f *renameFinder) becameBy(now, former string) bool {
	at := f.desired.GroupIndex(now)
	return at >= 0 && f.desired.Groups[at].Previously == former
}

func (f *renameFinder) renamed(wants string, at int, set string, recorded bool) Renamed {
	have := f.live.Groups[at]
	return Renamed{Name: wants, Now: have.Name, ID: have.ID, Set: set, Recorded: recorded, Known: f.desired.GroupIndex(have.Name) >= 0}
}

// byAssignment looks at the owner's sets that have no names on record: where one
// group of the config is missing on a set, and one that the config does not name
// has it, they are one. A group that rolecall makes may as well be new.
func (f *renameFinder) byAssignment() {
	for i, set := range f.live.Sets {
		want := f.desired.SetIndex(set.Name)
		if set.Owner != f.owner || want < 0 || set.Record.FitsSet(f.owner, set.ARN) && set.Record.PrincipalsFit() {
			continue
		}
		var missing, unnamed []int32
		for _, g := range f.desired.SetAssignments(want) {
			if g.Kind == GroupPrincipal && slices.Contains(f.wanted, g.Principal) && f.desired.Groups[g.Principal].Referenced {
				missing = appendOnce(missing, g.Principal)
			}
		}
		for _, g := range f.live.SetAssignments(i) {
			if g.Kind == GroupPrincipal && f.desired.GroupIndex(f.live.Groups[g.Principal].Name) < 0 {
				unnamed = appendOnce(unnamed, g.Principal)
			}
		}
		if len(missing) != 1 || len(unnamed) != 1 {
			continue
		}
		if name := f.desired.Groups[missing[0]].Name; f.found[name].ID == "" {
			f.found[name] = f.renamed(name, int(unnamed[0]), set.Name, false)
		}
	}
}

func appendOnce(list []int32, row int32) []int32 {
	if slices.Contains(list, row) {
		return list
	}
	return append(list, row)
}

// Finding says what a group is called now, what tells that it is the same, and
// what the ways are. theirs says that the identity provider, or somebody else,
// makes the group.
func (r Renamed) Finding(code diag.Code, theirs bool, idp string) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Code: code,
		Summary:  fmt.Sprintf("the group %q is now called %q in AWS", r.Name, r.Now),
		Detail:   "The group that holds this access exists under the other name, so waiting for the old one does not help. Nothing is taken from it meanwhile.",
		Evidence: []diag.Evidence{{System: "AWS IAM Identity Center", What: "groups by id", Saw: r.seen()}},
	}
	if !r.Recorded {
		d.Summary = fmt.Sprintf("the group %q is probably called %q in AWS now", r.Name, r.Now)
	}
	d.Subject = diag.Subject{Kind: diag.Group, Name: r.Name}
	remedy := diag.Remedy{Way: diag.FollowRename, Name: r.Name, Now: r.Now}
	if r.Known {
		remedy.Way = diag.SortNames
	}
	if theirs {
		remedy.System = idp
	}
	return d.With(remedy)
}

func (r Renamed) seen() string {
	switch {
	case r.Set == "":
		return fmt.Sprintf("%s was %q when it was last written down, and is called %q", r.ID, r.Name, r.Now)
	case r.Recorded:
		return fmt.Sprintf("the record of permission set %q says that %q was %s, which is called %q", r.Set, r.Name, r.ID, r.Now)
	}
	return fmt.Sprintf("permission set %q is held by %q (%s), which the config does not name, and not by %q", r.Set, r.Now, r.ID, r.Name)
}
