package main

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCheck(t *testing.T) {
	documents := fstest.MapFS{
		"README.md": {Data: []byte(strings.Join([]string{
			"# Title", "[good](docs/a.md) and [section](docs/a.md#two-words) and [self](#title)",
			"[gone](docs/b.md)", "[no heading](docs/a.md#three)", "[web](https://example.com/x.md)",
			"`[code](gone.md)`", "```", "[block](gone.md)", "```", "[folder](docs)", "[out](../x.md)",
			"[root](/docs/a.md)", "[ref]: docs/c.md", "[again](docs/a.md#two-words-1)",
		}, "\n"))},
		"docs/a.md": {Data: []byte("# A\n## Two words\n[up](../README.md)\n## `Two` words\n```\n# three\n```\n")},
	}
	links, broken, err := check(documents)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"README.md:3: docs/b.md: does not exist",
		"README.md:4: docs/a.md#three: the document has no such heading",
		"README.md:11: ../x.md: leads out of the repository",
		"README.md:12: /docs/a.md: begins at the root of the machine; write it relative to the document",
		"README.md:13: docs/c.md: does not exist",
	}
	if links != 11 || !slices.Equal(broken, want) {
		t.Errorf("%d links, broken:\n%s", links, strings.Join(broken, "\n"))
	}
}
