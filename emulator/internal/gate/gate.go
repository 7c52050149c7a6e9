// Package gate keeps web pages out of a server that listens on the machine of a
// developer, whose browser reaches it as well as any program does.
//
// It promises that no page of another site gets at a route: not by a request of
// its own (Origin, Referer and Sec-Fetch-Site give it away), and not under a name
// that was made to lead here (DNS rebinding), as the Host has to be one of the
// server's own. Programs send none of the first and name the server as they were
// told to. It leaves out who else may call: no signature is checked here.
package gate

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// Refusal tells why a request is not served; "" means that it is. Hosts are names
// ("emulator") or names with a port that the server has besides the address at
// which the request arrived, localhost and the loopback addresses. A request
// that came over no port has no host to check, and one over TLS has none either:
// no page has a certificate for a name that is made to lead here.
func Refusal(r *http.Request, hosts []string) string {
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok && r.TLS == nil && !ours(r.Host, local, hosts) {
		return fmt.Sprintf("the host %q is not the emulator's: it answers to the address that it listens at, to localhost and to what --allow-host names", r.Host)
	}
	for _, header := range []string{"Origin", "Referer"} {
		for _, from := range r.Header.Values(header) {
			if !sameSite(from, r.Host) {
				return fmt.Sprintf("the request comes from a web page (%s: %q); the emulator serves programs", header, from)
			}
		}
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "none" && site != "same-origin" {
			return fmt.Sprintf("the request comes from a web page (Sec-Fetch-Site: %q); the emulator serves programs", site)
		}
	}
	return ""
}

// ours tells whether a Host names the server at the address where a request
// arrived.
func ours(host string, local *net.TCPAddr, hosts []string) bool {
	name, port := split(host)
	if slices.ContainsFunc(hosts, func(allowed string) bool {
		want, at := split(allowed)
		return want != "" && want == name && (at == "" || at == port)
	}) {
		return true
	}
	if port == "" {
		port = "80"
	}
	if port != fmt.Sprint(local.Port) {
		return false
	}
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(name)
	if err != nil {
		return false
	}
	ip = ip.Unmap()
	at, _ := netip.AddrFromSlice(local.IP)
	return ip.IsLoopback() || ip.IsUnspecified() || ip.WithZone("") == at.Unmap()
}

// split takes a Host apart, in small letters and without the dot that may end a
// name.
func split(host string) (name, port string) {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"), ""
	}
	return strings.TrimSuffix(strings.ToLower(name), "."), port
}

// sameSite tells whether an Origin or a Referer is the server itself.
func sameSite(from, host string) bool {
	u, err := url.Parse(from)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.EqualFold(u.Host, host)
}

// FormOfPage tells whether a request that writes could be a form of a web page
// whose browser does not say where it comes from: a browser, and a body of a
// kind that needs no leave (https://fetch.spec.whatwg.org/#cors-safelisted-request-header).
// A program's request of the same kind, as curl -d sends it, is none.
func FormOfPage(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return false
	}
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain":
	default:
		return false
	}
	for _, header := range []string{"Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Dest"} {
		if r.Header.Get(header) != "" {
			return true
		}
	}
	agent := r.UserAgent()
	return strings.HasPrefix(agent, "Mozilla/") && !strings.Contains(agent, "PowerShell")
}
