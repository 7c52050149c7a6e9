package architecture

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maySeeSentences are the packages whose subject is text, each with its reason.
func maySeeSentences() map[string]string {
	return map[string]string{
		"internal/diag":                      "it says what makes two findings one",
		"internal/render":                    "it lays text out",
		"internal/identitycenter/centertest": "only tests have it, and they look at what people read",
	}
}

// TestNobodyReadsASentenceToDecide refuses code that looks into what is told a person:
// the next wording would change what is done. What code needs is a code, a subject or
// a remedy of the finding, or the type of an error.
func TestNobodyReadsASentenceToDecide(t *testing.T) {
	for _, p := range packages(t) {
		if _, may := maySeeSentences()[strings.TrimPrefix(p.ImportPath, module)]; may {
			continue
		}
		for _, file := range p.GoFiles {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, file), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, at := range sentencesRead(f) {
				t.Errorf("%s/%s:%d looks into a sentence; decide by a code, a subject, a remedy or a type", strings.TrimPrefix(p.ImportPath, module), file, set.Position(at).Line)
			}
		}
	}
}

// sentencesRead returns the places where a file looks into the text of a finding or of
// an error: calls that search or rewrite it, comparisons with anything but "", and
// switches over it. It follows a text through + and calls, and through variables of
// the function, but not into other functions.
func sentencesRead(f *ast.File) []token.Pos {
	var found []token.Pos
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			continue
		}
		r := sentenceReader{texts: map[string]bool{}}
		ast.Inspect(fn.Body, r.note)
		ast.Inspect(fn.Body, r.look)
		found = append(found, r.found...)
	}
	return found
}

type sentenceReader struct {
	texts map[string]bool // variables that hold a sentence
	found []token.Pos
}

// note remembers variables that are set to a sentence.
func (r *sentenceReader) note(n ast.Node) bool {
	if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
		for i, to := range a.Lhs {
			if id, ok := to.(*ast.Ident); ok && r.sentence(a.Rhs[i]) {
				r.texts[id.Name] = true
			}
		}
	}
	return true
}

func (r *sentenceReader) look(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.CallExpr:
		if reads(n) && slices.ContainsFunc(n.Args, r.sentence) {
			r.found = append(r.found, n.Pos())
		}
	case *ast.BinaryExpr:
		if compares(n.Op) && (r.sentence(n.X) && !isEmpty(n.Y) || r.sentence(n.Y) && !isEmpty(n.X)) {
			r.found = append(r.found, n.Pos())
		}
	case *ast.SwitchStmt:
		if n.Tag != nil && r.sentence(n.Tag) {
			r.found = append(r.found, n.Pos())
		}
	case *ast.IndexExpr:
		if r.sentence(n.Index) {
			r.found = append(r.found, n.Pos())
		}
	}
	return true
}

// sentence says that an expression is a text for a person.
func (r *sentenceReader) sentence(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.sentence(e.X)
	case *ast.Ident:
		return r.texts[e.Name]
	case *ast.SelectorExpr:
		return slices.Contains([]string{"Summary", "Detail", "Hint"}, e.Sel.Name)
	case *ast.BinaryExpr:
		return e.Op == token.ADD && (r.sentence(e.X) || r.sentence(e.Y))
	case *ast.CallExpr:
		sel, ok := e.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		if sel.Sel.Name == "Error" && len(e.Args) == 0 {
			return true
		}
		from, _ := sel.X.(*ast.Ident)
		passes := from != nil && (from.Name == "strings" && !slices.Contains(answers(), sel.Sel.Name) || from.Name == "fmt")
		return passes && slices.ContainsFunc(e.Args, r.sentence)
	default:
		return false
	}
}

// answers are the functions of strings whose result is no text.
func answers() []string {
	return []string{"Contains", "ContainsAny", "ContainsFunc", "ContainsRune", "Count", "EqualFold", "HasPrefix", "HasSuffix", "Index", "LastIndex", "Compare"}
}

// reads says that a call searches its arguments or rewrites them by what is in them.
func reads(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, _ := sel.X.(*ast.Ident)
	name := sel.Sel.Name
	if from != nil && (from.Name == "strings" || from.Name == "bytes") {
		return slices.Contains(answers(), name) || slices.Contains([]string{"Cut", "CutPrefix", "CutSuffix", "Replace", "ReplaceAll", "Split", "SplitN", "TrimPrefix", "TrimSuffix"}, name)
	}
	// A regular expression, or a strings.Replacer.
	return name == "Replace" || strings.HasPrefix(name, "MatchString") || strings.HasPrefix(name, "FindString") || strings.HasPrefix(name, "FindAllString") || strings.HasPrefix(name, "ReplaceAllString")
}

func compares(op token.Token) bool {
	return slices.Contains([]token.Token{token.EQL, token.NEQ, token.LSS, token.GTR, token.LEQ, token.GEQ}, op)
}

// isEmpty says that an expression is "": whether there is a text may be asked.
func isEmpty(e ast.Expr) bool {
	lit, ok := e.(*ast.BasicLit)
	return ok && lit.Value == `""`
}

// The checker has teeth: each of these is refused, and what only passes a text on, or
// asks whether there is one, is not.
func TestReadingSentencesIsSeen(t *testing.T) {
	for body, want := range map[string]int{
		`if strings.Contains(d.Summary, "x") {}`:                            1,
		`if strings.HasPrefix(f.Finding.Summary, "taking over") {}`:         1,
		`_ = strings.ReplaceAll(f.Detail, "a", "b")`:                        1,
		`way, _, cut := strings.Cut(f.Hint, "; ")`:                          1,
		`hint := f.Hint; if strings.Contains(hint, "x") {}`:                 1,
		`if strings.Contains(strings.ToLower(err.Error()), "not found") {}`: 1,
		`if strings.EqualFold(err.Error(), text) {}`:                        1,
		`text := fmt.Sprint("a: ", err.Error()); _ = re.MatchString(text)`:  1,
		`_ = strings.NewReplacer("a", "b").Replace(f.Hint)`:                 1,
		`switch err.Error() { case "x": }`:                                  1,
		`if a.Code == b.Code && a.Summary == b.Summary {}`:                  1,
		`if "gone" != err.Error() {}`:                                       1,
		`known[d.Summary]++`:                                                1,
		`if f.Detail != "" && d.Hint == "" {}`:                              0,
		`f.Detail = strings.TrimSpace(f.Detail + " more")`:                  0,
		`_ = fmt.Errorf("x: %w", err); out.Detail = err.Error()`:            0,
		`if p.Summary.Create == 1 || strings.Contains(name, "x") {}`:        0,
		`found := strings.Contains(name, "x"); if found == other {}`:        0,
		`if errors.As(err, &e) { lines = append(lines, e.Error()) }`:        0,
		`return strings.Join(nonEmpty(f.Summary, f.Detail), "\n")`:          0,
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "x.go", fmt.Sprintf("package x\nfunc _() { %s }", body), 0)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if got := len(sentencesRead(f)); got != want {
			t.Errorf("%d places in %s", got, body)
		}
	}
}
