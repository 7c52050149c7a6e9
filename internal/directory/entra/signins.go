package entra

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// signIn is a line of the sign-in log.
type signIn struct {
	ID       string `json:"id"`
	Time     moment `json:"createdDateTime"`
	UserName string `json:"userPrincipalName"`
	Status   struct {
		Code   int    `json:"errorCode"`
		Reason string `json:"failureReason"`
	} `json:"status"`
	Policies []policy `json:"appliedConditionalAccessPolicies"`
}

// SignInFailures reads the sign-in log, for which the tenant needs a P1 or P2
// license.
func (d *Directory) SignInFailures(ctx context.Context, since time.Time, personID string) (directory.SignInsFound, error) {
	var found directory.SignInsFound
	app, err := d.application(ctx)
	if err != nil {
		return found, err
	}
	filter := "createdDateTime ge " + since.UTC().Format(time.RFC3339) + " and appId eq " + quote(app.AppID)
	if personID != "" {
		filter += " and userId eq " + quote(personID)
	}
	all, r, partial, err := list[signIn](ctx, d, "ListSignIns", "/auditLogs/signIns"+query("$filter", filter, "$top", "999"), logPages)
	if err != nil {
		return found, err
	}
	interrupted := 0
	for _, s := range all {
		switch code := s.Status.Code; {
		case code == 0 && personID != "" && s.Time.After(found.LastSuccess):
			found.LastSuccess = s.Time.Time
		case code == 0:
		case interrupts(code):
			interrupted++
		default:
			found.SignIns = append(found.SignIns, directory.SignIn{
				ID: s.ID, Time: s.Time.Time, UserName: s.UserName, Code: strconv.Itoa(s.Status.Code), Reason: s.Status.Reason, Cause: cause(s.Status.Code), Policy: refusing(s.Policies),
			})
		}
	}
	slices.SortStableFunc(found.SignIns, func(x, y directory.SignIn) int { return y.Time.Compare(x.Time) })
	found.Partial = partial
	found.Evidence = slices.Concat(app.evidence, r.Evidence("%d sign-ins, %d of them failed, %d interrupted for a further step%s", len(all), len(found.SignIns), interrupted, directory.More(partial)))
	return found, nil
}

// policy is a policy of conditional access, as it took part in a sign-in. Without
// Policy.Read.ConditionalAccess Graph returns none.
type policy struct {
	Name   string `json:"displayName"`
	Result string `json:"result"`
}

// refusing names the policies that refused.
func refusing(policies []policy) string {
	var names []string
	for _, p := range policies {
		if p.Result == "failure" {
			names = append(names, p.Name)
		}
	}
	return strings.Join(names, ", ")
}

// cause reads the codes that tell one
// (learn.microsoft.com/entra/identity-platform/reference-error-codes).
func cause(code int) directory.SignInCause {
	switch code {
	case 50105: // EntitlementGrantsNotFound
		return directory.SignInNotAssigned
	case 50002, 500021, 500022, 500212, 500213, // NotAllowedTenant, tenant restrictions, policies of access across tenants
		50005, 50131, // DevicePolicyError, ConditionalAccessFailed
		53000, 53001, 53002, 53003, // device not compliant or joined, application not approved, blocked
		530032, 530035: // blocked by a security policy, by security defaults
		return directory.SignInDenied
	case 700016: // the identifier in the request is no application's
		return directory.SignInEntityID
	case 501241, 75016: // no source for the name id; its policy is not valid
		return directory.SignInNameID
	case 50011, 70004, 900971: // InvalidReplyTo, InvalidRedirectUri, no reply address
		return directory.SignInReplyURL
	case 50056, 50064, 50126: // no password or a wrong one, of whatever account
		return directory.SignInCredentials
	case 50020, 51004, 16003: // the account is not in the directory, and has to be added as a guest
		return directory.SignInForeign
	}
	// 50034 is a name that is mistyped as well as one of another tenant, 50053 a lock
	// as well as a suspicious address: these tell no cause.
	return ""
}

// interrupts says that a code is a step of a sign-in that goes on: somebody is asked
// to sign in again, for a second factor, to register, to consent or to confirm. The
// sign-in that follows says how it ended
// (learn.microsoft.com/entra/identity-platform/reference-error-codes).
func interrupts(code int) bool {
	if code >= 81000 && code < 82000 { // single sign-on of Windows is tried first; where it fails, the usual way follows
		return true
	}
	switch code {
	case 16000, 16001, 16002, 700020, // another account is to be picked, something is to be done
		50058,                             // nobody is signed in yet
		50055,                             // the password is to be changed
		50072, 50074, 50076, 50078, 50079, // a second factor: to register, to pass, to pass again
		50089, 50132, 50133, 50143, 50173, 70043, 700082, // the session ended, or is another one
		50097, 50129, 50187, // the device is to be known
		50125,                 // the password, or how to reset it, is to be registered
		50127,                 // an app is to be installed
		50140, 50199, 1000002, // "keep me signed in?", "is it this app?", something is shown
		50158,               // a step at somebody else's
		50168, 50180, 51006, // as above, of Windows
		65001, 65004: // consent
		return true
	}
	return false
}
