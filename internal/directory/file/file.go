// Package file reads people and groups from a file, for every identity provider
// that has no connector: a CSV or JSON export, made by hand or by a script.
//
// It promises to say in its evidence which file and line an answer comes from,
// to read the file anew for each question, and to refuse a file whose meaning is
// in doubt rather than guess. It leaves out all that an export of users and
// groups does not have: assignments, provisioning, sign-ins, SAML.
package file

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

const (
	kind = "file"
	// maxFile is the largest file that is read, in bytes: a CSV of some hundred
	// thousand people.
	maxFile = 64 << 20
	// maxFields are the commas, semicolons and lines of a file: what it takes in
	// memory hangs on them.
	maxFields = 1_500_000
	// mostGroups is how many groups one person may be in: AWS evaluates a thousand.
	mostGroups = 10_000
)

// Directory is an export of a directory.
type Directory struct {
	settings directory.Settings
	about    directory.About
}

// New makes a connector; it reads nothing yet. organization is the name that
// evidence has, such as the identity provider's.
func New(s directory.Settings) (*Directory, error) {
	s.Kind = kind
	system := cmp.Or(s.Organization, "Export file")
	if err := s.Require(system, "path", s.Path); err != nil {
		return nil, err
	}
	if ext := strings.ToLower(filepath.Ext(s.Path)); ext != ".csv" && ext != ".json" {
		return nil, s.Invalid(system, "Export to .csv or .json, as docs/idp/file.md describes.", "the path %q ends in neither .csv nor .json", s.Path)
	}
	about := directory.About{Kind: kind, System: system, Organization: s.Organization, Application: s.Application}
	for _, c := range []directory.Capability{
		directory.CanAssignments, directory.CanProvision, directory.CanEvents, directory.CanSignIns, directory.CanSAML, directory.CanPushGroups,
	} {
		about.Missing = append(about.Missing, directory.Missing{Capability: c, Why: "An export of users and groups does not tell.", Needs: "Look in the identity provider's own console."})
	}
	return &Directory{settings: s, about: about}, nil
}

// About says what this directory is.
func (d *Directory) About() directory.About { return d.about }

// export is what a file has.
type export struct {
	people []entry
	groups []cluster
	// groupless says that the file has people only.
	groupless bool
	// byPerson and byGroup find people by id and folded name, groups by id and
	// name: a file with very many is searched very often.
	byPerson, byGroup map[string]int
	when              time.Time // of the export; zero where nobody knows
}

// entry is a person with the line that says so; 0 in JSON.
type entry struct {
	directory.Person
	line int
}

// cluster is a group with the ids or names of its members.
type cluster struct {
	directory.Group
	people, groups []string
}

func (d *Directory) read(ctx context.Context) (*export, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	text, err := d.text()
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // spreadsheets begin files so
	parse := d.parseCSV
	if strings.EqualFold(filepath.Ext(d.settings.Path), ".json") {
		parse = d.parseJSON
	}
	e, err := parse(text)
	if err == nil {
		e.index()
		err = d.check(e)
	}
	if err == nil && e.when.IsZero() && d.settings.ReadFile == nil {
		if info, err := os.Stat(d.name()); err == nil {
			e.when = info.ModTime()
		}
	}
	return e, err
}

// text reads the file, as far as one may be long: a path may lead to what has no
// end.
func (d *Directory) text() ([]byte, error) {
	text, err := d.settings.File(d.settings.Path, maxFile)
	refusal := (*trust.Refusal)(nil)
	switch {
	case errors.As(err, &refusal):
		return nil, d.settings.Invalid(d.about.System, refusal.Do, "read %q: %v", d.settings.Path, err)
	case err != nil:
		return nil, d.settings.Invalid(d.about.System, "Correct the path in rolecall.hcl.", "read %q: %v", d.settings.Path, err)
	case len(text) > maxFile:
		return nil, d.wrong("it is larger than %d MiB", maxFile>>20)
	case bytes.Count(text, []byte(","))+bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte(";")) > maxFields:
		return nil, d.wrong("it has more than %d fields", maxFields)
	}
	return text, nil
}

// name is where the file is.
func (d *Directory) name() string {
	if filepath.IsAbs(d.settings.Path) {
		return d.settings.Path
	}
	return filepath.Join(cmp.Or(d.settings.Dir, "."), d.settings.Path)
}

// wrong is a file that cannot be read for what it says.
func (d *Directory) wrong(format string, args ...any) error {
	return &directory.Error{
		Kind: directory.Unreadable, System: d.about.System, Call: "read " + d.settings.Path, Message: fmt.Sprintf(format, args...),
		Needs: "Correct the export; docs/idp/file.md has its form.",
	}
}

// check refuses files that say two things of one name.
func (d *Directory) check(e *export) error {
	seen := map[string]entry{}
	for _, p := range e.people {
		key := strings.ToLower(p.UserName)
		if first, twice := seen[key]; twice {
			return d.wrong("%s and %s are both called %q", first.place(), p.place(), p.UserName)
		}
		seen[key] = p
	}
	names := map[string]bool{}
	for _, g := range e.groups {
		if names[g.Name] {
			return d.wrong("two groups are called %q", g.Name)
		}
		names[g.Name] = true
	}
	return nil
}

func (e entry) place() string {
	if e.line == 0 {
		return fmt.Sprintf("user %q", e.UserName)
	}
	return fmt.Sprintf("line %d", e.line)
}

func (d *Directory) evidence(e *export, format string, args ...any) []diag.Evidence {
	out := diag.Evidence{System: d.about.System, What: "read " + d.settings.Path, Saw: fmt.Sprintf(format, args...)}
	if !e.when.IsZero() {
		out.When = e.when.UTC().Format(time.RFC3339)
	}
	return []diag.Evidence{out}
}

// FindPerson looks for user names, then for e-mail addresses.
func (d *Directory) FindPerson(ctx context.Context, name string) (directory.PeopleFound, error) {
	var found directory.PeopleFound
	e, err := d.read(ctx)
	if err != nil {
		return found, err
	}
	places := "nobody of this name"
	for _, p := range e.people {
		p.Match = directory.MatchOf(name, p.Email, p.UserName)
		if name == "" || p.Match == directory.ByAlias { // an export has no aliases
			continue
		}
		found.People = append(found.People, p.Person)
		places = p.place() + ": " + p.UserName
	}
	directory.Rank(found.People)
	found.Evidence = d.evidence(e, "%d people, %s", len(e.people), places)
	return found, nil
}

func (d *Directory) withGroups(ctx context.Context) (*export, error) {
	e, err := d.read(ctx)
	if err == nil && e.groupless {
		err = &directory.Error{
			Kind: directory.NotThere, System: d.about.System, Call: "read " + d.settings.Path, Message: "the export has no groups",
			Needs: "Export the groups too: a column \"groups\" in CSV, \"groups\" in JSON.",
		}
	}
	return e, err
}

// FindGroups looks for groups by name.
func (d *Directory) FindGroups(ctx context.Context, name string) (directory.GroupsFound, error) {
	var found directory.GroupsFound
	e, err := d.withGroups(ctx)
	if err != nil {
		return found, err
	}
	for _, g := range e.groups {
		if g.Name == name {
			found.Groups = append(found.Groups, g.Group)
		} else if strings.EqualFold(g.Name, name) {
			found.Near = append(found.Near, g.Group)
		}
	}
	found.Evidence = d.evidence(e, "%d groups, %d of this name, %d in another case", len(e.groups), len(found.Groups), len(found.Near))
	return found, nil
}

// GroupsOf returns the groups that a person is directly in.
func (d *Directory) GroupsOf(ctx context.Context, personID string) (directory.GroupsFound, error) {
	var found directory.GroupsFound
	e, err := d.withGroups(ctx)
	if err != nil {
		return found, err
	}
	p, known := e.person(personID)
	for _, g := range e.groups {
		if known && slices.ContainsFunc(g.people, p.is) {
			found.Groups = append(found.Groups, g.Group)
		}
	}
	found.Evidence = d.evidence(e, "%d groups", len(found.Groups))
	return found, nil
}

// is tells whether an id or user name means the person.
func (e entry) is(name string) bool { return e.ID == name || strings.EqualFold(e.UserName, name) }

func (e *export) person(name string) (entry, bool) {
	at, ok := e.byPerson[name]
	if folded, also := e.byPerson[folding+strings.ToLower(name)]; also && (!ok || folded < at) {
		at, ok = folded, true
	}
	if !ok {
		return entry{}, false
	}
	return e.people[at], true
}

func (e *export) group(name string) (cluster, bool) {
	at, ok := e.byGroup[name]
	if !ok {
		return cluster{}, false
	}
	return e.groups[at], true
}

// folding begins the keys of names, which differ in case only.
const folding = "\x00"

// index finds everything once; the first of a name counts.
func (e *export) index() {
	e.byPerson, e.byGroup = map[string]int{}, map[string]int{}
	put := func(table map[string]int, key string, at int) {
		if _, ok := table[key]; !ok {
			table[key] = at
		}
	}
	for at, p := range e.people {
		put(e.byPerson, p.ID, at)
		put(e.byPerson, folding+strings.ToLower(p.UserName), at)
	}
	for at, g := range e.groups {
		put(e.byGroup, g.ID, at)
		put(e.byGroup, g.Name, at)
	}
}

// MembersOf returns the members of a group, those of nested groups too.
func (d *Directory) MembersOf(ctx context.Context, groupID string) (directory.MembersFound, error) {
	var found directory.MembersFound
	e, err := d.withGroups(ctx)
	if err != nil {
		return found, err
	}
	top, known := e.group(groupID)
	if !known {
		return found, &directory.Error{Kind: directory.NotThere, System: d.about.System, Call: "read " + d.settings.Path, Message: fmt.Sprintf("there is no group %q", groupID)}
	}
	seen := map[string]bool{top.ID: true}
	joined := map[string]bool{}
	for queue := []cluster{top}; len(queue) > 0; queue = queue[1:] {
		direct := queue[0].ID == top.ID
		for _, name := range queue[0].people {
			if m := e.member(name, direct); !joined[m.ID] {
				joined[m.ID] = true
				found.Members = append(found.Members, m)
			}
		}
		for _, name := range queue[0].groups {
			inner, ok := e.group(name)
			if !ok {
				return found, d.wrong("the group %q has the member group %q, which is not there", queue[0].Name, name)
			}
			if !seen[inner.ID] {
				seen[inner.ID] = true
				found.Members = append(found.Members, directory.Member{ID: inner.ID, Name: inner.Name, Kind: directory.GroupMember, Direct: direct})
				queue = append(queue, inner)
			}
		}
	}
	found.Evidence = d.evidence(e, "%d members of %q", len(found.Members), top.Name)
	return found, nil
}

// member returns a person who is in a group. One who is in no list of people is a
// member all the same, of unknown status.
func (e *export) member(name string, direct bool) directory.Member {
	m := directory.Member{ID: name, Name: name, Kind: directory.PersonMember, Direct: direct, Status: directory.Unknown}
	if p, ok := e.person(name); ok {
		m.ID, m.Name, m.Status = p.ID, p.UserName, p.Status
	}
	return m
}
