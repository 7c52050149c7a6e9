package identitycenter

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Operations is what the code calls: the calls on the four SDK clients, as the
// source has them.
func TestOperationsAreThoseCalled(t *testing.T) {
	clients := map[string]string{"sso": SSOAdmin, "store": IdentityStore, "orgs": Organizations, "sts": STS}
	called := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				noteCall(call, clients, called)
			}
			return true
		})
	}
	var listed []string
	for _, o := range Operations() {
		listed = append(listed, o.Family+"."+o.Name)
		write := !slices.ContainsFunc([]string{"Get", "List", "Describe"}, func(p string) bool { return strings.HasPrefix(o.Name, p) })
		if o.Write != write {
			t.Errorf("%s: write %t, want %t", o.Name, o.Write, write)
		}
	}
	slices.Sort(listed)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(called)), listed); diff != "" {
		t.Errorf("operations (-called +listed):\n%s", diff)
	}
}

// noteCall notes a call such as c.sso.ListInstances(...).
func noteCall(call *ast.CallExpr, clients map[string]string, called map[string]bool) {
	method, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	if client, ok := method.X.(*ast.SelectorExpr); ok && clients[client.Sel.Name] != "" && ast.IsExported(method.Sel.Name) {
		called[clients[client.Sel.Name]+"."+method.Sel.Name] = true
	}
}

func TestIAMAction(t *testing.T) {
	if got := IAMAction(SSOAdmin, "ListInstances"); got != "sso:ListInstances" {
		t.Error(got)
	}
	if got := IAMAction(IdentityStore, "ListGroups"); got != "identitystore:ListGroups" {
		t.Error(got)
	}
}

func TestCodesAreDocumentedOnce(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range Codes() {
		if c.Meaning == "" || c.Do == "" || seen[string(c.Code)] || !strings.HasPrefix(string(c.Code), "aws.") {
			t.Errorf("code %+v", c)
		}
		seen[string(c.Code)] = true
	}
}
