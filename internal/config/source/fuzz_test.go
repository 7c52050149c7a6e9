package source

import (
	"io/fs"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// FuzzNesting: no text gets past the scan that hcl would nest deeper than the
// limit, or make more tokens of than are counted (twice as many at most).
func FuzzNesting(f *testing.F) {
	root := os.DirFS("../../../testdata/config")
	files, err := fs.Glob(root, "*/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		if src, err := fs.ReadFile(root, name); err == nil && len(src) < 1<<12 {
			f.Add(src)
		}
	}
	f.Add([]byte("a = <<E\n${[[\"]\"\nE\n"))
	f.Add([]byte("<<0\n"))
	f.Add([]byte("\"0\r0"))
	f.Add([]byte("<<0\n[[[[[[[[[[[[[[[["))
	f.Add([]byte("<<\u00e9\n\"\n\u00e9\n[[[[[[[[[[[[[[[["))
	f.Fuzz(func(t *testing.T, src []byte) {
		const limit = 8
		if !utf8.Valid(src) || len(src) >= 1<<14 {
			return
		}
		at, counted := measure(src, limit)
		if at < 0 && tokenDepth(src) > limit {
			t.Errorf("the text nests %d deep and passes a limit of %d", tokenDepth(src), limit)
		}
		if tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos); at < 0 && len(tokens) > 2*counted+2 {
			t.Errorf("the text has %d tokens, and %d are counted", len(tokens), counted)
		}
	})
}

// tokenDepth is how deep hcl's own tokens nest.
func tokenDepth(src []byte) int {
	tokens, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	depth, deepest := 0, 0
	for _, t := range tokens {
		switch t.Type {
		case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOBrace, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			depth++
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCBrace, hclsyntax.TokenTemplateSeqEnd:
			depth = max(0, depth-1)
		}
		deepest = max(deepest, depth)
	}
	return deepest
}
