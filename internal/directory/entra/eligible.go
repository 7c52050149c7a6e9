package entra

import (
	"context"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// eligibility is a membership that Privileged Identity Management lets somebody
// activate.
type eligibility struct {
	Access string `json:"accessId"` // "member" or "owner"
	Began  moment `json:"startDateTime"`
	Ends   moment `json:"endDateTime"`
}

// Eligible asks Privileged Identity Management whether the person can activate a
// membership of the group. It needs a permission and a license of its own, so that
// a refusal is no surprise.
func (d *Directory) Eligible(ctx context.Context, personID, groupID string) (directory.EligibleFound, error) {
	var found directory.EligibleFound
	filter := "groupId eq " + quote(groupID) + " and principalId eq " + quote(personID)
	all, r, _, err := list[eligibility](ctx, d, "ListEligibilityScheduleInstances", "/identityGovernance/privilegedAccess/group/eligibilityScheduleInstances"+query("$filter", filter), 0)
	if err != nil {
		return found, err
	}
	now := time.Now()
	for _, e := range all {
		over := !e.Ends.IsZero() && !now.Before(e.Ends.Time)
		found.Eligible = found.Eligible || e.Access == "member" && !over && !now.Before(e.Began.Time)
	}
	found.Evidence = r.Evidence("%d eligibilities for the group, membership %t", len(all), found.Eligible)
	return found, nil
}
