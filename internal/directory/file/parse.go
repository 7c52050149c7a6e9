package file

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// row is a person as a file has it.
type row struct {
	ID          string `json:"id"`
	UserName    string `json:"user_name"`
	Email       string `json:"email"`
	DisplayName string `json:"display_name"`
	GivenName   string `json:"given_name"`
	FamilyName  string `json:"family_name"`
	Status      string `json:"status"`
}

// person reads a row; ok is false without a user name, and with an unknown status.
func (r row) person() (p directory.Person, ok bool) {
	status, ok := statusOf(r.Status)
	return directory.Person{
		ID: cmp.Or(r.ID, r.UserName), UserName: r.UserName, Email: r.Email, DisplayName: r.DisplayName, GivenName: r.GivenName, FamilyName: r.FamilyName,
		Status: status, Said: cmp.Or(r.Status, "no status"),
	}, ok && r.UserName != ""
}

// parseJSON reads users and groups. An unknown key is refused: it may be a known
// one, misspelt.
func (d *Directory) parseJSON(text []byte) (*export, error) {
	var doc struct {
		Exported *time.Time `json:"exported"`
		Users    []row      `json:"users"`
		Groups   *[]struct {
			ID          string   `json:"id"`
			Name        string   `json:"name"`
			Description string   `json:"description"`
			Members     []string `json:"members"`
			Groups      []string `json:"member_groups"`
		} `json:"groups"`
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return nil, d.wrong("%v", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, d.wrong("there is text after the JSON")
	}
	e := &export{groupless: doc.Groups == nil}
	if doc.Exported != nil {
		e.when = *doc.Exported
	}
	for i, u := range doc.Users {
		p, ok := u.person()
		if !ok {
			return nil, d.wrong("user %d has no user_name, or an unknown status %q", i+1, u.Status)
		}
		e.people = append(e.people, entry{Person: p})
	}
	if e.groupless {
		return e, nil
	}
	for i, g := range *doc.Groups {
		if g.Name == "" {
			return nil, d.wrong("group %d has no name", i+1)
		}
		e.groups = append(e.groups, cluster{directory.Group{ID: cmp.Or(g.ID, g.Name), Name: g.Name, Description: g.Description}, g.Members, g.Groups})
	}
	return e, nil
}

// statusOf reads what identity providers write for a status.
func statusOf(said string) (directory.Status, bool) {
	switch strings.ToLower(strings.TrimSpace(said)) {
	case "":
		return directory.Unknown, true
	case "active", "enabled", "true":
		return directory.Active, true
	case "suspended", "disabled", "inactive", "false":
		return directory.Suspended, true
	case "staged", "pending":
		return directory.Staged, true
	case "locked":
		return directory.Locked, true
	case "archived":
		return directory.Archived, true
	case "deleted", "deprovisioned":
		return directory.Deleted, true
	}
	return directory.Unknown, false
}

// columnNames are the spellings that exports have of a column. Other columns are
// left out.
func columnNames() map[string][]string {
	return map[string][]string{
		"id":           {"id", "user id", "object id"},
		"user_name":    {"user_name", "username", "user name", "login", "userprincipalname", "user principal name"},
		"email":        {"email", "e-mail", "mail", "email address"},
		"display_name": {"display_name", "displayname", "display name"},
		"given_name":   {"given_name", "givenname", "first name", "firstname", "first_name"},
		"family_name":  {"family_name", "surname", "last name", "lastname", "last_name"},
		"status":       {"status", "active", "enabled", "accountenabled"},
		"groups":       {"groups"},
	}
}

// parseCSV reads one person a line; the column "groups" has the names of groups,
// with semicolons between.
func (d *Directory) parseCSV(text []byte) (*export, error) {
	r := csv.NewReader(bytes.NewReader(text))
	header, err := r.Read()
	if err != nil {
		return nil, d.wrong("no header: %v", err)
	}
	columns, err := d.columns(header)
	if err != nil {
		return nil, err
	}
	e := &export{}
	_, grouped := columns["groups"]
	e.groupless = !grouped
	groups := map[string]int{}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return e, nil
		}
		if err != nil {
			return nil, d.wrong("%v", err)
		}
		line, _ := r.FieldPos(0)
		get := func(name string) string {
			if at, ok := columns[name]; ok {
				return strings.TrimSpace(fields[at])
			}
			return ""
		}
		p, ok := row{get("id"), get("user_name"), get("email"), get("display_name"), get("given_name"), get("family_name"), get("status")}.person()
		if !ok {
			return nil, d.wrong("line %d has no user name, or an unknown status %q", line, get("status"))
		}
		e.people = append(e.people, entry{p, line})
		if n := strings.Count(get("groups"), ";"); n >= mostGroups {
			return nil, d.wrong("line %d has %d groups, and AWS looks at 1,000 of a user", line, n+1)
		}
		for name := range strings.SplitSeq(get("groups"), ";") {
			e.enrol(groups, strings.TrimSpace(name), p.ID)
		}
	}
}

// columns finds the columns by their headings.
func (d *Directory) columns(header []string) (map[string]int, error) {
	columns := map[string]int{}
	for at, heading := range header {
		heading = strings.ToLower(strings.TrimSpace(heading))
		for name, spellings := range columnNames() {
			if !slices.Contains(spellings, heading) {
				continue
			}
			if first, twice := columns[name]; twice {
				return nil, d.wrong("the columns %q and %q both mean %s", header[first], header[at], name)
			}
			columns[name] = at
		}
	}
	if _, ok := columns["user_name"]; !ok {
		return nil, d.wrong("no column is called user_name; the header is %q", strings.Join(header, ","))
	}
	return columns, nil
}

// enrol puts a person into a group, which is made where it is new; at has the
// places of those that there are.
func (e *export) enrol(at map[string]int, group, person string) {
	if group == "" {
		return
	}
	place, ok := at[group]
	if !ok {
		place = len(e.groups)
		at[group] = place
		e.groups = append(e.groups, cluster{Group: directory.Group{ID: group, Name: group}})
	}
	e.groups[place].people = append(e.groups[place].people, person)
}
