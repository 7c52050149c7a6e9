package tfprovider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// userResource is rolecall_user.
type userResource struct{ configured }

// userModel is a user as Terraform has it.
type userModel struct {
	others
	Email    types.String `tfsdk:"email"`
	Username types.String `tfsdk:"username"`
	Adopt    types.Bool   `tfsdk:"adopt"`
	Allow    types.Set    `tfsdk:"allow"`
	Groups   types.Set    `tfsdk:"groups"`
	ID       types.String `tfsdk:"id"`
}

func (r *userResource) set(ctx context.Context, to setter, m userModel) diag.Diagnostics {
	return setModel(ctx, to, r.schema(), &m)
}

func (r *userResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	withIdentity(resp, "rolecall_user")
}

// Schema describes the arguments, which are the config's keys.
func (r *userResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = r.schema()
}

func (r *userResource) schema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "A user in AWS IAM Identity Center, if SCIM does not bring users. Destroying it deletes the user. " +
			"Which groups the user is in is decided by `rolecall_access_group.members`.",
		Attributes: userKeys().schema(map[string]schema.Attribute{
			"adopt": schema.BoolAttribute{Optional: true,
				MarkdownDescription: "Take over an existing user with this name, or with the former one. Without it the creation is refused: nothing shows who owns a user."},
			"allow": optionalStrings("Refused changes to allow: `lockout` (it removes access that you are using)."),
			"groups": schema.SetAttribute{Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Names of the groups with an owner's mark that the user is in, as of the last refresh."},
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The user's id in the identity store."},
		}),
	}
}

func (m userModel) known(ctx context.Context) bool { return userKeys().known(ctx, &m) }

// spec returns the user as the config has it.
func (m userModel) spec() access.UserSpec {
	var spec access.UserSpec
	userKeys().fill(&spec, &m)
	return spec
}

func (m userModel) config() access.Config {
	return access.Config{Users: access.List[access.UserSpec]{Range: place("username"), Items: []access.UserSpec{m.spec()}}}
}

// desired returns the state with this user; former is the name that Terraform's
// state has.
func (m userModel) desired(former string) access.State {
	c := m.config()
	if user := &c.Users.Items[0]; former != "" && former != user.UserName().Value {
		user.Previously = access.Text{Value: former}
	}
	return access.Desired(c, "")
}

// ValidateConfig applies the rules that need no look at AWS.
func (r *userResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m userModel
	resp.Diagnostics.Append(getModel(ctx, req.Config, &m)...)
	if !resp.Diagnostics.HasError() && m.known(ctx) {
		resp.Diagnostics.Append(report(access.Check(m.config()))...)
	}
}

// ModifyPlan fills in the user name and refuses what a guard refuses.
func (r *userResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	var m, before userModel
	if req.Plan.Raw.IsNull() {
		resp.Diagnostics.Append(getModel(ctx, req.State, &before)...)
		if !resp.Diagnostics.HasError() && !r.session.unknown {
			resp.Diagnostics.Append(r.planDestroy(ctx, before)...)
		}
		return
	}
	resp.Diagnostics.Append(getModel(ctx, req.Plan, &m)...)
	var config userModel
	resp.Diagnostics.Append(getModel(ctx, req.Config, &config)...)
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(getModel(ctx, req.State, &before)...)
		m.ID, m.Groups = before.ID, before.Groups
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if config.Username.IsNull() {
		m.Username = m.Email
	}
	resp.Diagnostics.Append(r.set(ctx, &resp.Plan, m)...)
	switch {
	case !m.known(ctx) || r.session.unknown:
	case r.unchanged(m, before):
		resp.Diagnostics.Append(r.keeps(m)...)
	default:
		resp.Diagnostics.Append(r.planBeside(ctx, m, before)...)
	}
}

// plan is the plan for one user. What the state knows is found by its id, under
// whatever name it goes now. Yields are what other plans leave of other users.
// First says that nothing is applied yet.
func (r *userResource) plan(ctx context.Context, m, before userModel, first bool, yields func(access.User) []access.User) (*plan.Plan, error) {
	now, gone, err := r.session.userNow(ctx, before)
	if err != nil {
		return nil, err
	}
	desired := m.desired(now)
	live, err := r.read(ctx, desired)
	if err != nil {
		return nil, err
	}
	if u := desired.Users[0]; (first || u.Previously != "") && live.UserIndex(u.Username) < 0 && live.UserIndex(u.Previously) < 0 {
		// AWS may have the name in other capitals, and cannot be asked for that.
		if all, read := r.session.names(ctx, false, true); read {
			live = &all
		}
	}
	var has access.User
	for _, name := range []string{desired.Users[0].Previously, desired.Users[0].Username} {
		if i := live.UserIndex(name); i >= 0 {
			has = live.Users[i]
		}
	}
	p := r.diff(&desired, live, m, yields(has)...)
	if i := live.UserIndex(m.Username.ValueString()); i >= 0 && !before.ID.IsNull() && live.Users[i].ID != before.ID.ValueString() {
		p.Findings = append(slices.DeleteFunc(p.Findings, func(f findings.Diagnostic) bool { return f.Code == plan.RenameUnclear }), findings.Diagnostic{
			Severity: findings.Error, Code: plan.AddressTaken, Range: place("username"),
			Summary: fmt.Sprintf("user %q cannot be renamed to %q, who already exists", now, m.Username.ValueString()),
			Detail:  fmt.Sprintf("Terraform's state has %q at this address.", now), Hint: changedPlaces()})
	}
	switch {
	case gone:
		p.Findings = append(p.Findings, changedSince("username", fmt.Sprintf("user %q has been deleted since Terraform's state was read", now)))
	case before.ID.IsNull() && has.ID != "" && !m.Adopt.ValueBool():
		p.Findings = append(p.Findings, r.exists(m, has))
	case before.ID.IsNull() && has.SCIM:
		p.Findings = append(p.Findings, findings.Diagnostic{Severity: findings.Error, Code: plan.UserOfSCIM, Range: place("username"),
			Summary: fmt.Sprintf("user %q was brought by SCIM, so the identity provider manages it", has.Username), Hint: "Manage the user there, and remove this resource."})
	case before.ID.IsNull() && has.ID != "" && first:
		p.Findings = append(p.Findings, takesOverUser(m, has))
	}
	for i := range p.Findings {
		if p.Findings[i].Code == plan.AddressTaken {
			p.Findings[i].Range = place("email")
		}
	}
	return p, nil
}

// exists refuses a creation of a user who is there: users carry no mark, so nothing tells
// whose they are.
func (r *userResource) exists(m userModel, has access.User) findings.Diagnostic {
	former := ""
	if has.Username != m.Username.ValueString() {
		former = has.Username
	}
	out := findings.Diagnostic{Severity: findings.Error, Code: plan.UserOfSCIM, Range: place("username"),
		Summary: fmt.Sprintf("there is already a user %q, and a creation does not take over existing users", has.Username)}
	out.Detail, out.Hint = takeUp{kind: "user", former: former, name: m.Username.ValueString(), importID: has.Username, adoptable: true, known: r.session.objectPlans.seen(has.ID)}.ways()
	return out
}

// takesOverUser says whom a creation takes over, and what of the user it changes.
func takesOverUser(m userModel, has access.User) findings.Diagnostic {
	out := findings.Diagnostic{Severity: findings.Warning, Code: plan.UserOfSCIM, Range: place("adopt"),
		Summary: fmt.Sprintf("this takes over user %q, who already exists, with the id %s", has.Username, has.ID),
		Detail:  "Terraform manages the user from then on, and a destroy deletes it."}
	want := m.spec().User()
	for _, c := range [][3]string{{"username", has.Username, want.Username}, {"display_name", has.DisplayName, want.DisplayName}, {"email", has.Email, want.Email},
		{"given_name", has.GivenName, want.GivenName}, {"family_name", has.FamilyName, want.FamilyName}} {
		if c[1] != c[2] {
			out.Detail = joined(out.Detail, fmt.Sprintf("%s changes from %q to %q.", c[0], c[1], c[2]))
		}
	}
	return out
}

func (r *userResource) diff(desired, live *access.State, m userModel, yields ...access.User) *plan.Plan {
	return plan.Diff(desired, live, plan.Options{Via: access.ViaTerraform, Yields: yields, Owner: r.session.owner, SetUp: access.BuiltIn, IdP: "the identity provider",
		Scope:  plan.Scope{Groups: []string{}, Sets: []string{}},
		Guards: plan.Guards{RemovalsOff: true, AllowLockout: allows(stringsOf(m.Allow), "lockout"), Caller: r.session.caller()}})
}

// read reads the users that a desired state names, and who has their e-mail
// addresses, and no other.
func (r *userResource) read(ctx context.Context, desired access.State) (*access.State, error) {
	var b access.Builder
	for _, u := range desired.Users {
		b.AddUser(access.User{Username: u.Username, Previously: u.Previously, Email: u.Email, Referenced: true, Remove: u.Remove})
	}
	live, err := r.session.identities(ctx, b.State())
	return &live, err
}

func (r *userResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var m userModel
	found := getModel(ctx, req.Plan, &m)
	m.Groups = stringSet(nil)
	resp.Diagnostics.Append(r.bring(ctx, m, userModel{}, found, &resp.State, resp.Identity)...)
}

// Update brings the user to the plan.
func (r *userResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var m, before userModel
	found := append(getModel(ctx, req.Plan, &m), getModel(ctx, req.State, &before)...)
	resp.Diagnostics.Append(r.bring(ctx, m, before, found, &resp.State, resp.Identity)...)
}

// bring brings the user to the model, and keeps the state. It does nothing where the
// models could not be read.
func (r *userResource) bring(ctx context.Context, m, before userModel, found diag.Diagnostics, state *tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	if found.HasError() {
		return found
	}
	found.Append(r.write(ctx, &m, before)...)
	if found.HasError() {
		return found
	}
	return slices.Concat(found, r.set(ctx, state, m), identify(ctx, identity, userIdentity{m.ID}))
}

func (r *userResource) write(ctx context.Context, m *userModel, before userModel) diag.Diagnostics {
	p, err := r.planWhenFree(ctx, *m, before)
	if err != nil {
		return failed(err)
	}
	found := r.session.warnings.apply(report(p.Findings), "user", m.Username.ValueString())
	if found.HasError() {
		return found
	}
	result, done := r.session.carryOut(ctx, r.session.owner, nil, p.Changes)
	found = append(found, done...)
	if result == nil || found.HasError() {
		return found
	}
	if m.ID = before.ID; !m.ID.IsNull() {
		return found
	}
	if id := r.session.target(r.session.owner).Made(plan.User, m.Username.ValueString()); id != "" { // AWS may show late what it has just made
		m.ID = types.StringValue(id)
		return found
	}
	live, err := r.read(context.WithoutCancel(ctx), m.desired(""))
	if err != nil {
		return append(found, failed(err)...)
	}
	if i := live.UserIndex(m.Username.ValueString()); i >= 0 {
		m.ID = types.StringValue(live.Users[i].ID)
		return found
	}
	found.AddError(fmt.Sprintf("User %q is not there after it was written", m.Username.ValueString()), "Run `terraform apply` again.")
	return found
}

// Read says what AWS has now.
func (r *userResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var m userModel
	resp.Diagnostics.Append(getModel(ctx, req.State, &m)...)
	if resp.Diagnostics.HasError() || r.session == nil || r.session.unknown {
		return
	}
	r.session.refreshed.note(true, "user", m.ID.ValueString())
	r.session.objectPlans.note(inState, m.ID.ValueString())
	user, err := r.session.user(ctx, m)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	if user == nil {
		resp.Diagnostics.Append(identify(ctx, resp.Identity, userIdentity{m.ID})...) // the framework wants one even of what is gone
		resp.State.RemoveResource(ctx)
		return
	}
	groups, err := r.session.groupsOf(ctx, user.ID)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	resp.Diagnostics.Append(r.set(ctx, &resp.State, m.observe(*user, groups))...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, userIdentity{types.StringValue(user.ID)})...)
}

func (m userModel) observe(u access.User, groups []string) userModel {
	mine, live := m.spec().User().Spec(), u.Spec()
	userKeys().observe(&m, &mine, &live)
	m.ID, m.Groups = types.StringValue(u.ID), stringSet(groups)
	return m
}

func (r *userResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var m userModel
	resp.Diagnostics.Append(getModel(ctx, req.State, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	p, _, found := r.planDelete(ctx, m)
	resp.Diagnostics.Append(found...)
	if resp.Diagnostics.HasError() {
		return
	}
	_, done := r.session.carryOut(ctx, r.session.owner, nil, p.Changes)
	resp.Diagnostics.Append(done...)
}

// ImportState takes the user name, or the id in the identity store.
func (r *userResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	id, found := importedID(ctx, req, "user_id")
	resp.Diagnostics.Append(found...)
	user, err := r.session.findUser(ctx, id)
	if err != nil {
		resp.Diagnostics.Append(failed(err)...)
		return
	}
	if user == nil {
		resp.Diagnostics.AddError(fmt.Sprintf("There is no user %q", id), "Pass the exact user name, or the id in the identity store.")
		return
	}
	resp.Diagnostics.Append(setTexts(ctx, &resp.State, "id", user.ID, "username", user.Username)...)
	resp.Diagnostics.Append(identify(ctx, resp.Identity, userIdentity{types.StringValue(user.ID)})...)
}
