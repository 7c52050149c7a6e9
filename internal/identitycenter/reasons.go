package identitycenter

import (
	"regexp"
	"strings"
)

// Meaning is what a FailureReason of a job means. AWS has no codes for them,
// only texts, which name what they are about.
type Meaning int

// The meanings.
const (
	UnknownReason  Meaning = iota // final, and shown word for word
	Passes                        // waiting mends it
	NoEntitlement                 // what was to be taken away is not there
	NoAssignee                    // AWS does not see the principal
	SlowAccount                   // AWS gets no access to the account: it is suspended, or AWS is slow
	BarredByIAM                   // the caller lacks IAM permissions, in the management account
	MissingPolicy                 // a customer managed policy is not in the account
	UsedUpQuota                   // a quota of the account
	GoneAssignment                // a provisioning met the end of the last assignment
)

// reasonGrade says how well a text is known.
type reasonGrade string

const (
	reported reasonGrade = "reported" // people published it, or their code looks for it
	assumed  reasonGrade = "assumed"  // AWS's services say it alike
)

// knownReason is a text of AWS's as a whole, with # for an account's id and * for
// whatever else it names. People choose names, so no part of a text tells what
// it means: a policy may be called internal-tools, a group Conflict-Resolvers.
type knownReason struct {
	text   string
	means  Meaning
	grade  reasonGrade
	source string
}

// knownReasons returns the table. What passes has no *: else something could be
// called so that its failures look passing.
func knownReasons() []knownReason {
	const tf, samples = "https://github.com/hashicorp/terraform-provider-aws/issues/", "https://github.com/aws-samples/"
	const unable = "AWS SSO is unable to complete your request at this time."
	const slow = " Obtaining permissions to manage your AWS account '#' takes longer than usual."
	return []knownReason{
		{"Rate exceeded", Passes, reported, tf + "25552"},
		{"There are too many requests processing. Please try again later.", Passes, reported, samples + "aws-iam-identity-center-extensions/issues/87"},
		{"Too many requests", Passes, assumed, ""},
		{"Request was throttled", Passes, assumed, ""},
		{"Throttling", Passes, assumed, ""},
		{"An unexpected internal service exception was encountered", Passes, reported, "https://github.com/pulumi/pulumi-aws/issues/1927"},
		{"An internal error occurred", Passes, assumed, ""},
		{"Internal error", Passes, assumed, ""},
		{"Internal failure", Passes, assumed, ""},
		{"Internal server error", Passes, assumed, ""},
		{"Internal service error", Passes, assumed, ""},
		{"The request was rejected because multiple requests to change this object were submitted simultaneously", Passes, reported, "IAM's API reference, ConcurrentModification"},
		{"The request processing has failed because of an unknown error, exception or failure", Passes, reported, "IAM's API reference, ServiceFailure"},
		{"The request timed out", Passes, assumed, ""},
		{"Request timed out", Passes, assumed, ""},
		{"Service unavailable", Passes, assumed, ""},
		{"The service is unavailable", Passes, assumed, ""},
		{"There is a conflicting operation in progress for the same resource. Please try again later.", Passes, reported, samples + "iam-identity-center-team/issues/513"},
		{"There is a conflicting operation in process", Passes, reported, samples + "iam-identity-center-team/issues/513"},
		{"There is a pending operation", Passes, reported, "the source of ConductorOne/baton-aws"},
		{"Concurrent modification", Passes, assumed, ""},
		{unable, Passes, assumed, ""},
		{unable + slow, SlowAccount, assumed, "the reported one, cut"},
		{unable + slow + " Please try again in a few minutes.", SlowAccount, assumed, "the reported one, cut"},
		{unable + slow + " Please try again in a few minutes. If this problem continues, contact AWS Support.", SlowAccount, reported, samples + "aws-identitycenter-codepipeline-auto-assignment/issues/31"},
		{"EntitlementItem doesn't exist *", NoEntitlement, reported, "the source of the Terraform provider"},
		{"the GROUP assignee * was not found in directory *", NoAssignee, reported, "blogs"},
		{"the USER assignee * was not found in directory *", NoAssignee, reported, tf + "19341"},
		{"Access denied by IAM. Please check your policy, or wait for role propagation to complete. *", BarredByIAM, reported, "https://github.com/fivexl/terraform-aws-sso-elevator/issues/15"},
		{"Not supported policy *", MissingPolicy, reported, "the tests of the Terraform provider"},
		{"Policy * does not exist or is not attachable", MissingPolicy, reported, "the text is that of IAM"},
		{"Cannot exceed quota for *", UsedUpQuota, reported, samples + "iam-identity-center-team/issues/522; the text is that of IAM"},
		{"Assignment not found", GoneAssignment, reported, tf + "35158"},
		{"Permission set provision not found in AWS account *", GoneAssignment, reported, "https://github.com/avlcloudtechnologies/terraform-aws-sso/issues/66"},
	}
}

var (
	// wrapped is how Identity Center hands on what another service answered.
	wrapped = regexp.MustCompile(`^Received an? ([1-5]\d\d) status error: ?`)
	// exception is the name of an exception before its message.
	exception = regexp.MustCompile(`^\w+Exception: `)
	anAccount = regexp.MustCompile(`\b\d{12}\b`)
	// sdkTail is what AWS's own SDK puts behind the message of a service.
	sdkTail = regexp.MustCompile(` \(Service: [A-Za-z ]+; Status Code: \d{3}; Error Code: \w+; Request ID: [\w-]+(; Proxy: \w+)?\)$`)
)

// passingStatus are the statuses that AWS's services answer with where waiting
// helps, whatever the text; they stand before anything that anybody named.
var passingStatus = map[string]bool{"429": true, "500": true, "502": true, "503": true, "504": true}

// MeaningOf says what a FailureReason means.
func MeaningOf(reason string) Meaning {
	text := strings.TrimSpace(reason)
	if m := wrapped.FindStringSubmatch(text); m != nil {
		if passingStatus[m[1]] {
			return Passes
		}
		text = text[len(m[0]):]
	}
	text = sdkTail.ReplaceAllString(exception.ReplaceAllString(text, ""), "")
	if means := wholeMeaning(text); means != UnknownReason {
		return means
	}
	// Sentences that are each known make a text that is: a name would leave one
	// that is not.
	means := UnknownReason
	for sentence := range strings.SplitSeq(text, ". ") {
		switch {
		case isAdvice(sentence):
		case wholeMeaning(sentence) == Passes:
			means = Passes
		default:
			return UnknownReason
		}
	}
	return means
}

func wholeMeaning(text string) Meaning {
	for _, known := range knownReasons() {
		if known.matches(text) {
			return known.means
		}
	}
	return UnknownReason
}

// isAdvice says that a sentence only asks to come again, which AWS also says of
// what no waiting mends.
func isAdvice(sentence string) bool {
	switch plainReason(sentence) {
	case "please try again", "please try again later", "please try again in a few minutes", "wait a few minutes and submit your request again", "please retry your request", "if this problem continues, contact aws support":
		return true
	default:
		return false
	}
}

// matches compares whole texts: letter case and the last dot do not count.
func (k knownReason) matches(text string) bool {
	text, whole := plainReason(text), plainReason(k.text)
	parts := strings.Split(whole, "*")
	if len(parts) == 1 {
		return anAccount.ReplaceAllString(text, "#") == whole
	}
	last := parts[len(parts)-1]
	if !strings.HasPrefix(text, parts[0]) || !strings.HasSuffix(text, last) {
		return false
	}
	if text = text[len(parts[0]):]; len(text) < len(last) {
		return false
	}
	text = text[:len(text)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, rest, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = rest
	}
	return true
}

func plainReason(text string) string {
	return strings.TrimSuffix(strings.TrimSpace(strings.ToLower(text)), ".")
}
