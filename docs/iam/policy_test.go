// Package iam_test keeps the IAM policies of this folder true: their actions
// are those of the operations that the code calls, and with exactly these a
// caller can do all that a command does.
package iam_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

var update = flag.Bool("update", false, "write the policies and the table of the README")

// document is an IAM policy.
type document struct {
	Version   string      `json:"Version"`
	Statement []statement `json:"Statement"`
}

type statement struct {
	Sid       string                         `json:"Sid"`
	Effect    string                         `json:"Effect"`
	Action    []string                       `json:"Action"`
	Resource  []string                       `json:"Resource"`
	Condition map[string]map[string][]string `json:"Condition,omitempty"`
}

// The resources of sso. Accounts and instances have no tags that a condition
// could look at, so what needs them stands apart from what needs a set
// (https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetdelegation.html).
const (
	sets      = "arn:aws:sso:::permissionSet/*"
	instances = "arn:aws:sso:::instance/*"
	accounts  = "arn:aws:sso:::account/*"
)

// owner is what the examples put where a reader puts an own.
const owner = "platform"

func allow(sid string, actions []string, resources ...string) statement {
	return statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}

func (s statement) when(operator, key, value string) statement {
	conditions := map[string]map[string][]string{}
	for name, keys := range s.Condition {
		conditions[name] = keys
	}
	keys := map[string][]string{key: {value}}
	for name, values := range conditions[operator] {
		keys[name] = values
	}
	conditions[operator] = keys
	s.Condition = conditions
	return s
}

// policies returns the documents by file name.
func policies() map[string]document {
	out := map[string]document{"adopt.json": {"2012-10-17", []statement{
		allow("MarkSetsOfNobody", []string{"sso:TagResource"}, sets).when("StringEquals", "aws:RequestTag/rolecall:owner", owner).when("Null", "aws:ResourceTag/rolecall:owner", "true"),
		allow("InTheInstance", []string{"sso:TagResource"}, instances),
	}}}
	for _, p := range places() {
		out["read-"+p.file+".json"] = document{"2012-10-17", reading(p, p.readers...)}
		out["apply-"+p.file+".json"] = document{"2012-10-17", append(reading(p, append([]string{"apply", "unlock"}, p.readers...)...), writing()...)}
	}
	return out
}

// reading allows what the commands read.
func reading(p place, commands ...string) []statement {
	var actions []string
	for _, o := range operations() {
		if !o.Write && o.Family != identitycenter.STS && p.may(o.Operation) && slices.ContainsFunc(commands, o.by) {
			actions = append(actions, o.IAMAction())
		}
	}
	return []statement{allow("Read", sorted(actions), "*")}
}

// writing allows what apply and unlock write: on permission sets, only those
// that carry the owner's mark.
func writing() []statement {
	byUse := map[use][]string{}
	for _, o := range operations() {
		if o.Write {
			byUse[o.use] = append(byUse[o.use], o.IAMAction())
		}
	}
	var own, beside []string
	for _, u := range []use{onSet, onSetInAccount, tags} {
		own = append(own, byUse[u]...)
	}
	beside = append(append(beside, own...), byUse[makeSet]...)
	const resourceOwner, requestOwner, resourceLock, requestLock = "aws:ResourceTag/rolecall:owner", "aws:RequestTag/rolecall:owner",
		"aws:ResourceTag/rolecall:lock", "aws:RequestTag/rolecall:lock"
	return []statement{
		allow("CreateMarkedSets", sorted(byUse[makeSet]), sets).when("StringEquals", requestOwner, owner),
		allow("ChangeOwnSets", sorted(without(own, "sso:UntagResource")), sets).when("StringEquals", resourceOwner, owner).when("StringEqualsIfExists", requestOwner, owner),
		allow("UntagOwnSetsButNotTheMark", []string{"sso:UntagResource"}, sets).when("StringEquals", resourceOwner, owner).when("ForAllValues:StringNotEquals", "aws:TagKeys", "rolecall:owner"),
		allow("TakeTheLock", sorted(byUse[makeSet]), sets).when("StringEquals", requestLock, owner),
		allow("KeepAndGiveBackTheLock", []string{"sso:DeletePermissionSet", "sso:UpdatePermissionSet"}, sets).when("StringEquals", resourceLock, owner),
		allow("InTheInstanceAndItsAccounts", sorted(beside), accounts, instances),
		allow("Directory", sorted(byUse[directory]), "*"),
	}
}

func without(list []string, gone string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == gone })
}

func sorted(list []string) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	return slices.Compact(out)
}

func TestPoliciesAreThoseOfTheCode(t *testing.T) {
	for name, want := range policies() {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(want); err != nil {
			t.Fatal(err)
		}
		checkFile(t, name, b.String())
	}
}

func checkFile(t *testing.T, name, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(have)); diff != "" {
		t.Errorf("%s is stale; run `go test ./docs/iam -update` (-want +have):\n%s", name, diff)
	}
}

// Every operation that the code calls is allowed by exactly the policies of the
// commands that call it, and nothing else is.
func TestPoliciesNeitherMissNorExceed(t *testing.T) {
	called := map[string]identitycenter.Operation{}
	for _, o := range identitycenter.Operations() {
		if o.Family != identitycenter.STS { // GetCallerIdentity needs no permission
			called[o.IAMAction()] = o
		}
	}
	for _, p := range places() {
		for _, kind := range []string{"read", "apply"} {
			have := actionsOf(t, kind+"-"+p.file+".json")
			for _, action := range have {
				if _, ok := called[action]; !ok {
					t.Errorf("%s-%s.json allows %s, which the code does not call", kind, p.file, action)
				}
			}
			for action, o := range called {
				wanted := p.may(o) && (kind == "apply" || !o.Write && isRead(o, p.readers))
				if wanted != slices.Contains(have, action) {
					t.Errorf("%s-%s.json: %s allowed %t, want %t", kind, p.file, action, !wanted, wanted)
				}
			}
		}
	}
}

// isRead tells operations that one of the commands calls; those that follow jobs
// are called by no command that changes nothing.
func isRead(o identitycenter.Operation, by []string) bool {
	return slices.ContainsFunc(operations(), func(entry operation) bool {
		return entry.Operation == o && slices.ContainsFunc(by, entry.by)
	})
}

// actionsOf reads the actions of a policy.
func actionsOf(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range d.Statement {
		out = append(out, s.Action...)
	}
	return sorted(out)
}

// Nothing writes a permission set without a condition on its tags.
func TestWritesOnSetsAreConditional(t *testing.T) {
	for name, d := range policies() {
		for _, s := range d.Statement {
			if s.Sid == "Read" || s.Sid == "Directory" || !slices.Contains(s.Resource, sets) {
				continue
			}
			marked := false
			for _, keys := range s.Condition {
				for key, values := range keys {
					marked = marked || strings.Contains(key, "Tag/rolecall:") && slices.Equal(values, []string{owner})
				}
			}
			if !marked {
				t.Errorf("%s: %s writes any permission set", name, s.Sid)
			}
		}
	}
}

// IAM takes at most 6,144 characters that are no white space in a managed policy
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
func TestPoliciesFitIAM(t *testing.T) {
	for name := range policies() {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(strings.Join(strings.Fields(string(text)), "")); n > 6144 {
			t.Errorf("%s has %d characters", name, n)
		}
	}
}

// The table in the README says which command needs what.
func TestREADME(t *testing.T) {
	const name, begin, end = "README.md", "<!-- made by go test ./docs/iam -update -->\n", "<!-- end -->\n"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the table", name)
	}
	checkFile(t, name, before+begin+table()+end+after)
}

func table() string {
	var b strings.Builder
	b.WriteString("| action | " + strings.Join(commands, " | ") + " | where |\n|---|" + strings.Repeat(":-:|", len(commands)) + "---|\n")
	for _, o := range operations() {
		if o.Family == identitycenter.STS {
			continue
		}
		fmt.Fprintf(&b, "| `%s` |", o.IAMAction())
		for _, c := range commands {
			mark := "  "
			if o.by(c) {
				mark = " x "
			}
			b.WriteString(mark + "|")
		}
		var where []string
		for _, p := range places() {
			if p.may(o.Operation) {
				where = append(where, p.name)
			}
		}
		if len(where) == len(places()) {
			where = []string{"both"}
		}
		b.WriteString(" " + strings.Join(where, ", ") + " |\n")
	}
	return b.String()
}
