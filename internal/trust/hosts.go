package trust

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Vendor is who a secret belongs to.
type Vendor string

// The vendors.
const (
	Okta   Vendor = "Okta"
	Entra  Vendor = "Microsoft"
	Google Vendor = "Google"
	SCIM   Vendor = "AWS" // the SCIM endpoint
)

// VendorOf says whose secrets a kind of connector has; "" where it has none.
func VendorOf(connector string) Vendor {
	return map[string]Vendor{"okta": Okta, "entra": Entra, "google": Google}[connector]
}

// hosts matches the hosts of a vendor, as a whole. What is beneath a
// vendor's domain is not always the vendor's: anybody can have a bucket beneath
// amazonaws.com, and code that runs beneath workflows.okta.com.
func (v Vendor) hosts() *regexp.Regexp {
	switch v {
	case Okta: // an organization is one label (developer.okta.com, "Okta domains")
		return regexp.MustCompile(`^[a-z0-9-]+\.(okta\.com|oktapreview\.com|okta-emea\.com|okta-gov\.com|okta\.mil)$`)
	case Entra: // learn.microsoft.com, "National cloud deployments"
		return regexp.MustCompile(`^(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|graph\.microsoft\.(com|us)|dod-graph\.microsoft\.us|microsoftgraph\.chinacloudapi\.cn)$`)
	case Google:
		return regexp.MustCompile(`^(admin|oauth2|www)\.googleapis\.com$`)
	case SCIM: // the developer guide's form; the dual-stack one follows IAM Identity Center's other endpoints
		return regexp.MustCompile(`^scim\.[a-z]+(-[a-z]+){1,2}-\d\.(amazonaws\.com|amazonaws\.com\.cn|api\.aws|api\.amazonwebservices\.com\.cn)$`)
	}
	return nil
}

func (v Vendor) example() string {
	switch v {
	case Okta:
		return "https://company.okta.com"
	case SCIM:
		return "https://scim.eu-west-1.amazonaws.com/<tenant>/scim/v2/"
	case Entra:
		return "https://login.microsoftonline.com"
	default:
		return "https://admin.googleapis.com"
	}
}

// URL reads an address that is to get a secret of the vendor, and refuses every
// other host than the vendor's own and those that the environment allows. The
// address comes back with its host in lower case, and has neither user, query
// nor fragment.
func (m Machine) URL(v Vendor, text string) (*url.URL, error) {
	write := "Write the address as in " + v.example() + "."
	if v == Okta && !strings.Contains(text, "://") { // "company.okta.com"
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return nil, &Refusal{Why: "is not an https:// URL", Do: write}
	}
	if u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(text, "#") {
		return nil, &Refusal{Why: "has a user, a query or a fragment in its URL", Do: write + " If there was a secret in it, replace that: it is in a file now."}
	}
	host, ok := hostname(u)
	switch {
	case !ok:
		return nil, &Refusal{Why: "has no plain host name in its URL", Do: write + " Letters of other alphabets, and a dot at the end, are refused: such a name can look like another."}
	case !m.mayGet(v, u, host):
		return nil, v.refusal(host)
	case u.Scheme == "https":
	case u.Scheme == "http" && loopback(host):
	default:
		return nil, &Refusal{Why: "is not an https:// URL", Do: write + " Plain http:// is for this machine's own addresses only."}
	}
	u.Host = withPort(host, u.Port())
	return u, nil
}

// mayGet says that the host is the vendor's own, at the usual port, or that the
// environment allows it.
func (m Machine) mayGet(v Vendor, u *url.URL, host string) bool {
	if own := v.hosts(); own != nil && own.MatchString(host) && u.Scheme == "https" && portOf(u.Port()) == "443" {
		return true
	}
	return allows(m.hosts, u, host) || v == SCIM && allows(m.aws, u, host)
}

// dotted is what only a name of a host, or an address, looks like.
var dotted = regexp.MustCompile(`\.[a-z]+$|^[0-9.]+$|:`)

func (v Vendor) refusal(host string) *Refusal {
	shown := "a host"
	if dotted.MatchString(host) {
		shown = "the host " + host
	}
	return &Refusal{
		Why: fmt.Sprintf("names %s, which is not %s's own, so no secret is sent there", shown, v),
		Do: fmt.Sprintf("Correct it; %s has the right form. If the host is yours, allow it where rolecall runs, outside the config: %s=HOST or HOST:PORT, separated by commas.",
			v.example(), HostsVariable),
	}
}

func withPort(host, port string) string {
	switch {
	case port != "":
		return net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	}
	return host
}

// hostname returns the host in lower case; it is refused where it is no name of
// plain letters, digits and dashes, and no IP address.
func hostname(u *url.URL) (string, bool) {
	host := strings.ToLower(u.Hostname())
	if ip := net.ParseIP(host); ip != nil {
		return host, true
	}
	labels := strings.Split(host, ".")
	if len(host) > 253 || slices.ContainsFunc(labels, func(l string) bool { return !plainLabel(l) }) {
		return "", false
	}
	return host, true
}

func plainLabel(label string) bool {
	const plain = "abcdefghijklmnopqrstuvwxyz0123456789-"
	return label != "" && len(label) <= 63 && strings.Trim(label, "-") == label &&
		!strings.ContainsFunc(label, func(r rune) bool { return !strings.ContainsRune(plain, r) })
}
