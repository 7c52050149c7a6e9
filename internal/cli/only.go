package cli

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// onlyGroup gives the part of a config that concerns one group. A permission
// set that another group shares cannot be looked at for one of them: the
// other's grants would pass for strangers.
func onlyGroup(cfg access.Config, name string) (access.Config, error) {
	all := slices.Concat(cfg.AccessGroups.Items, cfg.ExternalGroups.Items)
	at := slices.IndexFunc(all, func(g access.GroupSpec) bool { return g.Name.Value == name })
	if at < 0 {
		return cfg, unknownGroup(name, all)
	}
	group := all[at]
	for _, g := range all {
		if g.Name.Value != name && g.SetName() == group.SetName() {
			return cfg, diag.Diagnostic{Severity: diag.Error, Code: CodeUnknownGroup, Range: group.Name.Range, Related: []diag.Range{g.Name.Range},
				Summary: fmt.Sprintf("--only cannot look at group %q alone", name),
				Detail:  fmt.Sprintf("It shares the permission set %q with group %q.", group.SetName(), g.Name.Value),
				Hint:    "Leave --only out."}
		}
	}
	keep := func(g access.GroupSpec) bool { return g.Name.Value == name }
	cfg.AccessGroups.Items = filter(cfg.AccessGroups.Items, keep)
	cfg.ExternalGroups.Items = filter(cfg.ExternalGroups.Items, keep)
	cfg.Users.Items = membersOnly(cfg.Users.Items, group)
	cfg.RemovedUsers = access.List[access.Text]{}
	return cfg, nil
}

// membersOnly gives the users who are in the group, and in no other.
func membersOnly(users []access.UserSpec, group access.GroupSpec) []access.UserSpec {
	named := func(list access.List[access.Text], name string) []access.Text {
		return filter(list.Items, func(t access.Text) bool { return t.Value == name })
	}
	var out []access.UserSpec
	for _, u := range users {
		u.Groups.Items = named(u.Groups, group.Name.Value)
		if len(u.Groups.Items) > 0 || len(named(group.Members, u.UserName().Value)) > 0 {
			out = append(out, u)
		}
	}
	return out
}

func unknownGroup(name string, groups []access.GroupSpec) error {
	var names []string
	for _, g := range groups {
		names = append(names, g.Name.Value)
	}
	hint := "Give the exact name of a group of the config."
	if near := access.Nearest(name, names); near != "" {
		hint = fmt.Sprintf("Did you mean %q?", near)
	}
	return diag.Diagnostic{Severity: diag.Error, Code: CodeUnknownGroup, Summary: fmt.Sprintf("the config has no group %q", name), Hint: hint}
}

// scopeOf bounds what absence may delete to the groups of a config and their
// permission sets.
func scopeOf(cfg access.Config) plan.Scope {
	scope := plan.Scope{Groups: []string{}, Sets: []string{}}
	for _, g := range slices.Concat(cfg.AccessGroups.Items, cfg.ExternalGroups.Items) {
		scope.Groups = append(scope.Groups, g.Name.Value)
		scope.Sets = append(scope.Sets, g.SetName())
	}
	return scope
}

func filter[T any](list []T, keep func(T) bool) []T {
	var out []T
	for _, item := range list {
		if keep(item) {
			out = append(out, item)
		}
	}
	return out
}
