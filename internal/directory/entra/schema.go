package entra

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// schema is what a job does, as far as rolecall looks at it
// (learn.microsoft.com/graph/api/resources/synchronization-synchronizationschema).
type schema struct {
	Rules []struct {
		Mappings []objectMapping `json:"objectMappings"`
	} `json:"synchronizationRules"`
}

// objectMapping maps users or groups.
type objectMapping struct {
	Enabled    bool               `json:"enabled"`
	Source     string             `json:"sourceObjectName"`
	Flows      string             `json:"flowTypes"`
	Scope      *scope             `json:"scope"`
	Attributes []attributeMapping `json:"attributeMappings"`
}

// scope leaves out whoever meets none of the groups of clauses.
type scope struct {
	Groups []struct {
		Clauses []struct {
			Attribute string `json:"sourceOperandName"`
			Operator  string `json:"operatorName"`
			Target    struct {
				Values []string `json:"values"`
			} `json:"targetOperand"`
		} `json:"clauses"`
	} `json:"groups"`
}

type attributeMapping struct {
	Target string `json:"targetAttributeName"`
	// Flow says when it is sent: "ObjectAddOnly" is only when the object is created
	// (learn.microsoft.com/graph/api/resources/synchronization-attributemapping).
	Flow    string `json:"flowType"`
	Default string `json:"defaultValue"`
	Source  *struct {
		Type       string `json:"type"`
		Name       string `json:"name"`
		Expression string `json:"expression"`
	} `json:"source"`
}

func (d *Directory) schema(ctx context.Context, app application, job string) (schema, directory.Reply, error) {
	var s schema
	r, err := d.client.Get(ctx, directory.Call{Operation: "GetSynchronizationSchema", Path: "/v1.0" + app.path("/synchronization/jobs/"+url.PathEscape(job)+"/schema")}, &s)
	return s, r, err
}

// of returns the mappings of users or groups.
func (s schema) of(source string) (all []objectMapping) {
	for _, rule := range s.Rules {
		for _, m := range rule.Mappings {
			if m.Source == source {
				all = append(all, m)
			}
		}
	}
	return all
}

// describe says what the mappings make of users and groups. Where there is none of
// users, nothing says that the job does less than usual.
func (s schema) describe(out *directory.Provisioning) {
	if len(s.of("User")) == 0 {
		out.Creates, out.Updates, out.Deactivates = true, true, true
	}
	for _, m := range s.of("User") {
		if !m.Enabled {
			continue
		}
		out.Creates = out.Creates || m.does("Add")
		out.Updates = out.Updates || m.does("Update")
		out.Deactivates = out.Deactivates || m.does("Delete")
		out.Filters = append(out.Filters, m.Scope.words("users")...)
		out.Clashes = append(out.Clashes, clashes(m.Attributes)...)
	}
	for _, m := range s.of("Group") {
		if out.Groups != directory.On {
			out.Groups = directory.Off
		}
		if m.Enabled {
			out.Groups = directory.On
			out.Filters = append(out.Filters, m.Scope.words("groups")...)
		}
	}
	out.UserNameFrom = s.naming().from
}

// does says whether the mapping does something. One that leaves it open does all.
func (m objectMapping) does(what string) bool {
	return m.Flows == "" || strings.Contains(m.Flows, what)
}

// words says whom a scoping filter lets through: "users: department EQUALS AWS and
// country EQUALS US, or jobTitle IS NOT NULL". Nothing is left out where there
// is no clause.
func (s *scope) words(of string) []string {
	if s == nil {
		return nil
	}
	var groups []string
	for _, g := range s.Groups {
		var clauses []string
		for _, c := range g.Clauses {
			clauses = append(clauses, strings.TrimSpace(strings.Join([]string{c.Attribute, c.Operator, strings.Join(c.Target.Values, " or ")}, " ")))
		}
		if len(clauses) > 0 {
			groups = append(groups, strings.Join(clauses, " and "))
		}
	}
	if len(groups) == 0 {
		return nil
	}
	return []string{of + ": " + strings.Join(groups, ", or ")}
}

// clashes finds attributes of which AWS takes one value and several mappings write
// another each
// (learn.microsoft.com/entra/identity/saas-apps/aws-single-sign-on-provisioning-tutorial,
// "Multi-valued attributes"). The parts of one address are one value.
func clashes(all []attributeMapping) (out []string) {
	for _, name := range []string{"emails", "phoneNumbers", "addresses"} {
		var values, targets []string
		for _, m := range all {
			base, rest, _ := strings.Cut(m.Target, "[")
			if base == name {
				value, _, _ := strings.Cut(rest, "]")
				values, targets = append(values, value), append(targets, m.Target)
			}
		}
		if different(values) > 1 || different(targets) < len(targets) {
			out = append(out, fmt.Sprintf("%s: %s", name, strings.Join(targets, ", ")))
		}
	}
	return out
}

func different(all []string) int { return len(slices.Compact(slices.Sorted(slices.Values(all)))) }
