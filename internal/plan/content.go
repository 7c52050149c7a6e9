package plan

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

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
	inline   statements
	boundary access.Boundary
}

// statements are those of an inline policy, by what they do.
type statements struct {
	document    string // as AWS has it, canonical
	version     string // of the language
	allow, deny []clause
	unreadable  bool
}

// clause is one statement as written, and what it says without its id.
type clause struct {
	raw  json.RawMessage
	text string
}

func contentOf(p access.PermissionSet) content {
	return content{managed: p.ManagedPolicies, customer: policyNames(p.CustomerPolicies), inline: readStatements(p.InlinePolicy), boundary: p.Boundary}
}

func sameContent(a, b access.PermissionSet) bool {
	return a.InlinePolicy == b.InlinePolicy && a.Boundary == b.Boundary && slices.Equal(a.ManagedPolicies, b.ManagedPolicies) &&
		slices.Equal(a.CustomerPolicies, b.CustomerPolicies)
}

func (c content) same(o content) bool {
	return slices.Equal(c.managed, o.managed) && slices.Equal(c.customer, o.customer) && c.inline.document == o.inline.document && c.boundary == o.boundary
}

func readStatements(document string) statements {
	s := statements{document: document}
	if document == "" {
		return s
	}
	var doc struct {
		Version   string
		Statement []json.RawMessage
	}
	if json.Unmarshal([]byte(document), &doc) != nil {
		s.unreadable = true
		return s
	}
	s.version = doc.Version
	for _, raw := range doc.Statement {
		var parts map[string]any
		if json.Unmarshal(raw, &parts) != nil {
			return statements{document: document, unreadable: true}
		}
		delete(parts, "Sid")
		text, err := json.Marshal(parts)
		if err != nil {
			return statements{document: document, unreadable: true}
		}
		switch one := (clause{raw, string(text)}); parts["Effect"] {
		case "Allow":
			s.allow = append(s.allow, one)
		case "Deny":
			s.deny = append(s.deny, one)
		default:
			return statements{document: document, unreadable: true}
		}
	}
	return s
}

// comparable says that the two can be compared statement by statement: both can
// be read, and are in the same version of the language.
func comparable(a, b statements) bool {
	return !a.unreadable && !b.unreadable && (a.document == "" || b.document == "" || a.version == b.version)
}

// within says that every statement of a is among those of b.
func within(a, b []clause) bool {
	for _, s := range a {
		if !slices.ContainsFunc(b, func(o clause) bool { return o.text == s.text }) {
			return false
		}
	}
	return true
}

// deniesOnly says that an AWS managed policy takes away and gives nothing:
// AWSDenyAll, AWSCompromisedKeyQuarantine and its versions. AWS's other managed
// policies are taken to allow only.
func deniesOnly(arn string) bool {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	return strings.Contains(name, "DenyAll") || strings.Contains(name, "Quarantine")
}

func allowing(managed []string) []string {
	return slices.DeleteFunc(slices.Clone(managed), deniesOnly)
}

func denying(managed []string) []string {
	return slices.DeleteFunc(slices.Clone(managed), func(arn string) bool { return !deniesOnly(arn) })
}

func contains(all, some []string) bool { return len(missingFrom(all, some)) == 0 }

// atMost says that a allows nothing that b does not, as far as texts can tell:
// false means that it may.
func (c content) atMost(b content) bool {
	if b.everything() {
		return true
	}
	switch {
	case !comparable(c.inline, b.inline):
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
		len(c.inline.deny) == 0 && !c.inline.unreadable && c.boundary.IsZero()
}

// nothing is the content that is within every other. The boundary stays,
// because it bounds nothing.
func (c content) nothing() content { return content{boundary: c.boundary} }

// common gives the content that old and new have in common: what it allows,
// both do. Where texts cannot tell, that is nothing at all.
func common(old, new content) content {
	switch {
	case old.boundary != new.boundary && !old.boundary.IsZero() && !new.boundary.IsZero(),
		!slices.Equal(old.customer, new.customer), !comparable(old.inline, new.inline):
		return old.nothing()
	}
	c := content{customer: old.customer, boundary: old.boundary}
	if c.boundary.IsZero() {
		c.boundary = new.boundary
	}
	for _, arn := range old.managed {
		if _, both := slices.BinarySearch(new.managed, arn); both || deniesOnly(arn) {
			c.managed = append(c.managed, arn)
		}
	}
	c.managed = append(c.managed, denying(missingFrom(old.managed, new.managed))...)
	slices.Sort(c.managed)
	document, fits := commonInline(old.inline, new.inline)
	if !fits || len(c.managed) > max(len(old.managed), len(new.managed)) {
		return old.nothing()
	}
	c.inline = readStatements(document)
	return c
}

// commonInline keeps what both allow and what either denies; fits is false where
// AWS would not take so long a document.
func commonInline(old, new statements) (document string, fits bool) {
	if old.document == new.document {
		return old.document, true
	}
	var keep []json.RawMessage
	add := func(list []clause, among []clause) {
		for _, s := range list {
			if slices.ContainsFunc(among, func(o clause) bool { return o.text == s.text }) {
				keep = append(keep, withoutSid(s))
			}
		}
	}
	add(old.allow, new.allow)
	add(old.deny, old.deny)
	for _, s := range new.deny {
		if !within([]clause{s}, old.deny) {
			keep = append(keep, withoutSid(s))
		}
	}
	if len(keep) == 0 {
		return "", true
	}
	text, err := json.Marshal(map[string]any{"Version": cmp.Or(new.version, old.version), "Statement": keep})
	if err != nil {
		return "", false
	}
	document = access.CanonicalPolicy(string(text))
	return document, access.InlinePolicyFits(document)
}

// withoutSid gives the statement without its id: those of two documents may be
// alike.
func withoutSid(s clause) json.RawMessage { return json.RawMessage(s.text) }
