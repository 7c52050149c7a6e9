package okta

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/trust"
)

type setting struct {
	Status string `json:"status"`
}

func (s setting) on() bool { return s.Status == "ENABLED" }

type feature struct {
	Name         string `json:"name"`
	Status       string `json:"status"`
	Capabilities struct {
		Create struct {
			Lifecycle setting `json:"lifecycleCreate"`
		} `json:"create"`
		Update struct {
			Profile    setting `json:"profile"`
			Deactivate setting `json:"lifecycleDeactivate"`
		} `json:"update"`
	} `json:"capabilities"`
}

type connection struct {
	Status  string `json:"status"`
	BaseURL string `json:"baseUrl"`
}

// Provisioning reads the application's features and its connection to AWS. A
// question that Okta has no answer to (404) leaves unclear what it is about; one
// that is refused is a failure, as without it nothing is known.
func (d *Directory) Provisioning(ctx context.Context) (directory.Provisioning, error) {
	out := directory.Provisioning{State: directory.JobOff, OnChange: true}
	app, err := d.findApplication(ctx)
	if err != nil {
		return out, err
	}
	out.Evidence, out.Beside, out.Groups, out.UserNameFrom = app.evidence, app.beside, app.groupPush(), app.userNameFrom()
	on, err := d.features(ctx, app, &out)
	if err == nil && on {
		err = d.connection(ctx, app, &out)
	}
	if app.Status != active { // the assignments stay, and nothing is pushed
		out.State, out.Said = directory.JobOff, app.Status
	}
	return out, err
}

// groupPush says whether Group Push is among the enabled features.
func (a application) groupPush() directory.Switch {
	switch {
	case len(a.Features) == 0: // not told, or provisioning is off altogether
		return ""
	case slices.Contains(a.Features, "GROUP_PUSH"):
		return directory.On
	}
	return directory.Off
}

// userNameFrom is what the application makes user names of when somebody is
// assigned, in Okta's expression language.
func (a application) userNameFrom() string {
	t := a.Credentials.UserNameTemplate
	if t.Type == "NONE" { // entered by hand
		return ""
	}
	return trust.Show(t.Template)
}

// features reads what provisioning does, and says whether it is set up: where it is
// not, Okta refuses the question with the code of a failed validation, which
// nothing else in a question without parameters can cause.
func (d *Directory) features(ctx context.Context, app application, out *directory.Provisioning) (bool, error) {
	var features []feature
	r, err := d.client.Get(ctx, directory.Call{Operation: opFeatures, Path: app.path("/features")}, &features)
	if e, ok := err.(*directory.Error); ok && e.Status == http.StatusBadRequest && e.Code == "E0000001" {
		out.Said = e.Message
		out.Evidence = slices.Concat(out.Evidence, r.Evidence("400: %s", e.Message))
		return false, nil
	}
	if directory.NotThere.Is(err) { // then the application's own list of features has to do
		has := func(name string) bool { return slices.Contains(app.Features, name) }
		out.Creates, out.Updates, out.Deactivates = has("PUSH_NEW_USERS"), has("PUSH_PROFILE_UPDATES"), has("PUSH_USER_DEACTIVATION")
		out.Evidence = slices.Concat(out.Evidence, r.Evidence("404: Okta does not tell; the application has the features %q", app.Features))
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for _, f := range features {
		if f.Name == "USER_PROVISIONING" && f.Status == "DISABLED" { // whatever its capabilities and the connection say
			out.Said = f.Name + " " + f.Status
			out.Evidence = slices.Concat(out.Evidence, r.Evidence("the feature %s is %s", f.Name, f.Status))
			return false, nil
		}
		if f.Name == "USER_PROVISIONING" {
			c := f.Capabilities
			out.Creates, out.Updates, out.Deactivates = c.Create.Lifecycle.on(), c.Update.Profile.on(), c.Update.Deactivate.on()
		}
	}
	out.Evidence = slices.Concat(out.Evidence, r.Evidence("creates %t, updates %t, deactivates %t", out.Creates, out.Updates, out.Deactivates))
	return true, nil
}

// connection reads whether the connection is on. UNKNOWN is said where Okta does
// not know how the application authenticates, which is no word on whether it does
// (ProvisioningConnectionStatus). The base URL stays as it was typed: a slash at
// its end is a cause of failures.
func (d *Directory) connection(ctx context.Context, app application, out *directory.Provisioning) error {
	var c connection
	r, err := d.client.Get(ctx, directory.Call{Operation: opConnection, Path: app.path("/connections/default")}, &c)
	if directory.NotThere.Is(err) {
		out.State = directory.JobUnclear
		out.Evidence = slices.Concat(out.Evidence, r.Evidence("404: Okta does not tell of a connection"))
		return nil
	}
	if err != nil {
		return err
	}
	out.Said, out.Endpoint = c.Status, trust.Show(c.BaseURL)
	switch c.Status {
	case "ENABLED":
		out.State = directory.JobOn
	case "DISABLED":
		out.State = directory.JobOff
	default:
		out.State = directory.JobUnclear
	}
	out.Evidence = slices.Concat(out.Evidence, r.Evidence("connection %s to %s", c.Status, out.Endpoint))
	return nil
}

// mapping pushes a group.
type mapping struct {
	ID       string    `json:"id"`
	Source   string    `json:"sourceGroupId"`
	Target   string    `json:"targetGroupId"`
	Status   string    `json:"status"`
	Error    string    `json:"errorSummary"`
	LastPush time.Time `json:"lastPush"`
}

// state reads the documented statuses (GroupPushMappingStatus). The error is there
// where the latest push failed, also where Okta tries again; an active mapping that
// never pushed is on its way.
func (m mapping) state() directory.SyncState {
	switch {
	case m.Status == "INACTIVE":
		return directory.SyncOff
	case m.Status == "ERROR" || m.Status == active && m.Error != "":
		return directory.SyncFailed
	case m.Status == active && m.LastPush.IsZero():
		return directory.Syncing
	case m.Status == active:
		return directory.Synchronized
	}
	return ""
}

// PushGroups returns the push mappings.
func (d *Directory) PushGroups(ctx context.Context) (directory.PushGroupsFound, error) {
	found := directory.PushGroupsFound{}
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	mappings, r, _, err := list[mapping](ctx, d, opMappings, app.path("/group-push/mappings?limit=1000"), 0)
	if err != nil {
		return found, err
	}
	for _, m := range mappings {
		found.Mappings = append(found.Mappings, directory.PushMapping{ID: m.ID, GroupID: m.Source, TargetID: m.Target, State: m.state(), Said: m.Status, Error: m.Error, LastPush: m.LastPush})
	}
	found.Evidence = r.Evidence("%d push mappings", len(mappings))
	return found, nil
}

// PushTarget returns the group that a mapping pushes to, as Okta has it: an
// APP_GROUP, whose name is that of the group in AWS as far as Okta knows.
func (d *Directory) PushTarget(ctx context.Context, targetID string) (directory.GroupsFound, error) {
	if !directory.InPath(targetID) { // the mapping has no target yet
		return directory.GroupsFound{}, nil
	}
	var g group
	r, err := d.client.Get(ctx, directory.Call{Operation: opGetGroup, Path: "/api/v1/groups/" + url.PathEscape(targetID)}, &g)
	if directory.NotThere.Is(err) {
		return directory.GroupsFound{Evidence: r.Evidence("404: Okta no longer has the group that it pushes to")}, nil
	}
	if err != nil {
		return directory.GroupsFound{}, err
	}
	return directory.GroupsFound{Groups: []directory.Group{g.group()}, Evidence: r.Evidence("pushed as %q", g.Profile.Name)}, nil
}
