package tfprovider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// membersResource is rolecall_group_members: members that are added to a group
// that somebody else made.
type membersResource struct{ configured }

type membersModel struct {
	Group              types.String `tfsdk:"group"`
	Members            types.Set    `tfsdk:"members"`
	SCIMIdentitySource types.String `tfsdk:"scim_identity_source"`
	SCIMScope          types.String `tfsdk:"scim_scope"`
	Allow              types.Set    `tfsdk:"allow"`
	Added              types.Set    `tfsdk:"added"`
	ID                 types.String `tfsdk:"id"`

	ids map[string]string // of whom it added, by user name: a user who is renamed stays added
}

func (r *membersResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	withIdentity(resp, "rolecall_group_members")
}

func (r *membersResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Members of a group in AWS IAM Identity Center that somebody else created. They are added; nobody else is removed, neither now nor when this is destroyed. " +
			"The group must exist. For a group of your own, use `rolecall_access_group.members`.",
		Attributes: map[string]schema.Attribute{
			"group": schema.StringAttribute{Required: true, MarkdownDescription: "The group's exact name.",
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()}},
			"members": schema.SetAttribute{Required: true, ElementType: types.StringType, MarkdownDescription: "User names of those who should be in the group, no matter who else is."},
			"scim_identity_source": optionalString("The identity provider's name, such as `Okta`, if it brings users by SCIM. " +
				"It brings groups as well, and decides who is in them, unless `scim_scope` says otherwise."),
			"scim_scope": optionalString("`users` if SCIM brings users and no groups (Google Workspace); otherwise `users_and_groups`, with which nothing is written here."),
			"allow":      optionalStrings("Refused changes to allow: `lockout` (it removes access that you are using)."),
			"added": schema.SetAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "User names of those whom this resource added, because they were not in the group before. Only they are removed again."},
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The group's id in the identity store."},
		},
	}
}

// ValidateConfig applies the rules that need no look at AWS.
func (r *membersResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m membersModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || m.SCIMIdentitySource.IsUnknown() || m.SCIMScope.IsUnknown() {
		return
	}
	resp.Diagnostics.Append(nullsIn("members", m.Members)...)
	c := m.config()
	resp.Diagnostics.Append(report(append(access.Check(c), m.refused()...))...)
	if c.SetUp() == access.SCIM && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(report(findings.List{membersOfSCIM(m.Group.ValueString(), c.IdPName())})...)
	}
}

// refused are the findings about members that are no user names.
func (m membersModel) refused() findings.List {
	group := access.GroupSpec{Name: text("group", m.Group)}
	for _, name := range stringsOf(m.Members) {
		group.Members.Items = append(group.Members.Items, access.Text{Value: name, Range: within(place("members"), name)})
	}
	found := access.Check(access.Config{AccessGroups: access.List[access.GroupSpec]{Items: []access.GroupSpec{group}}})
	// The rest of what is said of a group is about one that is defined here.
	return slices.DeleteFunc(only(found, access.CodeRefusedRune, access.CodeTooLong, access.CodeBlankEnds), func(f findings.Diagnostic) bool {
		attribute, _ := placed(f.Range)
		return attribute != "members"
	})
}

func membersOfSCIM(group, idp string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: plan.GroupOfSCIM, Range: place("members"),
		Summary: fmt.Sprintf("the members of %q cannot be set here: %s manages them", group, idp),
		Hint:    fmt.Sprintf("Change the membership in %s, and remove this resource; if it pushes no groups, set scim_scope = \"users\".", idp)}
}

func (r *membersResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m membersModel
	if resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	after, wrote, found := r.write(ctx, m, membersModel{Added: stringSet(nil)})
	resp.Diagnostics.Append(found...)
	if wrote && found.HasError() {
		wrote = !r.takeBack(ctx, after, resp)
	}
	if wrote || !found.HasError() {
		resp.Diagnostics.Append(m.save(ctx, after, &resp.State, resp.Identity, resp.Private)...)
	}
}

// save keeps what was written for the model: the state, and beside it the names of the
// config and the ids of those whom the resource added.
func (m membersModel) save(ctx context.Context, after membersModel, state *tfsdk.State, identity *tfsdk.ResourceIdentity, kept private) diag.Diagnostics {
	return slices.Concat(m.stateNames().keep(ctx, kept), keepAddedIDs(ctx, after.ids, kept), state.Set(ctx, after), identify(ctx, identity, groupOnlyIdentity{after.ID}))
}

// takeBack takes out whom an interrupted creation added: in a group of others nothing
// says whom it was, so the next apply would count them as members who were there before.
// It says whether nothing is left of it.
func (r *membersResource) takeBack(ctx context.Context, m membersModel, resp *resource.CreateResponse) bool {
	ctx = context.WithoutCancel(ctx)
	live, p, found := r.planDelete(ctx, m)
	if resp.Diagnostics.Append(found...); p == nil {
		return false
	}
	result, left := r.session.carryOut(ctx, r.session.owner, live, p.Changes)
	r.session.forgetPeople()
	if result == nil || left.HasError() {
		resp.Diagnostics.Append(left...)
		return false
	}
	resp.Diagnostics.AddWarning(fmt.Sprintf("Those whom this added to group %q have been removed again", m.Group.ValueString()), "Run `terraform apply` again.")
	return true
}

// Update adds whom the plan adds, and takes out whom it no longer names, of
// those whom this resource added.
func (r *membersResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, before membersModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.Append(req.State.Get(ctx, &before)...); resp.Diagnostics.HasError() {
		return
	}
	before.ids = addedIDs(ctx, req.Private)
	after, wrote, found := r.write(ctx, m, before)
	resp.Diagnostics.Append(found...)
	if wrote || !found.HasError() {
		resp.Diagnostics.Append(m.save(ctx, after, &resp.State, resp.Identity, resp.Private)...)
	}
}

// write returns the state that Terraform keeps, and whether anything was written:
// what was done before a failure is in it.
func (r *membersResource) write(ctx context.Context, m, before membersModel) (membersModel, bool, diag.Diagnostics) {
	before, err := r.follow(ctx, before)
	if err != nil {
		return m, false, failed(err)
	}
	leaving := goes(m, before)
	live, p, err := r.plan(ctx, m, leaving)
	if err != nil {
		return m, false, failed(err)
	}
	if plan.Lacks(p.Findings, plan.UserMissing) {
		p, _ = r.why(ctx, m, live, leaving, p)
	}
	now, err := r.calledNow(ctx, before, live)
	if err != nil {
		return m, false, failed(err)
	}
	list := append(sayRenamed(p.Findings, now), sameGroupOf(before, live)...)
	found := r.session.warnings.apply(report(list), "members", m.Group.ValueString())
	if list.HasErrors() {
		return m, false, found
	}
	result, done := r.session.carryOut(ctx, r.session.owner, live, p.Changes)
	r.session.forgetPeople()
	found = append(found, done...)
	if result == nil {
		return m, false, found
	}
	group := live.GroupIndex(m.Group.ValueString())
	m.ID = types.StringValue(live.Groups[group].ID)
	m.afterRun(live, group, before, p, result)
	m.ids = idsOf(stringsOf(m.Added), live, before.ids)
	return m, len(result.Done) > 0, found
}

// Read says who of the members is in the group. An import takes everybody who
// is in it, and nobody as added by this resource.
func (r *membersResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m membersModel
	resp.Diagnostics.Append(req.State.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() || r.session == nil || r.session.unknown {
		return
	}
	r.session.refreshed.note(true, "members", m.Group.ValueString())
	m.ids = addedIDs(ctx, resp.Private)
	followed, err := r.follow(ctx, m)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	m = followed
	resp.Diagnostics.Append(keepAddedIDs(ctx, m.ids, resp.Private)...)
	live, err := r.read(ctx, m, stringsOf(m.Added))
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	names := m.stateNames()
	if !m.Members.IsNull() { // an import has none yet
		var found diag.Diagnostics
		names, found = refreshed(ctx, names, resp.Private)
		resp.Diagnostics.Append(found...)
	}
	group := live.GroupIndex(m.Group.ValueString())
	now, err := r.calledNow(ctx, m, live)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	if now != "" { // it is there, with its members: the plan says what to do
		resp.Diagnostics.Append(identify(ctx, resp.Identity, groupOnlyIdentity{m.ID})...)
		return
	}
	if group < 0 {
		r.session.removed.note(names, "group_members", m.Group.ValueString())
		resp.Diagnostics.Append(identify(ctx, resp.Identity, groupOnlyIdentity{m.ID})...) // the framework wants one even of what is gone
		resp.State.RemoveResource(ctx)
		return
	}
	in := membersOf(live, group)
	if m.Members.IsNull() {
		m.Members = stringSet(in)
	}
	m.ID = types.StringValue(live.Groups[group].ID)
	m.observe(in, stringsOf(m.Added))
	r.session.objectPlans.note(inState, m.objects(stringsOf(m.Added))...)
	resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, groupOnlyIdentity{m.ID})...)
}

// calledNow is the name in AWS of the group whose id the state knows, where AWS has none
// by the name of the config; "" where it is gone.
func (r *membersResource) calledNow(ctx context.Context, m membersModel, live *access.State) (string, error) {
	if live.GroupIndex(m.Group.ValueString()) >= 0 || m.ID.ValueString() == "" {
		return "", nil
	}
	g, there, err := r.session.reader.Group(ctx, m.ID.ValueString())
	if err != nil || !there {
		return "", err
	}
	return g.Name, nil
}

// stay says of the members of a group that is called otherwise now that they stay in it.
func (r *membersResource) stay(ctx context.Context, m membersModel, live *access.State) diag.Diagnostics {
	now, err := r.calledNow(ctx, m, live)
	if err != nil {
		return failed(err)
	}
	var out diag.Diagnostics
	if now != "" {
		out.AddWarning(fmt.Sprintf("The members of group %q stay: it is called %q now", m.Group.ValueString(), now),
			fmt.Sprintf("The plan showed it by its former name. Those whom this resource added: %s. Remove them in the IAM Identity Center console.", strings.Join(stringsOf(m.Added), ", ")))
	}
	return out
}

// Delete takes out whom this resource added. Out of a group that has come to
// belong to somebody else since, nobody is taken, nor out of one that the plan
// showed under another name.
func (r *membersResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m membersModel
	if resp.Diagnostics.Append(req.State.Get(ctx, &m)...); resp.Diagnostics.HasError() {
		return
	}
	m.ids = addedIDs(ctx, req.Private)
	m, err := r.follow(ctx, m)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	live, p, found := r.planDelete(ctx, m)
	if resp.Diagnostics.Append(found...); p == nil || found.HasError() {
		return
	}
	if live.GroupIndex(m.Group.ValueString()) < 0 {
		resp.Diagnostics.Append(r.stay(ctx, m, live)...)
		return
	}
	if refusals := only(p.Findings, plan.Lockout); refusals.HasErrors() {
		resp.Diagnostics.Append(report(refusals)...)
		return
	}
	group := live.GroupIndex(m.Group.ValueString())
	if left := both(stringsOf(m.Added), membersOf(live, group)); len(p.Changes) < len(left) {
		resp.Diagnostics.AddWarning(fmt.Sprintf("The members of group %q stay", m.Group.ValueString()), "The group belongs to somebody else now, who manages its members.")
	}
	result, done := r.session.carryOut(ctx, r.session.owner, live, p.Changes)
	r.session.forgetPeople()
	if resp.Diagnostics.Append(done...); result != nil && resp.Diagnostics.HasError() {
		m.afterRun(live, group, m, p, result)
		resp.Diagnostics.Append(resp.State.Set(ctx, m)...)
	}
}
