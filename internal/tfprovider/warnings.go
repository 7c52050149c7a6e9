package tfprovider

import (
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// warnings are those that this process has given at a resource's plan. Terraform
// plans each resource once more in the process that applies it, and shows every
// warning that it gets: the apply says only what that plan did not.
type warnings struct {
	mu      sync.Mutex
	planned map[string]diag.Diagnostics
}

// plan notes what the plan of a resource says, and returns it.
func (w *warnings) plan(list diag.Diagnostics, resource ...string) diag.Diagnostics {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.planned == nil {
		w.planned = map[string]diag.Diagnostics{}
	}
	w.planned[strings.Join(resource, "\x00")] = list.Warnings()
	return list
}

// apply leaves out of what the apply of a resource says the warnings of its plan.
func (w *warnings) apply(list diag.Diagnostics, resource ...string) diag.Diagnostics {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := w.planned[strings.Join(resource, "\x00")]
	var news diag.Diagnostics
	for _, d := range list {
		if !said.Contains(d) {
			news = append(news, d)
		}
	}
	return news
}
