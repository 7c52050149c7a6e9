package config

import "github.com/rolecall-dev/rolecall/internal/access"

// KeyDoc documents one key.
type KeyDoc = access.KeyDoc

type (
	text  = access.Text
	texts = access.List[access.Text]
)

// Schema returns every key of an access config.
func Schema() []KeyDoc { return access.Keys().Docs() }

// ModuleKeys are keys that stand beside the config in a Terraform module's
// variables, with the same meaning as in rolecall.hcl.
func ModuleKeys() []KeyDoc {
	return []KeyDoc{{Path: "owner", Type: "string", Meaning: "The owner, as in `rolecall.hcl`; written in both, they must be equal."}}
}
