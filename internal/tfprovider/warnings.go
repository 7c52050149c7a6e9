package tfprovider

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// warnings are those that this process has given at a resource's plan. Terraform
// plans each resource once more in the process that applies it, and shows every
// warning that it gets: the apply says only what that plan did not.
type warnings struct{ planned memory[diag.Diagnostics] }

// plan notes what the plan of a resource says, and returns it.
func (w *warnings) plan(list diag.Diagnostics, resource ...string) diag.Diagnostics {
	w.planned.note(list.Warnings(), resource...)
	return list
}

// apply leaves out of what the apply of a resource says the warnings of its plan.
func (w *warnings) apply(list diag.Diagnostics, resource ...string) diag.Diagnostics {
	return slices.DeleteFunc(slices.Clone(list), w.planned.recall(resource...).Contains)
}
