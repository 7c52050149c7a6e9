package gate

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
)

// request is one that arrived at an address, "" for none.
func request(local, host string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Host = host
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	if local == "" {
		return r
	}
	at, err := net.ResolveTCPAddr("tcp", local)
	if err != nil {
		panic(err)
	}
	return r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, at))
}

func TestHosts(t *testing.T) {
	const here = "127.0.0.1:4599"
	for _, c := range []struct {
		local, host string
		served      bool
	}{
		{here, "127.0.0.1:4599", true},
		{here, "127.0.0.9:4599", true},
		{here, "localhost:4599", true},
		{here, "LocalHost.:4599", true},
		{here, "[::1]:4599", true},
		{"[::1]:4599", "[::1]:4599", true},
		{"127.0.0.1:80", "localhost", true},
		{"[::]:80", "[::1]", true},
		{"192.168.1.5:4599", "192.168.1.5:4599", true},
		{"[::ffff:192.168.1.5]:4599", "192.168.1.5:4599", true},
		{"172.17.0.2:4599", "localhost:4599", true},
		{"172.17.0.2:4599", "0.0.0.0:4599", true},
		{"172.17.0.2:4599", "[::]:4599", true},
		{here, "emulator:4599", true},
		{here, "EMULATOR:1", true},
		{here, "proxy:8443", true},
		{"", "evil.example", true}, // no port, nothing to check

		{here, "proxy:4599", false},
		{here, "evil.example:4599", false},
		{here, "evil.example", false},
		{here, "127.0.0.1.evil.example:4599", false},
		{here, "localhost.evil.example:4599", false},
		{here, "localhost:4598", false},
		{here, "localhost", false},
		{here, "127.0.0.1", false},
		{here, "192.168.1.5:4599", false},
		{here, "2130706433:4599", false},
		{here, "", false},
		{here, ":4599", false},
		{here, "[::1", false},
	} {
		why := Refusal(request(c.local, c.host), []string{"emulator", "Proxy:8443", ""})
		if (why == "") != c.served {
			t.Errorf("at %q, host %q: refusal %q, want served %t", c.local, c.host, why, c.served)
		}
	}
}

func TestPages(t *testing.T) {
	for _, c := range []struct {
		header, value string
		served        bool
	}{
		{"Origin", "http://127.0.0.1:4599", true},
		{"Sec-Fetch-Site", "none", true},
		{"Sec-Fetch-Site", "same-origin", true},
		{"Referer", "http://127.0.0.1:4599/_emulator/state", true},
		{"User-Agent", "Mozilla/5.0", true},

		{"Origin", "https://evil.example", false},
		{"Origin", "null", false},
		{"Origin", "", false}, // no browser sends it, and it names no site
		{"Origin", "http://localhost:3000", false},
		{"Origin", "http://127.0.0.1:4599.evil.example", false},
		{"Origin", "file://127.0.0.1:4599", false},
		{"Referer", "https://evil.example/page", false},
		{"Sec-Fetch-Site", "cross-site", false},
		{"Sec-Fetch-Site", "same-site", false},
		{"Sec-Fetch-Site", "something-new", false},
	} {
		for _, local := range []string{"", "127.0.0.1:4599"} {
			why := Refusal(request(local, "127.0.0.1:4599", c.header, c.value), nil)
			if (why == "") != c.served {
				t.Errorf("%s: %s at %q: refusal %q, want served %t", c.header, c.value, local, why, c.served)
			}
		}
	}
	two := request("127.0.0.1:4599", "127.0.0.1:4599", "Origin", "http://127.0.0.1:4599", "Origin", "https://evil.example")
	if Refusal(two, nil) == "" {
		t.Error("the second of two origins is not looked at")
	}
}

func TestForms(t *testing.T) {
	const browser = "Mozilla/5.0 (X11; Linux x86_64)"
	for _, c := range []struct {
		form    bool
		headers []string
	}{
		{false, []string{"User-Agent", "curl/8.5.0", "Content-Type", "application/x-www-form-urlencoded"}},
		{false, []string{"User-Agent", "curl/8.5.0"}},
		{false, []string{"User-Agent", "node", "Content-Type", "text/plain;charset=UTF-8", "Sec-Fetch-Mode", "cors"}},
		{false, []string{"User-Agent", browser + " WindowsPowerShell/5.1", "Content-Type", "application/x-www-form-urlencoded"}},
		{false, []string{"User-Agent", browser, "Content-Type", "application/json"}},
		{true, []string{"User-Agent", browser, "Content-Type", "application/x-www-form-urlencoded"}},
		{true, []string{"User-Agent", browser, "Content-Type", "text/plain"}},
		{true, []string{"User-Agent", browser, "Content-Type", "multipart/form-data; boundary=x"}},
		{true, []string{"User-Agent", browser}},
		{true, []string{"User-Agent", "x", "Origin", "http://127.0.0.1:4599"}},
		{true, []string{"User-Agent", "x", "Sec-Fetch-Site", "none"}},
	} {
		if got := FormOfPage(request("", "127.0.0.1:4599", c.headers...)); got != c.form {
			t.Errorf("%q: a form of a page: %t, want %t", c.headers, got, c.form)
		}
	}
}
