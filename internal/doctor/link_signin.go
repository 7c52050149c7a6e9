package doctor

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rolecall-dev/rolecall/internal/directory"
)

// ofSignIn has the checks of the sign-in by SAML.
func ofSignIn() []Check {
	return []Check{{
		ID: "saml-metadata", About: []Subject{SetUp, Person},
		Means: "The identity provider's SAML metadata has something that keeps, or will keep, people from signing in.",
		Looks: "The metadata, from its URL or a file: certificates, entity id, bindings; what the application at the identity provider says, and when its own certificate expires.",
		Fix:   "Upload the current metadata in the IAM Identity Center console.",
		rules: []rule{{at: aside, in: withIdP(), say: (*Facts).samlMetadata}},
	}, {
		ID: "acs-elsewhere", About: []Subject{SetUp, Person},
		Means: "The AWS application sends its answers to an address that is not AWS's.",
		Looks: "The assertion consumer service of the AWS application, overrides included.",
		Fix:   "Take the address from the IAM Identity Center console (Settings, Identity source), and remove the override.",
		rules: []rule{{at: aside, in: withIdP(), needs: []part{application}, say: (*Facts).acsElsewhere}},
	}, {
		ID: "name-id", About: []Subject{Person},
		Means: "The identity provider signs the person in under another name than the user in AWS has.",
		Looks: "What the name id of the AWS application is made from, and the user name in AWS.",
		Fix:   "Have the application send the user name that it provisions as name id.",
		rules: []rule{{at: aside, in: withIdP(), needs: []part{personActive}, say: (*Facts).nameID}},
	}, {
		ID: "sign-in-failed", About: []Subject{Person},
		Means: "Everything is right in AWS, and the identity provider refused the person's last sign-in to it.",
		Looks: "The identity provider's log of sign-ins to the AWS application: the last one that failed, with its reason and policy, and the last one that worked.",
		Fix:   "Do what the reason of the identity provider asks for: assign the person, change the policy, or correct the SAML settings of the application.",
		rules: []rule{{at: aside, in: withIdP(), say: (*Facts).signInFailed}},
	}}
}

func (f *Facts) samlMetadata() []Verdict {
	switch {
	case f.Subject == Person: // whom only what has ended keeps from signing in
		return slices.DeleteFunc(f.certificates(), func(v Verdict) bool { return v.State != Problem })
	case !f.Metadata.Known:
		return append(f.certificates(), unsure(f.Metadata.Needs)...)
	case len(f.Metadata.Value) == 0:
		return fine(f.Metadata.Evidence...)
	}
	var out []Verdict
	for _, p := range f.Metadata.Value {
		v := Verdict{State: Problem, System: f.IdP, Cause: p.Cause, Fix: p.Fix, Evidence: f.Metadata.Evidence}
		if p.Soon {
			v.State = Warning
		}
		out = append(out, v)
	}
	return out
}

// certificateDays is how long before its end a certificate is warned of.
const certificateDays = 60

// certificates looks at those that the identity provider signs with, where that
// is all that is known.
func (f *Facts) certificates() []Verdict {
	if !f.SAML.Known {
		return nil
	}
	var out []Verdict
	for _, c := range f.SAML.Value.Certificates {
		const fix = "Create a new signing certificate at the identity provider, upload it in the IAM Identity Center console (Settings, Identity source), and only then have the identity provider sign with it."
		ends := c.NotAfter.UTC().Format(time.DateOnly)
		switch left := c.NotAfter.Sub(f.Now); {
		case !c.InUse && !f.onlyEnded(c) || c.NotAfter.IsZero() || left > certificateDays*24*time.Hour:
		case left <= 0:
			out = append(out, wrong(f.IdP, fix, f.SAML.Evidence, "the certificate that %s signs with expired on %s", f.IdP, ends)...)
		default:
			out = append(out, soon(f.IdP, fix, f.SAML.Evidence, "the certificate that %s signs with expires on %s", f.IdP, ends)...)
		}
	}
	if len(out) > 1 { // of several that may be the one, all end alike
		out = out[:1]
	}
	return out
}

// onlyEnded says that the provider may sign with the certificate and with no other
// that lasts longer.
func (f *Facts) onlyEnded(c directory.Certificate) bool {
	longer := func(other directory.Certificate) bool {
		return (other.Perhaps || other.InUse) && other.NotAfter.After(c.NotAfter)
	}
	return c.Perhaps && !slices.ContainsFunc(f.SAML.Value.Certificates, longer)
}

// atAWS says that a host is AWS's: its domains in all partitions, as botocore's
// partitions.json and the consoles have them.
func atAWS(host string) bool {
	domains := []string{
		"aws", "aws.amazon.com", "awsapps.com", "awsapps.cn", "amazonaws.com", "amazonaws.com.cn", "amazonaws.cn", "amazonwebservices.com.cn", "amazonaws-us-gov.com",
		"amazonaws.eu", "amazonaws-eusc.eu", "amazonwebservices.eu", "c2s.ic.gov", "sc2s.sgov.gov", "aws.ic.gov", "aws.scloud", "adc-e.uk", "hci.ic.gov",
	}
	host = strings.ToLower(host)
	return slices.ContainsFunc(domains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) })
}

func (f *Facts) acsElsewhere() []Verdict {
	for _, address := range f.SAML.Value.ACS {
		u, err := url.Parse(address)
		if err != nil || atAWS(u.Hostname()) {
			return nil
		}
	}
	if len(f.SAML.Value.ACS) == 0 {
		return nil
	}
	return wrong(f.IdP, fmt.Sprintf("In %s, take the address (ACS URL, and an override of it) of the AWS application from the IAM Identity Center console (Settings, Identity source, Manage authentication).", f.IdP), f.SAML.Evidence,
		"the AWS application in %s sends people to %s, which is not AWS", f.IdP, f.SAML.Value.ACS[0])
}

func (f *Facts) nameID() []Verdict {
	s, p := f.SAML.Value, f.Person.Value
	if p == nil {
		return nil
	}
	called := f.userName()
	if f.inAWS() {
		called = f.User.Value.Username
	}
	sent := map[directory.Attribute]string{directory.OfUserName: f.Assignment.Value.UserName, directory.OfLogin: p.UserName, directory.OfEmail: p.Email}[s.NameIDIs]
	if sent == "" || strings.EqualFold(sent, called) {
		return nil
	}
	return wrong(f.IdP, fmt.Sprintf("In %s, make the name id of the AWS application its user name, as it is provisioned (now: %s).", f.IdP, s.NameID), slices.Concat(f.SAML.Evidence, f.Assignment.Evidence, f.User.Evidence),
		"%s signs the person in to AWS as %q, and the user there is called %q", f.IdP, sent, called)
}

func (f *Facts) signInFailed() []Verdict {
	s := f.SignIns
	switch {
	case !s.Known:
		return unsure(s.Needs)
	case len(s.Value.SignIns) == 0 && s.Value.Partial:
		return []Verdict{{State: CannotTell, Evidence: s.Evidence, Needs: fmt.Sprintf("the sign-in log of %s has more lines than rolecall reads, and those that it read do not name the person: look there", f.IdP)}}
	case len(s.Value.SignIns) == 0 || s.Value.SignIns[0].Time.Before(s.Value.LastSuccess):
		return fine(s.Evidence...)
	}
	last := s.Value.SignIns[0]
	says, fix := wrong, f.signInFix(last)
	if f.assignedSince(last) {
		return fine(slices.Concat(s.Evidence, f.Assignment.Evidence)...)
	}
	if f.Now.Sub(last.Time) > 24*time.Hour || last.Cause == directory.SignInNotAssigned && f.assigned() || last.Cause == directory.SignInCredentials {
		says, fix = soon, "Have the person try again. If it fails: "+fix
	}
	return says(f.IdP, fix, s.Evidence, "%s refused the sign-in of %q to AWS at %s: %s", f.IdP, f.Name, clock(last.Time), signInWords(last))
}

// assigned says that the person is assigned now.
func (f *Facts) assigned() bool {
	return f.Assignment.Known && f.Assignment.Value.How != directory.NotAssigned
}

// assignedSince says that the refusal was that of somebody who was not assigned, and
// has been since.
func (f *Facts) assignedSince(s directory.SignIn) bool {
	return s.Cause == directory.SignInNotAssigned && f.assigned() && f.Assignment.Value.Changed.After(s.Time)
}

// signInWords returns the identity provider's own reason, and the policy.
func signInWords(s directory.SignIn) string {
	text := cmp.Or(s.Reason, s.Code)
	if s.Reason != "" && s.Code != "" {
		text += " (" + s.Code + ")"
	}
	if s.Policy != "" {
		text += fmt.Sprintf(", by the policy %q", s.Policy)
	}
	return text
}

func (f *Facts) signInFix(s directory.SignIn) string {
	switch s.Cause {
	case directory.SignInNotAssigned:
		return fmt.Sprintf("In %s, assign %q to the AWS application, or switch it on for them.", f.IdP, f.Name)
	case directory.SignInDenied:
		return fmt.Sprintf("In %s, look at the policy that refused the sign-in (of the application's sign-on, or Conditional Access), and at what it requires of %q: a factor, a device, a location.", f.IdP, f.Name)
	case directory.SignInEntityID:
		return fmt.Sprintf("In %s, correct the entity id (audience) of the AWS application: the IAM Identity Center console shows it under Settings, Identity source.", f.IdP)
	case directory.SignInReplyURL:
		return fmt.Sprintf("In %s, correct the reply URL (ACS) of the AWS application: the IAM Identity Center console shows it under Settings, Identity source.", f.IdP)
	case directory.SignInCredentials:
		return fmt.Sprintf("%q entered a wrong password or factor: nothing is wrong with the access.", f.Name)
	case directory.SignInForeign:
		return fmt.Sprintf("Have the person sign in with their account in %s, in a private window: they used one of another organization.", f.IdP)
	case directory.SignInNameID:
		return fmt.Sprintf("In %s, map the name id of the AWS application to the user name that AWS has.", f.IdP)
	}
	return fmt.Sprintf("Do in %s what the reason asks for; its sign-in log has more details.", f.IdP)
}
