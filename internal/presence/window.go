package presence

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Window says how long an identity provider takes to bring a change to AWS.
type Window struct {
	IdP string `json:"idp"`
	// Groups says whether its SCIM brings groups at all.
	Groups bool `json:"groups"`
	// TypicalMinutes is when to expect a change; after LongestMinutes waiting
	// makes no sense any more.
	TypicalMinutes int `json:"typical_minutes"`
	LongestMinutes int `json:"longest_minutes"`
	// Why says in words what the numbers come from.
	Why string `json:"why"`
	// Where says where to look, in the provider's own words.
	Where string `json:"where"`
	// AfterDeletion says what happens to a user whom somebody deleted in AWS, and Unnoticed
	// which memberships do not come by waiting, each as a sentence; "" where nothing
	// is known.
	AfterDeletion string `json:"-"`
	// Assign is how the console brings somebody into the AWS application, and Again how
	// it is told to bring somebody again, each as part of a sentence about the person.
	Assign    string `json:"-"`
	Again     string `json:"-"`
	Unnoticed string `json:"-"`
	// known begin a word of the names, in small letters, that a config may
	// give it.
	known []string
}

// Windows returns what is known, one row for each identity provider. The last
// row, without a name, is for every other one.
func Windows() []Window {
	return []Window{
		{IdP: "Okta", Groups: true, TypicalMinutes: 5, LongestMinutes: 15, known: []string{"okta"},
			Why:   "Okta pushes on change, within minutes of a push; there is no cycle to wait for.",
			Where: "Okta: Applications, AWS IAM Identity Center, Push Groups and Assignments"},
		{IdP: "Microsoft Entra ID", Groups: true, TypicalMinutes: 40, LongestMinutes: 120, known: []string{"entra", "azure", "aad"},
			Why:       "Entra ID provisions in cycles of about 40 minutes, after an initial cycle that can take hours; in quarantine it slows down to once a day.",
			Where:     "Entra admin center: Enterprise applications, AWS IAM Identity Center, Provisioning",
			Unnoticed: "Entra ID does not notice that somebody who was in the group before they came into the scope of provisioning is in it now: restart provisioning then."},
		{IdP: "Google Workspace", Groups: false, TypicalMinutes: 240, LongestMinutes: 24 * 60, known: []string{"google", "gsuite"},
			Why:           "Google Workspace syncs every few hours, and brings users only: its groups never come to AWS by SCIM.",
			Where:         "Google Admin console: Apps, Web and mobile apps, Amazon Web Services, Auto-provisioning",
			Assign:        "turn the AWS application on for the person (User access, by organizational unit or group)",
			Again:         "look at the sync log of its automatic provisioning (View sync log), which says what happens to the person at each sync",
			AfterDeletion: "Google does not recreate a user whom somebody deleted in AWS: docs/idp/google.md says what to do then."},
		{Groups: true, TypicalMinutes: 30, LongestMinutes: 120,
			Why:   "Nothing certain is known about this identity provider; 15 to 30 minutes is usual.",
			Where: "the identity provider's own log of provisioning to AWS"},
	}
}

// WindowOf returns the row for an identity provider as a config names it
// ("Okta", "Azure AD", "google-workspace").
func WindowOf(idp string) Window {
	windows := Windows()
	for i := range windows {
		windows[i].Assign = cmp.Or(windows[i].Assign, "assign the person to the AWS application")
		windows[i].Again = cmp.Or(windows[i].Again, "provision the person again")
	}
	words := strings.FieldsFunc(strings.ToLower(idp), func(r rune) bool { return !unicode.IsLetter(r) })
	for _, w := range windows {
		if slices.ContainsFunc(words, w.knows) {
			return w
		}
	}
	other := windows[len(windows)-1]
	other.IdP = idp
	return other
}

func (w Window) knows(word string) bool {
	return slices.ContainsFunc(w.known, func(k string) bool { return strings.HasPrefix(word, k) })
}
