package config_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/rolecall-dev/rolecall/internal/config"
)

// largeConfig has the given number of groups and users, each user in two
// groups, each group with two policies and three accounts.
func largeConfig(groups, users int) []byte {
	var b strings.Builder
	b.WriteString("management_mode = \"internal\"\nidentity_provider = \"Okta\"\n\nusers = [\n")
	for i := range users {
		fmt.Fprintf(&b, "  {\n    display_name = \"Person %[1]d\"\n    email        = \"person%[1]d@company.com\"\n    given_name   = \"Person\"\n"+
			"    family_name  = \"Number %[1]d\"\n    groups       = [\"Team-%[2]d\", \"Team-%[3]d\"]\n  },\n", i, i%groups, (i+1)%groups)
	}
	b.WriteString("]\n\naccess_groups = [\n")
	for i := range groups {
		fmt.Fprintf(&b, "  {\n    name                 = \"Team-%[1]d\"\n    description          = \"Team number %[1]d\"\n"+
			"    accounts_names       = [\"account-%[1]d\", \"shared-dev\", \"shared-test\"]\n    session_duration     = \"PT8H\"\n"+
			"    aws_managed_policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\", \"arn:aws:iam::aws:policy/AWSSupportAccess\"]\n"+
			"    tags                 = { team = \"team-%[1]d\" }\n  },\n", i)
	}
	b.WriteString("]\n")
	return []byte(b.String())
}

// BenchmarkLoad compares hcl's own parse of a file of 5,000 groups and 12,000
// users with all that `rolecall validate` does with it, the lints that are on by
// default included, turn by turn, so that a busy machine slows both. The bound
// for the ratio of validate is 1.5.
func BenchmarkLoad(b *testing.B) {
	src := largeConfig(5000, 12000)
	fsys := fstest.MapFS{"terraform.tfvars": {Data: src}}
	var parse, load, validate time.Duration
	for b.Loop() {
		parse += timed(func() {
			if _, diags := hclsyntax.ParseConfig(src, "terraform.tfvars", hcl.InitialPos); diags.HasErrors() {
				b.Fatal(diags)
			}
		})
		load += timed(func() {
			if res, found := config.LoadFS(fsys, "", config.Options{}); len(found) > 0 || len(res.Config.Users.Items) != 12000 {
				b.Fatal(found.Err())
			}
		})
		validate += timed(func() {
			res, found := config.ValidateFS(fsys, "", config.Options{})
			if found = res.Lint(found); len(found) > 1 { // the one is AWS's quota of 3,500 sets
				b.Fatal(found)
			}
		})
	}
	b.ReportMetric(parse.Seconds()*1000/float64(b.N), "hcl-parse-ms")
	b.ReportMetric(load.Seconds()*1000/float64(b.N), "load-ms")
	b.ReportMetric(validate.Seconds()*1000/float64(b.N), "validate-ms")
	b.ReportMetric(load.Seconds()/parse.Seconds(), "load/parse")
	b.ReportMetric(validate.Seconds()/parse.Seconds(), "validate/parse")
}

// timed begins with a collected heap, so that nobody pays for another's
// garbage.
func timed(f func()) time.Duration {
	runtime.GC()
	start := time.Now()
	f()
	return time.Since(start)
}
