// Package identitycenter is the adapter to AWS: it finds an instance of IAM
// Identity Center and who is calling (Connect), reads who can do what into an
// access.State with as few calls as a truthful answer takes (Client.Read), and
// carries out single changes of a plan (Target, for internal/apply).
//
// It promises that every attempt of every call takes its token from
// internal/quota, that nothing unread is reported as absent (State.Observed
// says what was read), that each change is one write which may be repeated,
// and that what a user can mend comes back as a diagnostic with its cause.
// It decides no change, keeps no state but a cache that may be deleted at any
// time, and renders nothing. Facts about AWS are from the service models and
// user guides; where a comment cites none, the model is the source.
package identitycenter
