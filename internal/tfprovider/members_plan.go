package tfprovider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/identitycenter/read"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// config returns the config of the set-up, without any group.
func (m membersModel) config() access.Config {
	c := access.Config{SCIMIdentitySource: text("scim_identity_source", m.SCIMIdentitySource), SCIMScope: text("scim_scope", m.SCIMScope)}
	if c.SCIMIdentitySource.Value != "" || c.SCIMScope.Value != "" {
		c.ManagementMode = access.Text{Value: "external"}
	}
	return c
}

// known says whether everything is known that decides what is planned.
func (m membersModel) known(ctx context.Context) bool {
	return isKnown(ctx, m.Group, m.SCIMIdentitySource, m.SCIMScope, m.Members, m.Allow)
}

// desired returns the group with those members; it is somebody else's.
func (m membersModel) desired(members []string) access.State {
	var b access.Builder
	at := b.Origin(place("group"))
	group := b.AddGroup(access.Group{Name: m.Group.ValueString(), Referenced: true, SCIM: m.config().SetUp() == access.SCIM, Origin: at})
	for _, name := range members {
		who := b.Origin(within(place("members"), name))
		b.AddMembership(group, b.AddUser(access.User{Username: name, Referenced: true, Origin: who}), who)
	}
	return b.State()
}

// goes returns whom this resource added and no longer wants.
func goes(m, before membersModel) []string {
	return without(stringsOf(before.Added), stringsOf(m.Members))
}

func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

// read reads the group with its members. Where the caller is to be taken out,
// what the caller's own permission set allows is read too, for the guard.
func (r *membersResource) read(ctx context.Context, m membersModel, leaving []string) (*access.State, error) {
	reader, err := r.session.connect(ctx)
	if err != nil {
		return nil, err
	}
	desired := m.desired(append(stringsOf(m.Members), leaving...))
	var live access.State
	if caller := r.session.caller(); caller.PermissionSet != "" && slices.Contains(leaving, caller.User) {
		live, _, err = reader.Read(ctx, read.Options{Desired: desired, Owner: r.session.owner, Only: []string{m.Group.ValueString()}, NoRecords: true, Sets: []string{caller.PermissionSet}})
	} else {
		live, _, err = reader.Identities(ctx, desired)
	}
	return &live, err
}

func (r *membersResource) diff(m membersModel, live *access.State, names access.State, leaving []string) *plan.Plan {
	desired, c := m.desired(stringsOf(m.Members)), m.config()
	p := plan.Diff(&desired, live, plan.Options{Via: access.ViaTerraform, Owner: r.session.owner, SetUp: c.SetUp(), IdP: c.IdPName(), Names: names,
		Scope:  plan.Scope{Groups: []string{}, Sets: []string{}, Added: map[string][]string{m.Group.ValueString(): leaving}},
		Guards: plan.Guards{RemovalsOff: true, AllowLockout: allows(stringsOf(m.Allow), "lockout"), Caller: r.session.caller()}})
	p.Findings = append(narrow(reword(p.Findings, &desired, m.ask(&desired, live, names))), r.owned(m, live)...)
	p.Findings = refuseOthers(p.Findings)
	return p
}

// owned refuses a group of our own: the resource that made it decides about all
// its members, and the two would undo each other's work.
func (r *membersResource) owned(m membersModel, live *access.State) findings.List {
	i := live.GroupIndex(m.Group.ValueString())
	if i < 0 || r.session.owner == "" || live.Groups[i].Owner != r.session.owner {
		return nil
	}
	return findings.List{{Severity: findings.Error, Code: plan.GroupOfOther, Range: place("group"),
		Summary: fmt.Sprintf("group %q is your own: it carries the mark of owner %q", m.Group.ValueString(), r.session.owner),
		Hint:    "list the members in `members` of its rolecall_access_group, which is authoritative"}}
}

// plan reads and compares, and once more, forgetting what is remembered, where
// something is missing: another resource of the same apply may have made it.
func (r *membersResource) plan(ctx context.Context, m membersModel, leaving []string) (*access.State, *plan.Plan, error) {
	live, err := r.read(ctx, m, leaving)
	if err != nil {
		return nil, nil, err
	}
	p := r.diff(m, live, access.State{}, leaving)
	if !lacks(p.Findings) {
		return live, p, nil
	}
	r.session.reader.Forget()
	if live, err = r.read(ctx, m, leaving); err != nil {
		return nil, nil, err
	}
	return live, r.diff(m, live, access.State{}, leaving), nil
}

// why plans again with every name that there is, where a user is missing: users are
// looked up one by one, groups are listed anyway. It returns the names as well.
func (r *membersResource) why(ctx context.Context, m membersModel, live *access.State, leaving []string, p *plan.Plan) (*plan.Plan, access.State) {
	names, read := r.session.names(ctx, false, true)
	if !read {
		return p, access.State{}
	}
	return r.diff(m, live, names, leaving), names
}

// ModifyPlan plans against AWS as it is.
func (r *membersResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	if r.session == nil {
		return
	}
	var m, before membersModel
	if !req.State.Raw.IsNull() {
		resp.Diagnostics.Append(req.State.Get(ctx, &before)...)
		before.ids = addedIDs(ctx, resp.Private)
	}
	if req.Plan.Raw.IsNull() {
		if !resp.Diagnostics.HasError() && !r.session.unknown {
			resp.Diagnostics.Append(r.planDestroy(ctx, before)...)
		}
		return
	}
	resp.Diagnostics.Append(req.Plan.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	m.Added, m.ID = types.SetUnknown(types.StringType), types.StringUnknown()
	if r.unchanged(m, before) {
		m = before
		resp.Diagnostics.Append(report(r.beside(m, before))...)
	} else if m.known(ctx) && !r.session.unknown {
		resp.Diagnostics.Append(r.planned(ctx, &m, before, r.named(ctx, m, before, resp.Private))...)
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, m)...)
}

// unchanged says that the config is what the state has, in a plan without a refresh, which
// then looks at nothing.
func (r *membersResource) unchanged(m, before membersModel) bool {
	return !before.ID.IsNull() && !r.session.refreshed.recall("members", before.Group.ValueString()) && m.Group.Equal(before.Group) && m.Members.Equal(before.Members) &&
		m.SCIMIdentitySource.Equal(before.SCIMIdentitySource) && m.SCIMScope.Equal(before.SCIMScope) && m.Allow.Equal(before.Allow)
}

// objects names memberships for objectPlans.
func (m membersModel) objects(users []string) []string {
	out := make([]string, len(users))
	for i, u := range users {
		out[i] = "member " + u + " of " + m.Group.ValueString()
	}
	return out
}

// beside refuses what another resource of the same plan has as well: a membership that one
// adds and the other takes out again.
func (r *membersResource) beside(m, before membersModel) findings.List {
	var out findings.List
	objects, group := &r.session.objectPlans, m.Group.ValueString()
	if objects.note(adds, "members of "+group) {
		out = append(out, membersOfTwo(group))
	}
	my, others := makes, []part{keeps, destroys, inState}
	if !before.ID.IsNull() {
		my, others = keeps, []part{makes}
	}
	names := m.objects(stringsOf(m.Members))
	if twice := objects.note(my, names...); twice || objects.has(others, names...) {
		f := ofTwo("members", fmt.Sprintf("the same member of group %q, or this one is to be replaced", group))
		f.Hint += " No change requires a replacement: omit `-replace`, and run `terraform untaint` if it is tainted."
		out = append(out, f)
	}
	return out
}

// named is what the state names, or named before the refresh of this plan.
func (r *membersResource) named(ctx context.Context, m, before membersModel, state private) stateNames {
	if before.Group.ValueString() != m.Group.ValueString() {
		return r.session.removed.recall("group_members", m.Group.ValueString())
	}
	names, _ := kept(ctx, state)
	return names.join(before.stateNames())
}

func (r *membersResource) planned(ctx context.Context, m *membersModel, before membersModel, was stateNames) diag.Diagnostics {
	replaced := !before.Group.IsNull() && before.Group.ValueString() != m.Group.ValueString()
	if replaced { // core plans once more, as for a new one
		before = membersModel{}
	}
	before, err := r.follow(ctx, before)
	if err != nil {
		return failed(err)
	}
	live, p, err := r.plan(ctx, *m, goes(*m, before))
	if err != nil {
		return failed(err)
	}
	if i := live.GroupIndex(m.Group.ValueString()); i >= 0 {
		if m.ID = before.ID; m.ID.IsNull() {
			m.ID = types.StringValue(live.Groups[i].ID)
		}
		if p.Summary.Create+len(p.Blocked) == 0 {
			m.Added = stringSet(without(stringsOf(before.Added), goes(*m, before)))
		}
	}
	now, err := r.calledNow(ctx, before, live)
	if err != nil {
		return failed(err)
	}
	gone := !before.ID.IsNull() && now == "" && live.GroupIndex(m.Group.ValueString()) < 0
	if now != "" || gone { // the apply is refused: what was planned before stays known
		m.ID, m.Added = before.ID, stringSet(without(stringsOf(before.Added), goes(*m, before)))
	}
	e := r.early(*m, live, access.State{}, was)
	if plan.Lacks(e.unbrought(p.Findings), plan.UserMissing) {
		var all access.State
		p, all = r.why(ctx, *m, live, goes(*m, before), p)
		e = r.early(*m, live, all, was)
	}
	if err := e.wait(ctx, p.Findings); err != nil {
		return failed(err)
	}
	list := append(sayRenamed(e.of(p.Findings), now), sameGroupOf(before, live)...)
	if gone {
		list = append(list, changedSince("group", fmt.Sprintf("group %q has been deleted since Terraform's state was read", m.Group.ValueString())))
	}
	if !replaced {
		list = append(list, r.beside(*m, before)...)
	}
	return r.session.warnings.plan(report(list), "members", m.Group.ValueString())
}

// sameGroupOf refuses a group that is another one than in the state, by its id.
func sameGroupOf(before membersModel, live *access.State) findings.List {
	i, id := live.GroupIndex(before.Group.ValueString()), before.ID.ValueString()
	if id == "" || i < 0 || live.Groups[i].ID == id {
		return nil
	}
	return findings.List{anotherGroup("group", live.Groups[i], id)}
}

// sayRenamed says of a group that is missing what it is called now, where it is.
func sayRenamed(list findings.List, now string) findings.List {
	for i, f := range list {
		if now != "" && f.Code == plan.GroupMissing {
			f.Code, f.Summary = plan.GroupRenamed, fmt.Sprintf("The group %q is called %q in AWS now", f.Subject.Name, now)
			f.Remedy, f.Hint = findings.Remedy{}, fmt.Sprintf("If this is intended, write group = %q. Otherwise rename it back. Those whom this resource added stay in it meanwhile.", now)
			list[i] = f
		}
	}
	return list
}

// planDestroy refuses at plan what Delete would refuse.
func (r *membersResource) planDestroy(ctx context.Context, m membersModel) diag.Diagnostics {
	_, p, found := r.planDelete(ctx, m)
	if p == nil {
		return found
	}
	list := only(p.Findings, plan.Lockout)
	objects := &r.session.objectPlans
	names := m.objects(stringsOf(m.Added))
	if twice := objects.note(destroys, names...); twice || objects.has([]part{makes}, names...) {
		list = append(list, ofTwo("members", fmt.Sprintf("the same member of group %q", m.Group.ValueString())))
	}
	return report(list)
}

func (r *membersResource) planDelete(ctx context.Context, m membersModel) (*access.State, *plan.Plan, diag.Diagnostics) {
	leaving := stringsOf(m.Added)
	m.Members = stringSet(nil)
	live, err := r.read(ctx, m, leaving)
	if err != nil {
		return nil, nil, failed(err)
	}
	return live, r.diff(m, live, access.State{}, leaving), report(sameGroupOf(m, live))
}

// afterRun says who is in the group after a run, of those that the config names,
// and whom this resource added.
func (m *membersModel) afterRun(live *access.State, group int, before membersModel, p *plan.Plan, result *apply.Result) {
	in, added := membersOf(live, group), stringsOf(before.Added)
	for _, c := range p.Changes {
		switch {
		case !slices.Contains(result.Done, c.ID):
		case c.Action == plan.Create:
			in, added = append(in, c.Key.User), append(added, c.Key.User)
		default:
			in, added = without(in, []string{c.Key.User}), without(added, []string{c.Key.User})
		}
	}
	m.observe(in, added)
}

// observe puts in who is in the group, of those that the model names, and whom
// this resource added, of those who still are.
func (m *membersModel) observe(in, added []string) {
	m.Members = stringSet(both(stringsOf(m.Members), in))
	m.Added = stringSet(both(added, in))
}

// both returns what is in both lists, once.
func both(a, b []string) []string {
	var out []string
	for _, s := range a {
		if slices.Contains(b, s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func membersOf(live *access.State, group int) []string {
	var names []string
	for _, m := range live.Members(group) {
		names = append(names, live.Users[m.User].Username)
	}
	return names
}
