package identitycenter

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Operations is what the code of the whole adapter calls: the calls on the four SDK
// clients, as the source has them. Each is made in one place, so that there is one
// way of making it.
func TestOperationsAreThoseCalled(t *testing.T) {
	called := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if name := operationOf(n); name != "" {
				called[name] = append(called[name], set.Position(n.Pos()).String())
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, places := range called {
		if len(places) > 1 || filepath.Base(places[0]) != places[0] {
			t.Errorf("%s is called in %v, want one place in this package", name, places)
		}
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

// operationOf names the operation of AWS that an expression such as
// c.sso.ListInstances is, "" for none: whether it is called here, or given to who
// calls it.
func operationOf(n ast.Node) string {
	method, ok := n.(*ast.SelectorExpr)
	if !ok || !ast.IsExported(method.Sel.Name) {
		return ""
	}
	clients := map[string]string{"sso": SSOAdmin, "store": IdentityStore, "orgs": Organizations, "sts": STS}
	if client, ok := method.X.(*ast.SelectorExpr); ok && clients[client.Sel.Name] != "" {
		return clients[client.Sel.Name] + "." + method.Sel.Name
	}
	return ""
}

func TestIAMAction(t *testing.T) {
	if got := (Operation{Family: SSOAdmin, Name: "ListInstances"}).IAMAction(); got != "sso:ListInstances" {
		t.Error(got)
	}
	if got := (Operation{Family: IdentityStore, Name: "ListGroups"}).IAMAction(); got != "identitystore:ListGroups" {
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
