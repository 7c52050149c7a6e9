package source

import (
	"strings"
	"testing"
)

// TestNesting: what hcl would recurse into is found before it is parsed, and a
// long flat file is not mistaken for a deep one.
func TestNesting(t *testing.T) {
	deep := func(part, rest string) string { return "a = " + strings.Repeat(part, 100_000) + rest }
	for name, tt := range map[string]struct {
		src  string
		deep bool
	}{
		"brackets":          {deep("[", ""), true},
		"parentheses":       {deep("(", "1"), true},
		"objects":           {deep("{a=", "1"), true},
		"calls":             {deep("f(", "1"), true},
		"templates":         {deep(`"${`, "1"), true},
		"directives":        {`a = "` + strings.Repeat("%{if x}", 100_000) + `"`, true},
		"heredoc templates": {"a = <<E\n" + strings.Repeat("%{if x}\n", 100_000) + "E\n", true},
		"negations":         {deep("!", "true"), true},
		"sums":              {deep("1+", "1"), true},
		"comparisons":       {deep("1==", "1"), true},
		"conditions":        {deep("true?1:", "1"), true},
		"traversals":        {deep("b.", "c"), true},
		"indexes":           {"a = b" + strings.Repeat("[0]", 100_000), true},
		"lines in brackets": {"a = [\n" + strings.Repeat("1+\n", 100_000) + "1]", true},
		"list":              {deep("", "["+strings.Repeat("[1 + 2, \"a\"],\n", 100_000)+"]"), false},
		"attributes":        {strings.Repeat("a = b.c + 1\n", 100_000), false},
		"objects in a list": {"a = [" + strings.Repeat("{\n a = b.c\n d = -1\n},\n", 100_000) + "]", false},
		"brackets in text":  {strings.Repeat("a = \"[(\\\"[$${[\"\n", 100_000), false},
		"in comments":       {strings.Repeat("# [(\n// {\n/* [ */\n", 100_000), false},
		"in heredocs":       {strings.Repeat("a = <<-E\n  [( \" ${b}\n  E\n", 100_000), false},
	} {
		t.Run(name, func(t *testing.T) {
			if at, _ := measure([]byte(tt.src), maxNesting); at >= 0 != tt.deep {
				t.Errorf("found too deep: %v, want %v", at >= 0, tt.deep)
			}
		})
	}
}
