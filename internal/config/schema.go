package config

import "github.com/rolecall-dev/rolecall/internal/access"

type (
	text  = access.Text
	texts = access.List[access.Text]
)

// Schema returns every key of an access config. The pages and the tests that
// hold other packages to the table ask, no program does.
func Schema() []access.KeyDoc { return access.Keys().Docs() }

// ModuleKeys are keys that stand beside the config in a Terraform module's
// variables, with the same meaning as in rolecall.hcl. Who asks is as for Schema.
func ModuleKeys() []access.KeyDoc {
	return []access.KeyDoc{{Path: "owner", Type: "string", Meaning: "The owner, as in `rolecall.hcl`; written in both, they must be equal."}}
}
