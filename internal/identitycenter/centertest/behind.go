package centertest

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/hostile"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// Behind is a client whose AWS has somebody between.
type Behind struct {
	Proxy  *hostile.Proxy
	Client *identitycenter.Client
	IDs    struct{ User, Group, Set, Account string }
}

// NewBehind connects before anybody gets hostile, as somebody who may do all but
// what is denied.
func NewBehind(t T, denied ...string) *Behind {
	t.Helper()
	w := NewWorld("platform", 3)
	w.Group("Developers", 2)
	w.Estate.Users = []emulator.EstateUser{{UserName: "jane", DisplayName: "Jane", Email: "jane@company.com", GivenName: "J", FamilyName: "S"}}
	w.Estate.Groups[0].Members = []string{"jane"}
	w.Estate.PermissionSets[0].AWSManagedPolicies = []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}
	w.Estate.PermissionSets[0].CustomerManagedPolicies = []emulator.EstatePolicy{{Name: "own"}}
	const key = "AKIDBEHIND"
	w.Estate.Callers = append(w.Estate.Callers, emulator.EstateCaller{AccessKey: key, Account: "management", Denied: denied})
	e := Start(t, emulator.Options{Estate: w.Estate})
	b := &Behind{Proxy: &hostile.Proxy{Behind: e.Transport()}}
	b.Client = Connect(t, b.Options(key))
	s := e.State().Instances[0]
	b.IDs.User, b.IDs.Group, b.IDs.Set, b.IDs.Account = s.Users[0].ID, s.Groups[0].ID, s.PermissionSets[0].ARN, "200000000000"
	return b
}

// Options returns those of a client with an access key, whose secrets must show
// nowhere.
func (b *Behind) Options(key string) identitycenter.Options {
	o := OptionsFor(b.Proxy, key)
	o.Credentials = credentials.NewStaticCredentialsProvider(key, "planted-secret", "planted-session")
	return o
}

// Only makes one operation hostile.
func (b *Behind) Only(operation string, k hostile.Kind) {
	b.Proxy.Kind = &k
	b.Proxy.On = func(r *http.Request) bool {
		if operation == "GetCallerIdentity" { // the one of its API
			return strings.HasPrefix(r.URL.Host, "sts.")
		}
		return strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+operation)
	}
}
