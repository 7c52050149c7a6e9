package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"
)

// call sends a request through the transport and returns the status and the body.
func call(t *testing.T, e *Emulator, method, path, body string, headers map[string]string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, "http://emulator.invalid"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	answer, err := e.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func signed(key string) map[string]string {
	return map[string]string{
		"Authorization": "AWS4-HMAC-SHA256 Credential=" + key + "/20260101/us-east-1/sso/aws4_request",
		"X-Amz-Target":  "SWBExternalService.ListInstances",
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestNothingGrowsWithoutEnd sends a lot of everything that a client can make up,
// each different from the others and large: what stays in memory is bounded.
func TestNothingGrowsWithoutEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("it sends some hundred megabytes")
	}
	e, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	arn, long := e.State().Instances[0].ARN, strings.Repeat("x", 20_000)
	scim := e.SCIM()
	sends := map[string]func(n int){
		"access keys": func(n int) { call(t, e, "POST", "/", "{}", signed(fmt.Sprint(n, long))) },
		"regions": func(n int) {
			h := signed(ManagementKey)
			h["Authorization"] = strings.Replace(h["Authorization"], "us-east-1", fmt.Sprint(n, long), 1)
			call(t, e, "POST", "/", "{}", h)
		},
		"targets": func(n int) {
			call(t, e, "POST", "/", "{}", map[string]string{"X-Amz-Target": fmt.Sprint("Some.", n, long)})
		},
		"tenants": func(n int) { call(t, e, "GET", fmt.Sprint("/", n, long, "/scim/v2/Users"), "", nil) },
		"SCIM paths": func(n int) {
			call(t, e, "POST", scim.Path+fmt.Sprint(n, long), "", map[string]string{"Authorization": "Bearer " + scim.Token})
		},
		"SCIM filters": func(n int) {
			call(t, e, "GET", scim.Path+"Users?filter="+fmt.Sprint(n, long), "", map[string]string{"Authorization": "Bearer " + scim.Token})
		},
		"SCIM users": func(n int) {
			body := fmt.Sprintf(`{"userName":"u%d%s","displayName":"D","name":{"givenName":"G","familyName":"F"}}`, n, long)
			call(t, e, "POST", scim.Path+"Users", body, map[string]string{"Authorization": "Bearer " + scim.Token})
		},
		"tokens of pages": func(n int) {
			call(t, e, "POST", "/", fmt.Sprintf(`{"NextToken":"%d%s"}`, n, long), signed(ManagementKey))
		},
		"sets": func(n int) {
			h := signed(ManagementKey)
			h["X-Amz-Target"] = "SWBExternalService.CreatePermissionSet"
			call(t, e, "POST", "/", fmt.Sprintf(`{"InstanceArn":%q,"Name":"S%d","Description":%q}`, arn, n, long), h)
		},
		"faults": func(n int) {
			call(t, e, "POST", "/_emulator/faults", fmt.Sprintf(`{"kind":"fail-job","times":1,"call":1,"reason":%q}`, fmt.Sprint(n, long)), nil)
		},
		"callers": func(n int) {
			call(t, e, "POST", "/_emulator/estate", fmt.Sprintf(`{"caller":{"access_key":"%d%s"}}`, n, long), nil)
			call(t, e, "POST", "/_emulator/estate", fmt.Sprintf(`{"caller":{"access_key":"K%d","denied":[%q]}}`, n, long), nil)
		},
		"applications": func(n int) {
			call(t, e, "POST", "/_emulator/estate", fmt.Sprintf(`{"application":{"name":"%d%s"}}`, n, long), nil)
		},
		"policies": func(n int) {
			call(t, e, "POST", "/_emulator/estate", fmt.Sprintf(`{"account":{"account":"staging","add_policies":["%d%s"]}}`, n, long), nil)
		},
		"names": func(n int) {
			call(t, e, "POST", "/_emulator/estate", fmt.Sprintf(`{"account":{"account":"333344445555","name":"%d%s"}}`, n, long), nil)
		},
		"SCIM tokens": func(n int) {
			call(t, e, "POST", "/_emulator/estate", fmt.Sprintf(`{"scim":{"token":"%d%s"}}`, n, long), nil)
		},
		"control routes": func(n int) { call(t, e, "POST", fmt.Sprint("/_emulator/", n, long), "", nil) },
	}
	for name, send := range sends {
		before := heap()
		for n := range 600 {
			send(n)
		}
		if grown := heap() - before; grown > 4<<20 {
			t.Errorf("%s: the heap grew by %d MiB", name, grown>>20)
		}
	}
}

// TestCountsAreBounded fills what has a number of places.
func TestCountsAreBounded(t *testing.T) {
	e, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		most int
		path string
		body func(n int) string
	}{
		"faults":       {maxFaults, "faults", func(int) string { return `{"kind":"throttle","operation":"iam.*"}` }},
		"callers":      {maxCallers, "estate", func(n int) string { return fmt.Sprintf(`{"caller":{"access_key":"K%d"}}`, n) }},
		"applications": {maxApplications, "estate", func(n int) string { return fmt.Sprintf(`{"application":{"name":"A%d"}}`, n) }},
		"instances":    {maxInstances, "estate", func(int) string { return `{"instance":{}}` }},
		"policies": {maxPolicies, "estate", func(n int) string {
			return fmt.Sprintf(`{"account":{"account":"staging","add_policies":["P%d"]}}`, n)
		}},
	} {
		refused := ""
		for n := 0; n <= c.most && refused == ""; n++ {
			if status, text := call(t, e, "POST", "/_emulator/"+c.path, c.body(n), nil); status != http.StatusOK {
				refused = text
			}
		}
		if !strings.Contains(refused, fmt.Sprint(c.most)) {
			t.Errorf("%s: %q, want a refusal that names the bound %d", name, refused, c.most)
		}
	}
	body := `{"scim":{}}` + strings.Repeat(" ", maxBody)
	if status, text := call(t, e, "POST", "/_emulator/estate", body, nil); status != http.StatusBadRequest || !strings.Contains(text, "longer than") {
		t.Errorf("a body over %d bytes: %d %s", maxBody, status, text)
	}
}

// TestJobsAreForgotten: the states of jobs that are done go, oldest first, also
// behind one that is not done.
func TestJobsAreForgotten(t *testing.T) {
	e, err := New(Options{Estate: onlyOne()})
	if err != nil {
		t.Fatal(err)
	}
	i := e.State().Instances[0]
	h := signed(ManagementKey)
	ask := func(operation, body string) {
		t.Helper()
		h["X-Amz-Target"] = "SWBExternalService." + operation
		if status, text := call(t, e, "POST", "/", body, h); status != http.StatusOK {
			t.Fatalf("%s: %d %s", operation, status, text)
		}
	}
	body := func(account string) string {
		return fmt.Sprintf(`{"InstanceArn":%q,"PermissionSetArn":%q,"TargetId":%q,"TargetType":"AWS_ACCOUNT","PrincipalType":"GROUP","PrincipalId":%q}`,
			i.ARN, i.PermissionSets[0].ARN, account, i.Groups[0].ID)
	}
	e.world.store.Latency = func(uint64) time.Duration { return time.Hour }
	ask("CreateAccountAssignment", body("111122223333"))
	e.world.store.Latency = nil
	for range 10_100 {
		ask("CreateAccountAssignment", body("222233334444"))
	}
	seen := 0
	for token := ""; ; {
		h["X-Amz-Target"] = "SWBExternalService.ListAccountAssignmentCreationStatus"
		_, text := call(t, e, "POST", "/", fmt.Sprintf(`{"InstanceArn":%q%s}`, i.ARN, token), h)
		var page struct {
			AccountAssignmentsCreationStatus []struct{ Status string }
			NextToken                        string
		}
		if err := json.Unmarshal([]byte(text), &page); err != nil {
			t.Fatal(err)
		}
		if seen == 0 && page.AccountAssignmentsCreationStatus[0].Status != "IN_PROGRESS" {
			t.Error("the job that is not done was forgotten")
		}
		seen += len(page.AccountAssignmentsCreationStatus)
		if token = fmt.Sprintf(`,"NextToken":%q`, page.NextToken); page.NextToken == "" {
			break
		}
	}
	if seen != 10_000 {
		t.Errorf("%d jobs are remembered, want 10000", seen)
	}
}

func onlyOne() *Estate {
	return &Estate{
		Organization: &EstateOrganization{Management: "one"},
		Accounts:     []EstateAccount{{ID: "111122223333", Name: "one"}, {ID: "222233334444", Name: "two"}},
		EstateContents: EstateContents{
			PermissionSets: []EstatePermissionSet{{Name: "S"}}, Groups: []EstateGroup{{DisplayName: "G"}}, Users: []EstateUser{{UserName: "u"}},
		},
	}
}

// TestWritesEndWhereNothingMoreIsKept: a journal, or what is not visible yet, that
// is full refuses further writes before they change anything, and says why.
func TestWritesEndWhereNothingMoreIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		options Options
		most    sizes
		way     string
	}{
		"journal":     {Options{DataDir: t.TempDir()}, sizes{journal: 20_000, invisible: maxInvisible}, "reset"},
		"not visible": {Options{VisibilityDelay: time.Hour}, sizes{journal: maxJournal, invisible: 20_000}, "shorter"},
	} {
		e, err := New(c.options)
		if err != nil {
			t.Fatal(err)
		}
		e.most = c.most
		arn, refused := e.State().Instances[0].ARN, ""
		h := signed(ManagementKey)
		h["X-Amz-Target"] = "SWBExternalService.CreatePermissionSet"
		for n := 0; n < 100 && refused == ""; n++ {
			sets := len(e.State().Instances[0].PermissionSets)
			if status, text := call(t, e, "POST", "/", fmt.Sprintf(`{"InstanceArn":%q,"Name":"S%d"}`, arn, n), h); status != http.StatusOK {
				refused = text
				if len(e.State().Instances[0].PermissionSets) != sets {
					t.Errorf("%s: the write that was refused had an effect", name)
				}
			}
		}
		if !strings.Contains(refused, c.way) {
			t.Errorf("%s: refused with %q, want the way out", name, refused)
		}
		if err := e.Reset(); err != nil {
			t.Fatal(err)
		}
		if status, text := call(t, e, "POST", "/", fmt.Sprintf(`{"InstanceArn":%q,"Name":"S"}`, arn), h); status != http.StatusOK {
			t.Errorf("%s: after a reset: %d %s", name, status, text)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestQuotasOfOurOwn bound what AWS documents no bound for.
func TestQuotasOfOurOwn(t *testing.T) {
	estate := onlyOne()
	estate.Quotas = Quotas{Memberships: 1, Assignments: 1, Units: 1}
	e, err := New(Options{Estate: estate})
	if err != nil {
		t.Fatal(err)
	}
	i := e.State().Instances[0]
	for n, user := range []string{"a", "b"} {
		scim := e.SCIM()
		auth := map[string]string{"Authorization": "Bearer " + scim.Token}
		_, text := call(t, e, "POST", scim.Path+"Users", fmt.Sprintf(`{"userName":%q,"displayName":"D","name":{"givenName":"G","familyName":"F"}}`, user), auth)
		var made struct{ ID string }
		if err := json.Unmarshal([]byte(text), &made); err != nil {
			t.Fatal(err)
		}
		status, text := call(t, e, "PATCH", scim.Path+"Groups/"+i.Groups[0].ID, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":%q}]}]}`, made.ID), auth)
		if (status < 300) != (n == 0) {
			t.Errorf("membership %d: %d %s", n+1, status, text)
		}
	}
	h := signed(ManagementKey)
	h["X-Amz-Target"] = "SWBExternalService.CreateAccountAssignment"
	for n, account := range []string{"111122223333", "222233334444"} {
		status, text := call(t, e, "POST", "/", fmt.Sprintf(`{"InstanceArn":%q,"PermissionSetArn":%q,"TargetId":%q,"TargetType":"AWS_ACCOUNT","PrincipalType":"GROUP","PrincipalId":%q}`,
			i.ARN, i.PermissionSets[0].ARN, account, i.Groups[0].ID), h)
		if (status == http.StatusOK) != (n == 0) {
			t.Errorf("assignment %d: %d %s", n+1, status, text)
		}
	}
}
