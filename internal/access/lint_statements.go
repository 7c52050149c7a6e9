package access

import (
	"fmt"
	"strings"
)

// allowStatement is an Allow statement of an inline policy, with what
// messages call it.
type allowStatement struct {
	StatementSpec
	called string // the inline policy "x" of the group "y"
}

// allowStatements returns the group's Allow statements. Those that have both
// of two keys that exclude each other are errors of Check, and mean nothing.
func allowStatements(g GroupSpec) []allowStatement {
	var out []allowStatement
	for _, p := range g.InlinePolicies.Items {
		called := fmt.Sprintf("the inline policy %q of %s", p.Name.Value, groupCalled(g))
		for _, s := range p.Statements.Items {
			both := len(s.Actions.Items) > 0 && len(s.NotActions.Items) > 0 || len(s.Resources.Items) > 0 && len(s.NotResources.Items) > 0
			if s.Effect.Or("Allow") == "Allow" && !both {
				out = append(out, allowStatement{s, called})
			}
		}
	}
	return out
}

// onEverything returns the resource that makes the statement one on all there is
// in the account: "*" in any spelling, or not_resources, which leaves all but a
// few.
func (s allowStatement) onEverything() (Text, bool) {
	for _, t := range s.Resources.Items {
		if everyResource(t.Value) {
			return t, true
		}
	}
	if len(s.NotResources.Items) > 0 {
		return Text{Value: "all but " + some(s.NotResources.Items), Range: s.NotResources.Range}, true
	}
	return Text{}, false
}

// everyResource says whether a resource of a policy matches all there is: "*",
// "**", arn:*, or an ARN that has nothing but wildcards after its partition.
func everyResource(pattern string) bool {
	if onlyWild(pattern) {
		return true
	}
	rest, isARN := strings.CutPrefix(pattern, "arn:")
	if !isARN {
		return false
	}
	parts := strings.Split(rest, ":")
	for i, part := range parts {
		if partition := i == 0 && len(parts) > 1; !partition && !onlyWild(part) {
			return false
		}
	}
	return true
}

// onlyWild says that a pattern is made of wildcards and takes a text of any
// length.
func onlyWild(pattern string) bool {
	return strings.Contains(pattern, "*") && strings.Trim(pattern, "*?") == ""
}

// breadth is how much an action of a policy stands for.
type breadth int

const (
	namedActions breadth = iota // s3:GetObject, s3:Get*
	wholeService                // s3:*
	manyServices                // s*:Get*: a service that nobody named
	everyAction                 // *
)

// breadthOf measures an action; service is that of wholeService.
func breadthOf(action string) (b breadth, service string) {
	service, name, found := strings.Cut(action, ":")
	switch {
	case onlyWild(action), found && onlyWild(service) && onlyWild(name):
		return everyAction, ""
	case !found || !actionPattern.MatchString(action):
		return namedActions, "" // an error of Check
	case strings.ContainsAny(service, "*?"):
		return manyServices, ""
	case onlyWild(name):
		return wholeService, strings.ToLower(service)
	default:
		return namedActions, ""
	}
}
