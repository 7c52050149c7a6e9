package entra

import (
	"cmp"
	"context"
	"slices"
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

// ProvisioningEvents reads the provisioning logs of all jobs, which Entra ID keeps
// for 7 or, with a license, 30 days. What a refused token means is looked for in
// all of a job's lines, whomever they are about.
func (d *Directory) ProvisioningEvents(ctx context.Context, since time.Time, subject string) (directory.EventsFound, error) {
	var found directory.EventsFound
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	jobs, r, err := d.jobs(ctx, app)
	if err != nil {
		return found, err
	}
	found.Evidence = app.evidence
	if len(jobs) == 0 {
		found.Evidence = slices.Concat(found.Evidence, r.Evidence("no provisioning job, so no log"))
		return found, nil
	}
	for _, j := range jobs {
		if err := d.events(ctx, j, since, subject, &found); err != nil {
			return found, err
		}
	}
	slices.SortStableFunc(found.Events, func(x, y directory.Event) int { return y.Time.Compare(x.Time) })
	return found, nil
}

// events reads the log of one job.
func (d *Directory) events(ctx context.Context, j job, since time.Time, subject string, found *directory.EventsFound) error {
	filter := "jobId eq " + quote(j.ID) + " and activityDateTime gt " + since.UTC().Format(time.RFC3339)
	lines, r, partial, err := list[summary](ctx, d, "ListProvisioning", "/auditLogs/provisioning"+query("$filter", filter, "$orderby", "activityDateTime desc", "$top", "500"), logPages)
	if err != nil {
		return err
	}
	var events []directory.Event
	for _, line := range lines {
		events = append(events, line.event())
	}
	slices.SortStableFunc(events, func(x, y directory.Event) int { return y.Time.Compare(x.Time) })
	directory.ClearTokenSign(events, func(e directory.Event) bool { return j.ranSince(e.Time) })
	asked := 0
	for _, e := range events {
		if subject == "" || e.Subjects[0].ID == subject {
			found.Events = append(found.Events, e)
			asked++
		}
	}
	found.Partial = found.Partial || partial
	found.Evidence = slices.Concat(found.Evidence, r.Evidence("%d lines of job %s, %d of them asked for%s", len(lines), j.ID, asked, directory.More(partial)))
	return nil
}

// ranSince says that a run that began later had no error.
func (j job) ranSince(t time.Time) bool {
	last := j.Status.LastSuccess
	if last == nil {
		return false
	}
	began := last.Began.Time
	if began.IsZero() {
		began = last.end()
	}
	return began.After(t)
}

// invalidCredentials is the one code that means that AWS refused the token. Those
// like it do not: CredentialValidationUnavailable is an endpoint that was not
// reached, CredentialValidationFailure any unexpected answer, and Unauthorized and
// InsufficientRights mean "authenticated, but not authorized for this update".
const invalidCredentials = "SystemForCrossDomainIdentityManagementInvalidCredentials"

func outcome(status string) directory.Outcome {
	return cmp.Or(map[string]directory.Outcome{
		"success": directory.Succeeded, "failure": directory.Failed, "skipped": directory.Skipped, "warning": directory.Warned,
	}[status], directory.Undecided)
}

func (s summary) event() directory.Event {
	e := directory.Event{ID: s.ID, Time: s.Time.Time, Action: s.Action}
	e.Outcome = outcome(s.Status.Status)
	e.Brought = s.Action == "create" || s.Action == "update"
	if f := s.Status.Error; f != nil {
		e.Reason = strings.TrimSuffix(strings.Join([]string{f.Code, f.Reason}, ": "), ": ")
		e.Token = e.Outcome == directory.Failed && f.Code == invalidCredentials
	}
	kind := cmp.Or(map[string]directory.MemberKind{"User": directory.PersonMember, "Group": directory.GroupMember}[s.Source.Type], directory.OtherMember)
	e.Subjects = []directory.Subject{{ID: s.Source.ID, Name: s.Source.Name, Kind: kind}}
	return e
}
