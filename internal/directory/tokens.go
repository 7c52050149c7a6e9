package directory

import (
	"context"
	"net/url"
	"time"
)

// early is how long before its end an access token is no longer used.
const early = time.Minute

// Tokens hand out an access token, and get a new one in time. Make them with
// [FixedToken] or [FetchedTokens].
type Tokens struct {
	turn  chan struct{} // a channel, so that waiting counts as idle in virtual time
	fetch func(context.Context) (string, time.Duration, error)
	token string
	until time.Time
}

// FixedToken always yields the same token.
func FixedToken(token string) *Tokens {
	return &Tokens{turn: make(chan struct{}, 1), token: token}
}

// FetchedTokens gets tokens from the token endpoint at path. The form is made
// anew for each request: a signed assertion is short-lived and used once.
func FetchedTokens(c *Client, path string, form func() (url.Values, error)) *Tokens {
	return &Tokens{turn: make(chan struct{}, 1), fetch: func(ctx context.Context) (string, time.Duration, error) {
		values, err := form()
		if err != nil {
			return "", 0, err
		}
		var answer struct {
			Token     string `json:"access_token"`
			ExpiresIn int    `json:"expires_in"` // seconds
		}
		r, err := c.Get(ctx, Call{Operation: "Token", Path: path, Form: values}, &answer)
		if err == nil && answer.Token == "" {
			err = r.Failure(Unreadable, "the answer has no access token")
		}
		return answer.Token, time.Duration(answer.ExpiresIn) * time.Second, err
	}}
}

func (t *Tokens) get(ctx context.Context) (string, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if t.fetch == nil || t.token != "" && time.Now().Before(t.until) {
		return t.token, nil
	}
	token, life, err := t.fetch(ctx)
	if err != nil {
		return "", err
	}
	t.token, t.until = token, time.Now().Add(max(life-early, 0))
	return token, nil
}

// expire forgets a token that was refused, and says whether there may be another.
func (t *Tokens) expire(token string) bool {
	t.turn <- struct{}{}
	defer func() { <-t.turn }()
	if t.token == token {
		t.until = time.Time{}
	}
	return t.fetch != nil
}
