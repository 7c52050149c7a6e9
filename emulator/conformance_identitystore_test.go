package emulator_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	idtypes "github.com/aws/aws-sdk-go-v2/service/identitystore/types"

	"github.com/rolecall-dev/rolecall/emulator"
)

func (c *cloud) user(in identitystore.CreateUserInput) (*string, error) {
	in.IdentityStoreId = c.store
	out, err := c.ids.CreateUser(ctx(), &in)
	if err != nil {
		return nil, err
	}
	return out.UserId, nil
}

func ada() identitystore.CreateUserInput {
	return identitystore.CreateUserInput{
		UserName: aws.String("ada"), DisplayName: aws.String("Ada"),
		Name:   &idtypes.Name{GivenName: aws.String("Ada"), FamilyName: aws.String("L")},
		Emails: []idtypes.Email{{Value: aws.String("ada@company.com"), Primary: true}},
	}
}

func TestWhatNoUserMayBe(t *testing.T) {
	tests := map[string]struct {
		edit func(*identitystore.CreateUserInput)
		want string
	}{
		"no user name":             {func(in *identitystore.CreateUserInput) { in.UserName = nil }, "ValidationException"},
		"no display name":          {func(in *identitystore.CreateUserInput) { in.DisplayName = nil }, "ValidationException"},
		"no name":                  {func(in *identitystore.CreateUserInput) { in.Name = nil }, "ValidationException"},
		"a blank in the name":      {func(in *identitystore.CreateUserInput) { in.UserName = aws.String("a b") }, "ValidationException"},
		"a reserved name":          {func(in *identitystore.CreateUserInput) { in.UserName = aws.String("Administrator") }, "ValidationException"},
		"two e-mail addresses":     {func(in *identitystore.CreateUserInput) { in.Emails = append(in.Emails, in.Emails...) }, "ValidationException"},
		"an unknown extension":     {func(in *identitystore.CreateUserInput) { in.Extensions = map[string]documentType{"x": documentOf("y")} }, "ValidationException"},
		"a user name of another":   {func(in *identitystore.CreateUserInput) { in.UserName = aws.String("Jane.Smith@Company.com") }, "ConflictException"},
		"an e-mail of another":     {func(in *identitystore.CreateUserInput) { in.Emails[0].Value = aws.String("jane.smith@company.com") }, "ConflictException"},
		"nothing wrong":            {func(*identitystore.CreateUserInput) {}, ""},
		"a name of 129 characters": {func(in *identitystore.CreateUserInput) { in.UserName = aws.String(strings.Repeat("ä", 129)) }, "ValidationException"},
		"a name of 128 characters": {func(in *identitystore.CreateUserInput) { in.UserName = aws.String(strings.Repeat("ä", 128)) }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := start(t, emulator.Options{})
			in := ada()
			tt.edit(&in)
			_, err := c.user(in)
			if got := code(err); got != tt.want {
				t.Errorf("error = %v, want %q", err, tt.want)
			}
			var conflict *idtypes.ConflictException
			if errors.As(err, &conflict) && conflict.Reason != idtypes.ConflictExceptionReasonUniquenessConstraintViolation {
				t.Errorf("reason = %s", conflict.Reason)
			}
		})
	}
}

func TestUserUpdatesAreAllOrNothing(t *testing.T) {
	c := start(t, emulator.Options{})
	id := must[*string](t)(c.user(ada()))
	update := func(ops ...idtypes.AttributeOperation) error {
		_, err := c.ids.UpdateUser(ctx(), &identitystore.UpdateUserInput{IdentityStoreId: c.store, UserId: id, Operations: ops})
		return err
	}
	op := func(path string, value any) idtypes.AttributeOperation {
		out := idtypes.AttributeOperation{AttributePath: &path}
		if value != nil {
			out.AttributeValue = documentOf(value)
		}
		return out
	}
	tests := []struct {
		name string
		ops  []idtypes.AttributeOperation
		want string
	}{
		{"remove what everyone must have", []idtypes.AttributeOperation{op("title", "x"), op("displayName", nil)}, "ValidationException"},
		{"a path that is none", []idtypes.AttributeOperation{op("title", "x"), op("shoeSize", "43")}, "ValidationException"},
		{"status is for SCIM", []idtypes.AttributeOperation{op("userStatus", "DISABLED")}, "ValidationException"},
		{"external ids are for SCIM", []idtypes.AttributeOperation{op("externalIds", []any{})}, "ValidationException"},
		{"a user name with a blank", []idtypes.AttributeOperation{op("userName", "a b")}, "ValidationException"},
		{"an empty text", []idtypes.AttributeOperation{op("title", "")}, "ValidationException"},
		{"a name of another", []idtypes.AttributeOperation{op("title", "x"), op("userName", "wei.chen@company.com")}, "ConflictException"},
		{"fine", []idtypes.AttributeOperation{op("nickName", "countess"), op("name.givenName", "Augusta"), op("emails", []any{map[string]any{"value": "new@company.com", "primary": true}})}, ""},
	}
	for _, tt := range tests {
		if got := code(update(tt.ops...)); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
	got := must[*identitystore.DescribeUserOutput](t)(c.ids.DescribeUser(ctx(), &identitystore.DescribeUserInput{IdentityStoreId: c.store, UserId: id}))
	if got.Title != nil || *got.NickName != "countess" || *got.Name.GivenName != "Augusta" || *got.Emails[0].Value != "new@company.com" || *got.UserName != "ada" {
		t.Errorf("user = %+v", got)
	}
	if _, err := c.user(ada()); code(err) != "ConflictException" { // ada is taken, her old address is free
		t.Errorf("second ada = %v", err)
	}
	other := ada()
	other.UserName = aws.String("other")
	if _, err := c.user(other); err != nil {
		t.Errorf("a freed e-mail address is still taken: %v", err)
	}
}

func TestMissingThingsAreNamed(t *testing.T) {
	c := start(t, emulator.Options{})
	nobody := aws.String("90676f9b2c-11111111-1111-4111-8111-111111111111")
	_, user := c.ids.DescribeUser(ctx(), &identitystore.DescribeUserInput{IdentityStoreId: c.store, UserId: nobody})
	_, group := c.ids.DeleteGroup(ctx(), &identitystore.DeleteGroupInput{IdentityStoreId: c.store, GroupId: nobody})
	_, membership := c.ids.DescribeGroupMembership(ctx(), &identitystore.DescribeGroupMembershipInput{IdentityStoreId: c.store, MembershipId: nobody})
	_, store := c.ids.ListUsers(ctx(), &identitystore.ListUsersInput{IdentityStoreId: aws.String("d-0000000000")})
	for want, err := range map[idtypes.ResourceType]error{
		idtypes.ResourceTypeUser: user, idtypes.ResourceTypeGroup: group, idtypes.ResourceTypeGroupMembership: membership, idtypes.ResourceTypeIdentityStore: store,
	} {
		var missing *idtypes.ResourceNotFoundException
		if !errors.As(err, &missing) || missing.ResourceType != want || missing.RequestId == nil {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestIDsAreNeverUsedTwice(t *testing.T) {
	c := start(t, emulator.Options{})
	seen := map[string]bool{}
	for range 50 {
		id := must[*identitystore.CreateGroupOutput](t)(c.ids.CreateGroup(ctx(), &identitystore.CreateGroupInput{IdentityStoreId: c.store, DisplayName: aws.String("Again")})).GroupId
		if seen[*id] {
			t.Fatalf("%s came back", *id)
		}
		seen[*id] = true
		must[*identitystore.DeleteGroupOutput](t)(c.ids.DeleteGroup(ctx(), &identitystore.DeleteGroupInput{IdentityStoreId: c.store, GroupId: id}))
	}
}

func TestDuplicateMembershipConflicts(t *testing.T) {
	c := start(t, emulator.Options{})
	group := c.group(t, "AWS-Development-Team")
	member := must[*identitystore.ListGroupMembershipsOutput](t)(c.ids.ListGroupMemberships(ctx(), &identitystore.ListGroupMembershipsInput{IdentityStoreId: c.store, GroupId: group})).GroupMemberships[0]
	_, err := c.ids.CreateGroupMembership(ctx(), &identitystore.CreateGroupMembershipInput{IdentityStoreId: c.store, GroupId: group, MemberId: member.MemberId})
	if code(err) != "ConflictException" {
		t.Errorf("error = %v, want ConflictException", err)
	}
}

func TestFiltersAreRefusedUnlessAllowed(t *testing.T) {
	in := func(c *cloud) *identitystore.ListGroupsInput {
		//lint:ignore SA1019 the deprecated member is what is tested
		return &identitystore.ListGroupsInput{IdentityStoreId: c.store, Filters: []idtypes.Filter{{AttributePath: aws.String("DisplayName"), AttributeValue: aws.String("AWS-Development-Team")}}}
	}
	strict := start(t, emulator.Options{})
	if _, err := strict.ids.ListGroups(ctx(), in(strict)); err == nil || !strings.Contains(err.Error(), "Filter is deprecated, please remove filter from request") {
		t.Errorf("error = %v", err)
	}
	lenient := start(t, emulator.Options{Quirks: emulator.Quirks{FiltersAllowed: true}})
	if got := must[*identitystore.ListGroupsOutput](t)(lenient.ids.ListGroups(ctx(), in(lenient))); len(got.Groups) != 1 {
		t.Errorf("groups = %d, want 1", len(got.Groups))
	}
}
