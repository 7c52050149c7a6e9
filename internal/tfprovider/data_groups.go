package tfprovider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// source is what all data sources have: the session of the provider block.
type source struct{ session *session }

// Configure takes the session of the provider block.
func (s *source) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	if session, ok := req.ProviderData.(*session); ok {
		s.session = session
	}
}

// look reads what a desired state names, and says how that compares.
func (s *source) look(ctx context.Context, desired access.State, idp string) (access.State, presence.Report, diag.Diagnostics) {
	reader, err := s.session.connect(ctx)
	if err != nil {
		return access.State{}, presence.Report{}, failed(err)
	}
	live, _, err := reader.Identities(ctx, desired)
	if err != nil {
		return access.State{}, presence.Report{}, failed(err)
	}
	return live, presence.Check(desired, live, presence.Options{SetUp: access.SCIM, IdP: idp}), nil
}

func computedString(text string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: text}
}

func sourceArgument() schema.StringAttribute {
	return schema.StringAttribute{Optional: true,
		MarkdownDescription: "The identity provider's name, such as `Okta`: how long its sync may take, and what to do there, depends on it."}
}

// groupSource is the data source rolecall_group.
type groupSource struct{ source }

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

// Metadata names the data source.
func (d *groupSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "rolecall_group"
}

// Schema describes what goes in and comes out.
func (d *groupSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A group of AWS IAM Identity Center by its exact name, wherever it comes from. One that is not there is no error: `exists` says so, and `near` names what was probably meant.",
		Attributes: map[string]schema.Attribute{
			"name":                 schema.StringAttribute{Required: true, MarkdownDescription: "The group's exact name."},
			"scim_identity_source": sourceArgument(),
			"exists":               schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether there is a group of exactly this name."},
			"id":                   computedString("The group's id in the identity store."),
			"description":          computedString("The group's description, without the owner's mark."),
			"owner":                computedString("Whose mark the group carries."),
			"origin":               computedString("Where the group comes from, as far as AWS shows it: `scim`, `rolecall`, or `cannot_tell`."),
			"members":              schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "User names of the members."},
			"near":                 nearAttribute(),
			"explanation":          computedString("Why the group is not there and what to do, in words."),
		},
	}
}

func nearAttribute() schema.ListNestedAttribute {
	return schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Groups whose names are near, the nearest first.",
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"name": computedString("The name in AWS."),
			"id":   computedString("The id in the identity store."),
			"rung": computedString("What has to be overlooked for the names to be the same: `case`, `separators`, `edit_distance`, ..."),
		}}}
}

// Read looks the group up.
func (d *groupSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m groupSourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var b access.Builder
	b.AddGroup(access.Group{Name: m.Name.ValueString(), Referenced: true, SCIM: true})
	live, report, found := d.look(ctx, b.State(), m.SCIMSource.ValueString())
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.fill(&live, report)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

func (m *groupSourceModel) fill(live *access.State, report presence.Report) {
	at := live.GroupIndex(m.Name.ValueString())
	m.Exists, m.Members, m.Near = types.BoolValue(at >= 0), types.SetNull(types.StringType), []nearModel{}
	for _, item := range report.Items {
		m.Origin = keepString(types.StringNull(), string(item.Origin))
		for _, s := range item.Suggestions {
			m.Near = append(m.Near, nearModel{types.StringValue(s.Name), types.StringValue(s.ID), types.StringValue(string(s.Rung))})
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
	var members []string
	for _, member := range live.Members(at) {
		members = append(members, live.Users[member.User].Username)
	}
	m.Members = stringSet(members)
}

// explanation says why something is not there, and what to do in Terraform.
func explanation(item presence.Item) string { return explained(item, hintOf(*item.Finding)) }

func explained(item presence.Item, hint string) string {
	return upperFirst(joined(item.Finding.Summary, item.Finding.Detail, hint))
}

// statusSource is the data source rolecall_sync_status.
type statusSource struct{ source }

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

// Metadata names the data source.
func (d *statusSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "rolecall_sync_status"
}

// Schema describes what goes in and comes out.
func (d *statusSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	verdicts := "`there`, `not_yet`, `will_not_come` (somebody has to do something first) or `cannot_tell`"
	resp.Schema = schema.Schema{
		MarkdownDescription: "Whether the groups and users that SCIM is to bring are in AWS under exactly these names, and if not, whether waiting helps. It never waits; `rolecall_external_group` does with `wait_for_sync`.",
		Attributes: map[string]schema.Attribute{
			"groups":               schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Exact names of groups."},
			"users":                schema.SetAttribute{Optional: true, ElementType: types.StringType, MarkdownDescription: "Exact user names."},
			"scim_identity_source": sourceArgument(),
			"verdict":              computedString("The worst of the items': " + verdicts + "."),
			"items": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Each name and what there is of it.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"kind":        computedString("`group` or `user`."),
					"name":        computedString("The name."),
					"verdict":     computedString("One of " + verdicts + "."),
					"id":          computedString("The id in the identity store."),
					"origin":      computedString("Where it comes from, as far as AWS shows it."),
					"members":     schema.Int64Attribute{Computed: true, MarkdownDescription: "How many members the group has."},
					"explanation": computedString("What is wrong and what to do, in words."),
				}}},
		},
	}
}

// Read compares the names with what is there.
func (d *statusSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var m statusModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var b access.Builder
	for _, name := range stringsOf(m.Groups) {
		b.AddGroup(access.Group{Name: name, Referenced: true, SCIM: true})
	}
	for _, name := range stringsOf(m.Users) {
		b.AddUser(access.User{Username: name, Referenced: true})
	}
	_, report, found := d.look(ctx, b.State(), m.SCIMSource.ValueString())
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
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
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}

// accountsSource is the data source rolecall_accounts.
type accountsSource struct{ source }

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

// Metadata names the data source.
func (d *accountsSource) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "rolecall_accounts"
}

// Schema describes what comes out.
func (d *accountsSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The accounts of the organization, by the names that `accounts_names` takes.",
		Attributes: map[string]schema.Attribute{
			"ids": schema.MapAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The id of each active account whose name no other active account has, by name."},
			"accounts": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "All accounts, by id.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"id":         computedString("The account's id, 12 digits."),
					"name":       computedString("The account's name."),
					"state":      computedString("AWS's own: `ACTIVE`, `SUSPENDED`, ..."),
					"management": schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether it is the management account."},
				}}},
		},
	}
}

// Read lists the accounts.
func (d *accountsSource) Read(ctx context.Context, _ datasource.ReadRequest, resp *datasource.ReadResponse) {
	live, _, found := d.look(ctx, access.State{}, "")
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
	}
	m := accountsModel{Accounts: []accountModel{}}
	ids, index := map[string]attr.Value{}, access.NewAccountIndex(live.Accounts)
	for i, a := range live.Accounts {
		m.Accounts = append(m.Accounts, accountModel{types.StringValue(a.ID), types.StringValue(a.Name), types.StringValue(a.State), types.BoolValue(a.Management)})
		if a.Active() && index.NameOf(int32(i)) == a.Name {
			ids[a.Name] = types.StringValue(a.ID)
		}
	}
	m.IDs = types.MapValueMust(types.StringType, ids)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
}
