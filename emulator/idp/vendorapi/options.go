package vendorapi

import (
	"crypto"
	"net/http"
	"time"

	"github.com/rolecall-dev/rolecall/emulator/idp"
)

// Options say who may read the directory, and how fast.
type Options struct {
	App App

	// Token is an API token (Okta: "SSWS <token>"); "" means that there is none.
	Token string
	// ClientID is the client that may get access tokens (Google: the e-mail
	// address of the service account), by ClientSecret, by an assertion that
	// ClientKey verifies, or by FederatedToken (Entra).
	ClientID       string
	ClientSecret   string
	ClientKey      crypto.PublicKey
	FederatedToken string
	// Subject is the administrator whom a Google service account may act as.
	Subject string
	// APIDisabled says that the Admin SDK API is not enabled in the service
	// account's project (Google).
	APIDisabled bool
	// Domains are the organization's own (Google), besides those of Subject and of
	// the users: an address of another one is answered 403.
	Domains []string
	// NoUsers says that the administrator may not read users (Google).
	NoUsers bool
	// Tenant is Entra's; "" means any.
	Tenant string
	// Scopes are the permissions of the client; nil means all.
	Scopes []string
	// Cloud is the national cloud that Entra's tenant is in: "us-government",
	// "us-dod" or "china"; "" means the global one.
	Cloud string
	// OtherApps are further AWS applications of Entra's tenant: their Name, Disabled
	// and NotGallery. Nobody is assigned to them and they have no job.
	OtherApps []App
	// NoPremium says that Entra's tenant has no premium license: the sign-in log and
	// Privileged Identity Management are refused.
	NoPremium bool
	// Eligible are the memberships that people can activate (Entra).
	Eligible []Eligibility

	// RateLimit is how many requests are taken in a window: a minute (Okta,
	// Google) or ten seconds (Entra); 0 means no limit.
	RateLimit int
	// PageSize is the most items of a page, where that is less than what is
	// asked for; 0 means the vendor's own.
	PageSize int
	// EmptyFirst makes the first page of every list of Okta's empty, and the log lead on
	// to further empty pages for ever.
	EmptyFirst bool
	// LinkHost is the host in links to further pages (Okta), where that is not the
	// one that was asked: an organization with a domain of its own has two names.
	LinkHost string
	// AllowHosts are names that requests over a port may have as their Host,
	// besides where they arrive, localhost and the loopback addresses.
	AllowHosts []string
}

// App is the AWS application in the directory. Empty fields get values like the
// vendor's.
type App struct {
	Name            string // "AWS IAM Identity Center"
	Disabled        bool   // the application is switched off
	ProvisioningOff bool   // provisioning was never switched on
	CreatesNone     bool   // provisioning is said to create no users; what is pushed stays the directory's
	Open            bool   // Entra: people need no assignment to sign in
	EntityID        string // of the identity provider
	ACS, Audience   string // of AWS
	// Certificates sign answers, in DER; the first is in use.
	Certificates [][]byte

	// The rest is Okta's.

	// Beside are further applications.
	Beside []OtherApp
	// Connection is the status of the connection to AWS, such as "UNKNOWN"; "" means
	// what follows from the rest.
	Connection string
	// BaseURL is the base URL as an administrator typed it; "" means the endpoint
	// that is pushed to. Nothing is pushed to it.
	BaseURL string
	// FeatureOff says that the feature USER_PROVISIONING is DISABLED.
	FeatureOff bool
	// ACSOverride and AudienceOverride win over ACS and Audience.
	ACSOverride, AudienceOverride string
	// RecipientOverride and DestinationOverride are what the answer names.
	RecipientOverride, DestinationOverride string
	// NameID is the template of the name id, which applications of Okta's catalog
	// do not show: "${user.email}".
	NameID string
	// UserNameTemplate is what user names are made of; "" means "${source.login}". What
	// is pushed stays the login.
	UserNameTemplate string

	// The rest is Entra's. NotGallery is an application that was not made from the
	// gallery's template.
	NotGallery bool
	// OwnCertificates are certificates that were uploaded, as Microsoft's tutorial
	// does it: their identifier is the SHA-256 of the thumbprint's text.
	OwnCertificates bool
	// NonePreferred says that no certificate is marked as the one that signs.
	NonePreferred bool
	// OtherJobs are further provisioning jobs, listed before the one that works.
	OtherJobs []idp.JobStatus
	// GroupJob says that those further jobs provision the groups, and the one that
	// works the people alone. What is pushed stays the directory's.
	GroupJob bool
	// LastRunError is the error code of the job's last run, where none succeeded in it,
	// such as "SystemForCrossDomainIdentityManagementInvalidCredentials".
	LastRunError string
}

// Eligibility is a membership of a group that a user can activate.
type Eligibility struct {
	UserID, GroupID string
	// Owner says that it is the group's ownership that can be activated.
	Owner bool
	// From and Until are its limits; zero means none.
	From, Until time.Time
}

// SignInFailure is a sign-in to the AWS application that failed.
type SignInFailure struct {
	UserID       string
	Code, Reason string // Okta: event type and outcome; Entra: a number and text; Google: failure type
	// Policy is the one that refused; Okta and Entra name it.
	Policy string
	// AsTarget makes Okta itself the actor, and the user a target; Result is the
	// outcome (Okta), "" means "FAILURE".
	AsTarget bool
	Result   string
	// Application is another application's name (Google); "" means the AWS one.
	Application string
	Time        time.Time
	// worked is a sign-in that did not fail, which the same logs have.
	worked bool
}

// Refusal makes the next Times requests whose path begins with Prefix end with
// this answer.
type Refusal struct {
	Prefix string
	Times  int
	Status int
	Header http.Header
	Body   string
}
