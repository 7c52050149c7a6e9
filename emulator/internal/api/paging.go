package api

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// pageSize is how many items a page may have: what was asked for, or the most.
func (c *Call) pageSize() int {
	most := 100
	if c.Op.Service == "organizations" {
		most = 20
	}
	return c.In.number("MaxResults", most)
}

// position reads NextToken: 0 is the start of the list. A token is bound to the
// operation and to every other parameter but the page size.
func (c *Call) position() (uint64, error) {
	token := c.In.text("NextToken")
	if token == "" {
		return 0, nil
	}
	raw, err := base64.URLEncoding.DecodeString(token)
	if err != nil || len(raw) != 16 {
		return 0, c.badToken()
	}
	sum := c.listSum()
	at := binary.BigEndian.Uint64(raw) ^ sum
	if binary.BigEndian.Uint64(raw[8:]) != checksum(sum, at) {
		return 0, c.badToken()
	}
	return at, nil
}

func (c *Call) token(at uint64) string {
	sum := c.listSum()
	raw := binary.BigEndian.AppendUint64(nil, at^sum)
	return base64.URLEncoding.EncodeToString(binary.BigEndian.AppendUint64(raw, checksum(sum, at)))
}

func (c *Call) badToken() error {
	if c.Op.Service == "organizations" {
		return invalidInput("INVALID_NEXT_TOKEN", "You specified an invalid value for the NextToken parameter.")
	}
	return validation("Invalid NextToken")
}

// listSum is a number for the list that is read: operation and parameters.
func (c *Call) listSum() uint64 {
	h := fnv.New64a()
	fmt.Fprint(h, c.Op.Service, c.Op.Name, c.Store.Seed)
	names := make([]string, 0, len(c.In))
	for name := range c.In {
		if !slices.Contains(pagingMembers, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(h, "\x00%s=%v", name, c.In[name])
	}
	return h.Sum64()
}

func checksum(sum, at uint64) uint64 {
	h := fnv.New64a()
	_ = binary.Write(h, binary.BigEndian, [2]uint64{at, sum})
	return h.Sum64()
}

// reader returns a page of a list.
type reader[T any] func(after uint64, limit int) store.Page[T]

// paged answers one page of a list under the name of its result member.
func paged[T any](c *Call, name string, read reader[T], show func(T) any) (Out, error) {
	at, err := c.position()
	if err != nil {
		return nil, err
	}
	if c.Quirks.EmptyPages && at == 0 && c.Op.Service == "organizations" && len(read(0, 1).Items) > 0 {
		return Out{name: []any{}, "NextToken": c.token(startAgain)}, nil
	}
	if at == startAgain {
		at = 0
	}
	page := read(at, c.pageSize())
	items := make([]any, 0, len(page.Items))
	for _, x := range page.Items {
		items = append(items, show(x))
	}
	out := Out{name: items}
	if page.More {
		out["NextToken"] = c.token(page.Next)
	}
	return out, nil
}

// startAgain is the position behind an empty first page.
const startAgain = ^uint64(0)

// slicePage reads a page of a short list that is kept as a slice; the position is
// the sequence number of the last item.
func slicePage[T any](items []T, position func(T) uint64) reader[T] {
	return func(after uint64, limit int) store.Page[T] {
		page := store.Page[T]{Next: after}
		for _, x := range items {
			if position(x) <= after {
				continue
			}
			if len(page.Items) == limit {
				page.More = true
				return page
			}
			page.Items = append(page.Items, x)
			page.Next = position(x)
		}
		return page
	}
}

// listPage reads a page of a list that does not change; the position is how many items
// are before it.
func listPage[T any](items []T) reader[T] {
	return func(after uint64, limit int) store.Page[T] {
		from := int(min(after, uint64(len(items))))
		to := min(from+limit, len(items))
		return store.Page[T]{Items: items[from:to], Next: uint64(to), More: to < len(items)}
	}
}

// pagingMembers are what may differ between the requests for two pages.
var pagingMembers = []string{"NextToken", "MaxResults", "Marker", "MaxItems"}
