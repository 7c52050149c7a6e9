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

func (c *call) listUsers() (int, any, error) {
	p, err := c.paging("Users")
	if err != nil {
		return 0, nil, err
	}
	page, total := store.Page[*store.User]{}, 0
	switch combination(p.conditions) {
	case "":
		page = c.dir.Users(p.after, p.count)
		total, _, _ = c.dir.Counts()
	case "username":
		page, total = one(c.dir.UserByName(p.conditions[0].value))
	case "externalid":
		page, total = one(c.dir.UserByExternalID(p.conditions[0].value))
	case "id":
		page, total = one(c.dir.User(p.conditions[0].value))
	case "id manager":
		page, total = one(c.managed(p.conditions))
	case "groups":
		page, total, err = c.usersOf(p)
	default:
		err = invalid()
	}
	if err != nil {
		return 0, nil, err
	}
	return answer(p, page, total, func(u *store.User) any { return show(u) })
}

func (c *call) listGroups() (int, any, error) {
	p, err := c.paging("Groups")
	if err != nil {
		return 0, nil, err
	}
	page, total := store.Page[*store.Group]{}, 0
	switch combination(p.conditions) {
	case "":
		page = c.dir.Groups(p.after, p.count)
		_, total, _ = c.dir.Counts()
	case "displayname":
		page, total = one(c.dir.GroupByName(p.conditions[0].value))
	case "externalid":
		page, total = one(c.dir.GroupByExternalID(p.conditions[0].value))
	case "id":
		page, total = one(c.dir.Group(p.conditions[0].value))
	case "id members":
		page, total, err = c.groupWith(p.conditions)
	case "members":
		page, total, err = c.groupsOf(p)
	default:
		err = invalid()
	}
	if err != nil {
		return 0, nil, err
	}
	return answer(p, page, total, func(g *store.Group) any { return showGroup(g) })
}

func one[T any](item T, ok bool) (store.Page[T], int) {
	if !ok {
		return store.Page[T]{}, 0
	}
	return store.Page[T]{Items: []T{item}}, 1
}
