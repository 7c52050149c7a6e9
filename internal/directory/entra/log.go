package entra

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// summary is a line of the provisioning log.
type summary struct {
	ID     string `json:"id"`
	Time   moment `json:"activityDateTime"`
	Action string `json:"provisioningAction"`
	Status struct {
		Status string `json:"status"`
		Error  *struct {
			Code    string `json:"errorCode"`
			Reason  string `json:"reason"`
			Details string `json:"additionalDetails"`
		} `json:"errorInformation"`
	} `json:"provisioningStatusInfo"`
	Source struct {
		ID   string `json:"id"`
		Name string `json:"displayName"`
		Type string `json:"identityType"`
	} `json:"sourceIdentity"`
}

// ProvisioningEvents reads the provisioning log, which Entra ID keeps for 7 or,
// with a licence, 30 days.
func (d *Directory) ProvisioningEvents(ctx context.Context, since time.Time, subject string) (directory.EventsFound, error) {
	var found directory.EventsFound
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	j, r, err := d.job(ctx, app)
	if err != nil {
		return found, err
	}
	found.Evidence = app.evidence
	if j == nil {
		found.Evidence = evidence(found.Evidence, r.Evidence("no provisioning job, so no log"))
		return found, nil
	}
	filter := "jobId eq " + quote(j.ID) + " and activityDateTime gt " + since.UTC().Format(time.RFC3339)
	lines, r, partial, err := list[summary](ctx, d, "ListProvisioning", "/auditLogs/provisioning"+query("$filter", filter, "$orderby", "activityDateTime desc", "$top", "500"), logPages)
	if err != nil {
		return found, err
	}
	for _, line := range lines {
		if subject == "" || line.Source.ID == subject {
			found.Events = append(found.Events, line.event())
		}
	}
	slices.SortStableFunc(found.Events, func(x, y directory.Event) int { return y.Time.Compare(x.Time) })
	found.Partial = partial
	found.Evidence = evidence(found.Evidence, r.Evidence("%d lines, %d of them asked for", len(lines), len(found.Events)))
	return found, nil
}

func (s summary) event() directory.Event {
	e := directory.Event{ID: s.ID, Time: s.Time.Time, Action: s.Action}
	e.Outcome = map[string]directory.Outcome{
		"success": directory.Succeeded, "failure": directory.Failed, "skipped": directory.Skipped, "warning": directory.Warned,
	}[s.Status.Status]
	if f := s.Status.Error; f != nil {
		e.Reason = strings.TrimSuffix(strings.Join([]string{f.Code, f.Reason}, ": "), ": ")
		e.Token = strings.Contains(f.Code, "Credential") || strings.Contains(f.Code, "Unauthorized")
	}
	kind := directory.OtherMember
	switch s.Source.Type {
	case "User":
		kind = directory.PersonMember
	case "Group":
		kind = directory.GroupMember
	}
	e.Subjects = []directory.Subject{{ID: s.Source.ID, Name: s.Source.Name, Kind: kind}}
	return e
}

// SignInFailures reads the sign-in log, for which the tenant needs a P1 or P2
// licence.
func (d *Directory) SignInFailures(ctx context.Context, since time.Time, personID string) (directory.SignInsFound, error) {
	var found directory.SignInsFound
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	filter := "createdDateTime ge " + since.UTC().Format(time.RFC3339) + " and appId eq " + quote(app.AppID)
	if personID != "" {
		filter += " and userId eq " + quote(personID)
	}
	type signIn struct {
		ID       string `json:"id"`
		Time     moment `json:"createdDateTime"`
		UserName string `json:"userPrincipalName"`
		Status   struct {
			Code   int    `json:"errorCode"`
			Reason string `json:"failureReason"`
		} `json:"status"`
		Policies []policy `json:"appliedConditionalAccessPolicies"`
	}
	all, r, partial, err := list[signIn](ctx, d, "ListSignIns", "/auditLogs/signIns"+query("$filter", filter, "$top", "999"), logPages)
	if err != nil {
		return found, err
	}
	for _, s := range all {
		if s.Status.Code == 0 && personID != "" && s.Time.After(found.LastSuccess) {
			found.LastSuccess = s.Time.Time
		}
		if s.Status.Code != 0 {
			found.SignIns = append(found.SignIns, directory.SignIn{
				ID: s.ID, Time: s.Time.Time, UserName: s.UserName, Code: strconv.Itoa(s.Status.Code), Reason: s.Status.Reason, Cause: cause(s.Status.Code), Policy: refusing(s.Policies),
			})
		}
	}
	slices.SortStableFunc(found.SignIns, func(x, y directory.SignIn) int { return y.Time.Compare(x.Time) })
	found.Partial = partial
	found.Evidence = evidence(app.evidence, r.Evidence("%d sign-ins, %d of them failed", len(all), len(found.SignIns)))
	return found, nil
}

// policy is a policy of conditional access, as it took part in a sign-in. Without
// Policy.Read.ConditionalAccess Graph gives none.
type policy struct {
	Name   string `json:"displayName"`
	Result string `json:"result"`
}

// refusing names the policies that refused.
func refusing(policies []policy) string {
	var names []string
	for _, p := range policies {
		if p.Result == "failure" {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, ", ")
}

// cause reads the codes that tell one
// (learn.microsoft.com/entra/identity-platform/reference-error-codes).
func cause(code int) directory.SignInCause {
	switch code {
	case 50105:
		return directory.SignInNotAssigned
	case 53000, 53001, 53002, 53003:
		return directory.SignInDenied
	case 700016:
		return directory.SignInEntityID
	}
	return ""
}
