package okta

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"path"
	"slices"
	"time"

	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
)

// The kinds of groups (GroupType). An APP_GROUP is what an application has: it
// was imported from there (Active Directory), or Group Push made it there, and
// then it is the target of a push mapping.
const (
	oktaGroup = "OKTA_GROUP"
	appsGroup = "APP_GROUP"
	builtIn   = "BUILT_IN"
)

type group struct {
	ID                string    `json:"id"`
	Type              string    `json:"type"`
	MembershipUpdated time.Time `json:"lastMembershipUpdated"`
	Profile           struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"profile"`
	// Source is the application of an APP_GROUP. The specification's examples have
	// it as a link, and as source.id in searches; some answers have it as that.
	Source struct {
		ID string `json:"id"`
	} `json:"source"`
	Links struct {
		Source struct {
			Href string `json:"href"`
		} `json:"source"`
	} `json:"_links"`
}

func (g group) Identity() string { return g.ID }

// source is the id of the application that the group is of; "" where it is not told.
func (g group) source() string {
	if g.Links.Source.Href == "" {
		return g.Source.ID
	}
	return cmp.Or(g.Source.ID, path.Base(g.Links.Source.Href))
}

// imageOf says that the group is what Okta keeps of a group in the application.
func (g group) imageOf(app string) bool {
	return g.Type == appsGroup && app != "" && g.source() == app
}

func (g group) group() directory.Group {
	return directory.Group{
		ID: g.ID, Name: g.Profile.Name, Description: g.Profile.Description, BuiltIn: g.Type == builtIn, Kind: g.Type,
		MembershipUpdated: g.MembershipUpdated, Unfit: directory.Unfit(control, nil, "name", g.Profile.Name),
	}
}

func shown(groups []group) (all []directory.Group) {
	for _, g := range groups {
		all = append(all, g.group())
	}
	return all
}

// FindGroups searches by name. A search may be some seconds behind. Several groups
// can have one name: that of Okta, those that were imported, and the image of the
// group in AWS, which is never meant.
func (d *Directory) FindGroups(ctx context.Context, name string) (directory.GroupsFound, error) {
	var found directory.GroupsFound
	groups, r, _, err := list[group](ctx, d, opListGroups, "/api/v1/groups?limit=200&search="+url.QueryEscape("profile.name eq "+quote(name)), 0)
	if err != nil {
		return found, err
	}
	same, near := split(groups, func(g group) bool { return g.Profile.Name == name })
	found.Evidence = r.Evidence("%d groups of this name, %d in another case", len(same), len(near))
	app, err := d.ownerOf(ctx, groups)
	if err != nil {
		return found, err
	}
	found.Evidence = slices.Concat(found.Evidence, app.seen)
	twins, same := split(same, func(g group) bool { return g.imageOf(app.id) })
	same, others, seen, err := d.meant(ctx, app, same)
	if err != nil {
		return found, err
	}
	found.Groups, found.Twins, found.Evidence = shown(same), shown(append(twins, others...)), slices.Concat(found.Evidence, seen)
	found.Near = shown(slices.DeleteFunc(near, func(g group) bool { return g.imageOf(app.id) || g.behind(near) }))
	return found, nil
}

// behind says that a group of an application is there beside one of Okta's of
// exactly its name.
func (g group) behind(others []group) bool {
	return g.Type == appsGroup && slices.ContainsFunc(others, func(o group) bool { return o.Type == oktaGroup && o.Profile.Name == g.Profile.Name })
}

// owner is the AWS application as far as groups need it: it tells its images from
// other groups.
type owner struct {
	id string // "" where no group needs it, or it is not known
	// unseen says that the question for it failed: it may be there all the same.
	unseen bool
	seen   []diag.Evidence
}

// ownerOf asks for the application where some group needs that.
func (d *Directory) ownerOf(ctx context.Context, groups []group) (owner, error) {
	if !slices.ContainsFunc(groups, func(g group) bool { return g.Type == appsGroup }) {
		return owner{}, nil
	}
	app, err := d.application(ctx)
	if err != nil {
		seen, failed := unanswered(err)
		return owner{unseen: !directory.NotThere.Is(err), seen: seen}, failed
	}
	return owner{id: app.ID, seen: app.evidence}, nil
}

// unanswered turns the failure of a question that only refines an answer into
// evidence that it is not known; the end of the context stays an error.
func unanswered(err error) ([]diag.Evidence, error) {
	var failure *directory.Error
	if !errors.As(err, &failure) {
		return nil, err
	}
	return []diag.Evidence{failure.Evidence()}, nil
}

// meant chooses among several groups of one name, none of which is an image of a
// group in AWS: any of them can be pushed, also one of Active Directory's. Those
// that a push mapping pushes count, else those that are assigned to the
// application, else it cannot be told and all stay. Where there is no application
// that could push one, the only one of Okta's own counts.
func (d *Directory) meant(ctx context.Context, app owner, same []group) (kept, others []group, seen []diag.Evidence, err error) {
	own, others := split(same, func(g group) bool { return g.Type == oktaGroup })
	switch none := app.id == "" && slices.ContainsFunc(same, func(g group) bool { return g.Type == appsGroup }); {
	case len(same) < 2, app.unseen:
		return same, nil, nil, nil
	case none && len(own) == 1:
		return own, others, nil, nil
	case none:
		return same, nil, nil, nil
	}
	pushed, err := d.PushGroups(ctx)
	if err != nil { // who is assigned decides nothing then: it should be other groups than those pushed
		seen, err = unanswered(err)
		return same, nil, seen, err
	}
	if kept, others := pushedOf(same, pushed.Mappings); len(kept) > 0 {
		return kept, others, pushed.Evidence, nil
	}
	assigned, err := d.GroupAssignments(ctx)
	if err != nil {
		seen, err = unanswered(err)
		return same, nil, slices.Concat(pushed.Evidence, seen), err
	}
	kept, others = split(same, func(g group) bool {
		return slices.ContainsFunc(assigned.Groups, func(a directory.Group) bool { return a.ID == g.ID })
	})
	if len(kept) == 0 {
		kept, others = same, nil
	}
	return kept, others, slices.Concat(pushed.Evidence, assigned.Evidence), nil
}

// pushedOf returns the groups that are pushed, by mappings that are not switched off;
// where there are none, at most one that is no target of a push.
func pushedOf(same []group, mappings []directory.PushMapping) (kept, others []group) {
	has := func(test func(directory.PushMapping, group) bool) func(group) bool {
		return func(g group) bool {
			return slices.ContainsFunc(mappings, func(m directory.PushMapping) bool { return test(m, g) })
		}
	}
	active := func(m directory.PushMapping, g group) bool { return m.GroupID == g.ID && m.State != directory.SyncOff }
	if kept, others := split(same, has(active)); len(kept) > 0 {
		return kept, others
	}
	targets, rest := split(same, has(func(m directory.PushMapping, g group) bool { return m.TargetID == g.ID }))
	if len(rest) == 1 {
		return rest, targets
	}
	return nil, nil
}

func split(groups []group, test func(group) bool) (yes, no []group) {
	for _, g := range groups {
		if test(g) {
			yes = append(yes, g)
		} else {
			no = append(no, g)
		}
	}
	return yes, no
}

// GroupsOf returns a person's groups. Okta has no nested groups. Images of groups in
// AWS are left out: to be in one says how far Okta came, not what it should do.
// Where the application cannot be asked for, their Kind alone tells them.
func (d *Directory) GroupsOf(ctx context.Context, personID string) (directory.GroupsFound, error) {
	found := directory.GroupsFound{}
	groups, r, _, err := list[group](ctx, d, opUserGroups, "/api/v1/users/"+url.PathEscape(personID)+"/groups?limit=200", 0)
	if err != nil {
		return found, err
	}
	app, err := d.ownerOf(ctx, groups)
	if err != nil {
		return found, err
	}
	images, groups := split(groups, func(g group) bool { return g.imageOf(app.id) })
	found.Groups = shown(groups)
	found.Evidence = slices.Concat(r.Evidence("%d groups, and %d that Okta keeps of groups in AWS", len(groups), len(images)), app.seen)
	return found, nil
}

// MembersOf returns the members of a group, all of them direct.
func (d *Directory) MembersOf(ctx context.Context, groupID string) (directory.MembersFound, error) {
	users, r, _, err := list[user](ctx, d, opGroupUsers, "/api/v1/groups/"+url.PathEscape(groupID)+"/users?limit=200", 0)
	found := directory.MembersFound{}
	if err != nil {
		return found, err
	}
	unclear, err := d.unclear(ctx)
	if err != nil {
		return found, err
	}
	for _, u := range users {
		found.Members = append(found.Members, directory.Member{
			ID: u.ID, Name: u.Profile.Login, Kind: directory.PersonMember, Direct: true, Status: status(u.Status), Provider: "User", Otherwise: u.otherwise(), Guessed: unclear != "",
		})
	}
	found.Evidence = r.Evidence("%d members", len(users))
	return found, nil
}
