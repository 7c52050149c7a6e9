package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	storetypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"
	"github.com/aws/smithy-go"
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
	pay := middleware.FinalizeMiddlewareFunc("RolecallQuota", c.payQuota)
	if err := stack.Finalize.Insert(pay, "Retry", middleware.After); err != nil {
		return fmt.Errorf("add the quota to the SDK's retry step: %w", err)
	}
	start := middleware.InitializeMiddlewareFunc("RolecallDeadline", setDeadline)
	if err := stack.Initialize.Add(start, middleware.Before); err != nil {
		return fmt.Errorf("add a deadline to the SDK's retry step: %w", err)
	}
	html := middleware.DeserializeMiddlewareFunc("RolecallForeignAnswer", refuseForeignAnswers)
	return stack.Deserialize.Add(html, middleware.After)
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
	if err := c.allowed(ctx, operation); err != nil {
		return out, meta, err
	}
	if c.writes[operation] && lookedTooLongAgo(ctx) {
		return out, meta, errOldLook
	}
	attempt, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	out, meta, err = next.HandleFinalize(attempt, in)
	if err != nil && attempt.Err() != nil && ctx.Err() == nil {
		err = errNoAnswer // the SDK takes our own limit for the caller's end
	}
	if isThrottle(err) {
		budget.Throttled(operation, retryAfter(err))
	}
	return out, meta, err
}

// errNoAnswer ends an attempt; unlike the end of the caller's context it is
// worth another one.
var errNoAnswer = fmt.Errorf("no answer within %s", attemptTimeout)

// foreignAnswer is an answer that something between us and AWS gave: a proxy's
// page, a captive portal.
type foreignAnswer struct {
	status int
	body   string // its beginning
}

func (e *foreignAnswer) Error() string {
	return fmt.Sprintf("the answer (HTTP %d) is a web page, not AWS's: %q", e.status, e.body)
}

func refuseForeignAnswers(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	out middleware.DeserializeOutput, meta middleware.Metadata, err error,
) {
	out, meta, err = next.HandleDeserialize(ctx, in)
	if err != nil {
		return out, meta, err
	}
	resp, ok := out.RawResponse.(*smithyhttp.Response)
	if !ok || !strings.Contains(resp.Header.Get("Content-Type"), "html") {
		return out, meta, nil
	}
	start, _ := io.ReadAll(io.LimitReader(resp.Body, 200)) // what was read says enough
	return out, meta, &foreignAnswer{status: resp.StatusCode, body: strings.Join(strings.Fields(string(start)), " ")}
}

func isThrottle(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return false
	}
	_, ok := retry.DefaultThrottleErrorCodes[api.ErrorCode()]
	return ok
}

// retryAfter gives how long the answer asks to wait; 0 where it does not.
func retryAfter(err error) time.Duration {
	var throttled *storetypes.ThrottlingException
	if errors.As(err, &throttled) {
		return time.Duration(throttled.RetryAfterSeconds) * time.Second
	}
	var internal *storetypes.InternalServerException
	if errors.As(err, &internal) {
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
	creds, err := m.inner.Retrieve(ctx)
	if err != nil && ctx.Err() == nil {
		return creds, &credentialsError{err}
	}
	return creds, err
}
