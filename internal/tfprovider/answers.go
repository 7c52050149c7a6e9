package tfprovider

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// answers remembers, for the life of a provider process, what AWS answered to
// the few questions that every resource asks alike: which accounts and which
// permission sets there are, and what a set is called. A process lives for one
// plan or one apply. Asked side by side, the first asks AWS and the others
// wait. A write forgets what it makes untrue, and no more.
type answers struct {
	next aws.HTTPClient

	mu   sync.Mutex
	kept map[string]*answer
}

type answer struct {
	once   sync.Once
	status int
	header http.Header
	body   []byte
	err    error
}

func newAnswers(next aws.HTTPClient) *answers {
	return &answers{next: next, kept: map[string]*answer{}}
}

// Do answers from memory, or asks.
func (a *answers) Do(req *http.Request) (*http.Response, error) {
	operation := operationOf(req)
	if !remembered(operation) {
		resp, err := a.next.Do(req)
		a.forget(operation)
		return resp, err
	}
	body, err := takeBody(req)
	if err != nil {
		return nil, err
	}
	key := operation + " " + string(body)
	a.mu.Lock()
	kept := a.kept[key]
	if kept == nil {
		kept = &answer{}
		a.kept[key] = kept
	}
	a.mu.Unlock()
	kept.once.Do(func() { kept.ask(a.next, req) })
	if kept.err != nil || kept.status != http.StatusOK {
		a.drop(key, kept)
	}
	return kept.response(req)
}

// operationOf gives the last part of X-Amz-Target, which names the operation.
func operationOf(req *http.Request) string {
	target := req.Header.Get("X-Amz-Target")
	return target[strings.LastIndexByte(target, '.')+1:]
}

func remembered(operation string) bool {
	switch operation {
	case "ListAccounts", "ListPermissionSets", "DescribePermissionSet", "ListGroups":
		return true
	default:
		return false
	}
}

// forget drops what a call has made untrue, or may have: its answer does not
// matter, since a call that failed may have had its effect.
func (a *answers) forget(operation string) {
	var stale []string
	switch operation {
	case "CreatePermissionSet":
		stale = []string{"ListPermissionSets "}
	case "DeletePermissionSet":
		stale = []string{"ListPermissionSets ", "DescribePermissionSet "}
	case "UpdatePermissionSet":
		stale = []string{"DescribePermissionSet "}
	case "CreateGroup", "UpdateGroup", "DeleteGroup":
		stale = []string{"ListGroups "}
	default:
		return
	}
	a.dropAll(stale)
}

func (a *answers) dropAll(prefixes []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for key := range a.kept {
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) {
				delete(a.kept, key)
			}
		}
	}
}

func (a *answers) drop(key string, old *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.kept[key] == old {
		delete(a.kept, key)
	}
}

func takeBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if err := req.Body.Close(); err != nil {
		return nil, err
	}
	req.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

func (k *answer) ask(next aws.HTTPClient, req *http.Request) {
	resp, err := next.Do(req)
	if err != nil {
		k.err = err
		return
	}
	defer resp.Body.Close()
	k.status, k.header = resp.StatusCode, resp.Header
	k.body, k.err = io.ReadAll(resp.Body)
}

func (k *answer) response(req *http.Request) (*http.Response, error) {
	if k.err != nil {
		return nil, k.err
	}
	return &http.Response{
		Status: http.StatusText(k.status), StatusCode: k.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: k.header.Clone(), Body: io.NopCloser(bytes.NewReader(k.body)), ContentLength: int64(len(k.body)), Request: req,
	}, nil
}
