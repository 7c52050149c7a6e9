package plan_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// acts are what somebody can do: one bit an action. Six actions are enough for
// every way in which policies, denies and boundaries can overlap.
type acts uint8

const (
	actions         = 6
	everything acts = 1<<actions - 1
)

func (b acts) String() string {
	var out []string
	for i := range actions {
		if b&(1<<i) != 0 {
			out = append(out, "a"+strconv.Itoa(i))
		}
	}
	return "{" + strings.Join(out, " ") + "}"
}

const (
	managedPrefix = "arn:aws:iam::aws:policy/"
	denyAll       = 4 // the index of AWSDenyAll among the managed policies
)

var (
	managedNames  = []string{"P0", "P1", "P2", "P3", "AWSDenyAll"}
	customerNames = []string{"C0", "C1"}
	boundaryNames = []string{"", managedPrefix + "Edge0", managedPrefix + "Edge1", "Fence0", "Fence1"}
)

// policyMeaning says what the policies of one world allow. The planner does not see
// it, nor is it part of what it may assume, but that AWS's own only allow.
type policyMeaning struct {
	Managed       [4]acts
	CustomerAllow [2]acts
	CustomerDeny  [2]acts
	Boundary      [5]acts
}

// statement is a statement of the inline policy.
type statementSketch struct {
	Deny bool
	Bits acts
}

// contentSketch is what hangs on a permission set.
type contentSketch struct {
	Managed  []int
	Customer []int
	Inline   []statementSketch
	Boundary int // index of boundaryNames; 0 is none
	Long     bool
}

// spec returns the docContent in the words of a config.
func (c contentSketch) spec() access.GroupSpec {
	g := access.GroupSpec{PermissionsBoundary: text(boundaryNames[c.Boundary])}
	if c.Long {
		g.SessionDuration = text("PT2H")
	}
	for _, m := range c.Managed {
		g.AWSManagedPolicies.Items = append(g.AWSManagedPolicies.Items, text(managedPrefix+managedNames[m]))
	}
	for _, m := range c.Customer {
		g.CustomerManagedPolicies.Items = append(g.CustomerManagedPolicies.Items, text(customerNames[m]))
	}
	var p access.InlinePolicySpec
	for _, s := range c.Inline {
		one := access.StatementSpec{Effect: text("Allow"), Resources: texts("*")}
		if s.Deny {
			one.Effect = text("Deny")
		}
		for i := range actions {
			if s.Bits&(1<<i) != 0 {
				one.Actions.Items = append(one.Actions.Items, text("svc:A"+strconv.Itoa(i)))
			}
		}
		p.Statements.Items = append(p.Statements.Items, one)
	}
	if len(c.Inline) > 0 {
		g.InlinePolicies.Items = []access.InlinePolicySpec{p}
	}
	return g
}

// simContent is what hangs on a permission set, as the oracle keeps it: policies as
// acts, the inline policy and the boundary as numbers of a dictionary.
type simContent struct {
	managed, customer, inline, boundary uint8
}

// dictionary knows the documents of one world and its plan by number.
type dictionary struct {
	effect    policyMeaning
	documents []string // 0 is none
	inline    []struct{ allow, deny acts }
}

func newDictionary(m policyMeaning) *dictionary {
	return &dictionary{effect: m, documents: []string{""}, inline: make([]struct{ allow, deny acts }, 1)}
}

func (d *dictionary) document(text string) uint8 {
	for i, have := range d.documents {
		if have == text {
			return uint8(i)
		}
	}
	allow, deny := readDocument(text)
	d.documents, d.inline = append(d.documents, text), append(d.inline, struct{ allow, deny acts }{allow, deny})
	return uint8(len(d.documents) - 1)
}

// readDocument is the whole of what this oracle knows of IAM's language. What it
// does not know it does not guess.
func readDocument(text string) (allow, deny acts) {
	var doc struct {
		Version   string
		Statement []map[string]json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		panic(fmt.Sprintf("the plan writes a document that is none: %v\n%s", err, text))
	}
	for _, s := range doc.Statement {
		var effect string
		var names []string
		_ = json.Unmarshal(s["Effect"], &effect)
		if err := json.Unmarshal(s["Action"], &names); err != nil || s["NotAction"] != nil || s["Condition"] != nil {
			panic("the plan writes a statement that no world has: " + text)
		}
		for _, n := range names {
			i, err := strconv.Atoi(strings.TrimPrefix(n, "svc:A"))
			if err != nil || i < 0 || i >= actions {
				panic("the plan writes an action that no world has: " + text)
			}
			if effect == "Deny" {
				deny |= 1 << i
			} else {
				allow |= 1 << i
			}
		}
	}
	return allow, deny
}

func boundaryIndex(b access.Boundary) uint8 { return indexOf(boundaryNames, b.String()) }

func indexOf(names []string, name string) uint8 {
	for i, n := range names {
		if n == name {
			return uint8(i)
		}
	}
	panic(fmt.Sprintf("no world has a policy %q", name))
}

// of reads the docContent of a permission set of a state.
func (d *dictionary) of(p access.PermissionSet) simContent {
	c := simContent{inline: d.document(p.InlinePolicy), boundary: boundaryIndex(p.Boundary)}
	for _, m := range p.ManagedPolicies {
		c.managed |= 1 << indexOf(managedNames, strings.TrimPrefix(m, managedPrefix))
	}
	for _, m := range p.CustomerPolicies {
		c.customer |= 1 << indexOf(customerNames, m.String())
	}
	return c
}

// allows is the evaluator: all that is allowed, minus what is denied, within
// the boundary.
func (d *dictionary) allows(c simContent) acts {
	allow, deny := d.inline[c.inline].allow, d.inline[c.inline].deny
	for i, m := range d.effect.Managed {
		if c.managed&(1<<i) != 0 {
			allow |= m
		}
	}
	if c.managed&(1<<denyAll) != 0 {
		deny = everything
	}
	for i := range customerNames {
		if c.customer&(1<<i) != 0 {
			allow |= d.effect.CustomerAllow[i]
			deny |= d.effect.CustomerDeny[i]
		}
	}
	if c.boundary != 0 {
		allow &= d.effect.Boundary[c.boundary]
	}
	return allow &^ deny
}
