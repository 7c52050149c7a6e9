package config

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// SettingsSchema returns every key of rolecall.hcl.
func SettingsSchema() []access.KeyDoc {
	out := slices.Concat(settingsKind().Docs(), under("guards", guardsKind().Docs()), under("scim", scimKind().Docs()))
	for _, lint := range LintDocs() {
		path := "lints." + lint.Key
		out = append(out, access.KeyDoc{Path: path, Type: "string or object", Default: lint.Default,
			Meaning: "The lint `" + string(lint.Code) + "`, see [lints](lints.md): its severity alone, or an object of these:"})
		out = append(out, under(path, lint.Keys)...)
	}
	return append(out, under(`connector "<kind>"`, connectorKind().Docs())...)
}

func under(block string, docs []access.KeyDoc) []access.KeyDoc {
	docs = slices.Clone(docs)
	for i := range docs {
		docs[i].Path = block + "." + docs[i].Path
	}
	return docs
}

// LintDoc documents one lint for people.
type LintDoc struct {
	diag.CodeDoc
	Key     string // what sets it in the block lints of rolecall.hcl
	Default string // "warning", or "off until `key` is set"
	Keys    []access.KeyDoc
	Example string // a line of the block lints
}

// LintDocs returns every lint, in the order in which docs/lints.md has them.
func LintDocs() []LintDoc {
	codes := access.LintCodes()
	out := make([]LintDoc, len(codes))
	for i, kind := range lintKinds() {
		at := slices.IndexFunc(codes, func(c diag.CodeDoc) bool { return c.Code == kind.code })
		if at < 0 {
			panic(fmt.Sprintf("the lint %q has no row in access.LintCodes: add it to internal/access/codes.go", kind.code))
		}
		out[i] = LintDoc{CodeDoc: codes[at], Key: kind.key(), Default: "warning", Keys: kind.Docs(), Example: kind.example()}
		if kind.needs != "" {
			out[i].Default = fmt.Sprintf("off until `%s` is set", kind.needs)
		}
	}
	return out
}
