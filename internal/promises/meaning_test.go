package promises

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"

	"github.com/rolecall-dev/rolecall/internal/promises/searchtest"
)

// bits are what somebody may do, as a small mask.
type bits = searchtest.Bits

const (
	mayRead bits = 1 << iota
	mayWrite
	mayAudit
	mayStore
	mayEdge
	mayStart
	mayIAM
	everything bits = 1<<7 - 1
)

const aws = "arn:aws:iam::aws:policy/"

// managed are the policies of AWS that configs and others use, in the order in
// which configs refer to them.
var managed = []string{aws + "ReadOnlyAccess", aws + "PowerUserAccess", aws + "SecurityAudit", aws + "AmazonS3FullAccess", aws + "AdministratorAccess", aws + "AWSDenyAll"}

// allows is what each policy stands for here. It is a world of its own: only
// what is inside what, and that one of them denies, is like in AWS.
var allows = map[string]bits{
	managed[0]: mayRead, managed[1]: mayRead | mayWrite | mayStore, managed[2]: mayAudit, managed[3]: mayStore, managed[4]: everything,
	"/edge": mayEdge, "/other": mayEdge | mayAudit,
}

const denyAll = aws + "AWSDenyAll"

// actions are those of inline policies.
var actions = map[string]bits{"s3:*": mayStore, "ec2:StartInstances": mayStart, "iam:*": mayIAM, "*": everything, "ec2:Describe*": mayRead}

var meanings sync.Map // searchtest.Content -> bits

// meaning says what a content allows: what is allowed, minus what is denied,
// within the boundary.
func meaning(c searchtest.Content) bits {
	if b, ok := meanings.Load(c); ok {
		return b.(bits)
	}
	allow, deny := inlineMeaning(c.Inline)
	for _, p := range list(c.Managed) {
		allow |= allows[p]
		if p == denyAll {
			deny = everything
		}
	}
	for _, p := range list(c.Customer) {
		allow |= allows[p]
	}
	b := allow &^ deny
	if c.Boundary != "" {
		b &= allows[c.Boundary]
	}
	meanings.Store(c, b)
	return b
}

func list(joined string) []string {
	if joined == "" {
		return nil
	}
	return strings.Split(joined, ",")
}

func inlineMeaning(text string) (allow, deny bits) {
	var doc struct {
		Statement []struct {
			Effect string
			Action any
		}
	}
	if text == "" || json.Unmarshal([]byte(text), &doc) != nil {
		return 0, 0
	}
	for _, s := range doc.Statement {
		var named []string
		switch a := s.Action.(type) {
		case string:
			named = []string{a}
		case []any:
			for _, one := range a {
				named = append(named, one.(string))
			}
		}
		for _, a := range named {
			if s.Effect == "Deny" {
				deny |= actions[a]
			} else {
				allow |= actions[a]
			}
		}
	}
	return allow, deny
}

// mayDeny says whether a content may take something away by what it has: a
// policy that nobody here can read counts.
func mayDeny(c searchtest.Content) bool {
	_, deny := inlineMeaning(c.Inline)
	return deny != 0 || slices.Contains(list(c.Managed), denyAll)
}
