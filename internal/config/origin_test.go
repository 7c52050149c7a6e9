package config_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// originObject is what another file's locals hold, also as an object in place.
const originObject = `{
  teams = ["a@b.c"]
  policies = []
  read_only = "x"
  none = null
  object = { teams = [] }
  objects = { x = { teams = [] } }
  text = { x = "c@b.c" }
  people = [{ mail = "a@b.c" }]
}`

// TestTryHidesNoNameOfAnotherFile: what another file holds knows that wherever
// it goes, so that a name misspelt in it is found, in whatever form it is asked
// for. What is like no name there stays optional, and so is what is like one that
// the config asks for as well: both are names of their own, such as team1 and team2.
func TestTryHidesNoNameOfAnotherFile(t *testing.T) {
	const (
		teams  = `other.hcl has no local "team"; Did you mean "teams"?`
		inputs = `other.hcl has no input "team"; Did you mean "teams"?`
		fine   = ""
	)
	for expr, want := range map[string]string{
		`try(local.access.team, [])`:                                                 teams,
		`try(local.access["team"], [])`:                                              teams,
		`try(local.access[local.key], [])`:                                           teams,
		`try(local.access.team[0].x, [])`:                                            teams,
		`try((local.access).team, [])`:                                               teams,
		`try([local.access][0].team, [])`:                                            teams,
		`try({ a = local.access }.a.team, [])`:                                       teams,
		`try([for a in [local.access] : a.team][0], [])`:                             teams,
		`try([local.access][*].team[0], [])`:                                         teams,
		`try([local.access].*.team[0], [])`:                                          teams,
		`try(local.again.team, [])`:                                                  teams,
		`try(local.chosen.team, [])`:                                                 teams,
		`try(merge(local.access, { x = 1 }).team, [])`:                               teams,
		`try(local.merged.team, [])`:                                                 teams,
		`try(local.held.access.team, [])`:                                            teams,
		`try({ for k, v in local.access : k => v }.team, [])`:                        teams,
		`try(try(local.access, {}).team, [])`:                                        teams,
		`can(local.access.team) ? local.access.teams : []`:                           fine,
		`lookup(local.access, "team", [])`:                                           teams,
		`lookup(local.access, local.key, [])`:                                        teams,
		`lookup(local.other.locals, "team", [])`:                                     teams,
		`lookup(read_terragrunt_config("other.hcl").locals, "team", [])`:             teams,
		`lookup(lookup(local.other, "locals"), "team", [])`:                          teams,
		`contains(keys(local.access), "team") ? ["x@b.c"] : []`:                      teams,
		`contains(keys(local.access), "team") ? local.access.teams : []`:             fine,
		`concat(local.access.teams, try(local.access.team, []))`:                     fine,
		`[for t in local.access.teams : try(local.access.team, t)]`:                  fine,
		`[for n in ["teams", "team"] : lookup(local.access, n, "x@b.c")][0]`:         fine,
		`try(local.access.taems, [])`:                                                `Did you mean "teams"?`,
		`try(local.access.Teams, [])`:                                                `Did you mean "teams"?`,
		`try(local.access.TEAMS, [])`:                                                `Did you mean "teams"?`,
		`try(local.access.policy, [])`:                                               `Did you mean "policies"?`,
		`try(local.access.readonly, [])`:                                             `Did you mean "read_only"?`,
		`try(local.other.locals.Teams, [])`:                                          `Did you mean "teams"?`,
		`try(local.other.locls.teams, [])`:                                           `other.hcl has no attribute "locls"; Did you mean "locals"?`,
		`try(local.other.local.teams, [])`:                                           `Did you mean "locals"?`,
		`try(local.other["Locals"].teams, [])`:                                       `Did you mean "locals"?`,
		`try(read_terragrunt_config("other.hcl").locls.teams, [])`:                   `Did you mean "locals"?`,
		`try(read_terragrunt_config("other.hcl").local.teams, [])`:                   `Did you mean "locals"?`,
		`lookup(local.other, "input", {}) == {} ? [] : []`:                           `Did you mean "inputs"?`,
		`try(local.other.inputs.team, [])`:                                           inputs,
		`try(read_terragrunt_config("other.hcl").inputs.team, [])`:                   inputs,
		`lookup(local.other.inputs, "team", [])`:                                     inputs,
		`try(local.access.regions, [])`:                                              fine,
		`lookup(local.access, "regions", [])`:                                        fine,
		`can(local.access.regions) ? local.access.regions : []`:                      fine,
		`contains(keys(local.access), "regions") ? [] : local.access.teams`:          fine,
		`try(local.access.object.team, [])`:                                          fine,
		`try(local.access.object["team"], [])`:                                       fine,
		`lookup(local.access.object, "team", [])`:                                    fine,
		`[for m in local.access.people : try(m.mails, m.mail)]`:                      fine,
		`[for l in values({ a = local.access.object }) : try(l.team, "x@b.c")]`:      fine,
		`[for l in values(local.access.objects) : try(l.team, "x@b.c")]`:             fine,
		`[for k, v in local.access.objects : try(v.team, "${k}@b.c")]`:               fine,
		`try(values(local.access)[0].team, [])`:                                      fine,
		`try(local.other.dependency.x, [])`:                                          fine,
		`distinct(concat(local.access.teams, values(local.access.text), ["d@b.c"]))`: fine,
		`[for m in local.access.people : "${local.access.read_only}-${m.mail}"]`:     fine,
		`local.access.none == null ? local.access.teams : []`:                        fine,
	} {
		t.Run(expr, func(t *testing.T) {
			_, found := config.LoadFS(fstest.MapFS{
				"inputs.hcl": {Data: []byte("locals {\n  removed_users = " + expr + `
  key = "team"
  access = read_terragrunt_config("other.hcl").locals
  again = local.access
  chosen = local.key == "team" ? local.access : null
  merged = merge(local.access, { x = 1 })
  held = read_terragrunt_config("third.hcl").locals
  other = read_terragrunt_config("other.hcl")
}
`)},
				"other.hcl": {Data: []byte("locals " + originObject + "\ninputs = { teams = [] }\n")},
				"third.hcl": {Data: []byte("locals {\n  access = read_terragrunt_config(\"other.hcl\").locals\n}\n")},
			}, "", config.Options{})
			texts := make([]string, 0, len(found))
			for _, d := range found {
				texts = append(texts, d.Summary+"; "+d.Hint)
				if d.Range.Start.Line == 0 {
					t.Errorf("%q has no place", d.Summary)
				}
			}
			if want == fine && len(found) > 0 || want != fine && !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, want) }) {
				t.Errorf("found %q, want %q", texts, want)
			}
			if want != fine && !found.HasErrors() {
				t.Error("it is no error")
			}
		})
	}
}

// TestOriginChangesNoValue: an expression yields the same of what another file
// holds as of what is written in place.
func TestOriginChangesNoValue(t *testing.T) {
	for _, expr := range []string{
		`A`, `[A]`, `{ a = A }`, `keys(A)`, `values(A)`, `length(A)`, `flatten([A, [A]])`, `concat([A], [A])`, `merge(A, { x = A })`,
		`distinct([A, A])`, `coalesce(A, {})`, `element([A], 0)`, `index([A], A)`, `contains([A], A)`, `contains(keys(A), "teams")`,
		`reverse([A])`, `slice([A], 0, 1)`, `sort(keys(A))`, `tolist([A])`, `toset([A])`, `tomap(A.text)`, `zipmap(["a"], [A])`,
		`one([A])`, `one([A]).teams`, `chunklist([A], 1)`, `setproduct([A], [A])`, `setunion([A], [A])`, `setsubtract([A], [A])`, `setintersection([A], [A])`,
		`compact(values(A.text))`, `coalescelist([], [A])`, `join(",", keys(A))`, `format("%v", A)`, `formatlist("%s", keys(A))`,
		`lookup({ a = A }, "a").read_only`, `lookup({}, "a", A)`, `lookup(A, "regions", A)`, `try(A.regions, A)`, `try(A)`, `can(A)`,
		`A == A`, `[A] == [A]`, `A == {}`, `true ? A : A`, `A.none == null ? A : {}`, `[for k, v in A : v]`, `{ for k, v in A : k => v }`,
		`{ for k, v in A : k => v if k == "teams" }`, `{ for k, v in A.text : v => k... }`, `{ (keys(A)[0]) = A }`, `[A][*].teams`, `[A].*.text.x`, `A.people[*].mail`, `A[*]`,
		`"${A.read_only}-%{ for k in keys(A) }${k}%{ endfor }"`, `"${A.read_only}"`, `A[keys(A)[0]]`, `A["teams"]`, `(A).teams[0]`, `jsondecode(jsonencode(A))`,
		`replace(A.read_only, "x", "y")`, `upper(A.read_only)`, `split(",", join(",", keys(A)))`, `concat(A.teams, values(A.text))...`,
	} {
		said := func(from string) string {
			expr := strings.ReplaceAll(expr, "A", "local.a")
			res, found := config.LoadFS(fstest.MapFS{
				"inputs.hcl": {Data: []byte("locals {\n removed_users = [jsonencode(" + expr + ")]\n a = " + from + "\n}\n")},
				"third.hcl":  {Data: []byte("locals " + originObject + "\n")},
			}, "", config.Options{})
			var out strings.Builder
			for _, text := range res.Config.RemovedUsers.Items {
				out.WriteString(text.Value + "\n")
			}
			for _, d := range found {
				out.WriteString(d.Summary + "\n" + d.Detail + "\n")
			}
			return out.String()
		}
		t.Run(expr, func(t *testing.T) {
			if own, other := said(originObject), said(`read_terragrunt_config("third.hcl").locals`); own != other {
				t.Errorf("of another file: %s\nin place: %s", other, own)
			}
		})
	}
}

// TestLocalsAsTheyAre: all locals may be the inputs, alone or merged with others,
// where no name of theirs is looked up.
func TestLocalsAsTheyAre(t *testing.T) {
	for expr, fine := range map[string]bool{
		`local`: true, `merge(local, { removed_users = ["b"] })`: true, `merge({ removed_users = ["b"] }, (local))`: true,
		`{ removed_users = try(local["removed_user"], []) }`: false, `merge(try(local, {}), {})`: false,
		`{ removed_users = flatten(values({ for k, v in local : k => v if k == "removed_user" })) }`: false,
		`{ removed_users = contains(keys(local), "removed_user") ? local.removed_users : [] }`:       false,
	} {
		res, found := config.LoadFS(fstest.MapFS{"terragrunt.hcl": {Data: []byte("locals {\n  removed_users = [\"a\"]\n}\ninputs = " + expr + "\n")}}, "", config.Options{})
		if got := !found.HasErrors() && len(res.Config.RemovedUsers.Items) == 1; got != fine {
			t.Errorf("%s: %v", expr, found)
		}
	}
}
