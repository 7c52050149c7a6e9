package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// look reads what a desired state names, and says how that compares.
func (s *session) look(ctx context.Context, desired access.State, idp string) (access.State, presence.Report, diag.Diagnostics) {
	live, err := s.identities(ctx, desired)
	if err != nil {
		return access.State{}, presence.Report{}, failed(err)
	}
	return live, presence.Check(desired, live, presence.Options{SetUp: access.SCIM, IdP: idp}), nil
}

func sourceArgument() schema.StringAttribute {
	return schema.StringAttribute{Optional: true,
		MarkdownDescription: "The identity provider's name, such as `Okta`: how long its sync may take, and what to do there, depends on it."}
}

type groupSourceModel struct {
	Name        types.String `tfsdk:"name"`
	SCIMSource  types.String `tfsdk:"scim_identity_source"`
	Exists      types.Bool   `tfsdk:"exists"`
	ID          types.String `tfsdk:"id"`
	Description types.String `tfsdk:"description"`
	Owner       types.String `tfsdk:"owner"`
	Origin      types.String `tfsdk:"origin"`
	Members     types.Set    `tfsdk:"members"`
	Near        []nearModel  `tfsdk:"near"`
	Explanation types.String `tfsdk:"explanation"`
}

type nearModel struct {
	Name types.String `tfsdk:"name"`
	ID   types.String `tfsdk:"id"`
	Rung types.String `tfsdk:"rung"`
}

// groupSource is the data source rolecall_group.
func groupSource() *dataSource[groupSourceModel] {
	return &dataSource[groupSourceModel]{name: "rolecall_group", read: (*groupSourceModel).read, schema: schema.Schema{
		MarkdownDescription: "A group of AWS IAM Identity Center by its exact name, wherever it comes from. One that does not exist is not an error: `exists` says so, and `near` lists what was probably meant.",
		Attributes: map[string]schema.Attribute{
			"name":                 schema.StringAttribute{Required: true, MarkdownDescription: "The group's exact name."},
			"scim_identity_source": sourceArgument(),
			"exists":               schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there is a group of exactly this name."},
			"id":                   computedString("The group's id in the identity store."),
			"description":          computedString("The group's description, without the owner's mark."),
			"owner":                computedString("The owner whose mark the group carries."),
			"origin":               computedString("Where the group comes from, as far as AWS shows it: `scim`, `rolecall`, or `cannot_tell`."),
			"members":              schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "User names of the members."},
			"explanation":          computedString("Why the group does not exist and what to do, in words."),
			"near": computedObjects("Groups with similar names, the most similar first.", map[string]schema.Attribute{
				"name": computedString("The name in AWS."),
				"id":   computedString("The id in the identity store."),
				"rung": computedString("What must be ignored for the names to be the same: `case`, `separators`, `edit_distance`, ..."),
			}),
		},
	}}
}

// read looks the group up.
func (m *groupSourceModel) read(ctx context.Context, s *session) diag.Diagnostics {
	var b access.Builder
	b.AddGroup(access.Group{Name: m.Name.ValueString(), Referenced: true, SCIM: true})
	live, report, found := s.look(ctx, b.State(), m.SCIMSource.ValueString())
	if !found.HasError() {
		m.fill(&live, report)
	}
	return found
}

func (m *groupSourceModel) fill(live *access.State, report presence.Report) {
	at := live.GroupIndex(m.Name.ValueString())
	m.Exists, m.Members, m.Near = types.BoolValue(at >= 0), types.SetNull(types.StringType), []nearModel{}
	for _, item := range report.Items {
		m.Origin = keepString(types.StringNull(), string(item.Origin))
		for _, s := range item.Suggestions {
			m.Near = append(m.Near, nearModel{types.StringValue(s.Name), types.StringValue(s.ID), types.StringValue(string(s.Match))})
		}
		if item.Finding != nil {
			text := explanation(item)
			if m.SCIMSource.IsNull() && item.Finding.Remedy.Way == findings.AwaitSync { // nothing says that a sync brings it
				text = explained(item, item.Finding.Hint)
			}
			m.Explanation = types.StringValue(text)
		}
	}
	if at < 0 {
		return
	}
	g := live.Groups[at]
	m.ID, m.Description, m.Owner = types.StringValue(g.ID), types.StringValue(g.Description), keepString(types.StringNull(), g.Owner)
	m.Members = stringSet(membersOf(live, at))
}

// explanation says why something is not there, and what to do in Terraform.
func explanation(item presence.Item) string { return explained(item, hintOf(*item.Finding)) }

func explained(item presence.Item, hint string) string {
	return upperFirst(joined(item.Finding.Summary, item.Finding.Detail, hint))
}

type statusModel struct {
	Groups     types.Set    `tfsdk:"groups"`
	Users      types.Set    `tfsdk:"users"`
	SCIMSource types.String `tfsdk:"scim_identity_source"`
	Verdict    types.String `tfsdk:"verdict"`
	Items      []itemModel  `tfsdk:"items"`
}

type itemModel struct {
	Kind        types.String `tfsdk:"kind"`
	Name        types.String `tfsdk:"name"`
	Verdict     types.String `tfsdk:"verdict"`
	ID          types.String `tfsdk:"id"`
	Origin      types.String `tfsdk:"origin"`
	Members     types.Int64  `tfsdk:"members"`
	Explanation types.String `tfsdk:"explanation"`
}

// statusSource is the data source rolecall_sync_status.
func statusSource() *dataSource[statusModel] {
	verdicts := "`there`, `not_yet`, `will_not_come` (somebody has to do something first) or `cannot_tell`"
	return &dataSource[statusModel]{name: "rolecall_sync_status", read: (*statusModel).read, schema: schema.Schema{
		MarkdownDescription: "Whether the groups and users that SCIM should bring are in AWS under exactly these names, and if not, whether waiting helps. It never waits; `rolecall_external_group` does with `wait_for_sync`.",
		Attributes: map[string]schema.Attribute{
			"groups":               schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Exact names of groups."},
			"users":                schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Exact user names."},
			"scim_identity_source": sourceArgument(),
			"verdict":              computedString("The worst of the items': " + verdicts + "."),
			"items": computedObjects("Each name and its state.", map[string]schema.Attribute{
				"kind":        computedString("`group` or `user`."),
				"name":        computedString("The name."),
				"verdict":     computedString("One of " + verdicts + "."),
				"id":          computedString("The id in the identity store."),
				"origin":      computedString("Where it comes from, as far as AWS shows it."),
				"members":     schema.Int64Attribute{Computed: true, MarkdownDescription: "How many members the group has."},
				"explanation": computedString("What is wrong and what to do, in words."),
			}),
		},
	}}
}

// read compares the names with what is there.
func (m *statusModel) read(ctx context.Context, s *session) diag.Diagnostics {
	var b access.Builder
	for _, name := range stringsOf(m.Groups) {
		b.AddGroup(access.Group{Name: name, Referenced: true, SCIM: true})
	}
	for _, name := range stringsOf(m.Users) {
		b.AddUser(access.User{Username: name, Referenced: true})
	}
	_, report, found := s.look(ctx, b.State(), m.SCIMSource.ValueString())
	if found.HasError() {
		return found
	}
	m.Verdict, m.Items = types.StringValue(string(report.Verdict())), []itemModel{}
	for _, item := range report.Items {
		row := itemModel{Kind: types.StringValue(string(item.Kind)), Name: types.StringValue(item.Name), Verdict: types.StringValue(string(item.Verdict)),
			ID: keepString(types.StringNull(), item.ID), Origin: keepString(types.StringNull(), string(item.Origin))}
		if item.Members != nil {
			row.Members = types.Int64Value(int64(*item.Members))
		}
		if item.Finding != nil {
			row.Explanation = types.StringValue(explanation(item))
		}
		m.Items = append(m.Items, row)
	}
	return found
}

type accountsModel struct {
	Accounts []accountModel `tfsdk:"accounts"`
	IDs      types.Map      `tfsdk:"ids"`
}

type accountModel struct {
	ID         types.String `tfsdk:"id"`
	Name       types.String `tfsdk:"name"`
	State      types.String `tfsdk:"state"`
	Management types.Bool   `tfsdk:"management"`
}

// accountsSource is the data source rolecall_accounts.
func accountsSource() *dataSource[accountsModel] {
	return &dataSource[accountsModel]{name: "rolecall_accounts", read: (*accountsModel).read, schema: schema.Schema{
		MarkdownDescription: "The accounts of the organization, by the names that `accounts_names` takes.",
		Attributes: map[string]schema.Attribute{
			"ids": schema.MapAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The id of each active account whose name no other active account has, by name."},
			"accounts": computedObjects("All accounts, by id.", map[string]schema.Attribute{
				"id":         computedString("The account's id, 12 digits."),
				"name":       computedString("The account's name."),
				"state":      computedString("AWS's own: `ACTIVE`, `SUSPENDED`, ..."),
				"management": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it is the management account."},
			}),
		},
	}}
}

// read lists the accounts.
func (m *accountsModel) read(ctx context.Context, s *session) diag.Diagnostics {
	live, err := s.identities(ctx, access.State{})
	if err != nil {
		return failed(err)
	}
	m.Accounts = []accountModel{}
	ids, index := map[string]attr.Value{}, access.NewAccountIndex(live.Accounts)
	for i, a := range live.Accounts {
		m.Accounts = append(m.Accounts, accountModel{types.StringValue(a.ID), types.StringValue(a.Name), types.StringValue(a.State), types.BoolValue(a.Management)})
		if a.Active() && index.NameOf(int32(i)) == a.Name {
			ids[a.Name] = types.StringValue(a.ID)
		}
	}
	m.IDs = types.MapValueMust(types.StringType, ids)
	return nil
}
