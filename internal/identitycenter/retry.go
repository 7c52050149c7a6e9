package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/smithy-go/middleware"
)

// Retries of reads: transient failures only, with full jitter, under a
// deadline. Writes are tried once (see once); their retries are the Engine's.
const (
	readAttempts = 12
	readDeadline = 2 * time.Minute
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// once is for writes: what a repeated attempt would mean is for the Engine to
// judge.
func once(o *ssoadmin.Options) { o.Retryer = aws.NopRetryer{} }

func onceInStore(o *identitystore.Options) { o.Retryer = aws.NopRetryer{} }

// readRetryer is the SDK's standard retryer under a deadline of the whole call.
type readRetryer struct{ *retry.Standard }

func newReadRetryer() *readRetryer {
	return &readRetryer{retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = readAttempts
		o.RateLimiter = ratelimit.None // the quota is the limit
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(worthTrying)}, o.Retryables...)
		o.Backoff = retry.BackoffDelayerFunc(Backoff)
	})}
}

// Backoff returns how long to wait before an attempt, counted from 0.
func Backoff(attempt int, _ error) (time.Duration, error) {
	longest := min(maxBackoff, firstBackoff<<min(attempt, 10))
	return rand.N(longest), nil
}

type deadlineKey struct{}

func setDeadline(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	return next.HandleInitialize(context.WithValue(ctx, deadlineKey{}, time.Now().Add(readDeadline)), in)
}

// GetRetryToken refuses another attempt when the call's time is over.
func (r *readRetryer) GetRetryToken(ctx context.Context, opErr error) (func(error) error, error) {
	if deadline, ok := ctx.Value(deadlineKey{}).(time.Time); ok && time.Now().After(deadline) {
		return nil, fmt.Errorf("give up after %s", readDeadline)
	}
	return r.Standard.GetRetryToken(ctx, opErr)
}

// worthTrying knows what the SDK's own checks do not: errors that no second
// attempt mends, and answers cut short.
func worthTrying(err error) aws.Ternary {
	foreign, isForeign := errors.AsType[*foreignAnswer](err)
	switch {
	case isA[*credentialsError](err), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, http.ErrSchemeMismatch):
		return aws.FalseTernary
	case isForeign:
		return aws.BoolTernary(foreign.status >= 500)
	case errors.Is(err, errNoAnswer), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return aws.TrueTernary
	default:
		return aws.UnknownTernary
	}
}
