package trust

import (
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
)

// The variables by which whoever runs rolecall allows more than a config may ask
// for by itself. Each is a list with commas between.
const (
	HostsVariable     = "ROLECALL_ALLOWED_HOSTS"
	VariablesVariable = "ROLECALL_ALLOWED_VARIABLES"
	PathsVariable     = "ROLECALL_ALLOWED_PATHS"
)

// awsEndpoint is where the AWS SDK is told to find AWS; an emulator's SCIM
// endpoint is there too.
const awsEndpoint = "AWS_ENDPOINT_URL"

// Machine is what the machine's environment allows. The zero value allows
// nothing beyond what every config may do.
type Machine struct {
	hosts     []endpoint
	aws       []endpoint // stands in for AWS
	variables []string
	paths     []string
}

// endpoint is a host with a port; an empty port is that of https, and on this
// machine any.
type endpoint struct{ host, port string }

// Of reads the environment. A nil getenv is an empty environment. What is
// written wrong in it allows nothing.
func Of(getenv func(string) string) Machine {
	var m Machine
	if getenv == nil {
		return m
	}
	for _, text := range listed(getenv(HostsVariable)) {
		if p, ok := parseEndpoint(text); ok {
			m.hosts = append(m.hosts, p)
		}
	}
	if p, ok := parseEndpoint(getenv(awsEndpoint)); ok {
		m.aws = append(m.aws, p)
	}
	m.variables = listed(getenv(VariablesVariable))
	for _, path := range listed(getenv(PathsVariable)) {
		if filepath.IsAbs(path) {
			m.paths = append(m.paths, filepath.Clean(path))
		}
	}
	return m
}

func listed(text string) []string {
	var out []string
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// parseEndpoint reads HOST, HOST:PORT and https://HOST:PORT.
func parseEndpoint(text string) (endpoint, bool) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return endpoint{}, false
	}
	host, ok := hostname(u)
	return endpoint{host, u.Port()}, ok
}

// allows says that one of the endpoints is the URL's.
func allows(endpoints []endpoint, u *url.URL, host string) bool {
	return slices.ContainsFunc(endpoints, func(p endpoint) bool {
		switch {
		case p.host != host:
			return false
		case p.port == "" && loopback(host):
			return true
		default:
			return portOf(p.port) == portOf(u.Port())
		}
	})
}

func portOf(port string) string {
	if port == "" {
		return "443"
	}
	return port
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Path says whether a file that a config names as a key, or as an export of a
// directory, may be read: inside the config's folder, or where the environment
// says. Whoever reads it within the folder must not follow links out of it.
func (m Machine) Path(name string) error {
	if filepath.IsLocal(name) || m.Outside(name) {
		return nil
	}
	return &Refusal{Why: "names a file outside the config's folder",
		Do: "Keep the file next to rolecall.hcl, or its content in an environment variable. Or allow the place where rolecall runs: " + PathsVariable + " takes absolute paths of files and folders, separated by commas."}
}

// Outside says that the environment allows this absolute path, or a folder that
// it is in.
func (m Machine) Outside(name string) bool {
	if !filepath.IsAbs(name) {
		return false
	}
	name = filepath.Clean(name)
	return slices.ContainsFunc(m.paths, func(allowed string) bool {
		within, err := filepath.Rel(allowed, name)
		return err == nil && filepath.IsLocal(within)
	})
}

// Refusal is a setting that is not followed. Its texts show nothing of what was
// written, but the name of a host.
type Refusal struct {
	Why string // continues the setting's name: "names a host ..."
	Do  string
}

func (r *Refusal) Error() string { return r.Why }
