package model_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/model/modeltest"
)

// cloud is an emulator to ask by raw requests.
type cloud struct {
	*emulator.Emulator
	t   *testing.T
	ids map[string]any // real values of identifiers, by member name
}

// newCloud has one of everything that an identifier can name.
func newCloud(t *testing.T) *cloud {
	t.Helper()
	estate := emulator.DefaultEstate()
	estate.PermissionSets = []emulator.EstatePermissionSet{{Name: "Admin"}}
	estate.Assignments = []emulator.EstateAssignment{{Accounts: []string{"development"}, PermissionSet: "Admin", Group: estate.Groups[0].DisplayName}}
	e, err := emulator.New(emulator.Options{Estate: estate})
	if err != nil {
		t.Fatal(err)
	}
	s := e.State()
	i := s.Instances[0]
	c := &cloud{Emulator: e, t: t, ids: map[string]any{
		"InstanceArn": i.ARN, "IdentityStoreId": i.IdentityStoreID, "PermissionSetArn": i.PermissionSets[0].ARN, "ResourceArn": i.PermissionSets[0].ARN,
		"UserId": i.Users[0].ID, "GroupId": i.Groups[0].ID, "MembershipId": i.Memberships[0].ID, "GroupIds": []any{i.Groups[0].ID},
		"PrincipalType": "GROUP", "PrincipalId": i.Groups[0].ID, "TargetType": "AWS_ACCOUNT",
		"PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess", "ManagedPolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
		"InlinePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`,
	}}
	for _, a := range s.Accounts {
		if a.Name == "development" {
			c.ids["AccountId"], c.ids["TargetId"], c.ids["ResourceId"], c.ids["ChildId"] = a.ID, a.ID, a.ID, a.ID
		}
	}
	roots := c.ask(t, "organizations", "ListRoots", map[string]any{})["Roots"].([]any)
	c.ids["ParentId"] = roots[0].(map[string]any)["Id"]
	c.ids["ChildType"] = "ACCOUNT"
	return c
}

// real puts real identifiers into an example.
func (c *cloud) real(input map[string]any) map[string]any {
	for k, v := range input {
		if inner, ok := v.(map[string]any); ok {
			c.real(inner)
		}
		if id, ok := c.ids[k]; ok {
			input[k] = id
		}
	}
	return input
}

// call sends an input; it returns the status and the decoded answer.
func (c *cloud) call(t *testing.T, op *model.Operation, input map[string]any) (int, map[string]any) {
	t.Helper()
	body, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, "https://aws.invalid/", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", op.Target)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+emulator.ManagementKey+"/20260101/us-east-1/x/aws4_request, SignedHeaders=host, Signature=00")
	answer, err := c.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(answer.Body)
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%s: status %d, and the answer is no JSON object: %v", op.Name, answer.StatusCode, err)
	}
	return answer.StatusCode, out
}

func (c *cloud) ask(t *testing.T, service, name string, input map[string]any) map[string]any {
	t.Helper()
	s, _ := model.Lookup(service)
	op, _ := s.Operation(name)
	status, out := c.call(t, op, input)
	if status != 200 {
		t.Fatalf("%s: %d %v", name, status, out)
	}
	return out
}

// fits checks a value against a shape of the table: types, lengths, patterns,
// required members, and no member that AWS does not know.
func fits(t *testing.T, op *model.Operation, s *model.Shape, out map[string]any) {
	t.Helper()
	if out["InlinePolicy"] == "" {
		delete(out, "InlinePolicy") // "no policy"; the model's minimum of 1 is for requests
	}
	if err := model.Validate(&model.Operation{Name: op.Name, Input: s}, out); err != nil {
		t.Errorf("%s answers %v, which does not fit AWS's model: %v", op.Name, out, err)
	}
	known(t, op.Name, s, out)
}

func known(t *testing.T, path string, s *model.Shape, value any) {
	t.Helper()
	switch v := value.(type) {
	case map[string]any:
		if s.Kind != model.Structure {
			return
		}
		for k, e := range v {
			if m, ok := s.Member(k); ok {
				known(t, path+"."+k, m.Shape, e)
			} else if k != "__type" {
				t.Errorf("%s.%s: AWS has no such member", path, k)
			}
		}
	case []any:
		for i, e := range v {
			known(t, fmt.Sprintf("%s[%d]", path, i), s.Element, e)
		}
	}
}

// TestAnswersFitTheModel asks every JSON operation for its smallest and its
// largest example, made-up and with real identifiers. What comes back must be an
// output of AWS's shape or an error that the operation declares.
func TestAnswersFitTheModel(t *testing.T) {
	succeeded := map[string]bool{}
	for _, service := range model.Services() {
		if service.Protocol != model.JSON {
			continue
		}
		for _, op := range service.Operations {
			c := newCloud(t)
			for _, input := range []map[string]any{modeltest.Example(op), modeltest.FullExample(op), c.real(modeltest.Example(op)), c.real(modeltest.FullExample(op))} {
				status, out := c.call(t, op, input)
				if status == 200 {
					succeeded[op.Name] = true
					fits(t, op, op.Output, out)
					continue
				}
				code, _ := out["__type"].(string)
				shape, declared := op.Error(code)
				if !declared {
					t.Errorf("%s.%s answers with %q (%v), which it does not declare", service.Name, op.Name, code, out)
					continue
				}
				fits(t, op, shape, out)
			}
		}
	}
	if n := len(succeeded); n < 50 {
		t.Errorf("only %d operations ever succeeded: %v", n, succeeded)
	}
}
