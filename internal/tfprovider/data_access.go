package tfprovider

import (
	"cmp"
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/presence"
	reports "github.com/rolecall-dev/rolecall/internal/report" // report is this package's word for what it tells Terraform
)

type accessModel struct {
	Owner       types.String      `tfsdk:"owner"`
	Account     types.String      `tfsdk:"account"`
	Principal   types.String      `tfsdk:"principal"`
	Assignments []assignmentModel `tfsdk:"assignments"`
	CannotSee   types.List        `tfsdk:"cannot_see"`
}

type assignmentModel struct {
	PermissionSet types.String `tfsdk:"permission_set"`
	Account       types.String `tfsdk:"account"`
	AccountID     types.String `tfsdk:"account_id"`
	PrincipalType types.String `tfsdk:"principal_type"`
	Principal     types.String `tfsdk:"principal"`
	PrincipalID   types.String `tfsdk:"principal_id"`
}

// accessSource is the data source rolecall_access.
func accessSource() *dataSource[accessModel] {
	filter := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: text}
	}
	return &dataSource[accessModel]{name: "rolecall_access", read: (*accessModel).read, schema: schema.Schema{
		MarkdownDescription: "Who has what: every account assignment of the owner's permission sets, no matter who created it. It reads each account of each set, with one call each.",
		Attributes: map[string]schema.Attribute{
			"owner":      filter("The owner of the permission sets. Default: the provider's `owner`."),
			"account":    filter("Only this account, by name or id. One that does not exist is an error."),
			"principal":  filter("Only this group or user, by exact name."),
			"cannot_see": schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "What this data source does not show, in words."},
			"assignments": computedObjects("The account assignments, by permission set, account and principal.", map[string]schema.Attribute{
				"permission_set": computedString("The permission set's name."),
				"account":        computedString("The account's name."),
				"account_id":     computedString("The account's id."),
				"principal_type": computedString("`GROUP`, `USER`, or `ORPHAN` where nobody has the id any more."),
				"principal":      computedString("The group's or user's name; an orphan has none."),
				"principal_id":   computedString("The id in the identity store."),
			}),
		},
	}}
}

// read reads every assignment of the owner's sets.
func (m *accessModel) read(ctx context.Context, s *session) diag.Diagnostics {
	reader, err := s.connect(ctx)
	if err != nil {
		return failed(err)
	}
	owner := cmp.Or(m.Owner.ValueString(), s.owner)
	live, _, err := reader.Read(ctx, read.Options{Owner: owner, Deep: true})
	if err != nil {
		return failed(err)
	}
	account, found := m.account(&live)
	if found.HasError() {
		return found
	}
	found.Append(m.strangers(ctx, s, &live)...)
	m.Assignments = []assignmentModel{}
	for _, a := range reports.Assignments(&live, func(g access.Assignment) bool { return live.Sets[g.Set].Owner == owner }) {
		if m.wants(a, account) {
			m.Assignments = append(m.Assignments, assignmentModelOf(a))
		}
	}
	seen, wrong := types.ListValueFrom(ctx, types.StringType, append([]string{}, live.Observed.CannotSee...))
	m.CannotSee = seen
	return append(found, wrong...)
}

// account returns the id of the account that is asked for; "" where it may be any.
func (m accessModel) account(live *access.State) (id string, found diag.Diagnostics) {
	text := m.Account.ValueString()
	if text == "" {
		return "", nil
	}
	var b access.Builder
	b.AddAccount(access.Account{Name: text, Origin: b.Origin(place("account"))})
	asked := b.State()
	item := presence.Ask(&asked, live, presence.Options{}).Account(0)
	if item.ID == "" {
		return nobody, report(findings.List{*item.Finding})
	}
	return item.ID, nil
}

// strangers warns of a principal that is neither a group nor a user: nobody of that
// name has anything, and another resource of the same apply may make one.
func (m accessModel) strangers(ctx context.Context, s *session, live *access.State) diag.Diagnostics {
	text := m.Principal.ValueString()
	if text == "" || live.GroupIndex(text) >= 0 || live.UserIndex(text) >= 0 {
		return nil
	}
	all, read := s.names(ctx, true, true)
	if !read || all.UserIndex(text) >= 0 {
		return nil
	}
	var b access.Builder
	b.AddGroup(access.Group{Name: text, Referenced: true})
	b.AddUser(access.User{Username: text, Referenced: true})
	f := findings.Diagnostic{Severity: findings.Warning, Code: plan.GroupMissing, Range: place("principal"), Summary: fmt.Sprintf("AWS has no group or user %q", text)}
	for _, item := range presence.Check(b.State(), all, presence.Options{}).Items {
		f.Detail = joined(f.Detail, item.Near())
	}
	return report(findings.List{f})
}

func (m accessModel) wants(a reports.Assignment, account string) bool {
	principal := m.Principal.ValueString()
	return (account == "" || account == a.AccountID) && (principal == "" || principal == a.Principal)
}

func assignmentModelOf(a reports.Assignment) assignmentModel {
	return assignmentModel{
		PermissionSet: types.StringValue(a.PermissionSet), Account: types.StringValue(a.Account), AccountID: types.StringValue(a.AccountID),
		PrincipalType: types.StringValue(a.PrincipalType), Principal: keepString(types.StringNull(), a.Principal), PrincipalID: types.StringValue(a.PrincipalID),
	}
}
