package render_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/plan/model"
	"github.com/rolecall-dev/rolecall/internal/quota"
	"github.com/rolecall-dev/rolecall/internal/render"
)

// organization is an AWS organization in which nothing is granted yet.
func organization(accounts ...string) access.State {
	var b access.Builder
	for i, name := range accounts {
		b.AddAccount(access.Account{ID: fmt.Sprintf("%012d", 222233334444+111111111111*i%777777777777), Name: name, State: "ACTIVE"})
	}
	return b.State()
}

// withSCIMGroup returns the state with a group that an identity provider brought.
func withSCIMGroup(s access.State, name string) access.State {
	s.Groups = append(s.Groups, access.Group{Name: name, ID: "g-" + name, SCIM: true})
	return s
}

// seen marks everything of a live state as read.
func seen(s access.State) access.State {
	s.Observed = access.Observed{Read: "fast", Members: map[string]bool{}, Uses: map[string]bool{}, SetUses: map[string]bool{},
		CannotSee: []string{"assignments that were made by hand on permission sets of rolecall in accounts where the set is wanted"}}
	for _, g := range s.Groups {
		s.Observed.Members[g.ID], s.Observed.Uses[g.ID] = true, true
	}
	for _, p := range s.Sets {
		s.Observed.SetUses[p.ARN] = true
	}
	return s
}

// state reads a config as the CLI does.
func state(t testing.TB, text string) (access.State, access.Config, diag.Sources) {
	t.Helper()
	res, found := config.ValidateFS(fstest.MapFS{"access.tfvars": {Data: []byte(text)}}, "access.tfvars", config.Options{})
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return access.Desired(res.Config, "platform"), res.Config, res.Sources
}

func diff(t testing.TB, live access.State, text string, guards plan.Guards) (*plan.Plan, diag.Sources) {
	t.Helper()
	desired, c, sources := state(t, text)
	p := plan.Diff(&desired, &live, plan.Options{Owner: "platform", SetUp: c.SetUp(), IdP: c.IdPName(), Guards: guards})
	return p, sources
}

// applied returns the live state after a config was applied.
func applied(t testing.TB, live access.State, text string) access.State {
	t.Helper()
	p, _ := diff(t, seen(live), text, plan.Guards{})
	for _, c := range p.Changes {
		live = model.After(live, c)
	}
	for i := range live.Sets {
		live.Sets[i].ARN = fmt.Sprintf("arn:aws:sso:::permissionSet/ssoins-1111111111111111/ps-%016x", i+1)
		for _, g := range live.SetAssignments(i) {
			id := live.Accounts[g.Account].ID
			if !slices.Contains(live.Sets[i].Provisioned, id) {
				live.Sets[i].Provisioned = append(live.Sets[i].Provisioned, id)
			}
		}
	}
	p, _ = diff(t, seen(live), text, plan.Guards{}) // records are bound to the ARNs
	for _, c := range p.Changes {
		if c.Kind != plan.Record {
			t.Fatalf("%s is left", c.ID)
		}
		live = model.After(live, c)
	}
	return live
}

// planned returns the data of a plan as the CLI makes it.
func planned(t testing.TB, live access.State, text string, guards plan.Guards) (render.PlanData, diag.Sources) {
	t.Helper()
	desired, _, _ := state(t, text)
	p, sources := diff(t, live, text, guards)
	return render.NewPlanData(p, apply.NewEstimate(p.Changes, apply.Assumptions{}), &desired, &live), sources
}

// planData returns the data of a plan that was read from a file.
func planData(p *plan.Plan) render.PlanData {
	return render.NewPlanData(p, apply.NewEstimate(p.Changes, apply.Assumptions{}), nil, nil)
}

var readCalls = []quota.Use{
	{Family: "sso-admin", Operation: "ListPermissionSets", Calls: 30, Throttles: 2},
	{Family: "identitystore", Operation: "ListGroups", Calls: 4},
	{Family: "organizations", Operation: "ListAccounts", Calls: 1},
}

// TestPlans holds what people read of a plan: each folder of testdata/plan has
// the config that was applied before (if any) and the one that is planned.
func TestPlans(t *testing.T) {
	dirs, err := filepath.Glob("testdata/plan/*")
	if err != nil || len(dirs) < 4 {
		t.Fatalf("find cases: %v, %d found", err, len(dirs))
	}
	for _, dir := range dirs {
		name := filepath.Base(dir)
		t.Run(name, func(t *testing.T) {
			live := organization("development", "staging", "production", "security")
			if before, err := os.ReadFile(filepath.Join(dir, "before.tfvars")); err == nil {
				live = applied(t, live, string(before))
			}
			text, err := os.ReadFile(filepath.Join(dir, "access.tfvars"))
			if err != nil {
				t.Fatal(err)
			}
			d, sources := planned(t, seen(live), string(text), plan.Guards{AllowMissing: strings.HasPrefix(name, "missing")})
			golden(t, filepath.Join("plan", name, "want.txt"), written(t, func(b *bytes.Buffer) error {
				return render.Plan(b, d, readCalls, sources, terminal)
			}))
		})
	}
}
