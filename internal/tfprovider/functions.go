package tfprovider

import (
	"context"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// textFunction is a function of one text that returns a text. It is pure:
// Terraform runs functions in a process of their own that is never configured.
type textFunction struct{ textFunctionDef }

type textFunctionDef struct {
	name, summary, text, parameter string
	call                           func(string) string
}

func setNameFunction() textFunctionDef {
	return textFunctionDef{name: "permission_set_name", parameter: "group", call: access.PermissionSetName,
		summary: "Name of a group's permission set",
		text:    "Returns the name of the permission set of a group that has no `permission_set_name`: the group's own name, made legal for AWS, which takes at most 32 of `[A-Za-z0-9_+=,.@-]`. Where that loses characters, a short hash keeps it unique."}
}

func groupNameFunction() textFunctionDef {
	return textFunctionDef{name: "normalize_group_name", parameter: "name", call: normalizeGroupName,
		summary: "A group's name in plain spelling",
		text:    "Returns a group's name as a keyboard types it: plain spaces, one at a time and none at the ends, plain dashes, no invisible characters. Names pasted from a document often differ only in this from those that the identity provider pushes, and AWS treats them as different names. Upper and lower case are kept."}
}

// normalizeGroupName returns a name in the spelling that a keyboard gives.
// Terraform has composed the accents already: its texts are in NFC.
func normalizeGroupName(name string) string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Pd, r) || r == '\u2212':
			return '-'
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point):
			return -1
		default:
			return r
		}
	}, name)
	return strings.Join(strings.Fields(plain), " ")
}

func (f textFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = f.name
}

func (f textFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{Summary: f.summary, MarkdownDescription: f.text,
		Parameters: []function.Parameter{function.StringParameter{Name: f.parameter, MarkdownDescription: "The " + strings.ReplaceAll(f.parameter, "name", "group's name") + "."}},
		Return:     function.StringReturn{}}
}

func (f textFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var in string
	if resp.Error = req.Arguments.Get(ctx, &in); resp.Error == nil {
		resp.Error = resp.Result.Set(ctx, f.call(in))
	}
}
