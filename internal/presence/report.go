package presence

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/names"
)

// The kinds of items.
const (
	GroupItem   = diag.Group
	UserItem    = diag.User
	AccountItem = diag.Account
)

// Verdict says whether an item is as the config expects it.
type Verdict string

// The verdicts. WillNotCome means that waiting does not help: somebody has to
// do something first, and the item's finding says what, in which system.
const (
	There       Verdict = "there"
	NotYet      Verdict = "not_yet"
	WillNotCome Verdict = "will_not_come"
	CannotTell  Verdict = "cannot_tell"
)

// Origin says where a group or user came from, as far as AWS shows it.
type Origin string

// The origins. FromUnknown is the honest answer wherever SCIM may have brought
// the thing: Okta pushes groups without an external id, so that a missing one
// proves nothing.
const (
	FromSCIM     Origin = "scim"        // it carries an external id
	FromRolecall Origin = "rolecall"    // its description carries an owner's mark
	Unmarked     Origin = "unmarked"    // neither, in a set-up where SCIM brings no groups
	FromUnknown  Origin = "cannot_tell" // neither
)

// Matches of the suggestions that are not about how the name is spelled.
const (
	SameEmail  names.Match = "same_email"  // another user name with the expected e-mail address
	NearEmail  names.Match = "near_email"  // another user name with nearly that address
	SameStart  names.Match = "same_start"  // another user name, the same before the @
	FormerName names.Match = "former_name" // what the config says it was called before
	SameID     names.Match = "same_id"     // the one that had the expected name before
	SameGroup  names.Match = "same_group"  // the only member of a group whom the config does not name, where it misses one
)

// Suggestion is a name in AWS that the missing one may have been meant to be.
type Suggestion struct {
	Name        string             `json:"name"`
	ID          string             `json:"id,omitempty"`
	Match       names.Match        `json:"rung"`
	Distance    int                `json:"distance,omitempty"`
	Differences []names.Difference `json:"differences,omitempty"`
	// Claimed says that the config names it as well.
	Claimed bool `json:"-"`
}

// Item is one group, user or account of the config and what AWS has of it.
type Item struct {
	Kind    diag.Kind `json:"kind"`
	Name    string    `json:"name"`
	Verdict Verdict   `json:"verdict"`
	// Absent marks what the config wants not to be there (removed_users).
	Absent bool   `json:"wanted_absent,omitempty"`
	ID     string `json:"id,omitempty"`
	Origin Origin `json:"origin,omitempty"`
	Owner  string `json:"owner,omitempty"` // of the mark that the group carries
	// Members is nil where the group's members were not all read.
	Members     *int             `json:"members,omitempty"`
	Suggestions []Suggestion     `json:"suggestions,omitempty"`
	Finding     *diag.Diagnostic `json:"finding,omitempty"`
}

// Meaning completes a remedy by the name that may be written in place of the missing
// one, where one may: the config has each group once, and a former name is gone from it on
// purpose. Of several that are equally near, none is picked.
func (i Item) Meaning(r diag.Remedy) diag.Remedy {
	var first *Suggestion
	for _, s := range i.Suggestions {
		switch {
		case s.Match == FormerName || i.Kind != UserItem && s.Claimed:
		case first == nil:
			first, r.Name = &s, s.Name
		case s.Match == first.Match && s.Distance == first.Distance:
			r.Name, r.Several = "", true
		}
	}
	return r
}

// Alike says that people would take the nearest name in AWS for this one.
func (i Item) Alike() bool { return sameName(i.Suggestions) }

// Counts says how many items have each verdict.
type Counts struct {
	There       int `json:"there"`
	NotYet      int `json:"not_yet"`
	WillNotCome int `json:"will_not_come"`
	CannotTell  int `json:"cannot_tell"`
}

// Report answers step 4 of the guide, "verify synchronization": items are in
// the order groups, users, accounts, each by name.
type Report struct {
	SetUp access.SetUp `json:"set_up"`
	// Window is nil where nothing comes by SCIM.
	Window *Window `json:"window,omitempty"`
	Counts Counts  `json:"counts"`
	Items  []Item  `json:"items"`
}

// Verdict sums the items up: the verdict of the worst of them.
func (r Report) Verdict() Verdict {
	switch {
	case r.Counts.WillNotCome > 0:
		return WillNotCome
	case r.Counts.CannotTell > 0:
		return CannotTell
	case r.Counts.NotYet > 0:
		return NotYet
	default:
		return There
	}
}

// Lacks says that something of a kind is not there.
func (r Report) Lacks(kind diag.Kind) bool {
	return slices.ContainsFunc(r.Items, func(i Item) bool {
		return i.Kind == kind && (i.Verdict == NotYet || i.Verdict == WillNotCome) && !i.Absent
	})
}

// Findings returns what there is to say about items, in their order.
func (r Report) Findings() diag.List {
	var out diag.List
	for _, item := range r.Items {
		if item.Finding != nil {
			out = append(out, *item.Finding)
		}
	}
	return out
}

func (r *Report) add(item Item) {
	r.Items = append(r.Items, item)
	switch item.Verdict {
	case There:
		r.Counts.There++
	case NotYet:
		r.Counts.NotYet++
	case WillNotCome:
		r.Counts.WillNotCome++
	case CannotTell:
		r.Counts.CannotTell++
	}
}
