package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// configured is what all resources have: the session of the provider block.
type configured struct{ session *session }

func (c *configured) Configure(_ context.Context, req resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if s, ok := req.ProviderData.(*session); ok {
		c.session = s
	}
}

// identified is a resource that is known by an identity, which changes where the object
// is deleted outside and made again.
type identified interface {
	resource.ResourceWithConfigure
	resource.ResourceWithModifyPlan
	resource.ResourceWithImportState
	resource.ResourceWithValidateConfig
	resource.ResourceWithIdentity
}

var _ = []identified{(*groupResource)(nil), (*membersResource)(nil), (*userResource)(nil)}

// withIdentity answers for a resource whose identity changes.
func withIdentity(resp *resource.MetadataResponse, name string) {
	resp.TypeName = name
	resp.ResourceBehavior = resource.ResourceBehavior{MutableIdentity: true}
}

// importedID is what an import names: the text of the command or block, or else an
// attribute of the identity.
func importedID(ctx context.Context, req resource.ImportStateRequest, attribute string) (string, diag.Diagnostics) {
	if req.ID != "" || req.Identity == nil {
		return req.ID, nil
	}
	var id types.String
	found := req.Identity.GetAttribute(ctx, path.Root(attribute), &id)
	return id.ValueString(), found
}

// setTexts sets attributes of a state: names and values in turn.
func setTexts(ctx context.Context, state *tfsdk.State, pairs ...string) diag.Diagnostics {
	var found diag.Diagnostics
	for i := 0; i+1 < len(pairs); i += 2 {
		found.Append(state.SetAttribute(ctx, path.Root(pairs[i]), pairs[i+1])...)
	}
	return found
}
