package tfprovider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/rolecall-dev/rolecall/internal/access"
	findings "github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// planBeside plans one user beside all the others of the config.
func (r *userResource) planBeside(ctx context.Context, m, before userModel) diag.Diagnostics {
	var p *plan.Plan
	r.session.coming.note(true, m.Username.ValueString())
	contradicts := false
	yields := func(has access.User) []access.User {
		if has.ID == "" {
			return r.session.userPlans.yields(has)
		}
		contradicts = r.session.userPlans.note(has, userPlan{now: m.desired("").Users[0]})
		return r.session.userPlans.yields(has)
	}
	err := until(ctx, yieldPlanned, yieldPoll, func() (bool, error) {
		var err error
		p, err = r.plan(ctx, m, before, true, yields)
		return err == nil && !taken(p), err
	})
	if err != nil {
		return failed(err)
	}
	name, my := "user "+m.Username.ValueString(), makes
	if !before.ID.IsNull() {
		my = keeps
	}
	if r.session.objectPlans.note(my, name) {
		p.Findings = append(p.Findings, ofTwo("username", name))
	}
	if email := m.Email.ValueString(); email != "" && r.session.objectPlans.note(my, "address "+strings.ToLower(email)) {
		p.Findings = append(p.Findings, ofTwo("email", fmt.Sprintf("the e-mail address %q", email)))
	}
	if contradicts {
		p.Findings = append(p.Findings, keptAndDeleted(m.Username.ValueString()))
	}
	return r.session.warnings.plan(report(p.Findings), "user", m.Username.ValueString())
}

// unchanged says that the config is what the state has, in a plan without a refresh, which
// then looks at nothing.
func (r *userResource) unchanged(m, before userModel) bool {
	if before.ID.IsNull() || r.session.refreshed.recall("user", before.ID.ValueString()) {
		return false
	}
	return sameModel(&m, &before)
}

// keeps tells other resources of a user who stays as the state has it.
func (r *userResource) keeps(m userModel) diag.Diagnostics {
	r.session.coming.note(true, m.Username.ValueString())
	u := m.spec().User()
	u.ID = m.ID.ValueString()
	var out findings.List
	if r.session.userPlans.note(u, userPlan{now: u}) {
		out = append(out, keptAndDeleted(u.Username))
	}
	if r.session.objectPlans.note(keeps, "user "+u.Username) {
		out = append(out, ofTwo("username", "user "+u.Username))
	}
	return report(out)
}

// planWhenFree plans a user for its apply: what another resource of the same
// apply frees is waited for shortly, by looking at who has it.
func (r *userResource) planWhenFree(ctx context.Context, m, before userModel) (*plan.Plan, error) {
	var p *plan.Plan
	err := until(ctx, yieldApplied, 4*yieldPoll, func() (bool, error) {
		var err error
		if p, err = r.plan(ctx, m, before, false, func(access.User) []access.User { return nil }); err != nil || !taken(p) {
			return true, err
		}
		r.session.reader.Forget()
		return false, nil
	})
	return p, err
}

func taken(p *plan.Plan) bool { return len(only(p.Findings, plan.AddressTaken)) > 0 }

func keptAndDeleted(name string) findings.Diagnostic {
	return findings.Diagnostic{Severity: findings.Error, Code: access.CodePreviously, Range: place("username"),
		Summary: fmt.Sprintf("user %q is kept by one resource, maybe under another name, and deleted by another", name),
		Detail:  "Both are the same user in AWS, who would be deleted.",
		Hint:    "If the user is renamed, Terraform's state has it at the address of its former name: write a `moved` block from that address to the new one. Otherwise remove one of the two from the config."}
}

func (r *userResource) planDelete(ctx context.Context, m userModel) (*plan.Plan, *access.User, diag.Diagnostics) {
	now, gone, err := r.session.userNow(ctx, m)
	if err != nil {
		return nil, nil, failed(err)
	}
	if gone {
		return &plan.Plan{}, nil, nil
	}
	var b access.Builder
	b.AddUser(access.User{Username: now, Remove: true, Origin: b.Origin(place("username"))})
	desired := b.State()
	sought := desired
	if !m.ID.IsNull() { // whom the state knows by id is not looked for by address
		sought = userModel{Username: types.StringValue(now)}.desired("")
	}
	live, err := r.read(ctx, sought)
	if err != nil {
		return nil, nil, failed(err)
	}
	var user *access.User
	if i := live.UserIndex(now); i >= 0 {
		user = &live.Users[i]
	}
	p := r.diff(&desired, live, m)
	return p, user, report(p.Findings)
}

// planDestroy plans that a user's resource goes, and the user with it.
func (r *userResource) planDestroy(ctx context.Context, m userModel) diag.Diagnostics {
	_, user, found := r.planDelete(ctx, m)
	return append(found, report(r.session.deletes(user, userPlan{destroyed: true}))...)
}

// deletes notes that a user, if there is one, is deleted, and refuses it where another
// resource needs or keeps the user.
func (s *session) deletes(user *access.User, how userPlan) findings.List {
	var out findings.List
	if user == nil {
		return nil
	}
	if s.objectPlans.note(leaves, "user "+user.Username) {
		out = append(out, neededAndDeleted(user.Username, ""))
	}
	if s.userPlans.note(*user, how) {
		out = append(out, keptAndDeleted(user.Username))
	}
	return out
}
