package emulator

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/model/modeltest"
)

// FuzzJSON sends anything to any operation: the answer is always AWS's shape of an
// answer or an error, never an internal error, and the emulator lives on.
func FuzzJSON(f *testing.F) {
	for _, s := range model.Services() {
		for _, op := range s.Operations {
			for _, in := range []map[string]any{modeltest.Example(op), modeltest.FullExample(op)} {
				text, err := json.Marshal(in)
				if err != nil {
					f.Fatal(err)
				}
				f.Add(op.Target, string(text))
			}
		}
	}
	e, err := New(Options{CallLog: 1})
	if err != nil {
		f.Fatal(err)
	}
	instance := e.world.store.Instances()[0]
	f.Fuzz(func(t *testing.T, target, body string) {
		// the ids of the examples are nobody's: let some requests reach the store
		body = strings.ReplaceAll(body, `"InstanceArn":"arn:aws:sso:::instance/ins-aaaaaaaaaaaaaaaa"`, `"InstanceArn":"`+instance.ARN+`"`)
		body = strings.ReplaceAll(body, `"IdentityStoreId":"d-0000000000"`, `"IdentityStoreId":"`+instance.Directory.ID+`"`)
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header["X-Amz-Target"] = []string{target}
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+ManagementKey+"/20260101/us-east-1/sso/aws4_request")
		a, end := e.serve(r)
		if end != arrives || a.status >= 500 {
			t.Fatalf("answer = %d %s", a.status, a.body)
		}
		var out map[string]any
		if err := json.Unmarshal(a.body, &out); err != nil {
			t.Fatalf("%v in %s", err, a.body)
		}
		if (a.status == http.StatusOK) != (out["__type"] == nil) {
			t.Fatalf("answer = %d %s", a.status, a.body)
		}
	})
}

// FuzzHTTP sends anything by any method to any path: no crash, no internal error.
func FuzzHTTP(f *testing.F) {
	e, err := New(Options{CallLog: 1})
	if err != nil {
		f.Fatal(err)
	}
	scim := e.SCIM()
	f.Add("POST", "/", "application/x-www-form-urlencoded", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e", "Action=GetCallerIdentity&Version=2011-06-15")
	f.Add("POST", "/", "application/x-www-form-urlencoded", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e", "Action=ListPolicies&Version=2010-05-08&MaxItems=x&OnlyAttached=y")
	f.Add("POST", scim.Path+"Users", "application/json", "Bearer "+scim.Token, `{"userName":"u","displayName":"d","name":{"givenName":"g","familyName":"f"}}`)
	f.Add("PATCH", scim.Path+"Groups/x", "application/json", "Bearer "+scim.Token, `{"schemas":[],"Operations":[{"op":"add","path":"members","value":[{"value":"x"}]}]}`)
	f.Add("GET", scim.Path+"Users?filter=userName%20eq%20%22a%22&cursor", "", "Bearer "+scim.Token, "")
	f.Add("POST", "/_emulator/faults", "", "", `{"kind":"slow","operation":"[","rate":2}`)
	f.Add("POST", "/_emulator/estate", "", "", `[{"account":{"account":"staging","state":"SUSPENDED"},"scim":{},"application":{}}]`)
	f.Fuzz(func(t *testing.T, method, path, kind, auth, body string) {
		r, err := http.NewRequest(method, "http://emulator/"+strings.TrimPrefix(path, "/"), strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", auth)
		if strings.HasPrefix(r.URL.Path, controlPrefix+"faults") && strings.Contains(body, "kind") {
			var list []Fault
			_ = oneOrMore(r.Body, &list) // reading it must not crash; setting it would make this test fail
			return
		}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("answer = %d %s", w.Code, w.Body)
		}
	})
}
