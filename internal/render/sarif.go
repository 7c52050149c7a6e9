package render

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// SARIFReport is what a SARIF log is made of.
type SARIFReport struct {
	// Version is rolecall's own, as it prints it.
	Version string
	// Category tells the reports of several configs in one repository apart;
	// it is the config's path there.
	Category string
	// Codes explain the findings' codes.
	Codes    diag.Docs
	Findings diag.List
	// Sources are the texts of the files that findings point into; one may be
	// missing.
	Sources diag.Sources
	// Path returns a file's path relative to the root of the repository, with
	// slashes, or its absolute path where it lies outside. It takes the name
	// that ranges have.
	Path func(file string) string
}

// sarifDocs is where the findings' codes are explained, each with an anchor of
// its name.
const sarifDocs = "https://github.com/rolecall-dev/rolecall/blob/main/docs/diagnostics.md"

// sarifRoot is the base of relative paths, by the name that code scanning
// services give to the root of the repository. Where that is on this machine is
// not in the log (run.originalUriBaseIds): the services know where they have it,
// and the same findings give the same log everywhere.
const sarifRoot = "%SRCROOT%"

// SARIF writes findings in the Static Analysis Results Interchange Format,
// version 2.1.0 (OASIS Standard, 27 March 2020), as code scanning services take
// it: an error is of level error, a warning of warning, a note of note. No text
// of the sources goes into it but what the findings themselves say.
func SARIF(w io.Writer, r SARIFReport) error {
	return encode(w, r.log(), "  ", "the findings as SARIF")
}

func (r SARIFReport) log() sarifLog {
	rules, index := r.rules()
	run := sarifRun{
		Tool: sarifTool{Driver: sarifDriver{Name: "rolecall", Version: r.Version,
			InformationURI: "https://github.com/rolecall-dev/rolecall", Rules: rules}},
		AutomationDetails: sarifAutomation{ID: r.id()},
		ColumnKind:        "utf16CodeUnits",
		Results:           []sarifResult{},
	}
	prints := newFingerprints(r.Sources)
	for _, d := range r.Findings.Sorted() {
		run.Results = append(run.Results, r.result(d, index[d.Code], prints))
	}
	return sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
}

// id is what services keep reports apart by: one that ends in / is a category,
// without a run's own part (section 3.17.3).
func (r SARIFReport) id() string {
	if name := strings.Trim(r.Category, "/"); name != "" && name != "." {
		return "rolecall/" + name + "/"
	}
	return "rolecall/"
}

// rules returns a rule for each code that was found, in order, and where it is.
func (r SARIFReport) rules() ([]sarifRule, map[diag.Code]int) {
	var found []diag.Code
	for _, d := range r.Findings {
		found = append(found, d.Code)
	}
	slices.Sort(found)
	found = slices.Compact(found)
	rules, index := make([]sarifRule, len(found)), make(map[diag.Code]int, len(found))
	for i, code := range found {
		index[code], rules[i] = i, r.rule(code)
	}
	return rules, index
}

func (r SARIFReport) rule(code diag.Code) sarifRule {
	doc, known := r.Codes.Of(code)
	if !known {
		doc = diag.CodeDoc{Meaning: string(code), Do: "See the finding."}
	}
	area, _, _ := strings.Cut(string(code), ".")
	uri := sarifDocs + "#" + string(code)
	return sarifRule{ID: string(code), Short: plainText(doc.Meaning), Full: plainText(doc.Meaning), HelpURI: uri,
		Help:       sarifText{Text: unlinked(doc.Do), Markdown: fmt.Sprintf("%s [%s](%s)", doc.Do, code, uri)},
		Properties: sarifProperties{Tags: []string{area}}}
}

func (r SARIFReport) result(d diag.Diagnostic, rule int, prints *fingerprints) sarifResult {
	out := sarifResult{RuleID: string(d.Code), RuleIndex: rule, Level: string(d.Severity), Message: plainText(message(d)), Locations: []sarifLocation{}}
	where := ""
	if !d.Range.IsZero() {
		where = r.Path(d.Range.File)
		out.Locations = append(out.Locations, r.location(d.Range))
	}
	for i, at := range d.Related {
		l := r.location(at)
		l.ID, l.Message = i+1, &sarifText{Text: "see also"}
		out.Related = append(out.Related, l)
	}
	out.Fingerprints = prints.of(d, where)
	return out
}

// message is the finding in whole sentences; services that have little room
// show the first.
func message(d diag.Diagnostic) string {
	parts := []string{d.Summary + "."}
	if d.Detail != "" {
		parts = append(parts, d.Detail)
	}
	if d.Hint != "" {
		parts = append(parts, "Hint: "+d.Hint)
	}
	return strings.Join(parts, "\n\n")
}

func plainText(text string) sarifText { return sarifText{Text: unlinked(text)} }

// unlinked keeps a name of the config from becoming a link: in SARIF's plain
// messages, [text](target) is one (section 3.11.6).
func unlinked(text string) string {
	if !strings.Contains(text, "](") {
		return text
	}
	return strings.ReplaceAll(text, "[", `\[`)
}
