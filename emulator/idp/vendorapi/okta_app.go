package vendorapi

import (
	"cmp"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
	"github.com/rolecall-dev/rolecall/emulator/internal/ids"
)

// ApplicationID is the id of the AWS application in Okta.
func (a *API) ApplicationID() string { return "0oa" + ids.Draw(a.stable("app"), ids.Letters, 17) }

// ofApp answers 404 for any other application.
func (a *API) ofApp(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if id := r.PathValue("app"); id != a.ApplicationID() {
			oktaMissing(w, id, "AppInstance")
			return
		}
		serve(w, r)
	}
}

func (a *API) oktaAppBody() map[string]any {
	app := a.options().App
	status, features := "ACTIVE", []string{"PUSH_NEW_USERS", "PUSH_USER_DEACTIVATION", "PUSH_PROFILE_UPDATES", "GROUP_PUSH"}
	if app.Disabled {
		status = "INACTIVE"
	}
	if app.ProvisioningOff {
		features = []string{}
	}
	signOn := map[string]any{
		"ssoAcsUrlOverride": textOrNull(app.ACSOverride), "audienceOverride": textOrNull(app.AudienceOverride),
		"recipientOverride": textOrNull(app.RecipientOverride), "destinationOverride": textOrNull(app.DestinationOverride),
	}
	if app.NameID != "" {
		signOn["subjectNameIdTemplate"] = app.NameID
	}
	return map[string]any{
		"id": a.ApplicationID(), "name": "amazon_aws_sso", "label": app.Name, "status": status, "signOnMode": "SAML_2_0", "features": features,
		"credentials": map[string]any{"userNameTemplate": map[string]any{"template": cmp.Or(app.UserNameTemplate, "${source.login}"), "type": "BUILT_IN"}},
		"settings":    map[string]any{"app": map[string]any{"acsURL": app.ACS, "entityID": app.Audience}, "signOn": signOn},
	}
}

// OtherApp is a further application of an Okta organization, with nobody in it.
// Empty fields mean the AWS application of the catalog, switched off.
type OtherApp struct {
	ID, Label string
	Name      string // key in the catalog: "amazon_aws_sso"
	Status    string // "ACTIVE", "INACTIVE" or "DELETED"
}

func (o OtherApp) body() map[string]any {
	return map[string]any{
		"id": o.ID, "name": cmp.Or(o.Name, "amazon_aws_sso"), "label": o.Label, "status": cmp.Or(o.Status, "INACTIVE"), "signOnMode": "SAML_2_0",
		"features": []string{}, "settings": map[string]any{"app": map[string]any{}, "signOn": map[string]any{}},
	}
}

func (a *API) oktaApps(w http.ResponseWriter, r *http.Request) {
	app := a.options().App
	all := []any{a.oktaAppBody(), OtherApp{ID: "0oa0other", Name: "bookmark", Label: app.Name + " (old)"}.body()}
	for _, o := range app.Beside {
		all = append(all, o.body())
	}
	q := strings.ToLower(r.URL.Query().Get("q")) // begins the label or name
	filter := equality.FindStringSubmatch(r.URL.Query().Get("filter"))
	all = slices.DeleteFunc(all, func(app any) bool {
		m, _ := app.(map[string]any)
		if m["status"] == "INACTIVE" && r.URL.Query().Get("includeNonDeleted") != "true" {
			return true
		}
		if filter != nil {
			return fmt.Sprint(m[filter[1]]) != filter[2]
		}
		return !strings.HasPrefix(strings.ToLower(fmt.Sprint(m["label"])), q) && !strings.HasPrefix(fmt.Sprint(m["name"]), q)
	})
	oktaPage(a, w, r, all, 20, 200, same)
}

// oktaApp serves any application; all else is about the AWS application alone.
func (a *API) oktaApp(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("app")
	beside := a.options().App.Beside
	switch other, ok := find(beside, func(o OtherApp) bool { return o.ID == id }); {
	case id == a.ApplicationID():
		answer(w, http.StatusOK, a.oktaAppBody())
	case ok:
		answer(w, http.StatusOK, other.body())
	default:
		oktaMissing(w, id, "AppInstance")
	}
}

// AppUser is how Okta says that a person stands in the application. Empty fields
// mean what follows from the rest.
type AppUser struct {
	Status    string // "STAGED"
	SyncState string // "DISABLED"
	UserName  string // that the application has; what is pushed stays the login
	// ExternalID is the id in AWS that Okta keeps of the person.
	ExternalID string
	// StatusChanged is when the status did; zero means when the user changed.
	StatusChanged time.Time
}

// SetAppUser makes Okta say so, of somebody who is not assigned, too.
func (a *API) SetAppUser(userID string, u AppUser) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.appUsers[userID] = u
}

func (a *API) appUser(userID string) (AppUser, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u, ok := a.appUsers[userID]
	return u, ok
}

// oktaAppUser is how a user stands in the application. Who is assigned both ways
// is shown as assigned directly.
func (a *API) oktaAppUser(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("user")
	v := a.view()
	u, ok := v.user(id)
	scope := ""
	if ok && u.Status != idp.Deleted {
		scope = v.oktaScope(id)
	}
	set, isSet := a.appUser(id)
	if isSet && ok {
		scope = cmp.Or(scope, "USER")
	}
	if scope == "" {
		oktaMissing(w, id, "AppUser")
		return
	}
	p, _ := find(v.Provisioned, func(p idp.Provisioned) bool { return p.UserID == id })
	status, sync := "PROVISIONED", "SYNCHRONIZED"
	switch {
	case a.options().App.ProvisioningOff:
		status, sync = "ACTIVE", "DISABLED"
	case p.State == idp.Failed:
		sync = "ERROR"
	case p.State == idp.Pending:
		status, sync = "PENDING", "SYNCING"
	}
	status, sync = cmp.Or(set.Status, status), cmp.Or(set.SyncState, sync)
	changed := u.Updated
	if !set.StatusChanged.IsZero() {
		changed = set.StatusChanged
	}
	body := map[string]any{
		"id": u.ID, "scope": scope, "status": status, "syncState": sync, "lastSync": stampOrNull(p.LastSync), "created": stamp(u.Created),
		"lastUpdated": stamp(u.Updated), "statusChanged": stamp(changed), "credentials": map[string]any{"userName": cmp.Or(set.UserName, u.UserName)}, "profile": map[string]any{},
		"_links": map[string]any{"app": map[string]any{"href": address(r) + "/api/v1/apps/" + a.ApplicationID()}},
	}
	if p.TargetID != "" && set.Status == "" {
		body["externalId"] = cmp.Or(set.ExternalID, p.TargetID)
	}
	answer(w, http.StatusOK, body)
}

func (v view) oktaScope(user string) string {
	through := ""
	for _, as := range v.Assignments {
		switch {
		case as.PrincipalType == idp.UserPrincipal && as.PrincipalID == user:
			return "USER"
		case as.PrincipalType == idp.GroupPrincipal && v.contains(as.PrincipalID, user):
			through = "GROUP"
		}
	}
	if v.SyncAll {
		return cmp.Or(through, "GROUP") // by the group Everyone
	}
	return through
}

func (a *API) oktaAppGroups(w http.ResponseWriter, r *http.Request) {
	v := a.view()
	expand := r.URL.Query().Get("expand") == "group"
	var found []any
	add := func(id string, g any) {
		item := map[string]any{"id": id, "priority": len(found), "profile": map[string]any{}, "lastUpdated": stamp(time.Now())}
		if expand {
			item["_embedded"] = map[string]any{"group": g}
		}
		found = append(found, item)
	}
	for _, g := range v.Groups {
		if slices.ContainsFunc(v.Assignments, func(as idp.Assignment) bool { return as.PrincipalType == idp.GroupPrincipal && as.PrincipalID == g.ID }) {
			add(g.ID, oktaGroup(g))
		}
	}
	if g := a.everyone(); v.SyncAll {
		add(fmt.Sprint(g["id"]), g)
	}
	oktaPage(a, w, r, found, 20, 200, same)
}

func (a *API) oktaMappings(w http.ResponseWriter, r *http.Request) {
	source := r.URL.Query().Get("sourceGroupId")
	found := filter(a.view().Mappings, func(m idp.PushMapping) bool { return source == "" || source == m.GroupID })
	oktaPage(a, w, r, found, 100, 1000, func(m idp.PushMapping) any {
		status := "ACTIVE"
		if m.State == idp.Failed {
			status = "ERROR"
		}
		return map[string]any{
			"id": "gPm" + m.GroupID[3:], "sourceGroupId": m.GroupID, "targetGroupId": imageID(m.GroupID), "status": status,
			"errorSummary": m.Error, "lastPush": stampOrNull(m.LastPush), "created": stamp(m.Created), "lastUpdated": stamp(m.Created),
		}
	})
}

func (a *API) oktaFeatures(w http.ResponseWriter, _ *http.Request) {
	if a.options().App.ProvisioningOff {
		oktaError(w, http.StatusBadRequest, "E0000001", "Api validation failed: features", "Provisioning is not enabled for the app instance.")
		return
	}
	on, create := map[string]any{"status": "ENABLED"}, map[string]any{"status": "ENABLED"}
	if a.options().App.CreatesNone {
		create["status"] = "DISABLED"
	}
	status := "ENABLED"
	if a.options().App.FeatureOff {
		status = "DISABLED"
	}
	answer(w, http.StatusOK, []any{map[string]any{
		"name": "USER_PROVISIONING", "status": status, "description": "User provisioning settings from Okta to a downstream application",
		"capabilities": map[string]any{"create": map[string]any{"lifecycleCreate": create}, "update": map[string]any{"profile": on, "lifecycleDeactivate": on}},
	}})
}

func (a *API) oktaConnection(w http.ResponseWriter, _ *http.Request) {
	app, v := a.options().App, a.view()
	status := "ENABLED"
	if app.ProvisioningOff || v.Job.Status == idp.JobPaused {
		status = "DISABLED"
	}
	answer(w, http.StatusOK, map[string]any{"authScheme": "TOKEN", "status": cmp.Or(app.Connection, status), "baseUrl": cmp.Or(app.BaseURL, v.Endpoint)})
}

func (a *API) oktaKeys(w http.ResponseWriter, _ *http.Request) {
	keys := []any{}
	for i, c := range a.certificates() {
		keys = append(keys, map[string]any{
			"kid": fmt.Sprintf("key-%d", i), "kty": "RSA", "use": "sig", "created": stamp(c.NotBefore), "lastUpdated": stamp(c.NotBefore), "expiresAt": stamp(c.NotAfter),
			"x5c": []string{base64.StdEncoding.EncodeToString(c.Raw)},
		})
	}
	answer(w, http.StatusOK, keys)
}

// oktaMetadata has the certificate in use.
func (a *API) oktaMetadata(w http.ResponseWriter, r *http.Request) {
	// encoding/xml forgets the namespace of the outer names of a path a>b, so
	// the elements of XML signatures have a type each.
	type data struct {
		XMLName     xml.Name `xml:"http://www.w3.org/2000/09/xmldsig# X509Data"`
		Certificate string   `xml:"http://www.w3.org/2000/09/xmldsig# X509Certificate"`
	}
	type info struct {
		XMLName xml.Name `xml:"http://www.w3.org/2000/09/xmldsig# KeyInfo"`
		Data    data
	}
	type key struct {
		Use  string `xml:"use,attr"`
		Info info
	}
	type service struct {
		Binding  string `xml:"Binding,attr"`
		Location string `xml:"Location,attr"`
	}
	type descriptor struct {
		XMLName  xml.Name  `xml:"urn:oasis:names:tc:SAML:2.0:metadata EntityDescriptor"`
		EntityID string    `xml:"entityID,attr"`
		Keys     []key     `xml:"IDPSSODescriptor>KeyDescriptor"`
		Services []service `xml:"IDPSSODescriptor>SingleSignOnService"`
	}
	d := descriptor{EntityID: a.options().App.EntityID}
	for _, c := range a.certificates() {
		d.Keys = append(d.Keys, key{"signing", info{Data: data{Certificate: base64.StdEncoding.EncodeToString(c.Raw)}}})
		break
	}
	for _, binding := range []string{"HTTP-POST", "HTTP-Redirect"} {
		d.Services = append(d.Services, service{"urn:oasis:names:tc:SAML:2.0:bindings:" + binding, address(r) + "/app/amazon_aws_sso/" + url.PathEscape(a.ApplicationID()) + "/sso/saml"})
	}
	text, err := xml.Marshal(d)
	if err != nil {
		oktaError(w, http.StatusInternalServerError, "E0000009", "Internal Server Error")
		return
	}
	w.Header().Set("Content-Type", "text/xml")
	_, _ = w.Write(append([]byte(xml.Header), text...))
}
