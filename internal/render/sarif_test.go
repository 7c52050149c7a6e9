package render_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// place finds a text in a source, with lines and columns as config gives them.
func place(t *testing.T, sources diag.Sources, file, text string) diag.Range {
	t.Helper()
	src := string(sources[file])
	from := strings.Index(src, text)
	if from < 0 {
		t.Fatalf("%s does not have %q", file, text)
	}
	pos := func(at int) diag.Pos {
		line := src[strings.LastIndexByte(src[:at], '\n')+1 : at]
		return diag.Pos{Line: 1 + strings.Count(src[:at], "\n"), Column: 1 + len([]rune(line)), Byte: at}
	}
	return diag.Range{File: file, Start: pos(from), End: pos(from + len(text))}
}

func sarifReport(t *testing.T) render.SARIFReport {
	sources := diag.Sources{
		"access/terraform.tfvars": []byte("users = []\n\naccess_groups = [\n  { description = \"𝄞 é\", name = \"Team\" },\n  { name = \"Team\" },\n]\n"),
		"access/rolecall.hcl":     []byte("scim {\n  token = \"hunter2\"\n}\n"),
	}
	file := "access/terraform.tfvars"
	second := place(t, sources, file, "{ name = \"Team\" }")
	return render.SARIFReport{
		Version: "v1.2.3", Category: "access", Sources: sources,
		Path: func(name string) string { return strings.Replace(name, "access/", "infra/my access/", 1) },
		Codes: diag.Docs{
			{Code: "access.duplicate-group", Meaning: "Two groups have one name.", Do: "Merge them or rename one."},
			{Code: "lint.description", Meaning: "A group's description is empty.", Do: "Say what it is for."},
			{Code: "not.found", Meaning: "Nobody found this.", Do: "Nothing."},
		},
		Findings: diag.List{
			{Severity: diag.Warning, Code: "lint.description", Range: place(t, sources, file, `"Team"`), Summary: `the description of the group "[a](http://b)" is empty`},
			{Severity: diag.Error, Code: "access.duplicate-group", Range: second, Summary: `the group "Team" is defined twice`,
				Detail: "Names are unique.", Hint: "Merge the two.", Related: []diag.Range{place(t, sources, file, `{ description = "𝄞 é", name = "Team" }`)}},
			{Severity: diag.Error, Code: "config.secret", Range: place(t, sources, "access/rolecall.hcl", "token"), Summary: `"token" is a secret`, Snippet: "token = (not shown)"},
			{Severity: diag.Note, Code: "config.no-config", Range: diag.Range{File: "/elsewhere/a b"}, Summary: "there is no config"},
			{Severity: diag.Error, Code: "config.no-config", Summary: "nowhere"},
			{Severity: diag.Error, Code: "config.no-config", Summary: "nowhere"},
		},
	}
}

func sarif(t *testing.T, r render.SARIFReport) []byte {
	return written(t, func(b *bytes.Buffer) error { return render.SARIF(b, r) })
}

func TestSARIF(t *testing.T) {
	got := sarif(t, sarifReport(t))
	golden(t, "findings.sarif", got)
	if bytes.Contains(got, []byte("hunter2")) {
		t.Error("the log shows a secret of the source")
	}
	wholeSARIF(t, got)
}

func TestSARIFOfNothing(t *testing.T) {
	got := sarif(t, render.SARIFReport{Category: ".", Path: func(name string) string { return name }})
	wholeSARIF(t, got)
	if !bytes.Contains(got, []byte(`"results": []`)) || !bytes.Contains(got, []byte(`"id": "rolecall/"`)) {
		t.Errorf("a log without findings is\n%s", got)
	}
}

// TestSARIFColumns: 𝄞 is two UTF-16 code units, four bytes and one character.
func TestSARIFColumns(t *testing.T) {
	log := string(sarif(t, sarifReport(t)))
	src := "  { description = \"𝄞 é\", name = "
	if want := fmt.Sprintf(`"startColumn": %d`, len([]rune(src))+2); !strings.Contains(log, want) {
		t.Errorf("no place has %s, counted in UTF-16 code units:\n%s", want, log)
	}
}

// TestSARIFFingerprints: lines above a finding change none of its fingerprints,
// and equal findings have different ones.
func TestSARIFFingerprints(t *testing.T) {
	before := fingerprints(t, sarif(t, sarifReport(t)))
	r := sarifReport(t)
	more := "# one\n# two\n"
	for file, src := range r.Sources {
		r.Sources[file] = append([]byte(more), src...)
	}
	for i, d := range r.Findings {
		if d.Range.Start.Line > 0 {
			for _, p := range []*diag.Pos{&d.Range.Start, &d.Range.End} {
				p.Line, p.Byte = p.Line+2, p.Byte+len(more)
			}
			r.Findings[i] = d
		}
	}
	if diff := cmp.Diff(before, fingerprints(t, sarif(t, r))); diff != "" {
		t.Errorf("two lines more change fingerprints (-before +after):\n%s", diff)
	}
	seen := map[string]bool{}
	for _, prints := range before {
		if own := prints["rolecallFinding/v1"]; own == "" || seen[own] {
			t.Errorf("%q is no fingerprint of its own", own)
		} else {
			seen[own] = true
		}
	}
}

func fingerprints(t *testing.T, log []byte) []map[string]string {
	var l struct {
		Runs []struct {
			Results []struct{ PartialFingerprints map[string]string }
		}
	}
	if err := json.Unmarshal(log, &l); err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, r := range l.Runs[0].Results {
		out = append(out, r.PartialFingerprints)
	}
	return out
}

// wholeSARIF demands what the standard's JSON schema and GitHub's page "SARIF
// support for code scanning" require of the parts that are written.
func wholeSARIF(t *testing.T, text []byte) {
	t.Helper()
	var log map[string]any
	if err := json.Unmarshal(text, &log); err != nil {
		t.Fatal(err)
	}
	noNulls(t, "log", log)
	if log["version"] != "2.1.0" || !strings.Contains(log["$schema"].(string), "sarif-2.1.0") {
		t.Errorf("version %v, schema %v", log["version"], log["$schema"])
	}
	run := log["runs"].([]any)[0].(map[string]any)
	has(t, "run", run, "tool", "results", "columnKind", "automationDetails")
	driver := run["tool"].(map[string]any)["driver"].(map[string]any)
	has(t, "driver", driver, "name", "rules")
	rules := driver["rules"].([]any)
	for _, rule := range rules {
		wholeRule(t, rule.(map[string]any))
	}
	for _, result := range run["results"].([]any) {
		wholeResult(t, result.(map[string]any), rules)
	}
}

func wholeRule(t *testing.T, rule map[string]any) {
	has(t, "rule", rule, "id", "shortDescription", "fullDescription", "help", "helpUri")
	for _, text := range []string{"shortDescription", "fullDescription", "help"} {
		has(t, "rule's "+text, rule[text].(map[string]any), "text")
	}
	if u, err := url.Parse(rule["helpUri"].(string)); err != nil || !u.IsAbs() || u.Fragment != rule["id"] {
		t.Errorf("helpUri %v leads nowhere (%v)", rule["helpUri"], err)
	}
}

func wholeResult(t *testing.T, result map[string]any, rules []any) {
	has(t, "result", result, "ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints")
	has(t, "message", result["message"].(map[string]any), "text")
	if rule := rules[int(result["ruleIndex"].(float64))].(map[string]any); rule["id"] != result["ruleId"] {
		t.Errorf("the rule of %v is %v", result["ruleId"], rule["id"])
	}
	if level := result["level"]; level != "error" && level != "warning" && level != "note" {
		t.Errorf("there is no level %v", level)
	}
	related, _ := result["relatedLocations"].([]any)
	for _, l := range append(related, result["locations"].([]any)...) {
		wholePlace(t, l.(map[string]any)["physicalLocation"].(map[string]any))
	}
}

func wholePlace(t *testing.T, place map[string]any) {
	artifact := place["artifactLocation"].(map[string]any)
	u, err := url.Parse(artifact["uri"].(string))
	if err != nil {
		t.Fatal(err)
	}
	if base, relative := artifact["uriBaseId"].(string); relative == u.IsAbs() || relative && base != "%SRCROOT%" {
		t.Errorf("the URI %v with the base %q leads nowhere", u, base)
	}
	region, found := place["region"].(map[string]any)
	if !found {
		return
	}
	number := func(key string) int { n, _ := region[key].(float64); return int(n) }
	if number("startLine") < 1 || number("startColumn") < 1 {
		t.Errorf("a region begins at %v", region)
	}
	sameLine := number("endLine") == number("startLine")
	if number("endLine") < number("startLine") || sameLine && number("endColumn") < number("startColumn") {
		t.Errorf("a region ends before it begins: %v", region)
	}
}

func has(t *testing.T, what string, object map[string]any, keys ...string) {
	t.Helper()
	for _, key := range keys {
		if v, ok := object[key]; !ok || v == "" {
			t.Errorf("the %s has no %s", what, key)
		}
	}
}

func noNulls(t *testing.T, path string, v any) {
	switch v := v.(type) {
	case nil:
		t.Errorf("%s is null, which SARIF does not know", path)
	case map[string]any:
		for k, e := range v {
			noNulls(t, path+"."+k, e)
		}
	case []any:
		for i, e := range v {
			noNulls(t, fmt.Sprintf("%s[%d]", path, i), e)
		}
	}
}
