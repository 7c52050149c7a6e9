package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

// Failure is an error that a user can do something about: the finding to show
// and the cause for those who branch on it.
type Failure struct {
	Finding diag.Diagnostic
	Cause   error // nil where there is none
}

func (f Failure) Error() string { return f.Finding.Error() }

func (f Failure) Unwrap() []error {
	if f.Cause == nil {
		return []error{f.Finding}
	}
	return []error{f.Finding, f.Cause}
}

// credentialCodes are the findings that mean exit code 4.
var credentialCodes = []diag.Code{CodeNoCredentials, CodeCredentialsExpired, CodeCredentialsRefused}

// CredentialError says that an error is about the credentials: there are none,
// they have expired, or AWS does not know them. No further call will succeed.
func CredentialError(err error) bool {
	return slices.ContainsFunc(diag.FromError(err), func(d diag.Diagnostic) bool {
		return slices.Contains(credentialCodes, d.Code)
	}) || isCredentialError(err)
}

// isA says whether an error is one of a type, or wraps one.
func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isCredentialError(err error) bool {
	return isA[*credentialsError](err) || slices.Contains(expiredCodes, ErrorCode(err)) || slices.Contains(refusedCodes, ErrorCode(err))
}

// The codes with which AWS refuses a signature (IAM's common errors).
var (
	expiredCodes = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}
	refusedCodes = []string{"UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException",
		"SignatureDoesNotMatch", "IncompleteSignature", "MissingAuthenticationToken", "InvalidAccessKeyId", "AuthFailure"}
)

// ErrorCode returns the code of AWS's answer, "" where there is none.
func ErrorCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// ErrorMessage returns what AWS says, or else the error, cut where it is long.
func ErrorMessage(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return cut(api.ErrorMessage(), longestSaid)
	}
	return cut(err.Error(), longestSaid)
}

// IsAccessDenied says that the caller may not do this.
func IsAccessDenied(err error) bool {
	return slices.Contains([]string{"AccessDeniedException", "AccessDenied"}, ErrorCode(err))
}

// IsNotFound says that what was asked for by id or name does not exist. Each API has
// a code of its own for that: another one's is no answer of AWS.
func IsNotFound(err error) bool {
	return ErrorCode(err) == "ResourceNotFoundException" || isA[*orgtypes.AccountNotFoundException](err)
}

// IsNoStore says that what was not found is the identity store itself.
func IsNoStore(err error) bool {
	missing, ok := errors.AsType[*storetypes.ResourceNotFoundException](err)
	return ok && missing.ResourceType == storetypes.ResourceTypeIdentityStore
}

// IsInvalid says that AWS does not take what it was given.
func IsInvalid(err error) bool { return ErrorCode(err) == "ValidationException" }

// IsConflict says that a write conflicts with what there is, or with another one.
func IsConflict(err error) bool { return ErrorCode(err) == "ConflictException" }

// IsTaken says that a write of the identity store conflicts over a value that it
// gives out once; its other conflicts pass by themselves. sso-admin does not tell
// the two apart.
func IsTaken(err error) bool {
	conflict, ok := errors.AsType[*storetypes.ConflictException](err)
	return ok && conflict.Reason != storetypes.ConflictExceptionReasonConcurrentModification
}

// IsLost says that no answer came, or one that says nothing: what was asked for
// may have been done.
func IsLost(err error) bool {
	foreign, ok := errors.AsType[*foreignAnswer](err)
	return isNetwork(err) || isServerFault(err) || status(err) >= 500 || ok && foreign.status >= 500 ||
		isA[*smithy.DeserializationError](err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// Explain turns an error of a call into a finding with cause and hint. Errors
// that carry one already, and ends of the context, stay as they are.
func (c *Client) Explain(err error) error {
	if err == nil || isA[Failure](err) || errors.Is(err, context.Canceled) {
		return err
	}
	return Failure{Finding: c.Finding(err), Cause: err}
}

// Finding explains an error of a call.
func (c *Client) Finding(err error) diag.Diagnostic {
	if f, ok := errors.AsType[Failure](err); ok {
		return f.Finding
	}
	d := c.diagnose(err)
	d.Severity = diag.Error
	if e := evidenceOf(err); e.What != "" {
		d.Evidence = append(d.Evidence, e)
	}
	return trust.Finding(d) // errors of net/http quote whole URLs
}

func (c *Client) diagnose(err error) diag.Diagnostic {
	endless, isEndless := errors.AsType[*endlessList](err)
	foreign, isForeign := errors.AsType[*foreignAnswer](err)
	broken, isBroken := errors.AsType[*smithy.DeserializationError](err)
	switch {
	case isCredentialError(err):
		return credentialFinding(err)
	case isEndless:
		return endlessFinding(endless)
	case isForeign:
		return foreignFinding(err, foreign.Error())
	case IsAccessDenied(err):
		return c.deniedFinding(err)
	case IsThrottle(err):
		return diag.Diagnostic{Code: CodeThrottled, Summary: fmt.Sprintf("AWS throttles %s", action(err)),
			Detail: ErrorMessage(err)}.With(diag.Option("Others use the same quota: run again later, or lower ", "max_tps", "."))
	case isNetwork(err):
		return unreachableFinding(err)
	case isBroken:
		return foreignFinding(err, "the answer cannot be read: "+cut(broken.Error(), longestSaid)+from(err))
	case status(err) >= 500 || isServerFault(err):
		return diag.Diagnostic{Code: CodeServiceFailed, Summary: fmt.Sprintf("AWS failed to answer %s", action(err)),
			Detail: ErrorMessage(err) + from(err), Hint: "Run again later. health.aws.amazon.com shows known trouble."}
	default:
		return refusedFinding(err)
	}
}

func credentialFinding(err error) diag.Diagnostic {
	code := ErrorCode(err)
	switch {
	case isA[*ssocreds.InvalidTokenError](err):
		return diag.Diagnostic{Code: CodeCredentialsExpired, Summary: "the AWS sign-in session has expired",
			Detail: err.Error(), Hint: "Run `aws sso login`" + profileFlag() + " and try again."}
	case slices.Contains(expiredCodes, code):
		return diag.Diagnostic{Code: CodeCredentialsExpired, Summary: "the AWS credentials have expired",
			Detail: ErrorMessage(err), Hint: "Run `aws sso login`" + profileFlag() + ", or refresh the credentials, and try again."}
	case slices.Contains(refusedCodes, code):
		return diag.Diagnostic{Code: CodeCredentialsRefused, Summary: "AWS refuses the credentials",
			Detail: ErrorMessage(err), Hint: "Check the access key and its secret, AWS_PROFILE, and the clock of this machine."}
	default:
		return diag.Diagnostic{Code: CodeNoCredentials, Summary: "no AWS credentials",
			Detail: err.Error(), Hint: "Set AWS_PROFILE, or sign in with `aws sso login`" + profileFlag() + "."}
	}
}

func profileFlag() string {
	if p := os.Getenv("AWS_PROFILE"); p != "" {
		return " --profile " + p
	}
	return ""
}

// longestSaid is how much of somebody else's words a message repeats, in bytes.
const longestSaid = 1000

// cut shortens a text at the end of a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

func foreignFinding(err error, detail string) diag.Diagnostic {
	return diag.Diagnostic{Code: CodeForeignAnswer, Summary: "the answer did not come from AWS, or came broken" + asked(err),
		Detail: detail, Hint: "Something between this machine and AWS answers instead. Check HTTPS_PROXY, NO_PROXY and AWS_ENDPOINT_URL; " +
			"for a proxy with a certificate of its own, AWS_CA_BUNDLE."}
}

func endlessFinding(e *endlessList) diag.Diagnostic {
	return diag.Diagnostic{Code: CodeEndlessList, Summary: fmt.Sprintf("the list of %s does not end", e.operation), Detail: e.Error() +
		". What it has beyond that is not known, so nothing was treated as absent.",
		Hint: "Run again. If this persists, something between this machine and AWS answers instead: check HTTPS_PROXY and AWS_ENDPOINT_URL."}
}

func (c *Client) deniedFinding(err error) diag.Diagnostic {
	d := diag.Diagnostic{Code: CodeAccessDenied, Summary: fmt.Sprintf("not allowed: %s", action(err)), Detail: ErrorMessage(err),
		Hint: fmt.Sprintf("Allow %s to %s. docs/iam/ has complete policies.", action(err), c.CallerName())}
	if c.caller.Role == MemberAccount {
		d.Hint = fmt.Sprintf("Account %s is neither the management account nor a delegated administrator of IAM Identity Center; use credentials of one of them that allow %s.",
			c.caller.Account, action(err))
	}
	return d
}

// CallerName names the caller in a sentence.
func (c *Client) CallerName() string {
	if c.caller.ARN == "" {
		return "the caller"
	}
	return c.caller.ARN
}

func unreachableFinding(err error) diag.Diagnostic {
	d := diag.Diagnostic{Code: CodeUnreachable, Summary: "AWS cannot be reached", Detail: networkDetail(err),
		Hint: "Check the network, HTTPS_PROXY, and that the Region's name is right."}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		d.Summary = fmt.Sprintf("nothing answers at %s", endpoint)
		d.Hint = "AWS_ENDPOINT_URL points there. Start what should answer, or unset the variable."
		if errors.Is(err, http.ErrSchemeMismatch) {
			d.Summary = fmt.Sprintf("what answers at %s does not speak TLS", endpoint)
			d.Hint = "Write http:// instead of https:// in AWS_ENDPOINT_URL, if it is on this machine."
		}
	}
	return d
}

// refusals are what some codes of AWS mean for an action.
func refusals(action string) map[string]diag.Diagnostic {
	invalid := diag.Diagnostic{Code: CodeRefused, Summary: "AWS refuses " + action + " as invalid", Hint: "Change what the message names in the config."}
	return map[string]diag.Diagnostic{
		"ValidationException":   invalid,
		"ValidationError":       invalid,
		"InvalidInputException": invalid,
		"ServiceQuotaExceededException": {Code: CodeQuotaExceeded, Summary: "a quota is used up: " + action,
			Hint: "Ask AWS to raise the quota (Service Quotas console, IAM Identity Center), or use less."},
		"ResourceNotFoundException": {Code: CodeNotFound, Summary: action + ": what it refers to does not exist",
			Hint: "It was removed since it was read; plan again."},
		"ConflictException": {Code: CodeConflict, Summary: action + " conflicts with another change",
			Hint: "Run again when the other change is over."},
		"AWSOrganizationsNotInUseException": {Code: CodeNoInstance, Summary: "the account is not in an organization",
			Hint: "rolecall manages the organization instance of IAM Identity Center; use credentials of the organization's management account or of its delegated administrator."},
	}
}

func refusedFinding(err error) diag.Diagnostic {
	d, known := refusals(action(err))[ErrorCode(err)]
	d.Detail = ErrorMessage(err)
	if !known {
		d = diag.Diagnostic{Code: CodeUnexpected, Summary: action(err) + " failed", Detail: d.Detail + from(err),
			Hint: "If that is not a message from AWS, something between this machine and AWS answers instead: check HTTPS_PROXY and AWS_ENDPOINT_URL."}
	}
	return d
}

// explainConfig explains why the SDK's configuration could not be loaded.
func explainConfig(err error) error {
	d := diag.Diagnostic{Severity: diag.Error, Code: CodeConfig, Summary: "the AWS configuration cannot be used", Detail: err.Error(),
		Hint: "Check AWS_PROFILE, ~/.aws/config and ~/.aws/credentials."}
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		d.Summary = fmt.Sprintf("there is no AWS profile %q", missing.Profile)
		d = d.With(diag.Option("`aws configure list-profiles` shows the profiles. Check AWS_PROFILE or ", "profile", "."))
	}
	return Failure{Finding: trust.Finding(d), Cause: err}
}

func noRegion() diag.Diagnostic {
	return diag.Diagnostic{Severity: diag.Error, Code: CodeNoRegion, Summary: "no AWS Region is set",
		Detail: "IAM Identity Center is called in the Region of its instance."}.
		With(diag.Option("Set the instance's Region with ", "region", " or AWS_REGION, or set it in the profile."))
}

// asked names the call in a summary, where there is one.
func asked(err error) string {
	if isA[*smithy.OperationError](err) {
		return ": " + action(err)
	}
	return ""
}

// regionPattern is what a Region's name is made of; it becomes part of a host's
// name, and a blank in it would be told as a host that does not exist.
var regionPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func badRegion(region string) diag.Diagnostic {
	d := diag.Diagnostic{Severity: diag.Error, Code: CodeBadRegion, Summary: fmt.Sprintf("%q is not an AWS Region", region),
		Detail: "A Region is lower-case letters, digits and dashes; check for spaces and quotes around it, including invisible ones."}.
		With(diag.Option("Correct ", "region", ", AWS_REGION, AWS_DEFAULT_REGION, region in rolecall.hcl, or the profile, whichever is used."))
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return -1
	}, region)
	if regionPattern.MatchString(plain) {
		d = d.With(diag.Option(fmt.Sprintf("Write %q in ", plain), "region", ", AWS_REGION, AWS_DEFAULT_REGION, rolecall.hcl or the profile, whichever is used."))
	}
	return d
}

// action names the IAM action of the call that failed.
func action(err error) string {
	if op, ok := errors.AsType[*smithy.OperationError](err); ok {
		return Operation{Family: families[op.ServiceID], Name: op.OperationName}.IAMAction()
	}
	return "a call to AWS"
}

// evidenceOf returns what a call that failed is evidence of.
func evidenceOf(err error) diag.Evidence {
	op, ok := errors.AsType[*smithy.OperationError](err)
	if !ok || families[op.ServiceID] == "" {
		return diag.Evidence{} // no call to a service that we ask: the detail says all
	}
	e := diag.Evidence{System: System, What: action(err), Saw: ErrorMessage(err)}
	if isNetwork(err) {
		e.Saw = "no answer" // the detail says why
	}
	if code := ErrorCode(err); code != "" {
		e.Saw = code + ": " + e.Saw
	}
	var withID interface{ ServiceRequestID() string }
	if errors.As(err, &withID) {
		e.ID = withID.ServiceRequestID()
	}
	return e
}

func status(err error) int {
	if resp, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		return resp.HTTPStatusCode()
	}
	return 0
}

func isServerFault(err error) bool {
	return slices.Contains([]string{"InternalServerException", "InternalServerError", "InternalFailure", "ServiceException",
		"ServiceUnavailable", "ServiceUnavailableException", "InternalError"}, ErrorCode(err))
}

// isNetwork says that no answer came at all.
func isNetwork(err error) bool {
	return isA[*smithyhttp.RequestSendError](err) || isA[net.Error](err) || isA[*url.Error](err) ||
		errors.Is(err, errNoAnswer) || errors.Is(err, context.DeadlineExceeded)
}

// networkDetail leaves out the SDK's wrapping of a network error.
func networkDetail(err error) string {
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		return urlErr.Error()
	}
	if opErr, ok := errors.AsType[*net.OpError](err); ok {
		return opErr.Error()
	}
	return strings.TrimSpace(err.Error())
}
