package identitycenter

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"

	"github.com/rolecall-dev/rolecall/internal/access"
)

// lostAnswer is the status of an answer that came and says nothing: what was
// asked for may have been done, as with a gateway's failure.
const lostAnswer = 502

// judgeAnswers refuses an answer to another question than the one asked, and one
// without what AWS always says: it is no data. It sees every call, so that no
// reader has to.
func (c *Client) judgeAnswers(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	if further(in.Parameters) && listingOf(ctx) == nil {
		return middleware.InitializeOutput{}, middleware.Metadata{}, errNoList
	}
	out, meta, err := next.HandleInitialize(ctx, in)
	if err != nil {
		return out, meta, err
	}
	operation, host := awsmiddleware.GetOperationName(ctx), answeredBy(meta)
	p, wrong := c.judge(in.Parameters, out.Result)
	if wrong != "" {
		return out, meta, &foreignAnswer{host: host, status: lostAnswer, says: fmt.Sprintf("the answer to %s %s", operation, wrong)}
	}
	if p == nil {
		return out, meta, nil
	}
	list := listingOf(ctx)
	if list == nil {
		return out, meta, nil // a first page, and no more
	}
	return out, meta, list.take(operation, host, *p)
}

// errNoList is a mistake of ours: a list that nobody would see end.
var errNoList = errors.New("a further page was asked for outside of a list")

// further says that a call asks for more than a first page.
func further(in any) bool {
	v := reflect.ValueOf(in)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return false
	}
	token := v.Elem().FieldByName("NextToken")
	return token.IsValid() && !token.IsZero()
}

// judge says what is wrong with an answer, "" for nothing, and of a list which
// page it is.
func (c *Client) judge(in, out any) (*page, string) {
	for _, judge := range []func(in, out any) (*page, string, bool){c.judgeCaller, c.judgeAccounts, c.judgeDirectory, c.judgeSets, c.judgeAssignments, c.judgeJobs} {
		if p, wrong, mine := judge(in, out); mine {
			return p, wrong
		}
	}
	return nil, ""
}

// verdict collects what is wrong with an answer; the first counts.
type verdict struct {
	page  *page
	wrong string
}

func (v *verdict) must(ok bool, format string, args ...any) {
	if !ok && v.wrong == "" {
		v.wrong = fmt.Sprintf(format, args...)
	}
}

// is says that an answer is about what was asked for.
func (v *verdict) is(what string, got, want *string) {
	if want == nil {
		return
	}
	if got == nil || *got == "" {
		v.must(false, "has no %s", what)
		return
	}
	v.must(*got == *want, "is about the %s %s, not %s", what, *got, *want)
}

// has says that an answer has something that AWS always gives.
func (v *verdict) has(what string, got *string) {
	v.must(got != nil && *got != "", "has no %s", what)
}

// account says that something is an account's id.
func (v *verdict) account(got *string) {
	v.must(got != nil && access.IsAccountID(*got), "has no account id where one belongs")
}

// ofInstance says that something is the ARN of a permission set of the instance.
func (c *Client) ofInstance(v *verdict, got *string) {
	v.has("permission set ARN", got)
	_, instance, _ := strings.Cut(c.instance.ARN, ":instance/")
	v.must(got == nil || strings.Contains(*got, ":permissionSet/"+instance+"/"), "has the permission set %s, which is not of %s", aws.ToString(got), c.instance.ARN)
}

// ofStore says that an answer is of the identity store.
func (c *Client) ofStore(v *verdict, got *string) {
	v.must(got == nil || *got == "" || *got == c.instance.IdentityStoreID, "is of the identity store %s, not %s", aws.ToString(got), c.instance.IdentityStoreID)
}

func (v *verdict) next(token *string) {
	if v.page == nil {
		v.page = &page{}
	}
	v.page.next = aws.ToString(token)
}

func (v *verdict) item(i item) {
	if v.page == nil {
		v.page = &page{}
	}
	v.page.items = append(v.page.items, i)
}
