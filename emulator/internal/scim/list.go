package scim

import (
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

// maxPage is the most, and the default, of results a page (listusers and
// listgroups pages of AWS's developer guide; it was 50 before 2025).
const maxPage = 100

// plainList is an answer without cursor: the first page, and how many there are.
type plainList struct {
	TotalResults int      `json:"totalResults"`
	ItemsPerPage int      `json:"itemsPerPage"`
	StartIndex   int      `json:"startIndex"`
	Schemas      []string `json:"schemas"`
	Resources    []any    `json:"Resources"`
}

// cursorList is an answer to a request with cursor. The last page has no next.
type cursorList struct {
	ItemsPerPage int      `json:"itemsPerPage"`
	NextCursor   string   `json:"nextCursor,omitempty"`
	Schemas      []string `json:"schemas"`
	Resources    []any    `json:"Resources"`
}

// paging is what a list request asks for. startIndex, attributes and
// excludedAttributes are not supported by AWS and are passed over: Okta sends
// the first with every look-up, Entra ID the last.
type paging struct {
	count      int
	cursor     bool
	after      uint64
	conditions []condition
	scope      string // what a cursor belongs to: the resource and its filter
}

func (c *call) paging(resource string) (paging, error) {
	p := paging{count: maxPage, cursor: c.query.Has("cursor"), scope: resource + "?" + c.query.Get("filter")}
	if text := c.query.Get("count"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return p, invalid()
		}
		p.count = n
	}
	if c.query.Has("filter") {
		conditions, err := parseFilter(c.query.Get("filter"))
		if err != nil {
			return p, err
		}
		p.conditions = conditions
	}
	if text := c.query.Get("cursor"); text != "" {
		return p, p.resume(text)
	}
	return p, nil
}

// token makes a cursor that only the same list takes.
func (p paging) token(position uint64) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(p.scope)) // a hash never fails
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%08x:%d", h.Sum32(), position))
}

func (p *paging) resume(cursor string) error {
	text, err := base64.URLEncoding.DecodeString(cursor)
	_, digits, _ := strings.Cut(string(text), ":")
	position, bad := strconv.ParseUint(digits, 10, 64)
	if err != nil || bad != nil || p.token(position) != cursor {
		return invalid()
	}
	p.after = position
	return nil
}

// answer wraps one page; total counts all matches.
func answer[T any](p paging, page store.Page[T], total int, show func(T) any) (int, any, error) {
	resources := make([]any, len(page.Items))
	for i, item := range page.Items {
		resources[i] = show(item)
	}
	if !p.cursor {
		return http.StatusOK, plainList{total, len(resources), 1, []string{listSchema}, resources}, nil
	}
	list := cursorList{ItemsPerPage: len(resources), Schemas: []string{listSchema}, Resources: resources}
	if page.More {
		list.NextCursor = p.token(page.Next)
	}
	return http.StatusOK, list, nil
}

// found are what a filter selects, and how many in all.
type found[T any] struct {
	page  store.Page[T]
	total int
}

// selection finds what the filter of a list request selects.
type selection[T any] func(p paging) (found[T], error)

// list answers a list request, by the attributes that its filter combines.
func list[T any](c *call, resource string, by map[string]selection[T], show func(T) any) (int, any, error) {
	p, err := c.paging(resource)
	if err != nil {
		return 0, nil, err
	}
	choose, ok := by[combination(p.conditions)]
	if !ok {
		return 0, nil, invalid()
	}
	f, err := choose(p)
	if err != nil {
		return 0, nil, err
	}
	return answer(p, f.page, f.total, show)
}

func (c *call) listUsers() (int, any, error) {
	users, _, _ := c.dir.Counts()
	return list(c, "Users", map[string]selection[*store.User]{
		"":           all(c.dir.Users, users),
		"username":   one(c.dir.UserByName),
		"externalid": one(c.dir.UserByExternalID),
		"id":         one(c.dir.User),
		"id manager": c.managed,
		"groups":     c.usersOf,
	}, func(u *store.User) any { return show(u) })
}

func (c *call) listGroups() (int, any, error) {
	_, groups, _ := c.dir.Counts()
	return list(c, "Groups", map[string]selection[*store.Group]{
		"":            all(c.dir.Groups, groups),
		"displayname": one(c.dir.GroupByName),
		"externalid":  one(c.dir.GroupByExternalID),
		"id":          one(c.dir.Group),
		"id members":  c.groupWith,
		"members":     c.groupsOf,
	}, func(g *store.Group) any { return showGroup(g) })
}

func all[T any](read func(after uint64, limit int) store.Page[T], total int) selection[T] {
	return func(p paging) (found[T], error) { return found[T]{read(p.after, p.count), total}, nil }
}

// one selects what the only condition names.
func one[T any](find func(string) (T, bool)) selection[T] {
	return func(p paging) (found[T], error) { return atMostOne(find(p.conditions[0].value)), nil }
}

func atMostOne[T any](item T, ok bool) found[T] {
	if !ok {
		return found[T]{}
	}
	return found[T]{store.Page[T]{Items: []T{item}}, 1}
}
