package directorytest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/idp/vendorapi"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// prefix begins the paths of a vendor's API, but not of its token endpoint.
func (v vendor) prefix() string {
	return map[idp.Kind]string{idp.Okta: "/api/", idp.Entra: "/v1.0/", idp.Google: "/admin/"}[v.kind]
}

// TestReadsOnly does everything there is, and looks at what was sent.
func TestReadsOnly(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		if err := everything(t, r.dir, r.person("ann@company.com"), r.group("Admins")); err != nil {
			t.Error(err)
		}
		calls := r.api.Calls()
		if len(calls) < 5 {
			t.Errorf("only %d calls: %q", len(calls), calls)
		}
		for _, call := range calls {
			token := strings.HasPrefix(call, "POST ") && strings.HasSuffix(call, "/token")
			if !strings.HasPrefix(call, "GET ") && !token {
				t.Errorf("sent %s", call)
			}
		}
	})
}

// everything asks all that a connector can answer, and returns the first failure.
func everything(t *testing.T, dir directory.Directory, person, group string) error {
	var first error
	askAll(t.Context(), dir, person, group, func(_ any, err error) {
		if first == nil {
			first = err
		}
	})
	return first
}

// askAll notes all that a connector can answer.
func askAll(ctx context.Context, dir directory.Directory, person, group string, note func(answer any, err error)) {
	since := time.Now().Add(-time.Hour)
	for _, name := range []string{"ann@company.com", "robert@company.com", "nobody@company.com", "$odd@company.com"} {
		note(dir.(directory.People).FindPerson(ctx, name))
	}
	for _, id := range []string{person, "00unobody", "100000000000000000009", "99999999-0000-4000-8000-000000000000"} {
		note(dir.(directory.Binder).ByExternalID(ctx, id))
	}
	groups := dir.(directory.Groups)
	note(groups.FindGroups(ctx, "Admins"))
	note(groups.GroupsOf(ctx, person))
	note(groups.MembersOf(ctx, group))
	if d, ok := dir.(directory.GroupByID); ok {
		note(d.GroupByID(ctx, group))
	}
	if d, ok := dir.(directory.Assignments); ok {
		note(d.PersonAssignment(ctx, person))
		note(d.GroupAssignments(ctx))
	}
	if d, ok := dir.(directory.Provisioner); ok {
		note(d.Provisioning(ctx))
	}
	if d, ok := dir.(directory.Eventer); ok {
		note(d.ProvisioningEvents(ctx, since, ""))
		note(d.ProvisioningEvents(ctx, since, person))
	}
	if d, ok := dir.(directory.SignIner); ok {
		note(d.SignInFailures(ctx, since, person))
	}
	if d, ok := dir.(directory.SAMLer); ok {
		note(d.SAML(ctx))
	}
	if d, ok := dir.(directory.GroupPusher); ok {
		pushed, err := d.PushGroups(ctx)
		note(pushed, err)
		for _, m := range pushed.Mappings {
			note(d.PushTarget(ctx, m.TargetID))
		}
	}
	if d, ok := dir.(directory.Eligibles); ok {
		note(d.Eligible(ctx, person, group))
	}
}

// TestRateLimit has a limit of five requests a window, and a group that takes
// more: nothing is lost, and it takes about as long as it must.
func TestRateLimit(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t, func(o *vendorapi.Options) { o.RateLimit, o.PageSize = 5, 1 })
			var people []string
			for i := range 12 {
				people = append(people, r.person(fmt.Sprintf("user%d@company.com", i)))
			}
			id, began := r.group("Admins", people...), time.Now()
			found, err := r.dir.(directory.Groups).MembersOf(t.Context(), id)
			must(t, err)
			if len(found.Members) != 12 {
				t.Errorf("%d members", len(found.Members))
			}
			if took := time.Since(began); took < 5*time.Second || took > 12*time.Minute {
				t.Errorf("took %s", took)
			}
			refused := 0
			for _, use := range r.budgets.Uses() {
				refused += use.Throttles
			}
			if refused == 0 || refused > 12 {
				t.Errorf("%d requests were refused", refused)
			}
		})
	})
}

func TestFailingServer(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t)
			groups := r.dir.(directory.Groups)
			r.group("Admins")
			r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 2, Status: 503, Body: "<html>"})
			found, err := groups.FindGroups(t.Context(), "Admins")
			if err != nil || len(found.Groups) != 1 {
				t.Errorf("after two failures: %+v, %v", found, err)
			}
			before := len(r.api.Calls())
			r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 100, Status: 500})
			if _, err = groups.FindGroups(t.Context(), "Admins"); !directory.Unavailable.Is(err) {
				t.Errorf("while all fails: %v", err)
			}
			if n := len(r.api.Calls()) - before; n != 5 {
				t.Errorf("%d tries", n)
			}
		})
	})
}

func TestUnreadableAnswers(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		groups := r.dir.(directory.Groups)
		for _, body := range []string{"", "<html>", `{"value":`, `"text"`, "[[]]"} {
			r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 1, Status: 200, Body: body})
			if _, err := groups.FindGroups(t.Context(), "Admins"); !directory.Unreadable.Is(err) {
				t.Errorf("%q: %v", body, err)
			}
		}
		r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 1, Status: 200, Body: strings.Repeat(" ", 17<<20)})
		if _, err := groups.FindGroups(t.Context(), "Admins"); !directory.Unreadable.Is(err) {
			t.Errorf("an endless answer: %v", err)
		}
	})
}

// watch is a transport that keeps the hosts that were asked.
type watch struct {
	to    http.RoundTripper
	hosts map[string]bool
}

func (w watch) RoundTrip(r *http.Request) (*http.Response, error) {
	w.hosts[r.URL.Host] = true
	return w.to.RoundTrip(r)
}

// TestOtherHosts has answers that lead elsewhere, where credentials must not go.
func TestOtherHosts(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		hosts := map[string]bool{}
		d, err := v.open(r.settings, &http.Client{Transport: watch{r.api, hosts}}, r.budgets)
		must(t, err)
		id := r.group("Admins")
		const evil = "https://evil.example/api/v1/groups?after=1"
		for _, answer := range []vendorapi.Refusal{
			{Status: 302, Header: http.Header{"Location": {evil}}},
			{Status: 307, Header: http.Header{"Location": {evil}}},
			{Status: 200, Header: http.Header{"Link": {"<" + evil + ">; rel=\"next\""}}, Body: `[{"id":"x","status":"ACTIVE"}]`},
			{Status: 200, Body: `{"value":[],"@odata.nextLink":"` + evil + `"}`},
			{Status: 200, Body: `{"nextPageToken":"https://evil.example/","members":[]}`},
		} {
			answer.Prefix, answer.Times = v.prefix(), 1
			r.api.Refuse(answer)
			_, _ = d.(directory.Groups).MembersOf(t.Context(), id) // an error, or an answer of another vendor's form
		}
		if hosts["evil.example"] || len(hosts) == 0 {
			t.Errorf("asked %v", hosts)
		}
	})
}

func TestEndlessPages(t *testing.T) {
	each(t, once(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		id := r.group("Admins")
		link := map[idp.Kind]string{idp.Okta: "https://company.okta.com/api/v1/groups/x/users?after=1", idp.Entra: "https://graph.microsoft.com/v1.0/groups/x/members?$skiptoken=1"}[v.kind]
		body := map[idp.Kind]string{idp.Okta: `[{"id":"x"}]`, idp.Entra: `{"value":[],"@odata.nextLink":"` + link + `"}`, idp.Google: `{"nextPageToken":"again"}`}[v.kind]
		r.api.Refuse(vendorapi.Refusal{Prefix: v.prefix(), Times: 1 << 30, Status: 200, Header: http.Header{"Link": {"<" + link + ">; rel=\"next\""}}, Body: body})
		if _, err := r.dir.(directory.Groups).MembersOf(t.Context(), id); !directory.Unreadable.Is(err) {
			t.Errorf("err = %v", err)
		}
		if n := len(r.api.Calls()); n > 10 {
			t.Errorf("%d calls", n)
		}
	})
}

// TestExpiredAccessTokens gets new ones, once.
func TestExpiredAccessTokens(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		synctest.Test(t, func(t *testing.T) {
			r := v.rig(t)
			groups := r.dir.(directory.Groups)
			for _, spoil := range []func(){func() {}, r.api.ExpireTokens, func() { time.Sleep(2 * time.Hour) }, func() { time.Sleep(59*time.Minute + 30*time.Second) }} {
				spoil()
				if _, err := groups.FindGroups(t.Context(), "Admins"); err != nil {
					t.Fatal(err)
				}
			}
			tokens := 0
			for _, call := range r.api.Calls() {
				if strings.HasSuffix(call, "/token") {
					tokens++
				}
			}
			if uses := r.api.Calls(); r.settings.TokenEnv != "OKTA_TOKEN" && tokens != 4 {
				t.Errorf("%d access tokens in %q", tokens, uses)
			}
		})
	})
}

func TestMissingPermissions(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		if v.name == "okta with a token" {
			t.Skip("an API token has the rights of who made it")
		}
		r := v.rig(t, func(o *vendorapi.Options) { o.Scopes = []string{"none"} })
		_, err := r.dir.(directory.Groups).FindGroups(t.Context(), "Admins")
		needs := map[idp.Kind]string{idp.Okta: "okta.groups.read", idp.Entra: "GroupMember.Read.All", idp.Google: "admin.directory.group.readonly"}[v.kind]
		e, ok := err.(*directory.Error)
		if !ok || e.Kind != directory.Forbidden && e.Kind != directory.Unauthorized || !strings.Contains(e.Needs, needs) {
			t.Fatalf("%v needs %q", err, e.Needs)
		}
		if d := e.Diagnostic(); d.Hint != e.Needs || d.Code == "" || len(d.Evidence) != 1 {
			t.Errorf("diagnostic %+v", d)
		}
	})
}

// echo answers with all that was sent to it, credentials too.
type echo struct{ status int }

func (e echo) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, _ := io.ReadAll(r.Body)
	message := fmt.Sprintf("%v %s", r.Header["Authorization"], sent)
	body := fmt.Sprintf(`{"errorCode":"E1","errorSummary":%[1]q,"error":%[1]q,"error_description":%[1]q}`, message)
	if e.status == 0 {
		return nil, fmt.Errorf("connect with %s", message)
	}
	return &http.Response{StatusCode: e.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// TestNoSecretShows makes everything fail, by a server that repeats what it was
// sent, and looks for the secrets in all that is said.
func TestNoSecretShows(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		said := []string{fmt.Sprintf("%+v %#v", r.dir, r.dir.About()), text(t, r.dir.About())}
		for _, status := range []int{0, 400, 401, 403, 404, 429, 500} {
			synctest.Test(t, func(t *testing.T) {
				d, err := v.open(r.settings, &http.Client{Transport: echo{status}}, nil)
				must(t, err)
				err = everything(t, d, "00u1", "00g1")
				if err == nil {
					t.Fatalf("%d: no failure", status)
				}
				said = append(said, err.Error(), fmt.Sprintf("%+v", err))
				if e, ok := err.(*directory.Error); ok {
					said = append(said, text(t, e.Diagnostic()))
				}
			})
		}
		if err := everything(t, r.dir, "00u1", "00g1"); err != nil { // nobody has these ids
			said = append(said, err.Error())
		}
		r.secrets["an assertion"] = "eyJ" // what every signed token begins with
		for name, secret := range r.secrets {
			for _, line := range strings.Split(secret, "\n") {
				for _, s := range said {
					if len(line) > 2 && !strings.HasPrefix(line, "-----") && strings.Contains(s, line) {
						t.Errorf("the secret in %s shows in %s", name, s)
					}
				}
			}
		}
	})
}

// TestWrongCredentials says where to correct them.
func TestWrongCredentials(t *testing.T) {
	each(t, vendors(), func(t *testing.T, v vendor) {
		r := v.rig(t)
		r.api.Change(func(o *vendorapi.Options) {
			o.Token, o.ClientSecret, o.ClientKey, o.FederatedToken = "another", "another", nil, "another"
		})
		_, err := r.dir.(directory.Groups).FindGroups(t.Context(), "Admins")
		e, ok := err.(*directory.Error)
		if !ok || e.Kind != directory.Unauthorized || e.Needs == "" {
			t.Fatalf("%v", err)
		}
		for name := range r.secrets {
			r.secrets[name] = ""
		}
		_, err = v.open(r.settings, r.client, r.budgets)
		if !directory.BadSetting.Is(err) {
			t.Errorf("without the secret: %v", err)
		}
	})
}

// TestPermissionsByCall names the permission that the refused call needs.
func TestPermissionsByCall(t *testing.T) {
	needs := map[string]string{
		"FindPerson": "okta.users.read User.Read.All users", "GroupAssignments": "okta.apps.read Application.Read.All", "Provisioning": "okta.apps.read Synchronization.Read.All",
		"ProvisioningEvents": "okta.logs.read AuditLog.Read.All", "SignInFailures": "okta.logs.read AuditLog.Read.All reports", "PushGroups": "okta.apps.read okta.groups.read",
	}
	forbidden := map[string]string{
		"FindPerson": "/users/", "GroupAssignments": "/apps servicePrincipals", "Provisioning": "/features /jobs",
		"ProvisioningEvents": "/logs auditLogs", "SignInFailures": "/logs auditLogs /activity", "PushGroups": "/mappings",
	}
	each(t, once(), func(t *testing.T, v vendor) {
		for name, want := range needs {
			r := v.rig(t)
			must(t, r.idp.Assign(t.Context(), idp.UserPrincipal, r.person("ann@company.com")))
			r.sync()
			d, err := v.open(r.settings, &http.Client{Transport: refusing{r.api, strings.Fields(forbidden[name])}}, r.budgets)
			must(t, err)
			can, err := ask(t, d, name)
			if !can {
				continue
			}
			e, ok := err.(*directory.Error)
			if !ok || e.Kind != directory.Forbidden {
				t.Fatalf("%s: %v", name, err)
			}
			named := strings.Contains(e.Needs, "role") && v.kind == idp.Google
			for _, permission := range strings.Fields(want) {
				named = named || strings.Contains(e.Needs, permission)
			}
			if !named {
				t.Errorf("%s at %s needs %q", name, e.Call, e.Needs)
			}
		}
	})
}

// refusing answers 403 to calls whose path has one of the parts.
type refusing struct {
	to    http.RoundTripper
	parts []string
}

func (f refusing) RoundTrip(r *http.Request) (*http.Response, error) {
	for _, part := range f.parts {
		if strings.Contains(r.URL.Path, part) {
			return &http.Response{StatusCode: 403, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
		}
	}
	return f.to.RoundTrip(r)
}

// instead answers with a body to the calls whose path ends so.
type instead struct {
	to   http.RoundTripper
	path string
	body string
}

func (i instead) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, i.path) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(i.body)), Request: r}, nil
	}
	return i.to.RoundTrip(r)
}

// ask calls one method by name, where the connector has it.
func ask(t *testing.T, dir directory.Directory, name string) (can bool, err error) {
	ctx, since := t.Context(), time.Now().Add(-time.Hour)
	switch name {
	case "FindPerson":
		_, err = dir.(directory.People).FindPerson(ctx, "ann@company.com")
		return true, err
	case "GroupAssignments":
		if d, ok := dir.(directory.Assignments); ok {
			_, err = d.GroupAssignments(ctx)
			return true, err
		}
	case "Provisioning":
		if d, ok := dir.(directory.Provisioner); ok {
			_, err = d.Provisioning(ctx)
			return true, err
		}
	case "ProvisioningEvents":
		if d, ok := dir.(directory.Eventer); ok {
			_, err = d.ProvisioningEvents(ctx, since, "")
			return true, err
		}
	case "SignInFailures":
		if d, ok := dir.(directory.SignIner); ok {
			_, err = d.SignInFailures(ctx, since, "")
			return true, err
		}
	case "PushGroups":
		if d, ok := dir.(directory.GroupPusher); ok {
			_, err = d.PushGroups(ctx)
			return true, err
		}
	}
	return false, nil
}
