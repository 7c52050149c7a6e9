package plan

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// content is what a permission set allows, in parts that can be compared: who
// may do what follows from the policies attached, from the statements of the
// inline policy, and from the boundary. Nothing here knows what an action is;
// what is not the same text is another thing. Two rules keep that safe:
// a policy of the customer's may allow and deny anything, and an inline policy
// that cannot be read is equal to nothing but itself.
type content struct {
	managed  []string // ARNs, sorted
	customer []string // path/name, sorted
	inline   inline
	boundary access.Boundary
}

// inline is an inline policy by what its statements do. One that is not readable
// is equal to nothing but itself.
type inline struct {
	document    string // as AWS has it, canonical
	rest        string // its other members: the version of the language
	allow, deny []statement
	readable    bool
}

func contentOf(p access.PermissionSet) content {
	return content{managed: p.ManagedPolicies, customer: p.CustomerPolicyNames(), inline: readInline(p.InlinePolicy), boundary: p.Boundary}
}

func (c content) same(o content) bool {
	return slices.Equal(c.managed, o.managed) && slices.Equal(c.customer, o.customer) && c.inline.document == o.inline.document && c.boundary == o.boundary
}

func readInline(document string) inline {
	doc, ok := readPolicy(document)
	out := inline{document: document, rest: doc.rest, readable: ok}
	for _, s := range doc.statements {
		switch s.effect {
		case "Allow":
			out.allow = append(out.allow, s)
		case "Deny":
			out.deny = append(out.deny, s)
		default:
			return inline{document: document}
		}
	}
	return out
}

// canCompare says that the two can be compared statement by statement: both can
// be read, and are in the same version of the language.
func canCompare(a, b inline) bool {
	return a.readable && b.readable && (a.document == "" || b.document == "" || a.rest == b.rest)
}

// within says that every statement of a is among those of b.
func within(a, b []statement) bool {
	return !slices.ContainsFunc(a, func(s statement) bool {
		return !slices.ContainsFunc(b, func(o statement) bool { return o.text == s.text })
	})
}

func allowing(managed []string) []string {
	return slices.DeleteFunc(slices.Clone(managed), denies)
}

func denying(managed []string) []string {
	return slices.DeleteFunc(slices.Clone(managed), func(arn string) bool { return !denies(arn) })
}

func contains(all, some []string) bool { return len(missingFrom(all, some)) == 0 }

// atMost says that a allows nothing that b does not, as far as texts can tell:
// false means that it may.
func (c content) atMost(b content) bool {
	if b.everything() {
		return true
	}
	switch {
	case !canCompare(c.inline, b.inline):
		if c.inline.document != b.inline.document {
			return false
		}
	case !within(c.inline.allow, b.inline.allow) || !within(b.inline.deny, c.inline.deny):
		return false
	}
	return contains(b.managed, allowing(c.managed)) && contains(c.managed, denying(b.managed)) &&
		slices.Equal(c.customer, b.customer) && (b.boundary.IsZero() || c.boundary == b.boundary)
}

// everything says that nothing is beyond the content: AdministratorAccess, and
// nothing that could take any of it away.
func (c content) everything() bool {
	return slices.ContainsFunc(c.managed, isAdministrator) && len(denying(c.managed)) == 0 && len(c.customer) == 0 &&
		len(c.inline.deny) == 0 && c.inline.readable && c.boundary.IsZero()
}

// nothing is the content that is within every other. The boundary stays,
// because it bounds nothing.
func (c content) nothing() content {
	return content{inline: inline{readable: true}, boundary: c.boundary}
}

// common returns the content that old and new have in common: what it allows,
// both do. Where texts cannot tell, that is nothing at all.
func common(old, new content) content {
	switch {
	case old.boundary != new.boundary && !old.boundary.IsZero() && !new.boundary.IsZero(),
		!slices.Equal(old.customer, new.customer), !canCompare(old.inline, new.inline):
		return old.nothing()
	}
	c := content{customer: old.customer, boundary: old.boundary}
	if c.boundary.IsZero() {
		c.boundary = new.boundary
	}
	for _, arn := range old.managed {
		if _, both := slices.BinarySearch(new.managed, arn); both || denies(arn) {
			c.managed = append(c.managed, arn)
		}
	}
	c.managed = append(c.managed, denying(missingFrom(old.managed, new.managed))...)
	slices.Sort(c.managed)
	document, fits := commonInline(old.inline, new.inline)
	if !fits || len(c.managed) > max(len(old.managed), len(new.managed)) {
		return old.nothing()
	}
	c.inline = readInline(document)
	return c
}

// commonInline keeps what both allow and what either denies; fits is false where
// AWS would not take so long a document.
func commonInline(old, new inline) (document string, fits bool) {
	if old.document == new.document {
		return old.document, true
	}
	var keep []json.RawMessage
	add := func(list []statement, unless func(statement) bool) {
		for _, s := range list {
			if !unless(s) {
				keep = append(keep, json.RawMessage(s.text))
			}
		}
	}
	add(old.allow, func(s statement) bool { return !within([]statement{s}, new.allow) })
	add(old.deny, func(statement) bool { return false })
	add(new.deny, func(s statement) bool { return within([]statement{s}, old.deny) })
	if len(keep) == 0 {
		return "", true
	}
	doc := map[string]any{}
	if json.Unmarshal([]byte(cmp.Or(new.rest, old.rest)), &doc) != nil {
		return "", false
	}
	doc["Statement"] = keep
	text, err := json.Marshal(doc)
	if err != nil {
		return "", false
	}
	document = access.CanonicalPolicy(string(text))
	return document, access.InlinePolicyFits(document)
}
