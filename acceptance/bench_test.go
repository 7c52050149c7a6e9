package acceptance

import (
	"fmt"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/centertest"
)

// crowd is an estate in which every group has its set in every account.
func crowd(groups, accounts int) *emulator.Estate {
	e := emulator.DefaultEstate()
	var names []string
	for i := range accounts {
		names = append(names, fmt.Sprintf("account-%03d", i))
		e.Accounts = append(e.Accounts, emulator.EstateAccount{ID: fmt.Sprintf("2%011d", i), Name: names[i]})
	}
	for i := range groups {
		name := fmt.Sprintf("group-%03d", i)
		e.Groups = append(e.Groups, emulator.EstateGroup{DisplayName: name, Description: "one of many [rolecall:platform]"})
		e.PermissionSets = append(e.PermissionSets, emulator.EstatePermissionSet{Name: name, Description: "one of many",
			AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, Tags: map[string]string{"rolecall:owner": "platform", "rolecall:group": name}})
		e.Assignments = append(e.Assignments, emulator.EstateAssignment{PermissionSet: name, Group: name, Accounts: names})
	}
	return e
}

// BenchmarkTerraformPlan is a plan without changes by Terraform itself: wall
// time, at 15 of AWS's 20 calls a second, and the calls that the emulator saw.
// One round is enough: go test -run '^$' -bench TerraformPlan -benchtime 1x
func BenchmarkTerraformPlan(b *testing.B) {
	for _, size := range []struct{ groups, accounts int }{{10, 20}, {50, 100}} {
		b.Run(fmt.Sprintf("groups=%d/accounts=%d", size.groups, size.accounts), func(b *testing.B) {
			w := newWorkspace(b, "bench/terraform", crowd(size.groups, size.accounts))
			vars := []string{fmt.Sprintf("-var=groups=%d", size.groups), fmt.Sprintf("-var=accounts=%d", size.accounts)}
			w.must(append([]string{"apply", "-no-color", "-input=false", "-auto-approve"}, vars...)...)
			for b.Loop() {
				before, began := ssoCalls(w.e), time.Now()
				if code, out := w.run(append([]string{"plan", "-no-color", "-input=false", "-detailed-exitcode"}, vars...)...); code != 0 {
					b.Fatalf("exit code %d\n%s", code, out)
				}
				calls := ssoCalls(w.e) - before
				b.ReportMetric(float64(calls), "calls/plan")
				b.ReportMetric(float64(size.groups*size.accounts+4*size.groups+1), "hashicorp-aws-calls/plan")
				b.ReportMetric(time.Since(began).Seconds(), "s/plan")
			}
		})
	}
}

func ssoCalls(e *emulator.Emulator) int { return centertest.Calls(e, "sso-admin") }
