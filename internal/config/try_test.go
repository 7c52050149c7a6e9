package config_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// TestTryHidesNoName: a name that does not exist is an error, also where try,
// can or lookup would return another value; what Terraform and Terragrunt take
// (an attribute that is optional, a local of another file) stays possible.
func TestTryHidesNoName(t *testing.T) {
	const (
		noTeam  = `inputs.hcl has no local "team"; Did you mean "teams"?`
		through = `the locals cannot be used as a whole`
		fine    = ""
	)
	for expr, want := range map[string]string{
		`try(local.team, [])`:                                                         noTeam,
		`try(local["team"], [])`:                                                      noTeam,
		`try(local.team[0].name, [])`:                                                 noTeam,
		`can(local.team) ? local.teams : []`:                                          noTeam,
		`!can(local.team) ? local.teams : []`:                                         noTeam,
		`try(try(local.team, 1), [])`:                                                 noTeam,
		`try([for t in local.team : t], [])`:                                          noTeam,
		`[for t in local.teams : try(local.team, t)]`:                                 noTeam,
		`try([for t in local.teams : t if can(local.team)], [])`:                      noTeam,
		`try(jsondecode("${local.team}"), [])`:                                        noTeam,
		`try(concat(local.team, local.teams), [])`:                                    noTeam,
		`concat(try(local.team, []), local.teams)`:                                    noTeam,
		`try(merge(local.team).x, [])`:                                                noTeam,
		`true ? try(local.team, []) : local.teams`:                                    noTeam,
		`false ? local.teams : try(local.team, [])`:                                   noTeam,
		`try(local.through, [])`:                                                      noTeam,
		`lookup({ x = try(local.team, []) }, "x", [])`:                                noTeam,
		`[for k, v in { x = try(local.team, []) } : v]`:                               noTeam,
		`try(local["te${"am"}"], [])`:                                                 through,
		`try(local[local.key], [])`:                                                   through,
		`lookup(local, "team", [])`:                                                   through,
		`can(local[local.key]) ? local.teams : []`:                                    through,
		`local["te${"am"}"]`:                                                          through,
		`flatten(values({ for k, v in local : k => v if k == "team" }))`:              through,
		`contains(keys(local), "team") ? local.teams : []`:                            through,
		`merge(local, {}).teams`:                                                      through,
		`local[*].teams[0]`:                                                           through,
		`[for l in [local] : l.teams][0]`:                                             through,
		`try(local, {}) == {} ? [] : []`:                                              through,
		`keys(var)`:                                                                   `cannot follow "var"`,
		`try(var, [])`:                                                                `cannot follow "var"`,
		`try(var.teams, [])`:                                                          `cannot follow "var"`,
		`try(dependency.a.outputs.teams, [])`:                                         `cannot follow "dependency"`,
		`try(each.value, [])`:                                                         `cannot follow "each"`,
		`try(locals.teams, [])`:                                                       `Locals are called local.<name>.`,
		`try(teams, [])`:                                                              `cannot follow "teams"`,
		`try([for t in local.teams : s.name], [])`:                                    `cannot follow "s"`,
		`try(conact(local.teams), [])`:                                                `unknown function "conact"`,
		`try(run_cmd("x"), [])`:                                                       `run_cmd is not called`,
		`try(local.broken, [])`:                                                       `error in function call`,
		`try(local.circle, [])`:                                                       `depends on itself`,
		`try(file("../x"), [])`:                                                       `outside the config's folder`,
		`try(local.other.locals.team, [])`:                                            `other.hcl has no local "team"; Did you mean "teams"?`,
		`try(read_terragrunt_config("other.hcl").locals.team, [])`:                    `other.hcl has no local "team"; Did you mean "teams"?`,
		`try(read_terragrunt_config("wrong.hcl").locals.team, [])`:                    `"wrong.hcl" is broken`,
		`try(read_terragrunt_config("others.hcl").locals.x, [])`:                      `"others.hcl" does not exist, but "other.hcl" does`,
		`try(read_terragrunt_config("Other.hcl").locals.x, [])`:                       `but "other.hcl" does`,
		`try(read_terragrunt_config("ohter.hcl").locals.x, [])`:                       `but "other.hcl" does`,
		`read_terragrunt_config("others.hcl", { locals = { x = [] } }).locals.x`:      `but "other.hcl" does`,
		`lookup(read_terragrunt_config("others.hcl", {}), "x", [])`:                   `but "other.hcl" does`,
		`try(file("others.hcl"), "") == "" ? [] : []`:                                 `but "other.hcl" does`,
		`can(file("others.hcl")) ? [] : []`:                                           `but "other.hcl" does`,
		`fileexists("others.hcl") ? [] : []`:                                          `but "other.hcl" does`,
		`try(read_terragrunt_config("data/people-on-cal.hcl").locals.x, [])`:          `but "data/people-on-call.hcl" does`,
		`try(read_terragrunt_config("data/people_on_call.hcl").locals.x, [])`:         `but "data/people-on-call.hcl" does`,
		`try(read_terragrunt_config("date/people-on-call.hcl").locals.x, [])`:         `but "data/people-on-call.hcl" does`,
		`fileexists("111122223334.hcl") ? [] : []`:                                    fine,
		`fileexists("dev.hcl") ? [] : []`:                                             fine,
		`fileexists("team-b.hcl") ? [] : []`:                                          fine,
		`fileexists("region-2.hcl") ? [] : []`:                                        fine,
		`try(read_terragrunt_config("us-west.hcl").locals.x, [])`:                     fine,
		`try(read_terragrunt_config("data/other.hcl").locals.x, [])`:                  fine,
		`read_terragrunt_config("other.local.hcl", { locals = { x = [] } }).locals.x`: fine,
		`read_terragrunt_config("local.hcl", { locals = { x = [] } }).locals.x`:       fine,
		`try(file("other.tfvars"), "") == "" ? [] : []`:                               fine,
		`try(local.other.locals.regions, [])`:                                         fine,
		`try(read_terragrunt_config("gone.hcl").locals.x, [])`:                        fine,
		`try(local.teams[0].groups, [])`:                                              fine,
		`try(local.object.team, [])`:                                                  fine,
		`try(local.object["team"], [])`:                                               fine,
		`try(local.object.teams.x, [])`:                                               fine,
		`lookup(local.object, "team", [])`:                                            fine,
		`[for t in local.teams : try(t.members.x, "a@b.c")]`:                          fine,
		`try(local.teams[7], [])`:                                                     fine,
		`try(tolist(local.key), [])`:                                                  fine,
		`try(jsondecode("{"), [])`:                                                    fine,
		`can(tonumber(local.key)) ? [local.key] : []`:                                 fine,
	} {
		t.Run(expr, func(t *testing.T) {
			_, found := config.LoadFS(fstest.MapFS{
				"inputs.hcl": {Data: []byte("locals {\n  removed_users = " + expr + `
  teams = ["a@b.c"]
  through = try(local.team, [])
  key = "team"
  object = { teams = [] }
  broken = jsondecode("{")
  circle = try(local.circle, 1)
  other = read_terragrunt_config("other.hcl")
}
`)},
				"other.hcl":  {Data: []byte("locals {\n  teams = []\n}\n")},
				"team-a.hcl": {}, "111122223333.hcl": {}, "dex.hcl": {}, "region-1.hcl": {}, "us-east.hcl": {}, "data/people-on-call.hcl": {},
				"wrong.hcl": {Data: []byte("locals {\n  teams = ]\n}\n")},
			}, "", config.Options{})
			texts := make([]string, 0, len(found))
			for _, d := range found {
				texts = append(texts, d.Summary+"; "+d.Hint)
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
