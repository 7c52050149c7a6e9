package cli

import (
	"fmt"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// onlyGroups returns the part of a config that concerns some groups; all of it
// where none is named.
func onlyGroups(cfg access.Config, names []string) (access.Config, error) {
	if len(names) == 0 {
		return cfg, nil
	}
	all := groupsOf(cfg)
	for _, name := range names {
		if !slices.ContainsFunc(all, func(g access.GroupSpec) bool { return g.Name.Value == name }) {
			return cfg, unknownGroup(name, all)
		}
	}
	keep := func(g access.GroupSpec) bool { return slices.Contains(names, g.Name.Value) }
	cfg.AccessGroups.Items = filter(cfg.AccessGroups.Items, keep)
	cfg.ExternalGroups.Items = filter(cfg.ExternalGroups.Items, keep)
	cfg.Users.Items = membersOnly(cfg.Users.Items, groupsOf(cfg))
	cfg.RemovedUsers = access.List[access.Text]{}
	return cfg, nil
}

func groupsOf(cfg access.Config) []access.GroupSpec {
	return slices.Concat(cfg.AccessGroups.Items, cfg.ExternalGroups.Items)
}

// membersOnly returns the users who are in one of the groups, and in no other.
func membersOnly(users []access.UserSpec, groups []access.GroupSpec) []access.UserSpec {
	called := func(t access.Text) bool {
		return slices.ContainsFunc(groups, func(g access.GroupSpec) bool { return g.Name.Value == t.Value })
	}
	member := func(u access.UserSpec) bool {
		return slices.ContainsFunc(groups, func(g access.GroupSpec) bool {
			return slices.ContainsFunc(g.Members.Items, func(m access.Text) bool { return m.Value == u.UserName().Value })
		})
	}
	var out []access.UserSpec
	for _, u := range users {
		u.Groups.Items = filter(u.Groups.Items, called)
		if len(u.Groups.Items) > 0 || member(u) {
			out = append(out, u)
		}
	}
	return out
}

func unknownGroup(name string, groups []access.GroupSpec) error {
	var known []string
	for _, g := range groups {
		known = append(known, g.Name.Value)
	}
	hint := names.DidYouMean(names.Meant(name, known), "Pass the exact name of a group in the config.")
	return diag.Diagnostic{Severity: diag.Error, Code: CodeUnknownGroup, Summary: fmt.Sprintf("the config has no group %q", name), Hint: hint}
}

// scopeOf bounds a plan to the groups of a part of the config and their
// permission sets: nobody else gains or loses anything.
func scopeOf(part, whole access.Config) plan.Scope {
	scope := plan.Scope{Groups: []string{}, Sets: []string{}, Only: true, Sharing: map[string][]string{}, SharingIn: map[string][]string{}}
	for _, g := range groupsOf(part) {
		scope.Groups = append(scope.Groups, g.Name.Value)
		if !slices.Contains(scope.Sets, g.SetName()) {
			scope.Sets = append(scope.Sets, g.SetName())
		}
	}
	for _, g := range groupsOf(whole) {
		set := g.SetName()
		if slices.Contains(scope.Groups, g.Name.Value) || !slices.Contains(scope.Sets, set) {
			continue
		}
		scope.Sharing[set] = append(scope.Sharing[set], g.Name.Value)
		for _, a := range g.AccountsNames.Items {
			scope.SharingIn[set] = append(scope.SharingIn[set], a.Value)
		}
	}
	return scope
}

// asInWhole returns the sets of a part of the config as the whole config has them:
// what the others who share a set say of it stays on it.
func asInWhole(part, whole access.State) access.State {
	for i, p := range part.Sets {
		if at := whole.SetIndex(p.Name); at >= 0 {
			origin := p.Origin
			part.Sets[i] = whole.Sets[at]
			part.Sets[i].Origin = origin
		}
	}
	return part
}

// filter returns a new list: the whole config keeps the old one.
func filter[T any](list []T, keep func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(item T) bool { return !keep(item) })
}
