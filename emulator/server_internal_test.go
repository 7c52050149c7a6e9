package emulator

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// served starts an emulator at a port, with the waits, until the test ends.
func served(t *testing.T, w waits) (e *Emulator, address string, stop func() error) {
	t.Helper()
	e, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	e.waits = w
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Serve(ctx, l) }()
	stop = func() error { cancel(); return <-ended }
	t.Cleanup(cancel)
	return e, l.Addr().String(), stop
}

func quick() waits {
	return waits{header: 100 * time.Millisecond, body: 100 * time.Millisecond, answer: 200 * time.Millisecond, idle: 300 * time.Millisecond, connections: 8}
}

// TestSlowClientsAreCutOff: one that sends its headers or its body too slowly, or
// does not read the answer, and one that only holds a connection.
func TestSlowClientsAreCutOff(t *testing.T) {
	_, address, _ := served(t, quick())
	for name, begin := range map[string]string{
		"headers": "POST / HTTP/1.1\r\nHost: " + address + "\r\nX-Slow: ",
		"body":    "POST / HTTP/1.1\r\nHost: " + address + "\r\nContent-Length: 100000\r\n\r\n{",
		"chunks":  "POST /_emulator/estate HTTP/1.1\r\nHost: " + address + "\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
		"nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn, err := net.Dial("tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, begin); err != nil {
				t.Fatal(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
			if _, err := io.Copy(io.Discard, conn); err != nil { // ends when the server closes
				t.Errorf("the server holds the connection: %v", err)
			}
		})
	}
}

func TestWhoDoesNotReadIsCutOff(t *testing.T) {
	w := quick()
	e, address, _ := served(t, w)
	e.calls.most = 100_000
	for range 100_000 { // an answer that fits no buffer
		e.calls.note(&command{Service: "sso-admin", Operation: strings.Repeat("x", 50)}, &answer{}, time.Now(), "")
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "GET /_emulator/calls HTTP/1.1\r\nHost: "+address+"\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	r := bufio.NewReader(conn)
	answer, err := http.ReadResponse(r, nil)
	if err != nil {
		return // cut before the headers were through
	}
	if _, err := io.Copy(io.Discard, answer.Body); err == nil {
		t.Error("the answer was kept ready for a client that did not read")
	}
}

// TestConnectionsAreBounded: more than so many wait, and come in once others end.
func TestConnectionsAreBounded(t *testing.T) {
	_, address, _ := served(t, quick())
	for range 50 { // all of them silent, to be cut off in turns
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	client := http.Client{Timeout: 30 * time.Second}
	answer, err := client.Get("http://" + address + "/_emulator/health")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}

// TestConnectionsAreCounted: so many are accepted at once, and no more.
func TestConnectionsAreCounted(t *testing.T) {
	w := quick()
	w.header, w.idle = time.Hour, time.Hour
	_, address, _ := served(t, w)
	open := func() net.Conn {
		conn, err := net.Dial("tcp", address) // the system accepts it, whatever the server does
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	answers := func(conn net.Conn, within time.Duration) bool {
		if _, err := io.WriteString(conn, "GET /_emulator/health HTTP/1.1\r\nHost: "+address+"\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
		_ = conn.SetReadDeadline(time.Now().Add(within))
		_, err := http.ReadResponse(bufio.NewReader(conn), nil)
		return err == nil
	}
	var held []net.Conn
	for range w.connections {
		conn := open()
		if !answers(conn, 10*time.Second) {
			t.Fatal("a connection within the bound gets no answer")
		}
		held = append(held, conn)
	}
	waits := open()
	if answers(waits, 300*time.Millisecond) {
		t.Error("one connection too many gets an answer")
	}
	_ = held[0].Close()
	_ = waits.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := http.ReadResponse(bufio.NewReader(waits), nil); err != nil {
		t.Errorf("once another has closed: %v", err)
	}
}

func TestLongHeadersAreRefused(t *testing.T) {
	_, address, _ := served(t, defaultWaits())
	for _, set := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("X-Long", strings.Repeat("x", 2*maxHeader)) },
		func(r *http.Request) { r.URL.RawQuery = strings.Repeat("x", 2*maxHeader) },
	} {
		r, err := http.NewRequest(http.MethodGet, "http://"+address+"/_emulator/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		set(r)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			continue // the server closed before the request was through
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
			t.Errorf("status %d", answer.StatusCode)
		}
	}
}

// TestFaultsOutlastTheTimeForBodies: the time that a body may take is not that of
// the answer.
func TestFaultsOutlastTheTimeForBodies(t *testing.T) {
	e, address, _ := served(t, quick())
	if err := e.SetFaults(Fault{Kind: Slow, Delay: 600 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	answer, err := http.Post("http://"+address+"/", "application/x-amz-json-1.1", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if took := time.Since(start); took < 600*time.Millisecond {
		t.Errorf("the answer came after %s", took)
	}
}

// TestServeEnds when its context does, with a call still under way.
func TestServeEnds(t *testing.T) {
	e, address, stop := served(t, defaultWaits())
	if err := e.SetFaults(Fault{Kind: Timeout, Delay: time.Hour}); err != nil {
		t.Fatal(err)
	}
	go func() {
		if answer, err := http.Post("http://"+address+"/", "text/plain", nil); err == nil {
			answer.Body.Close()
		}
	}()
	time.Sleep(100 * time.Millisecond)
	start := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > 2*grace {
		t.Errorf("it took %s", took)
	}
}

// panicking makes the emulator fail in the next write that starts a job.
func panicking(e *Emulator) {
	e.world.store.Latency = func(uint64) time.Duration { panic("a fault of ours") }
}

// assign asks for an assignment and returns the status of the answer.
func assign(t *testing.T, e *Emulator, url string) int {
	t.Helper()
	i := e.State().Instances[0]
	body := fmt.Sprintf(`{"InstanceArn":%q,"PermissionSetArn":%q,"TargetId":"333344445555","TargetType":"AWS_ACCOUNT","PrincipalType":"GROUP","PrincipalId":%q}`,
		i.ARN, i.PermissionSets[0].ARN, i.Groups[0].ID)
	return ask(t, url, "CreateAccountAssignment", body)
}

func ask(t *testing.T, url, operation, body string) int {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Amz-Target", "SWBExternalService."+operation)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+ManagementKey+"/20260101/us-east-1/sso/aws4_request")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// TestPanicEndsNothing: a call in which the emulator fails is answered, the next
// is served, and the journal goes on as if the call had never come.
func TestPanicEndsNothing(t *testing.T) {
	dir := t.TempDir()
	e, err := New(Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var written bytes.Buffer
	server := httptest.NewUnstartedServer(e)
	server.Config.ErrorLog = log.New(&written, "", 0)
	server.Start()
	defer server.Close()
	set := func(name string) {
		t.Helper()
		if status := ask(t, server.URL, "CreatePermissionSet", fmt.Sprintf(`{"InstanceArn":%q,"Name":%q}`, e.State().Instances[0].ARN, name)); status != http.StatusOK {
			t.Fatalf("create set: status %d", status)
		}
	}
	set("Before")
	panicking(e)
	if status := assign(t, e, server.URL); status != http.StatusInternalServerError {
		t.Errorf("status %d, want 500", status)
	}
	if !strings.Contains(written.String(), "a fault of ours") {
		t.Errorf("the log lacks the panic: %q", written.String())
	}
	set("After")
	if status := assign(t, e, server.URL); status != http.StatusOK {
		t.Errorf("status %d after the panic, want 200", status)
	}
	want := string(mustJSON(e.State()))
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := New(Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := string(mustJSON(again.State())); got != want {
		t.Errorf("the journal has\n%s\nwant\n%s", got, want)
	}
}
