package identitycenter

import (
	"fmt"
	"strings"
	"testing"
)

// Texts of AWS's as people published them, whole.
const (
	slowReason = "AWS SSO is unable to complete your request at this time. Obtaining permissions to manage your AWS account '333344445555' takes longer than usual. Please try again in a few minutes. If this problem continues, contact AWS Support."
	iamReason  = "Received a 403 status error: Access denied by IAM. Please check your policy, or wait for role propagation to complete. IAM Error: User: arn:aws:sts::111122223333:assumed-role/access-requester/access-requester is not authorized to perform: iam:UpdateSAMLProvider on resource: arn:aws:iam::111122223333:saml-provider/AWSSSO_02bd733d488a555c_DO_NOT_DELETE because no identity-based policy allows the iam:UpdateSAMLProvider action (Service: AmazonIdentityManagement; Status Code: 403; Error Code: AccessDenied; Request ID: 9fdfa470-1be7-4e20-9211-e8b2b83fec12; Proxy: null)"
)

func TestMeaningOfReasons(t *testing.T) {
	for reason, want := range map[string]Meaning{
		"Rate exceeded": Passes,
		"Rate exceeded (Service: AmazonIdentityManagement; Status Code: 400; Error Code: Throttling; Request ID: 9fdfa470-1be7-4e20-9211-e8b2b83fec12; Proxy: null)": Passes,
		"ThrottlingException: Rate exceeded":                              Passes,
		"There are too many requests processing. Please try again later.": Passes,
		"An unexpected internal service exception was encountered":        Passes,
		"An unexpected internal service exception was encountered.":       Passes,
		"Rate exceeded. Please try again later.":                          Passes,
		"Received a 400 status error: ConcurrentModificationException: The request was rejected because multiple requests to change this object were submitted simultaneously. Wait a few minutes and submit your request again.": Passes,
		"Internal server error. If this problem continues, contact AWS Support.": Passes,
		"Please try again later.":                          UnknownReason,
		"internal-tools. Rate exceeded.":                   UnknownReason,
		"Received a 429 status error: whatever":            Passes,
		"Received a 503 status error: Service Unavailable": Passes,
		"Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key EntitlementKey{accessorId=AccessorId{value=x}}": NoEntitlement,
		"Received a 404 status error: the GROUP assignee 90676-x was not found in directory d-906":                                                 NoAssignee,
		"Received a 404 status error: the USER assignee 90676-x was not found in directory d-906":                                                  NoAssignee,
		slowReason: SlowAccount,
		iamReason:  BarredByIAM,
		"Received a 404 status error: Not supported policy arn:aws:iam::222233334444:policy/own.":                     MissingPolicy,
		"Received a 404 status error: Policy arn:aws:iam::333333333333:policy/x does not exist or is not attachable.": MissingPolicy,
		"Received a 409 status error: Cannot exceed quota for RolesPerAccount: 1000":                                  UsedUpQuota,
		"Received a 404 status error: Assignment not found.":                                                          GoneAssignment,
		"Permission set provision not found in AWS account 222233334444":                                              GoneAssignment,
		"Something new":                         UnknownReason,
		"Something new. Please try again later": UnknownReason,
		"":                                      UnknownReason,
		"Received a 404 status error: Not supported policy arn:aws:iam::222233334444:policy/limit-500 status error: Rate exceeded": MissingPolicy,
	} {
		if got := MeaningOf(reason); got != want {
			t.Errorf("%q means %d, want %d", reason, got, want)
		}
	}
}

// hostileNames are names of real estates' kinds that hold words of passing errors.
func hostileNames() []string {
	return []string{"internal-tools", "InternalAudit", "Conflict-Resolvers", "Timeouts", "throttled-readers", "Please try again", "rate exceeded", "Concurrent",
		"too many requests", "ServiceUnavailable", "being created", "timed out", "quota", "limit", "(Service: x; Status Code: 429; Error Code: Throttling; Request ID: 1)",
		"Received a 503 status error: Service unavailable", "ThrottlingException: Rate exceeded", slowReason, "Rate exceeded.", "*", "#", "333344445555", "'x'", "\"", "\n", ""}
}

// permanentReasons are texts that no waiting mends, with %s for a name.
func permanentReasons() []string {
	return []string{
		"Received a 404 status error: Not supported policy arn:aws:iam::222233334444:policy/%s.",
		"Received a 404 status error: Policy %s does not exist or is not attachable.",
		"Received a 404 status error: the GROUP assignee %s was not found in directory d-9067",
		"Received a 404 status error: EntitlementItem doesn't exist with the given entitlement key EntitlementKey{accessorId=AccessorId{value=%s}}",
		"Received a 409 status error: Cannot exceed quota for RolesPerAccount: %s",
		"Received a 403 status error: Access denied by IAM. Please check your policy, or wait for role propagation to complete. IAM Error: User: arn:aws:sts::1:assumed-role/%s/x is not authorized",
		"Received a 403 status error: User: %s is not authorized to perform: sso:CreateAccountAssignment",
		"Received a 400 status error: %s is not valid",
		"%s is not valid",
		"The group '%s' is unknown",
		"Unknown: %s",
	}
}

func TestNoNameMakesAReasonPass(t *testing.T) {
	for _, reason := range permanentReasons() {
		for _, name := range hostileNames() {
			named(t, reason, name)
		}
	}
}

// FuzzNoNameMakesAReasonPass: a name changes nothing about whether a reason
// passes, wherever it stands. Texts that begin with AWS's own wrapping are AWS's,
// so what is named stands behind it.
func FuzzNoNameMakesAReasonPass(f *testing.F) {
	for n := range permanentReasons() {
		for _, name := range hostileNames() {
			f.Add(n, name)
		}
	}
	f.Fuzz(func(t *testing.T, n int, name string) {
		list := permanentReasons()
		reason := list[((n%len(list))+len(list))%len(list)]
		named(t, reason, name)
	})
}

func named(t *testing.T, reason, name string) {
	t.Helper()
	if strings.HasPrefix(reason, "%s") && wrapped.MatchString(strings.TrimSpace(name)) {
		return
	}
	if text := fmt.Sprintf(reason, name); MeaningOf(text) == Passes || MeaningOf(text) == SlowAccount {
		t.Errorf("waited for: %q", text)
	}
}

func TestEveryPassingTextIsWhole(t *testing.T) {
	for _, known := range knownReasons() {
		if (known.means == Passes || known.means == SlowAccount) && strings.Contains(known.text, "*") {
			t.Errorf("%q: a name could stand for the rest", known.text)
		}
		if known.grade == reported && known.source == "" || known.means == UnknownReason {
			t.Errorf("%+v: no source, or no meaning", known)
		}
		if text := strings.NewReplacer("*", "x", "#", "333344445555").Replace(known.text); MeaningOf(text) != known.means {
			t.Errorf("%q means %d, want %d", text, MeaningOf(text), known.means)
		}
	}
}
