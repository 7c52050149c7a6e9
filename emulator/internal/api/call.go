package api

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// Call is one request. In has passed [model.Validate].
type Call struct {
	Store     *store.Store
	Now       time.Time
	Caller    Caller
	Region    string // of the endpoint that the client signed for
	Op        *model.Operation
	In        Args
	RequestID string
	Quirks    Quirks
}

// Quirks are behaviors of AWS that differ by Region, age or account.
type Quirks struct {
	FiltersAllowed bool // identitystore still takes the deprecated Filters
	LegacyStatus   bool // organizations still answers Account.Status
	EmptyPages     bool // organizations starts its lists with an empty page
	ShortPages     bool // ListAccountAssignmentsForPrincipal returns half of what is asked for
}

// Args is the decoded input of a request, or a part of it.
type Args map[string]any

// Out is an answer, or a part of one. Nil values and empty optional texts are
// left out by [Out.set].
type Out map[string]any

// Do carries out the call.
func Do(c *Call) (any, error) {
	if err := authorize(c); err != nil {
		return nil, err
	}
	return handlers[c.Op.Service+"."+c.Op.Name](c)
}

func (c *Call) stamp() store.Stamp {
	return store.Stamp{At: c.Now, By: c.Caller.ARN, Request: c.RequestID}
}

// has tells whether a member is there and not null.
func (a Args) has(name string) bool { return a[name] != nil }

func (a Args) text(name string) string {
	s, _ := a[name].(string)
	return s
}

func (a Args) flag(name string) bool {
	b, _ := a[name].(bool)
	return b
}

func (a Args) number(name string, missing int) int {
	n, ok := a[name].(json.Number)
	if !ok {
		return missing
	}
	i, err := n.Int64()
	if err != nil {
		return missing
	}
	return int(min(i, math.MaxInt32))
}

func (a Args) part(name string) Args {
	m, _ := a[name].(map[string]any)
	return m
}

func (a Args) texts(name string) []string {
	list, _ := a[name].([]any)
	out := make([]string, 0, len(list))
	for _, x := range list {
		if s, ok := x.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

func (a Args) parts(name string) []Args {
	list, _ := a[name].([]any)
	out := make([]Args, 0, len(list))
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// set adds a member unless it is an empty text.
func (o Out) set(name, value string) Out {
	if value != "" {
		o[name] = value
	}
	return o
}

// epoch is a time as JSON 1.1 writes it: seconds, with milliseconds behind the
// point.
func epoch(t time.Time) json.Number {
	return json.Number(strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', -1, 64))
}
