package model_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/model/modeltest"
)

const (
	instance = "arn:aws:sso:::instance/ssoins-1234567890abcdef"
	set      = "arn:aws:sso:::permissionSet/ssoins-1234567890abcdef/ps-1234567890abcdef"
	uuid     = "a1b2c3d4-e5f6-4711-8899-aabbccddeeff"
)

func operation(t testing.TB, service, name string) *model.Operation {
	t.Helper()
	s, ok := model.Lookup(service)
	if !ok {
		t.Fatalf("no service %q", service)
	}
	op, ok := s.Operation(name)
	if !ok {
		t.Fatalf("no operation %q", name)
	}
	return op
}

func decode(t testing.TB, text string) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return v
}

func TestValidate(t *testing.T) {
	const arnPattern = `arn:aws(-[a-z]{1,5}){0,3}:sso:::instance/(sso)?ins-[a-zA-Z0-9-.]{16}`
	const idPattern = `([0-9a-f]{10}-|)[A-Fa-f0-9]{8}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{4}-[A-Fa-f0-9]{12}`
	name := func(n string) string {
		return `{"InstanceArn":"` + instance + `","Name":"` + n + `"}`
	}
	tests := []struct {
		name, service, op, input string
		want                     *model.Error
	}{
		{"valid set", "sso-admin", "CreatePermissionSet", name("Admin+Read=,.@-_1"), nil},
		{"name of 32", "sso-admin", "CreatePermissionSet", name(strings.Repeat("a", 32)), nil},
		{"name of 33", "sso-admin", "CreatePermissionSet", name(strings.Repeat("a", 33)),
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value '" + strings.Repeat("a", 33) + "' at 'name' failed to satisfy constraint: Member must have length less than or equal to 32"}},
		{"name with a blank", "sso-admin", "CreatePermissionSet", name("a b"),
			&model.Error{Code: "ValidationException", Message: `1 validation error detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`}},
		{"name beyond ASCII", "sso-admin", "CreatePermissionSet", name("Zürich"),
			&model.Error{Code: "ValidationException", Message: `1 validation error detected: Value 'Zürich' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+`}},
		{"wrong ARN", "sso-admin", "ListPermissionSets", `{"InstanceArn":"arn:aws:sso:::instance/x"}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value 'arn:aws:sso:::instance/x' at 'instanceArn' failed to satisfy constraint: Member must satisfy regular expression pattern: " + arnPattern}},
		{"missing", "sso-admin", "ListPermissionSets", `{}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value null at 'instanceArn' failed to satisfy constraint: Member must not be null"}},
		{"null is missing", "sso-admin", "ListPermissionSets", `{"InstanceArn":null}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value null at 'instanceArn' failed to satisfy constraint: Member must not be null"}},
		{"page of 101", "sso-admin", "ListPermissionSets", `{"InstanceArn":"` + instance + `","MaxResults":101}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 100"}},
		{"page of 0", "identitystore", "ListUsers", `{"IdentityStoreId":"d-1234567890","MaxResults":0}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value '0' at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1"}},
		{"enum", "sso-admin", "ListAccountAssignmentsForPrincipal", `{"InstanceArn":"` + instance + `","PrincipalId":"` + uuid + `","PrincipalType":"ROLE"}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value 'ROLE' at 'principalType' failed to satisfy constraint: Member must satisfy enum value set: [USER, GROUP]"}},
		{"two at once, as AWS sent them", "identitystore", "ListGroupMembershipsForMember", `{"IdentityStoreId":"d-1234567890","MemberId":{"UserId":""}}`,
			&model.Error{Code: "ValidationException", Message: "2 validation errors detected: Value '' at 'memberId.userId' failed to satisfy constraint: Member must satisfy regular expression pattern: " + idPattern + "; Value '' at 'memberId.userId' failed to satisfy constraint: Member must have length greater than or equal to 1"}},
		{"either form of store id", "identitystore", "ListUsers", `{"IdentityStoreId":"` + uuid + `"}`, nil},
		{"a store id within text", "identitystore", "ListUsers", `{"IdentityStoreId":"xd-1234567890"}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value 'xd-1234567890' at 'identityStoreId' failed to satisfy constraint: Member must satisfy regular expression pattern: d-[0-9a-f]{10}$|^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"}},
		{"sensitive", "identitystore", "CreateUser", `{"IdentityStoreId":"d-1234567890","UserName":"jane doe"}`,
			&model.Error{Code: "ValidationException", Message: `1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+`}},
		{"sensitive inside a list", "identitystore", "CreateUser", `{"IdentityStoreId":"d-1234567890","Emails":[{"Value":"a@b"},{"Value":"c@d"}]}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value at 'emails' failed to satisfy constraint: Member must have length less than or equal to 1"}},
		{"structure in a list", "sso-admin", "TagResource", `{"ResourceArn":"` + set + `","Tags":[{"Key":"ok","Value":""},{"Key":"?","Value":"v"}]}`,
			&model.Error{Code: "ValidationException", Message: `1 validation error detected: Value '?' at 'tags.2.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`}},
		{"scalar in a list", "sso-admin", "UntagResource", `{"ResourceArn":"` + set + `","TagKeys":["ok","?"]}`,
			&model.Error{Code: "ValidationException", Message: `1 validation error detected: Value '[ok, ?]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: ([\p{L}\p{Z}\p{N}_.:/=+\-@]*)]`}},
		{"empty list", "sso-admin", "UntagResource", `{"ResourceArn":"` + set + `","TagKeys":[]}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value '[]' at 'tagKeys' failed to satisfy constraint: Member must have length greater than or equal to 1"}},
		{"union of two", "identitystore", "GetUserId", `{"IdentityStoreId":"d-1234567890","AlternateIdentifier":{"ExternalId":{"Issuer":"i","Id":"x"},"UniqueAttribute":{"AttributePath":"userName","AttributeValue":"x"}}}`,
			&model.Error{Code: "ValidationException", Message: "1 validation error detected: Value at 'alternateIdentifier' failed to satisfy constraint: Member must have exactly one of its members set"}},
		{"a document may be anything", "identitystore", "UpdateUser", `{"IdentityStoreId":"d-1234567890","UserId":"` + uuid + `","Operations":[{"AttributePath":"name","AttributeValue":{"x":[1]}}]}`, nil},
		{"unknown members are ignored", "sso-admin", "ListInstances", `{"Color":"red"}`, nil},
		{"no body", "sso-admin", "ListInstances", `null`, nil},
		{"organizations page of 21", "organizations", "ListAccounts", `{"MaxResults":21}`,
			&model.Error{Code: "InvalidInputException", Reason: "MAX_VALUE_EXCEEDED", Message: "You provided a numeric parameter that has a larger value than allowed."}},
		{"organizations page of 20", "organizations", "ListAccounts", `{"MaxResults":20}`, nil},
		{"organizations pattern", "organizations", "DescribeAccount", `{"AccountId":"123"}`,
			&model.Error{Code: "InvalidInputException", Reason: "INVALID_PATTERN", Message: "You provided a value that does not match the required pattern."}},
		{"organizations id with a tail", "organizations", "ListParents", `{"ChildId":"123456789012x"}`,
			&model.Error{Code: "InvalidInputException", Reason: "INVALID_PATTERN", Message: "You provided a value that does not match the required pattern."}},
		{"organizations missing", "organizations", "DescribeAccount", `{}`,
			&model.Error{Code: "InvalidInputException", Reason: "INPUT_REQUIRED", Message: "You must include a value for all required parameters."}},
		{"query protocol", "iam", "GetPolicy", `{}`,
			&model.Error{Code: "ValidationError", Message: "1 validation error detected: Value null at 'policyArn' failed to satisfy constraint: Member must not be null"}},
		{"number for a string", "sso-admin", "ListPermissionSets", `{"InstanceArn":5}`,
			&model.Error{Code: "SerializationException", Message: "NUMBER_VALUE can not be converted to a String"}},
		{"string for a number", "sso-admin", "ListPermissionSets", `{"InstanceArn":"x","MaxResults":"5"}`,
			&model.Error{Code: "SerializationException", Message: "STRING_VALUE can not be converted to an Integer"}},
		{"a fraction for a number", "sso-admin", "ListPermissionSets", `{"InstanceArn":"x","MaxResults":1.5}`,
			&model.Error{Code: "SerializationException", Message: "DECIMAL_VALUE can not be converted to an Integer"}},
		{"a number beyond 32 bits", "sso-admin", "ListPermissionSets", `{"InstanceArn":"x","MaxResults":99999999999}`,
			&model.Error{Code: "SerializationException", Message: "NUMBER_VALUE can not be converted to an Integer"}},
		{"list for the input", "sso-admin", "ListPermissionSets", `[]`,
			&model.Error{Code: "SerializationException", Message: "Start of list found where not expected"}},
		{"object for a string", "sso-admin", "ListPermissionSets", `{"InstanceArn":{}}`,
			&model.Error{Code: "SerializationException", Message: "Start of structure or map found where not expected."}},
		{"string for a list", "identitystore", "CreateUser", `{"IdentityStoreId":"d-1234567890","Emails":"a@b"}`,
			&model.Error{Code: "SerializationException", Message: "Expected list or null"}},
		{"null in a list", "sso-admin", "UntagResource", `{"ResourceArn":"` + set + `","TagKeys":[null]}`,
			&model.Error{Code: "SerializationException", Message: "Unexpected null value in a list"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := model.Validate(operation(t, test.service, test.op), decode(t, test.input))
			var got *model.Error
			errors.As(err, &got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestValidateSessionDuration(t *testing.T) {
	op := operation(t, "sso-admin", "CreatePermissionSet")
	for duration, ok := range map[string]bool{
		"PT1H": true, "PT12H": true, "PT60M": true, "P1D": true, "PT1.5S": true, "P1Y2M3DT4H5M6S": true,
		"P": false, "PT": false, "1H": false, "PT1": false, "pt1h": false, "P1H": false, " PT1H": false, "PT1H\n": false, "": false,
	} {
		input := map[string]any{"InstanceArn": instance, "Name": "a", "SessionDuration": duration}
		if err := model.Validate(op, input); (err == nil) != ok {
			t.Errorf("SessionDuration %q: valid = %v, want %v (%v)", duration, err == nil, ok, err)
		}
	}
}

func TestValidateCharacters(t *testing.T) {
	tests := []struct {
		service, op, member string
		ok, bad             []string
	}{
		{"sso-admin", "CreatePermissionSet", "Description", []string{"Zürich \t\n~¡ÿ"}, []string{"an em dash \u2014", "\u0080", "\u00a0", "日本"}},
		{"sso-admin", "PutInlinePolicyToPermissionSet", "InlinePolicy", []string{"{\"a\":\"\u00ff\u0080\"}\r\n"}, []string{"\u0100", "\x00"}},
		{"sso-admin", "CreatePermissionSet", "RelayState", []string{`https://a.b/c?d=e&f=[g]"h"`, `\`}, []string{"é", "<"}},
		{"identitystore", "CreateUser", "UserName", []string{"jané.döe+x@例え.jp", "😀"}, []string{"a b", "a\tb", "\u3000"}},
		{"identitystore", "CreateGroup", "DisplayName", []string{"AWS Admins \u00a0 — prod"}, []string{"a\u3000b", "a\u200bb"}},
		{"identitystore", "CreateGroup", "Description", []string{"a\u3000b", strings.Repeat("é", 1024)}, []string{"a\u200bb", strings.Repeat("é", 1025), ""}},
		{"identitystore", "ListUsers", "IdentityStoreId", []string{"d-1234567890"}, []string{"d-123456789g", "d-12345678901", "d-1234567890\n"}},
		{"organizations", "CreateAccount", "Email", []string{"aws+x@company.com"}, []string{"a b@company.com", "a\vb@company.com", "nobody"}},
	}
	for _, test := range tests {
		op := operation(t, test.service, test.op)
		check := func(value string, ok bool) {
			input := modeltest.Example(op)
			input[test.member] = value
			if err := model.Validate(op, input); (err == nil) != ok {
				t.Errorf("%s.%s %q: valid = %v, want %v (%v)", test.op, test.member, value, err == nil, ok, err)
			}
		}
		for _, v := range test.ok {
			check(v, true)
		}
		for _, v := range test.bad {
			check(v, false)
		}
	}
}

func TestExamplesAreValid(t *testing.T) {
	for _, s := range model.Services() {
		for _, op := range s.Operations {
			for _, input := range []map[string]any{modeltest.Example(op), modeltest.FullExample(op)} {
				if err := model.Validate(op, input); err != nil {
					t.Errorf("%s.%s: %v is not valid: %v", s.Name, op.Name, input, err)
				}
			}
			for name := range modeltest.Example(op) {
				input := modeltest.Example(op)
				delete(input, name)
				if model.Validate(op, input) == nil {
					t.Errorf("%s.%s: the example is not minimal, %q can go", s.Name, op.Name, name)
				}
			}
		}
	}
}

func FuzzValidate(f *testing.F) {
	for i, s := range model.Services() {
		for j, op := range s.Operations {
			seed, _ := json.Marshal(modeltest.FullExample(op))
			f.Add(i, j, string(seed))
		}
	}
	f.Fuzz(func(t *testing.T, service, op int, text string) {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var input any
		if d.Decode(&input) != nil || service < 0 || op < 0 {
			return // no JSON, or no operation
		}
		services := model.Services()
		operations := services[service%len(services)].Operations
		err := model.Validate(operations[op%len(operations)], input)
		var typed *model.Error
		if err != nil && (!errors.As(err, &typed) || typed.Message == "") {
			t.Errorf("a request must fail as AWS fails it, got %v", err)
		}
	})
}
