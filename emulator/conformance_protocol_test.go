package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/rolecall-dev/rolecall/emulator"
)

func TestWhatIsNoRequest(t *testing.T) {
	c := start(t, emulator.Options{})
	const list = "SWBExternalService.ListPermissionSets"
	tests := map[string]struct {
		target, body, auth string
		status             int
		kind, message      string
	}{
		"unknown operation":    {target: "SWBExternalService.DoIt", body: "{}", status: 400, kind: "UnknownOperationException"},
		"unknown service":      {target: "Nothing.ListInstances", body: "{}", status: 400, kind: "UnknownOperationException"},
		"no target":            {body: "{}", status: 400, kind: "UnknownOperationException"},
		"no JSON":              {target: list, body: "{", status: 400, kind: "SerializationException"},
		"two JSON values":      {target: list, body: "{}{}", status: 400, kind: "SerializationException"},
		"a list":               {target: list, body: "[]", status: 400, kind: "SerializationException"},
		"a number as a text":   {target: list, body: `{"InstanceArn":7}`, status: 400, kind: "SerializationException", message: "NUMBER_VALUE can not be converted to a String"},
		"nothing in it":        {target: list, body: ``, status: 400, kind: "ValidationException", message: "1 validation error detected: Value null at 'instanceArn' failed to satisfy constraint: Member must not be null"},
		"a page too large":     {target: list, body: `{"InstanceArn":"` + *c.arn + `","MaxResults":101}`, status: 400, kind: "ValidationException", message: "less than or equal to 100"},
		"a token of nobody":    {target: list, body: `{"InstanceArn":"` + *c.arn + `","NextToken":"abc"}`, status: 400, kind: "ValidationException", message: "NextToken"},
		"no signature":         {target: list, body: `{"InstanceArn":"` + *c.arn + `"}`, auth: "none", status: 400, kind: "MissingAuthenticationTokenException"},
		"a huge body":          {target: list, body: `{"InstanceArn":"` + strings.Repeat("a", 1<<20) + `"}`, status: 413, kind: "RequestEntityTooLargeException"},
		"names differ in case": {target: list, body: `{"instancearn":"` + *c.arn + `"}`, status: 400, kind: "ValidationException", message: "'instanceArn'"},
		"organizations' own":   {target: "AWSOrganizationsV20161128.ListAccounts", body: `{"MaxResults":21}`, status: 400, kind: "InvalidInputException"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			headers := map[string]string{"X-Amz-Target": tt.target, "Content-Type": "application/x-amz-json-1.1"}
			if tt.auth != "" {
				headers["Authorization"] = tt.auth
			}
			answer, text := c.send(t, headers, tt.body)
			var e struct {
				Type    string `json:"__type"`
				Message string // matches message and Message
			}
			if err := json.Unmarshal([]byte(text), &e); err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			if answer.StatusCode != tt.status || e.Type != tt.kind || !strings.Contains(e.Message, tt.message) {
				t.Errorf("answer = %d %s, want %d %s %q", answer.StatusCode, text, tt.status, tt.kind, tt.message)
			}
			if answer.Header.Get("x-amzn-RequestId") == "" {
				t.Error("no request id")
			}
		})
	}
}

func TestQueryErrors(t *testing.T) {
	c := start(t, emulator.Options{})
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	tests := map[string]struct {
		form   url.Values
		key    string
		status int
		want   string
	}{
		"expired":         {url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}, emulator.ExpiredKey, 403, "<Code>ExpiredToken</Code>"},
		"invalid":         {url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}, emulator.InvalidKey, 403, "<Code>InvalidClientTokenId</Code>"},
		"needs no rights": {url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}}, emulator.DeniedKey, 200, "<Account>111122223333</Account>"},
		"unknown action":  {url.Values{"Action": {"AssumeRole"}, "Version": {"2011-06-15"}}, "", 400, "<Code>InvalidAction</Code>"},
		"no such policy":  {url.Values{"Action": {"GetPolicy"}, "Version": {"2010-05-08"}, "PolicyArn": {"arn:aws:iam::aws:policy/Nope"}}, "", 404, "<Code>NoSuchEntity</Code>"},
		"a short arn":     {url.Values{"Action": {"GetPolicy"}, "Version": {"2010-05-08"}, "PolicyArn": {"arn"}}, "", 400, "<Code>ValidationError</Code>"},
		"not allowed":     {url.Values{"Action": {"ListPolicies"}, "Version": {"2010-05-08"}}, emulator.DeniedKey, 403, "<Code>AccessDenied</Code>"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			key := tt.key
			if key == "" {
				key = emulator.ManagementKey
			}
			form["Authorization"] = signature(key, "sts")
			answer, text := c.send(t, form, tt.form.Encode())
			if answer.StatusCode != tt.status || !strings.Contains(text, tt.want) {
				t.Errorf("answer = %d %s, want %d %s", answer.StatusCode, text, tt.status, tt.want)
			}
		})
	}
}

// TestPoliciesOfAWSArePaged reads all of them and finds those with paths.
func TestPoliciesOfAWSArePaged(t *testing.T) {
	c := start(t, emulator.Options{})
	form := url.Values{"Action": {"ListPolicies"}, "Version": {"2010-05-08"}, "Scope": {"AWS"}, "MaxItems": {"1000"}}
	pages, seen := 0, 0
	for more := true; more; pages++ {
		text := c.form(t, form)
		seen += strings.Count(text, "<PolicyName>")
		_, marker, ok := strings.Cut(text, "<Marker>")
		marker, _, _ = strings.Cut(marker, "<")
		form.Set("Marker", marker)
		more = ok
	}
	if pages != 2 || seen < 1500 {
		t.Errorf("%d policies in %d pages, want some 1500 in 2", seen, pages)
	}
}

func TestCallers(t *testing.T) {
	estate := emulator.DefaultEstate()
	estate.PermissionSets = []emulator.EstatePermissionSet{{Name: "AdministratorAccess"}}
	estate.Assignments = []emulator.EstateAssignment{{PermissionSet: "AdministratorAccess", Accounts: []string{"management"}, Group: "AWS-Infrastructure-Admins"}}
	estate.Callers = []emulator.EstateCaller{
		{AccessKey: "AKIASSO", PermissionSet: "AdministratorAccess", Session: "wei.chen@company.com"},
		{AccessKey: "AKIAREADER", Denied: []string{"sso:Create*", "identitystore:ListUsers"}},
		{AccessKey: "AKIAALLOWED", Account: "development", Allowed: []string{"identitystore:List*", "organizations:ListAccounts"}},
	}
	c := start(t, emulator.Options{Estate: estate})
	role := c.State().Instances[0].Roles[0].Name
	who, err := c.as("AKIASSO").sts.GetCallerIdentity(ctx(), nil)
	if want := "arn:aws:sts::111122223333:assumed-role/" + role + "/wei.chen@company.com"; err != nil || *who.Arn != want {
		t.Errorf("caller = %v, %v; want %s", who, err, want)
	}
	users := func(key string) error {
		_, err := c.as(key).ids.ListUsers(ctx(), &identitystore.ListUsersInput{IdentityStoreId: c.store})
		return err
	}
	accounts := func(key string) error {
		_, err := c.as(key).orgs.ListAccounts(ctx(), &organizations.ListAccountsInput{})
		return err
	}
	create := func(key string) error { return c.as(key).named("New") }
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"denied everything", create(emulator.DeniedKey), "AccessDeniedException"},
		{"denied an action", create("AKIAREADER"), "AccessDeniedException"},
		{"denied a list", users("AKIAREADER"), "AccessDeniedException"},
		{"not denied", accounts("AKIAREADER"), ""},
		{"member account", users(emulator.MemberKey), "AccessDeniedException"},
		{"member account and organizations", accounts(emulator.MemberKey), "AccessDeniedException"},
		{"member account that is allowed", users("AKIAALLOWED"), ""},
		{"and organizations", accounts("AKIAALLOWED"), ""},
		{"delegated administrator", accounts(emulator.DelegatedKey), ""},
		{"expired", users(emulator.ExpiredKey), "ExpiredTokenException"},
		{"invalid", users(emulator.InvalidKey), "UnrecognizedClientException"},
		{"unknown keys are the management account", users("AKIAWHOEVER"), ""},
	}
	for _, tt := range tests {
		if got := code(tt.err); got != tt.want {
			t.Errorf("%s: %v, want %q", tt.name, tt.err, tt.want)
		}
	}
	denied := create("AKIAREADER").Error()
	if want := "User: arn:aws:sts::111122223333:assumed-role/Administrator/emulator is not authorized to perform: sso:CreatePermissionSet"; !strings.Contains(denied, want) {
		t.Errorf("error = %s, want %s", denied, want)
	}
}

func TestAnotherRegionHasNoInstance(t *testing.T) {
	c := start(t, emulator.Options{Region: "eu-west-1"})
	got := must[*ssoadmin.ListInstancesOutput](t)(c.sso.ListInstances(ctx(), nil))
	if len(got.Instances) != 0 {
		t.Errorf("instances in us-east-1 = %+v, want none", got.Instances)
	}
	there := must[*ssoadmin.ListInstancesOutput](t)(c.sso.ListInstances(ctx(), nil, func(o *ssoadmin.Options) { o.Region = "eu-west-1" }))
	if len(there.Instances) != 1 {
		t.Errorf("instances in eu-west-1 = %+v, want one", there.Instances)
	}
}

func TestEstatesWithoutOrWithSeveralInstances(t *testing.T) {
	none := emulator.DefaultEstate()
	none.Users, none.Groups, none.Instances = nil, nil, []emulator.EstateInstance{}
	if got := start(t, emulator.Options{Estate: none}); got.arn != nil {
		t.Errorf("instance = %s, want none", *got.arn)
	}
	two := emulator.DefaultEstate()
	two.Instances = []emulator.EstateInstance{{Name: "organization"}, {Name: "own", Owner: "development"}}
	c := start(t, emulator.Options{Estate: two})
	if got := c.State().Instances; len(got) != 2 || got[1].Owner != development {
		t.Errorf("instances = %d, want two, the second of development", len(got))
	}
	if got := must[*ssoadmin.ListInstancesOutput](t)(c.as(emulator.MemberKey).sso.ListInstances(ctx(), nil)); len(got.Instances) != 1 {
		t.Errorf("a member sees %d instances, want its own", len(got.Instances))
	}
	two.Instances[0].Owner = "staging" // the first one an account instance, too
	_, err := start(t, emulator.Options{Estate: two}).as(emulator.ManagementKey).sso.ListInstances(ctx(), &ssoadmin.ListInstancesInput{MaxResults: aws.Int32(1)})
	if err != nil {
		t.Error(err)
	}
}

func TestOrganizationsStartWithAnEmptyPageWhenAsked(t *testing.T) {
	c := start(t, emulator.Options{Quirks: emulator.Quirks{EmptyPages: true, LegacyStatus: true}})
	first := must[*organizations.ListAccountsOutput](t)(c.orgs.ListAccounts(ctx(), &organizations.ListAccountsInput{}))
	if len(first.Accounts) != 0 || first.NextToken == nil {
		t.Fatalf("first page = %+v, want an empty one with a token", first)
	}
	second := must[*organizations.ListAccountsOutput](t)(c.orgs.ListAccounts(ctx(), &organizations.ListAccountsInput{NextToken: first.NextToken}))
	if len(second.Accounts) != 6 || second.Accounts[0].Status != "ACTIVE" {
		t.Errorf("second page = %+v", second.Accounts)
	}
}

func TestAnswersOfHTTP(t *testing.T) {
	c := start(t, emulator.Options{})
	answer, _ := c.send(t, map[string]string{"X-Amz-Target": "SWBExternalService.ListInstances"}, "{}")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		t.Errorf("answer = %d %s", answer.StatusCode, answer.Header.Get("Content-Type"))
	}
}
