package identitycenter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

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
	list := listingOf(ctx)
	if list == nil && text(reflect.ValueOf(in.Parameters), "NextToken") != "" {
		return middleware.InitializeOutput{}, middleware.Metadata{}, errNoList
	}
	out, meta, err := next.HandleInitialize(ctx, in)
	if err != nil {
		return out, meta, err
	}
	operation, host := awsmiddleware.GetOperationName(ctx), answeredBy(meta)
	p, wrong := c.judge(c.answers[operation], reflect.ValueOf(in.Parameters), reflect.ValueOf(out.Result))
	switch {
	case wrong != "":
		err = &foreignAnswer{host: host, status: lostAnswer, says: fmt.Sprintf("the answer to %s %s", operation, wrong)}
	case list != nil: // else it is a first page, and no more
		list.last = meta
		err = list.take(operation, host, p)
	}
	return out, meta, err
}

// errNoList is a mistake of ours: a list that nobody would see end.
var errNoList = errors.New("a page was asked for outside of a list")

// answer is what the answer to an operation always says. Members are named as the
// SDK does: Account.Id is one of a member, A+B are two that count together.
type answer struct {
	rules []rule
	// list is the member that lists what the rules are about; "" where they are about
	// the answer itself.
	list   string
	needed string // what is listed, where AWS never leaves an empty list out
	id     string // of what is listed
	name   string
	unique bool // no two things bear a name
}

// rule is about one member of an answer, and may compare it with one of the
// question; wrong says what is wrong with it, "" for nothing.
type rule struct {
	member, asked string
	wrong         func(c *Client, got, asked string) string
}

// one is an answer about one thing, which a member has; "" where the answer is the
// thing.
func one(in string, rules ...rule) answer {
	if in != "" {
		for i := range rules {
			rules[i].member = in + "." + rules[i].member
		}
	}
	return answer{rules: rules}
}

// list is an answer that lists things.
func list(member string, rules ...rule) answer { return answer{list: member, rules: rules} }

func (a answer) called(id string, name ...string) answer {
	a.id, a.name = id, strings.Join(name, "+")
	return a
}

func (a answer) always(what string) answer { a.needed = what; return a }
func (a answer) alone() answer             { a.unique = true; return a }

// itself is what is listed, where that has no members.
const itself = ""

// has says that an answer has something that AWS always returns.
func has(what, member string) rule {
	return rule{member, "", func(_ *Client, got, _ string) string { return unless(got != "", "has no %s", what) }}
}

// is says that an answer is about what was asked for.
func is(what, member, asked string) rule {
	return rule{member, asked, func(_ *Client, got, asked string) string { return about(what, got, asked) }}
}

func about(what, got, asked string) string {
	return cmp.Or(unless(got != "", "has no %s", what), unless(got == asked, "is about the %s %s, not %s", what, got, asked))
}

func account(member string) rule {
	return rule{member, "", func(_ *Client, got, _ string) string {
		return unless(access.IsAccountID(got), "has no account id where one is required")
	}}
}

// ofInstance says that something is the ARN of a permission set of the instance.
func ofInstance(member string) rule {
	return rule{member, "", func(c *Client, got, _ string) string {
		_, instance, _ := strings.Cut(c.instance.ARN, ":instance/")
		return cmp.Or(unless(got != "", "has no permission set ARN"),
			unless(strings.Contains(got, ":permissionSet/"+instance+"/"), "has the permission set %s, which is not of %s", got, c.instance.ARN))
	}}
}

// ofStore says that an answer is of the identity store, where it says of which.
func ofStore() rule {
	return rule{"IdentityStoreId", "", func(c *Client, got, _ string) string {
		return unless(got == "" || got == c.instance.IdentityStoreID, "is of the identity store %s, not %s", got, c.instance.IdentityStoreID)
	}}
}

// principal says that an assignment is of a user or a group.
func principal() rule {
	return rule{"PrincipalType", "", func(_ *Client, got, _ string) string {
		known := got == access.GroupPrincipal.String() || got == access.UserPrincipal.String()
		return unless(known, "has an assignment to neither a user nor a group, but %q", got)
	}}
}

// ofPrincipal says that an assignment is of the principal that was asked for; a
// user's also come by groups.
func ofPrincipal() rule {
	const both = "PrincipalType+PrincipalId"
	return rule{both, both, func(_ *Client, got, asked string) string {
		kind, id, _ := strings.Cut(got, " ")
		askedKind, askedID, _ := strings.Cut(asked, " ")
		if askedKind == access.UserPrincipal.String() && kind != askedKind {
			return ""
		}
		return about("principal", id, askedID)
	}}
}

func unless(ok bool, format string, args ...any) string {
	if ok {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// judge says what is wrong with an answer, "" for nothing, and of a list which
// page it is.
func (c *Client) judge(a answer, asked, said reflect.Value) (page, string) {
	if a.list == "" {
		return page{}, c.wrong(a.rules, asked, said)
	}
	things := within(said, a.list)
	if a.needed != "" && things.IsNil() {
		return page{}, "has no list of " + a.needed
	}
	p := page{next: text(said, "NextToken")}
	for i := range things.Len() {
		thing := things.Index(i)
		if wrong := c.wrong(a.rules, asked, thing); wrong != "" {
			return page{}, wrong
		}
		item := item{id: text(thing, a.id), one: a.unique}
		if a.name != "" {
			item.name = text(thing, a.name)
		}
		p.items = append(p.items, item)
	}
	return p, ""
}

// wrong says what the first rule finds wrong.
func (c *Client) wrong(rules []rule, asked, said reflect.Value) string {
	for _, r := range rules {
		if wrong := r.wrong(c, text(said, r.member), text(asked, r.asked)); wrong != "" {
			return wrong
		}
	}
	return ""
}

// text returns what members say, "" where they are not there. What is no text is
// only there.
func text(v reflect.Value, members string) string {
	var all []string
	for member := range strings.SplitSeq(members, "+") {
		said := ""
		if v := within(v, member); v.Kind() == reflect.String {
			said = v.String()
		} else if v.IsValid() {
			said = v.Kind().String()
		}
		all = append(all, said)
	}
	return strings.Join(all, " ")
}

// within follows pointers to the member of a value; it is invalid where one is
// nil.
func within(v reflect.Value, member string) reflect.Value {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if member == itself || !v.IsValid() {
		return v
	}
	first, rest, _ := strings.Cut(member, ".")
	if v.Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return within(v.FieldByName(first), rest)
}
