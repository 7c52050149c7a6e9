package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// file is what is measured of one file.
type file struct {
	path     string // from the root of its tree, with slashes
	test     bool
	made     bool     // by a program
	lines    int      // all of them
	code     int      // lines with something other than a comment
	comments int      // lines with nothing but a comment
	telling  []string // lines long enough to tell where they came from
	funcs    []function
	exported int  // exported declarations outside package main
	docs     int  // those of them with a comment
	main     bool // package main: it exports nothing
	pkgDoc   bool // the file has the package's comment
}

// function is a declared function: how many lines it has, and how many ways go
// through it (McCabe).
type function struct{ lines, ways int }

func (f file) isTest() bool { return f.test }
func (f file) isMade() bool { return f.made }

// load measures all Go files of a tree but vendored ones and testdata.
func load(root string) ([]file, error) {
	var files []file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(d.Name()) && p != root:
			return filepath.SkipDir
		case d.IsDir() || path.Ext(p) != ".go":
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		f, err := measure(filepath.ToSlash(rel), src)
		if err != nil {
			return fmt.Errorf("read %s: %w", p, err)
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

func skipped(folder string) bool {
	return folder == "testdata" || folder == "vendor" || strings.HasPrefix(folder, ".") || strings.HasPrefix(folder, "_")
}

func measure(name string, src []byte) (file, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, name, src, parser.ParseComments)
	if err != nil {
		return file{}, err
	}
	f := file{
		path: name, test: strings.HasSuffix(name, "_test.go"), made: ast.IsGenerated(tree),
		lines: bytes.Count(src, []byte("\n")), main: tree.Name.Name == "main", pkgDoc: tree.Doc != nil,
	}
	f.code, f.comments = lineKinds(set, src)
	f.telling = telling(src)
	for _, decl := range tree.Decls {
		f.declaration(set, decl)
	}
	return f, nil
}

// telling returns the lines of 15 bytes and more: shorter ones stand everywhere.
func telling(src []byte) []string {
	var lines []string
	for line := range strings.Lines(string(src)) {
		if line = strings.TrimSpace(line); len(line) >= 15 {
			lines = append(lines, line)
		}
	}
	return lines
}

// lineKinds counts the lines that have code, and those that have comments alone.
func lineKinds(set *token.FileSet, src []byte) (code, comments int) {
	file := set.AddFile("", -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	isCode, isComment := map[int]bool{}, map[int]bool{}
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && text == "\n" {
			continue // the scanner's own, at the end of a line
		}
		first := file.Line(pos)
		for line := first; line <= first+strings.Count(text, "\n"); line++ {
			if tok == token.COMMENT {
				isComment[line] = true
			} else {
				isCode[line] = true
			}
		}
	}
	for line := range isComment {
		if !isCode[line] {
			comments++
		}
	}
	return len(isCode), comments
}

func (f *file) declaration(set *token.FileSet, decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		f.export(d.Name, d.Doc != nil)
		if d.Body != nil {
			f.funcs = append(f.funcs, function{lines: span(set, d), ways: ways(d.Body)})
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				f.export(s.Name, d.Doc != nil || s.Doc != nil || s.Comment != nil)
			case *ast.ValueSpec:
				for _, name := range s.Names {
					f.export(name, d.Doc != nil || s.Doc != nil || s.Comment != nil)
				}
			}
		}
	}
}

func (f *file) export(name *ast.Ident, documented bool) {
	if f.main || !name.IsExported() {
		return
	}
	f.exported++
	if documented {
		f.docs++
	}
}

func span(set *token.FileSet, n ast.Node) int {
	return set.Position(n.End()).Line - set.Position(n.Pos()).Line + 1
}

// ways is McCabe's number: one, and one for each branch.
func ways(body *ast.BlockStmt) int {
	n := 1
	ast.Inspect(body, func(node ast.Node) bool {
		switch x := node.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
			n++
		case *ast.CaseClause:
			if x.List != nil {
				n++
			}
		case *ast.CommClause:
			if x.Comm != nil {
				n++
			}
		case *ast.BinaryExpr:
			if x.Op == token.LAND || x.Op == token.LOR {
				n++
			}
		}
		return true
	})
	return n
}
