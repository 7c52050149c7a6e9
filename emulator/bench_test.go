package emulator

import (
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// large is an estate of the size that the emulator is made for: 100,000 users,
// 10,000 groups, 500,000 memberships, 3,500 permission sets, 1,000 accounts and
// 1,000,000 assignments.
func large() *Estate {
	e := &Estate{Organization: &EstateOrganization{Management: "account0"}, Quotas: Quotas{Accounts: 2000}}
	names := make([]string, 1000)
	for n := range names {
		names[n] = fmt.Sprintf("account%d", n)
		e.Accounts = append(e.Accounts, EstateAccount{Name: names[n], ID: fmt.Sprintf("%012d", n+1)})
	}
	for n := range 100_000 {
		name := fmt.Sprintf("user%d@company.com", n)
		e.Users = append(e.Users, EstateUser{UserName: name, DisplayName: "User", GivenName: "U", FamilyName: "Ser", Email: name, Source: FromSCIM, ExternalID: fmt.Sprintf("00u%08d", n)})
	}
	for n := range 10_000 {
		g := EstateGroup{DisplayName: fmt.Sprintf("group%d", n), Source: FromSCIM}
		for m := range 50 {
			g.Members = append(g.Members, e.Users[(n*50+m)%100_000].UserName)
		}
		e.Groups = append(e.Groups, g)
	}
	for n := range 3500 {
		e.PermissionSets = append(e.PermissionSets, EstatePermissionSet{Name: fmt.Sprintf("set%d", n), AWSManagedPolicies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}})
	}
	for n := range 1000 {
		e.Assignments = append(e.Assignments, EstateAssignment{PermissionSet: fmt.Sprintf("set%d", n/2), Group: fmt.Sprintf("group%d", n), Accounts: names})
	}
	return e
}

// grown is the large emulator, made once for all benchmarks.
var grown = sync.OnceValues(func() (*Emulator, error) { return New(Options{Estate: large()}) })

// BenchmarkSize reports what the large estate holds in memory.
func BenchmarkSize(b *testing.B) {
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		begin := time.Now()
		e, err := New(Options{Estate: large()})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(begin).Seconds(), "s/start")
		e.options.Estate = nil // what the test made, not what the emulator holds
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB")
		sets, provisions, assignments := e.world.store.Instances()[0].Counts()
		users, groups, memberships := e.world.store.Instances()[0].Directory.Counts()
		if users != 100_000 || groups != 10_000 || memberships != 500_000 || sets != 3500 || provisions != 500_000 || assignments != 1_000_000 {
			b.Fatal(users, groups, memberships, sets, provisions, assignments)
		}
	}
}

// BenchmarkReads reports the median of each read over the large estate, through
// the whole front end. The ListUsers at the start and those behind 90,000 users
// cost the same: lists are linear in the page.
func BenchmarkReads(b *testing.B) {
	e, err := grown()
	if err != nil {
		b.Fatal(err)
	}
	i := e.world.store.Instances()[0]
	instance, directory := i.ARN, i.Directory.ID
	set, _ := i.PermissionSetByName("set7")
	group, _ := i.Directory.GroupByName("group7")
	user, _ := i.Directory.UserByName("user7@company.com")
	behind := token(b, e, fmt.Sprintf(`{"IdentityStoreId":%q,"MaxResults":100}`, directory), 900)
	for _, read := range []struct{ name, target, body string }{
		{"ListUsers/first", "AWSIdentityStore.ListUsers", fmt.Sprintf(`{"IdentityStoreId":%q}`, directory)},
		{"ListUsers/behind-90000", "AWSIdentityStore.ListUsers", fmt.Sprintf(`{"IdentityStoreId":%q,"NextToken":%q}`, directory, behind)},
		{"DescribeUser", "AWSIdentityStore.DescribeUser", fmt.Sprintf(`{"IdentityStoreId":%q,"UserId":%q}`, directory, user.ID)},
		{"GetUserId", "AWSIdentityStore.GetUserId", fmt.Sprintf(`{"IdentityStoreId":%q,"AlternateIdentifier":{"UniqueAttribute":{"AttributePath":"userName","AttributeValue":"user7@company.com"}}}`, directory)},
		{"ListGroupMemberships", "AWSIdentityStore.ListGroupMemberships", fmt.Sprintf(`{"IdentityStoreId":%q,"GroupId":%q}`, directory, group.ID)},
		{"ListPermissionSets", "SWBExternalService.ListPermissionSets", fmt.Sprintf(`{"InstanceArn":%q}`, instance)},
		{"ListAccountAssignments", "SWBExternalService.ListAccountAssignments", fmt.Sprintf(`{"InstanceArn":%q,"PermissionSetArn":%q,"AccountId":"000000000900"}`, instance, set.ARN)},
		{"ListAccountAssignmentsForPrincipal", "SWBExternalService.ListAccountAssignmentsForPrincipal", fmt.Sprintf(`{"InstanceArn":%q,"PrincipalType":"GROUP","PrincipalId":%q}`, instance, group.ID)},
		{"ListPermissionSetsProvisionedToAccount", "SWBExternalService.ListPermissionSetsProvisionedToAccount", fmt.Sprintf(`{"InstanceArn":%q,"AccountId":"000000000900"}`, instance)},
		{"ListAccountsForProvisionedPermissionSet/outdated", "SWBExternalService.ListAccountsForProvisionedPermissionSet", fmt.Sprintf(`{"InstanceArn":%q,"PermissionSetArn":%q,"ProvisioningStatus":"LATEST_PERMISSION_SET_NOT_PROVISIONED"}`, instance, set.ARN)},
		{"ListAccounts", "AWSOrganizationsV20161128.ListAccounts", `{}`},
	} {
		b.Run(read.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				begin := time.Now()
				if a := post(b, e, read.target, read.body); a.code != "" {
					b.Fatal(string(a.body))
				}
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-median")
		})
	}
}

func post(b testing.TB, e *Emulator, target, body string) *answer {
	b.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://emulator/", strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+ManagementKey+"/20260101/us-east-1/sso/aws4_request")
	a, _ := e.serve(r)
	return a
}

// token walks some pages of ListUsers and returns the last token.
func token(b testing.TB, e *Emulator, body string, pages int) string {
	b.Helper()
	next := ""
	for range pages {
		text := body
		if next != "" {
			text = strings.TrimSuffix(body, "}") + fmt.Sprintf(`,"NextToken":%q}`, next)
		}
		_, rest, _ := strings.Cut(string(post(b, e, "AWSIdentityStore.ListUsers", text).body), `"NextToken":"`)
		next, _, _ = strings.Cut(rest, `"`)
	}
	return next
}

// BenchmarkWrites is a create and a delete of a permission set, with and without
// a journal.
func BenchmarkWrites(b *testing.B) {
	for name, dir := range map[string]string{"memory": "", "journal": b.TempDir()} {
		b.Run(name, func(b *testing.B) {
			e, err := New(Options{DataDir: dir})
			if err != nil {
				b.Fatal(err)
			}
			defer e.Close()
			if err := e.Reset(); err != nil {
				b.Fatal(err)
			}
			instance := e.world.store.Instances()[0]
			for b.Loop() {
				post(b, e, "SWBExternalService.CreatePermissionSet", fmt.Sprintf(`{"InstanceArn":%q,"Name":"Bench"}`, instance.ARN))
				set, ok := e.world.store.Instances()[0].PermissionSetByName("Bench")
				if !ok {
					b.Fatal("not created")
				}
				post(b, e, "SWBExternalService.DeletePermissionSet", fmt.Sprintf(`{"InstanceArn":%q,"PermissionSetArn":%q}`, instance.ARN, set.ARN))
			}
		})
	}
}
