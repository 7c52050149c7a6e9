package searchtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"github.com/rolecall-dev/rolecall/emulator"
)

// Caller is somebody else who calls AWS by hand.
type Caller struct {
	t               interface{ Fatal(args ...any) }
	e               *emulator.Emulator
	instance, store string
}

// CallerOf returns one who may do everything in the first instance.
func CallerOf(t interface{ Fatal(args ...any) }, e *emulator.Emulator) Caller {
	i := e.State().Instances[0]
	return Caller{t, e, i.ARN, i.IdentityStoreID}
}

// Call returns the answer; nil is a refusal, which is an answer, too.
func (c Caller) Call(target string, body map[string]any) map[string]any {
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, "http://emulator/", bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+emulator.ManagementKey+"/20260101/us-east-1/sso/aws4_request, SignedHeaders=host, Signature=00")
	answer, err := c.e.Transport().RoundTrip(r)
	if err != nil {
		return nil
	}
	defer answer.Body.Close()
	out := map[string]any{}
	if got, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(got, &out) != nil {
		return nil
	}
	return out
}

// SSO calls an operation on the instance.
func (c Caller) SSO(operation string, body map[string]any) map[string]any {
	body["InstanceArn"] = c.instance
	return c.Call("SWBExternalService."+operation, body)
}

// Store calls an operation on the identity store.
func (c Caller) Store(operation string, body map[string]any) map[string]any {
	body["IdentityStoreId"] = c.store
	return c.Call("AWSIdentityStore."+operation, body)
}
