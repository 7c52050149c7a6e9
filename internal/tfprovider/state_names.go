package tfprovider

import (
	"context"
	"encoding/json"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	findings "github.com/rolecall-dev/rolecall/internal/diag"
)

// stateNames is what the state of a resource names: its group, members and accounts. A
// refresh takes out of the state what AWS no longer has, so the names that were last
// applied are kept beside it, in the state's private part.
type stateNames map[findings.Subject]bool

func (n stateNames) add(kind findings.Kind, names ...string) stateNames {
	for _, name := range names {
		n[findings.Subject{Kind: kind, Name: name}] = true
	}
	return n
}

// has says whether the name that a finding is about is among them.
func (n stateNames) has(s findings.Subject) bool {
	return n[findings.Subject{Kind: s.Kind, Name: s.Name}]
}

func (n stateNames) join(other stateNames) stateNames {
	maps.Copy(n, other)
	return n
}

func (g groupData) stateNames() stateNames {
	return stateNames{}.add(findings.Group, g.Name.ValueString()).add(findings.User, stringsOf(g.Members)...).add(findings.Account, stringsOf(g.AccountsNames)...)
}

func (m membersModel) stateNames() stateNames {
	return stateNames{}.add(findings.Group, m.Group.ValueString()).add(findings.User, stringsOf(m.Members)...)
}

// privateKey is where the private part of a state has the names.
const privateKey = "names"

// private is the part of a state that Terraform keeps and does not show.
type private interface {
	GetKey(context.Context, string) ([]byte, diag.Diagnostics)
	SetKey(context.Context, string, []byte) diag.Diagnostics
}

// keepKey writes a value as JSON into the private part.
func keepKey(ctx context.Context, to private, key string, value any) diag.Diagnostics {
	text, err := json.Marshal(value)
	if err != nil {
		return failed(err)
	}
	return to.SetKey(ctx, key, text)
}

// keptKey reads what keepKey wrote; the zero value and false where there is none, as in a
// state of an earlier version.
func keptKey[T any](ctx context.Context, from private, key string) (value T, ok bool) {
	text, _ := from.GetKey(ctx, key)
	if text == nil || json.Unmarshal(text, &value) != nil {
		return *new(T), false
	}
	return value, true
}

// keep writes the names beside the state.
func (n stateNames) keep(ctx context.Context, to private) diag.Diagnostics {
	names := map[findings.Kind][]string{}
	for s := range n {
		names[s.Kind] = append(names[s.Kind], s.Name)
	}
	return keepKey(ctx, to, privateKey, names)
}

// doorKey is where the private part of a state says that the object had Terraform's word
// in its mark: if it has it no more, the command has taken it over.
const doorKey = "via"

// keepDoor notes that what the resource made, or took over, says so in its mark.
func keepDoor(ctx context.Context, to private) diag.Diagnostics {
	return keepKey(ctx, to, doorKey, true)
}

// saidDoor says that it did.
func saidDoor(ctx context.Context, from private) bool {
	said, _ := keptKey[bool](ctx, from, doorKey)
	return said
}

// saidDestroys is what the plan of a destroy said besides what the state shows.
func saidDestroys(ctx context.Context, from private) []string {
	said, _ := keptKey[[]string](ctx, from, destroysKey)
	return said
}

// accountsKey is where the private part of a state has the ids of the accounts that were
// applied last, by name: a refresh takes those out of the state where nothing is granted,
// and a plan that has promised an id keeps it.
const accountsKey = "accounts"

func keepAccounts(ctx context.Context, g groupData, to private) diag.Diagnostics {
	ids := map[string]string{}
	for name, v := range g.AccountIDs.Elements() {
		if id, ok := v.(types.String); ok && !id.IsUnknown() {
			ids[name] = id.ValueString()
		}
	}
	return keepKey(ctx, to, accountsKey, ids)
}

func keptAccounts(ctx context.Context, from private) map[string]string {
	ids, _ := keptKey[map[string]string](ctx, from, accountsKey)
	return ids
}

// kept reads them; false where none are kept, as in a state of an earlier version.
func kept(ctx context.Context, from private) (stateNames, bool) {
	names, ok := keptKey[map[findings.Kind][]string](ctx, from, privateKey)
	n := stateNames{}
	for kind, list := range names {
		n.add(kind, list...)
	}
	return n, ok
}

// refreshed keeps what the state names before a refresh puts in what AWS has.
func refreshed(ctx context.Context, names stateNames, to private) (stateNames, diag.Diagnostics) {
	if n, ok := kept(ctx, to); ok {
		return n.join(names), nil
	}
	return names, names.keep(ctx, to)
}
