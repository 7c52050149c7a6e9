package scim

import (
	"encoding/json"
	"strings"
)

const (
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	enterprise       = "enterprise" // the extension as an attribute; AWS's documentation calls it so too
)

// path is where a PATCH operation points: attribute, a filter on the attribute's
// elements, and a sub-attribute. Names are in small letters, as SCIM's are
// case-insensitive (RFC 7643 section 2.1).
type path struct {
	attribute, sub string
	filter         *condition
}

// parsePath reads attr, attr.sub, attr[sub eq "value"], attr[...].sub and each
// with its schema's URN in front.
func parsePath(text string) (path, error) {
	if strings.EqualFold(text, enterpriseSchema) {
		return path{attribute: enterprise}, nil
	}
	text, extension := trimSchema(text)
	attribute, rest, filtered := strings.Cut(text, "[")
	p := path{attribute: strings.ToLower(attribute)}
	if filtered {
		end := strings.LastIndex(rest, "]")
		if end < 0 {
			return path{}, invalid()
		}
		conditions, err := parseFilter(rest[:end])
		if err != nil || len(conditions) != 1 {
			return path{}, invalid()
		}
		p.filter, p.sub = &conditions[0], strings.TrimPrefix(strings.ToLower(rest[end+1:]), ".")
	} else if before, after, dotted := strings.Cut(p.attribute, "."); dotted {
		p.attribute, p.sub = before, after
	}
	if extension {
		p = extensionPath(p)
	}
	if p.attribute == "" {
		return path{}, invalid()
	}
	return p, nil
}

// extensionPath makes an attribute of the enterprise extension a sub-attribute
// of it; a manager has one value only, so manager.value is the manager.
func extensionPath(p path) path {
	if p.attribute == "manager" && p.sub != "" && p.sub != "value" {
		return path{} // manager.displayName is read-only in SCIM and absent in AWS
	}
	return path{attribute: enterprise, sub: p.attribute}
}

func trimSchema(text string) (rest string, extension bool) {
	if rest, ok := cutPrefixFold(text, enterpriseSchema); ok {
		return strings.TrimPrefix(rest, ":"), rest != ""
	}
	for _, schema := range []string{userSchema + ":", groupSchema + ":"} {
		if rest, ok := cutPrefixFold(text, schema); ok {
			return rest, false
		}
	}
	return text, false
}

func cutPrefixFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return text, false
	}
	return text[len(prefix):], true
}

// condition is one attr eq "value".
type condition struct{ attribute, value string }

// parseFilter reads conditions joined by and. AWS knows no other operator, no
// or, no not, no grouping, and refuses an empty value (slashdevops/idp-scim-sync#75).
func parseFilter(text string) ([]condition, error) {
	var all []condition
	for {
		attribute, rest := word(text)
		operator, rest := word(rest)
		if attribute == "" || !strings.EqualFold(operator, "eq") {
			return nil, invalid()
		}
		value, rest, err := literal(rest)
		if err != nil {
			return nil, err
		}
		all = append(all, condition{strings.ToLower(attribute), value})
		conjunction, rest := word(rest)
		if conjunction == "" {
			return all, nil
		}
		if !strings.EqualFold(conjunction, "and") {
			return nil, invalid()
		}
		text = rest
	}
}

func word(text string) (first, rest string) {
	text = strings.TrimLeft(text, " ")
	end := strings.IndexByte(text, ' ')
	if end < 0 {
		return text, ""
	}
	return text[:end], text[end:]
}

// literal reads a JSON string, or a bare true or false, at the start of a text.
func literal(text string) (value, rest string, err error) {
	text = strings.TrimLeft(text, " ")
	if !strings.HasPrefix(text, `"`) {
		value, rest = word(text)
		if value != "true" && value != "false" {
			return "", "", invalid()
		}
		return value, rest, nil
	}
	for end := 1; end < len(text); end++ {
		switch text[end] {
		case '\\':
			end++
		case '"':
			if json.Unmarshal([]byte(text[:end+1]), &value) != nil || value == "" {
				return "", "", invalid()
			}
			return value, text[end+1:], nil
		}
	}
	return "", "", invalid()
}
