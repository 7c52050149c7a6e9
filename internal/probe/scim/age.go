package scim

import "time"

// AWS gives a token a year, and reminds from 90 days before its end (IAM
// Identity Center user guide, "Rotate an access token"). No API tells when a
// token was made.
const (
	remindDays = 90
	urgentDays = 7
	yearDays   = 366
)

// Age is how far a token is through its year.
type Age struct {
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	// DaysLeft is negative once the token has expired.
	DaysLeft int `json:"days_left"`
}

// AgeOf reckons with whole days, in UTC.
func AgeOf(created, now time.Time) Age {
	created = created.UTC().Truncate(24 * time.Hour)
	expires := created.AddDate(1, 0, 0)
	return Age{Created: created, Expires: expires, DaysLeft: int(expires.Sub(now.UTC().Truncate(24*time.Hour)).Hours() / 24)}
}

// Expired says that the token's year is over.
func (a Age) Expired() bool { return a.DaysLeft <= 0 }

// Over says that the year was over by more than what the day's time and zone make
// of it: a token that works then has another age.
func (a Age) Over() bool { return a.DaysLeft < -1 }

// Future says that the token would be made some days from now.
func (a Age) Future() bool { return a.DaysLeft > yearDays+1 }

// Due says that the token should be replaced.
func (a Age) Due() bool { return a.DaysLeft <= remindDays }

// Urgent says that it should be replaced now.
func (a Age) Urgent() bool { return a.DaysLeft <= urgentDays }
