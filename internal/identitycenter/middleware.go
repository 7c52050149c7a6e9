package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// families maps the SDK's service ids to the API families of the quota.
var families = map[string]string{
	"SSO Admin": SSOAdmin, "identitystore": IdentityStore, "Organizations": Organizations, "STS": STS,
}

// attemptTimeout ends an attempt that nobody answers.
const attemptTimeout = 30 * time.Second

// middlewares makes every attempt pay its quota, and tells answers that are
// not AWS's own.
func (c *Client) middlewares(stack *middleware.Stack) error {
	return errors.Join(
		stack.Finalize.Insert(middleware.FinalizeMiddlewareFunc("RolecallQuota", c.payQuota), "Retry", middleware.After),
		stack.Initialize.Add(middleware.InitializeMiddlewareFunc("RolecallDeadline", setDeadline), middleware.Before),
		stack.Initialize.Add(middleware.InitializeMiddlewareFunc("RolecallJudge", c.judgeAnswers), middleware.After),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("RolecallHeavyAnswer", c.oneHeavy), middleware.Before),
		stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("RolecallAnswer", c.readAnswers), middleware.After),
	)
}

func (c *Client) payQuota(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (
	out middleware.FinalizeOutput, meta middleware.Metadata, err error,
) {
	service := awsmiddleware.GetServiceID(ctx)
	operation := awsmiddleware.GetOperationName(ctx)
	budget := c.budgets.Family(families[service])
	if err := budget.Take(ctx, operation); err != nil {
		return out, meta, &aws.RequestCanceledError{Err: err}
	}
	if err := c.mayWrite(ctx, operation); err != nil {
		return out, meta, err
	}
	attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	out, meta, err = next.HandleFinalize(attempt, in)
	if err != nil && attempt.Err() != nil && ctx.Err() == nil {
		err = noAnswer(in.Request) // the SDK takes our own limit for the caller's end
	}
	if IsThrottle(err) {
		budget.Throttled(operation, RetryAfter(err))
	}
	return out, meta, err
}

// errNoAnswer ends an attempt; unlike the end of the caller's context it is
// worth another one.
var errNoAnswer = fmt.Errorf("no answer within %s", attemptTimeout)

// noAnswer names the host that did not answer.
func noAnswer(request any) error {
	if r, ok := request.(*smithyhttp.Request); ok && r.URL != nil && r.URL.Host != "" {
		return fmt.Errorf("%s: %w", r.URL.Host, errNoAnswer)
	}
	return errNoAnswer
}

// foreignAnswer is an answer of something between us and AWS, a proxy's
// page or a captive portal, or one that is none to the question.
type foreignAnswer struct {
	status int
	host   string
	body   string // a page's beginning
	says   string // what is wrong with it, where it is no page
}

func (e *foreignAnswer) Error() string {
	if e.says != "" {
		return e.says + e.from()
	}
	return fmt.Sprintf("the answer (HTTP %d) is a web page, not AWS's: %q", e.status, e.body) + e.from()
}

func (e *foreignAnswer) from() string {
	if e.host == "" {
		return ""
	}
	return ", from " + e.host
}

// IsThrottle says that AWS asks to come less often.
func IsThrottle(err error) bool {
	_, throttle := retry.DefaultThrottleErrorCodes[ErrorCode(err)]
	return throttle
}

// longestAfter is how long AWS is left alone on its word, which says seconds.
const longestAfter = time.Minute

// RetryAfter returns how long the answer asks to wait, within reason; 0 where it
// does not.
func RetryAfter(err error) time.Duration {
	return min(max(saidAfter(err), 0), longestAfter)
}

func saidAfter(err error) time.Duration {
	if throttled, ok := errors.AsType[*storetypes.ThrottlingException](err); ok {
		return time.Duration(throttled.RetryAfterSeconds) * time.Second
	}
	if internal, ok := errors.AsType[*storetypes.InternalServerException](err); ok {
		return time.Duration(internal.RetryAfterSeconds) * time.Second
	}
	return 0
}

// credentialsError marks that credentials could not be had at all.
type credentialsError struct{ err error }

func (e *credentialsError) Error() string { return "get credentials: " + e.err.Error() }
func (e *credentialsError) Unwrap() error { return e.err }

type markedCredentials struct{ inner aws.CredentialsProvider }

func (m *markedCredentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	within, cancel := context.WithTimeout(ctx, credentialsIn)
	defer cancel()
	creds, err := m.inner.Retrieve(within)
	switch {
	case err == nil || ctx.Err() != nil:
		return creds, err
	case within.Err() != nil:
		return creds, &credentialsError{fmt.Errorf("their source returned none within %s: %w", credentialsIn, err)}
	default:
		return creds, &credentialsError{err}
	}
}
