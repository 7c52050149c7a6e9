package emulator

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/emulator/internal/store"
)

// fill puts contents into an instance.
func (b *builder) fill(i *store.Instance, in EstateContents) error {
	for _, u := range in.Users {
		if err := b.buildUser(i.Directory, u); err != nil {
			return fmt.Errorf("user %q: %w", u.UserName, err)
		}
	}
	for _, g := range in.Groups {
		if err := b.buildGroup(i.Directory, g); err != nil {
			return fmt.Errorf("group %q: %w", g.DisplayName, err)
		}
	}
	for _, p := range in.PermissionSets {
		if err := b.buildSet(i, p); err != nil {
			return fmt.Errorf("permission set %q: %w", p.Name, err)
		}
	}
	for _, a := range in.Assignments {
		if err := b.buildAssignment(i, a); err != nil {
			return fmt.Errorf("assignment of %q: %w", a.PermissionSet, err)
		}
	}
	for _, a := range in.Applications {
		if err := b.buildApplication(i, a); err != nil {
			return fmt.Errorf("application %q: %w", a.Name, err)
		}
	}
	return b.outdate(i, in.PermissionSets)
}

func (b *builder) by(source string) (store.Stamp, bool, error) {
	switch source {
	case FromSCIM:
		return store.Stamp{At: b.stamp.At, By: scimActor}, true, nil
	case FromAWS, "":
		return b.stamp, false, nil
	}
	return store.Stamp{}, false, fmt.Errorf("unknown source %q: want %s or %s", source, FromSCIM, FromAWS)
}

func (b *builder) buildUser(d *store.Directory, u EstateUser) error {
	stamp, _, err := b.by(u.Source)
	if err != nil {
		return err
	}
	local, _, _ := strings.Cut(u.UserName, "@")
	made := store.User{ID: u.ID, ExternalID: u.ExternalID, Active: u.Active == nil || *u.Active}
	made.UserName, made.DisplayName = u.UserName, cmp.Or(u.DisplayName, local)
	made.Name = store.Name{GivenName: cmp.Or(u.GivenName, local), FamilyName: cmp.Or(u.FamilyName, local)}
	if u.Email != "" {
		made.Emails = []store.Value{{Value: u.Email, Type: "work", Primary: true}}
	}
	_, err = d.CreateUser(stamp, made)
	return err
}

func (b *builder) buildGroup(d *store.Directory, g EstateGroup) error {
	stamp, scim, err := b.by(g.Source)
	if err != nil {
		return err
	}
	made, err := d.CreateGroup(stamp, store.Group{
		ID: g.ID, DisplayName: g.DisplayName, Description: g.Description, ExternalID: g.ExternalID, SCIM: scim,
	})
	if err != nil {
		return err
	}
	for _, name := range g.Members {
		u, ok := d.UserByName(name)
		if !ok {
			return fmt.Errorf("unknown member %q", name)
		}
		if _, err := d.CreateMembership(stamp, made.ID, u.ID); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) buildSet(i *store.Instance, p EstatePermissionSet) error {
	inline, err := document(p.InlinePolicy)
	if err != nil {
		return err
	}
	made, err := i.CreatePermissionSet(b.stamp, store.PermissionSet{
		ARN: p.ARN, Name: p.Name, Description: p.Description, RelayState: p.RelayState, Tags: tagList(p.Tags),
		SessionDuration: cmp.Or(p.SessionDuration, "PT1H"), Inline: inline, Boundary: boundary(p.PermissionsBoundary),
	})
	if err != nil {
		return err
	}
	for _, arn := range p.AWSManagedPolicies {
		if err := made.AttachManaged(arn, arn[strings.LastIndex(arn, "/")+1:]); err != nil {
			return err
		}
	}
	for _, c := range p.CustomerManagedPolicies {
		if err := made.AttachCustomer(c.Name, cmp.Or(c.Path, "/")); err != nil {
			return err
		}
	}
	return nil
}

// document reads a policy given as JSON or as a string of JSON.
func document(raw json.RawMessage) (string, error) {
	if len(raw) == 0 {
		return "", nil
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var small bytes.Buffer
	if err := json.Compact(&small, raw); err != nil {
		return "", fmt.Errorf("inline policy: %w", err)
	}
	return small.String(), nil
}

func boundary(b *EstateBoundary) *store.Boundary {
	switch {
	case b == nil:
		return nil
	case b.CustomerManagedPolicy != nil:
		return &store.Boundary{Customer: &store.CustomerPolicy{Name: b.CustomerManagedPolicy.Name, Path: cmp.Or(b.CustomerManagedPolicy.Path, "/")}}
	}
	return &store.Boundary{ManagedARN: b.AWSManagedPolicy}
}

func (b *builder) buildAssignment(i *store.Instance, e EstateAssignment) error {
	set, ok := i.PermissionSetByName(e.PermissionSet)
	if !ok {
		return fmt.Errorf("unknown permission set %q", e.PermissionSet)
	}
	typ, id, err := principal(i.Directory, e)
	if err != nil {
		return err
	}
	for _, name := range e.Accounts {
		a, err := b.account(name)
		if err != nil {
			return err
		}
		i.Assign(a, set, typ, id)
	}
	return nil
}

func principal(d *store.Directory, e EstateAssignment) (typ, id string, err error) {
	switch {
	case e.Group != "":
		g, ok := d.GroupByName(e.Group)
		if !ok {
			return "", "", fmt.Errorf("unknown group %q", e.Group)
		}
		return "GROUP", g.ID, nil
	case e.User != "":
		u, ok := d.UserByName(e.User)
		if !ok {
			return "", "", fmt.Errorf("unknown user %q", e.User)
		}
		return "USER", u.ID, nil
	case e.PrincipalID != "":
		return cmp.Or(e.PrincipalType, "GROUP"), e.PrincipalID, nil
	}
	return "", "", fmt.Errorf("no group, user or principal id")
}

func (b *builder) buildApplication(i *store.Instance, e EstateApplication) error {
	var assigned []store.AppAssignment
	for _, name := range e.Groups {
		g, ok := i.Directory.GroupByName(name)
		if !ok {
			return fmt.Errorf("unknown group %q", name)
		}
		assigned = append(assigned, store.AppAssignment{PrincipalType: "GROUP", PrincipalID: g.ID})
	}
	for _, name := range e.Users {
		u, ok := i.Directory.UserByName(name)
		if !ok {
			return fmt.Errorf("unknown user %q", name)
		}
		assigned = append(assigned, store.AppAssignment{PrincipalType: "USER", PrincipalID: u.ID})
	}
	i.AddApplication(e.ARN, e.Name, assigned)
	return nil
}

// outdate makes roles lack the last edit of their set.
func (b *builder) outdate(i *store.Instance, sets []EstatePermissionSet) error {
	for _, p := range sets {
		set, _ := i.PermissionSetByName(p.Name)
		for _, name := range p.OutdatedIn {
			a, err := b.account(name)
			if err != nil {
				return fmt.Errorf("permission set %q: %w", p.Name, err)
			}
			provision, ok := i.Provision(a.ID, set)
			if !ok {
				return fmt.Errorf("permission set %q is not provisioned in %q", p.Name, name)
			}
			provision.Outdate()
		}
	}
	return nil
}

func tagList(tags map[string]string) store.Tags {
	var out store.Tags
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, store.Tag{Key: k, Value: tags[k]})
	}
	return out
}
