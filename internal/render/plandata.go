package render

import (
	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/plan"
)

// PlanData is the data of a plan's envelope: the plan's own fields, what
// carrying it out costs, and what follows from it. NewPlanData makes it.
type PlanData struct {
	*plan.Plan
	Estimate apply.Estimate `json:"estimate"`
	// TwoSteps are the permission sets that are changed in two steps.
	TwoSteps []TwoStep `json:"detours,omitempty"`
	// Sessions say how long sessions live on that are open.
	Sessions []Session `json:"sessions,omitempty"`
	// Only are the groups that --only names.
	Only []string `json:"only,omitempty"`
	// accounts are the names of AWS's accounts, by id.
	accounts map[string]string
}

// NewPlanData adds to a plan what follows from it. The states are those that it
// was made from; nil, of a plan that was read from a file, where they are not
// known.
func NewPlanData(p *plan.Plan, e apply.Estimate, desired, live *access.State) PlanData {
	d := PlanData{Plan: p, Estimate: e, TwoSteps: twoStepsOf(p), Sessions: sessions(p, desired, live)}
	if live != nil {
		d.accounts = make(map[string]string, len(live.Accounts))
		for _, a := range live.Accounts {
			d.accounts[a.ID] = a.Name
		}
	}
	return d
}

// whole fills in what follows from the plan alone where somebody else made the
// data: what a person has to know does not hang on that.
func (d PlanData) whole() PlanData {
	if d.TwoSteps == nil && d.Sessions == nil {
		d.TwoSteps, d.Sessions = twoStepsOf(d.Plan), sessions(d.Plan, nil, nil)
	}
	return d
}
