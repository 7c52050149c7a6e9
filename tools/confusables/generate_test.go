package main

import (
	"strings"
	"testing"
)

const sample = "\uFEFF# confusables.txt\n# Version: 15.0.0\n#\n" +
	"0430 ;\t0061 ;\tMA\t# CYRILLIC SMALL LETTER A\n" +
	"006D ;\t0072 006E ;\tMA\t# m\n" +
	"2010 ;\t002D ;\tMA\t# HYPHEN\n" +
	"0501 ;\t0064 ;\tMA\n" +
	"0049 ;\t006C ;\tMA\n" +
	"04C0 ;\t0049 ;\tMA\t# not closed in this sample\n" +
	"1D5BA ;\t0061 ;\tMA\t# NFKD takes it apart\n" +
	"0C66 ;\t006F ;\tMA\t# TELUGU DIGIT ZERO\n"

func TestGenerate(t *testing.T) {
	d, err := parse(sample)
	if err != nil {
		t.Fatal(err)
	}
	source, err := generate(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"confusables.txt 15.0.0",
		"\n0430 ; 0061\n", "\n006D ; 0072 006E\n", "\n2010 ; 002D\n", "\n0501 ; 0064\n",
		"\n04C0 ; 006C\n", // closed: U+04C0 looks like I, and I like l
	} {
		if !strings.Contains(string(source), want) {
			t.Errorf("the table lacks %s:\n%s", want, source)
		}
	}
	for _, not := range []string{"\n1D5BA ;", "\n0C66 ;"} {
		if strings.Contains(string(source), not) {
			t.Errorf("the table has %s:\n%s", not, source)
		}
	}
	again, err := generate(d)
	if err != nil || string(again) != string(source) {
		t.Errorf("the same data made another table (%v)", err)
	}
}

func TestParseRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no version":    "0430 ; 0061 ; MA",
		"no mappings":   "# Version: 15.0.0",
		"no hex":        "# Version: 1\n04XX ; 0061 ; MA",
		"two sources":   "# Version: 1\n0430 0431 ; 0061 ; MA",
		"no target":     "# Version: 1\n0430 ; ; MA",
		"only a source": "# Version: 1\n0430",
	} {
		if _, err := parse(text); err == nil {
			t.Errorf("%s: parse took %q", name, text)
		}
	}
}

func TestMappingsThatDoNotEnd(t *testing.T) {
	d, err := parse("# Version: 1\n0061 ; 0062 ; MA\n0062 ; 0061 ; MA\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := generate(d); err == nil {
		t.Error("a circle of mappings made a table")
	}
}
