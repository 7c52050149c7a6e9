package access

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/diag"
)

// renames are the former names of one kind of things.
type renames struct {
	kind    string // "user", "group"
	defined *nameTable
	former  map[string]Text // by the folded name: AWS takes it for one in any case
	moved   map[string]bool // names whose things were called otherwise before
}

// note takes in that something was called otherwise before.
func (r renames) note(name, former Text) {
	if former.Value != "" {
		r.moved[name.Value] = true
	}
}

// checkPreviously refuses a former name that still names something, and one that
// two things had.
func (k *checker) checkPreviously(former, now Text, r renames) {
	if former.Value == "" {
		return
	}
	if former.Value == now.Value {
		k.errorf(CodePreviously, former.Range, "Write the former name, or remove `previously`.", "`previously` of the %s %q is its current name", r.kind, now.Value)
	} else if other, ok := r.defined.exact[former.Value]; ok {
		hint := "Remove `previously`, or the other definition."
		if r.moved[former.Value] {
			hint = "Rename one at a time: first only the one whose new name is free (if they exchange names: one of them, to a third name), with the others as AWS has them; apply, remove its `previously`, and rename the next."
			if r.kind == "group" {
				hint += " If the identity provider has already renamed them all, write their current names, without `previously`, and agree to those that moved with `--allow-rebind NAME`."
			}
		}
		k.add(diag.Error, CodePreviously, former.Range, hint,
			fmt.Sprintf("%q is still defined, so it cannot be the former name of the %s %q", former.Value, r.kind, now.Value), other.Range)
	}
	if first, ok := r.former[fold(former.Value)]; ok {
		k.add(diag.Error, CodePreviously, former.Range, "Keep `previously` only on its successor.",
			fmt.Sprintf("%q cannot be the former name of two things", former.Value), first.Range)
		return
	}
	r.former[fold(former.Value)] = former
}
