package tfprovider

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	ssotypes "github.com/aws/aws-sdk-go-v2/service/ssoadmin/types"
	"github.com/google/go-cmp/cmp"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/access"
)

// killed cuts the connection after so many writes, as the end of the process does.
type killed struct {
	next http.RoundTripper
	mu   sync.Mutex
	left int
}

func (k *killed) RoundTrip(req *http.Request) (*http.Response, error) {
	operation := operationOf(req)
	write := strings.HasPrefix(operation, "Create") || strings.HasPrefix(operation, "Attach") || strings.HasPrefix(operation, "Put")
	k.mu.Lock()
	if write {
		k.left--
	}
	dead := k.left < 0
	k.mu.Unlock()
	if dead {
		return nil, errors.New("killed")
	}
	return k.next.RoundTrip(req)
}

// A provider that is killed after any write leaves nothing in Terraform's
// state. Run again, it goes on with what is there and carries its mark, and ends
// as if nothing had happened.
func TestKilledAndRunAgain(t *testing.T) {
	for kind, config := range eachKind() {
		t.Run(kind, func(t *testing.T) {
			var want string
			bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
				tf.apply(kind, nil, config)
				want = byName(tf.e)
			})
			for writes := range 6 {
				bubble(t, emulator.Options{Estate: withResponders()}, func(tf *terraform) {
					p := tf.start().plan(kind, nil, config)
					tf.http = &killed{next: tf.e.Transport(), left: writes}
					tf.start().apply(p) // and nobody hears of it
					tf.http = nil
					tf.empty(kind, tf.applyOrImport(kind, config), config)
					if left := unfinished(tf.e); left != "" {
						t.Errorf("killed after %d writes: marked as unfinished: %s", writes, left)
					}
					if got := byName(tf.e); got != want {
						t.Errorf("killed after %d writes:\n%s\nwant:\n%s", writes, got, want)
					}
				})
			}
		})
	}
}

// What was imported stays where no apply has taken it over to its end: also the permission
// set, where one that was killed has put our mark on that alone.
func TestImportedKilledAndDestroyed(t *testing.T) {
	bubble(t, emulator.Options{Estate: unowned()}, func(tf *terraform) {
		state, diags := tf.importing(accessGroup, "DevelopmentTeam")
		if len(diags) > 0 {
			t.Fatal(words(diags))
		}
		c := byHand(t, tf.e)
		_, err := c.sso.TagResource(context.Background(), &ssoadmin.TagResourceInput{InstanceArn: c.instance, ResourceArn: aws.String(state.get("permission_set_arn")),
			Tags: []ssotypes.Tag{{Key: aws.String(access.OwnerTag), Value: aws.String("platform")}, {Key: aws.String(access.ViaTag), Value: aws.String(access.ViaTerraform)}}})
		c.ok(err)
		before := contents(tf.e)
		if after, diags := tf.try(accessGroup, state, nil); after != nil || !strings.Contains(words(diags), "no apply has taken them over") {
			t.Errorf("left in the state: %t\n%s", after != nil, words(diags))
		}
		if diff := cmp.Diff(before, contents(tf.e)); diff != "" {
			t.Errorf("the destroy wrote (-before +after):\n%s", diff)
		}
	})
}

// applyOrImport creates, or does what the refusal of a creation says: it imports what is
// there whole, and applies.
func (tf *terraform) applyOrImport(kind string, config object) *stored {
	tf.t.Helper()
	pl := tf.plan(kind, nil, config)
	if !pl.failed {
		return tf.apply(kind, nil, config)
	}
	found := regexp.MustCompile(`(?s)import \{.*id = "([^"]*)"`).FindStringSubmatch(words(pl.diags))
	if found == nil {
		tf.t.Fatalf("refused without an import block:\n%s", words(pl.diags))
	}
	state, diags := tf.importing(kind, found[1])
	if state == nil {
		tf.t.Fatalf("import %s:\n%s", found[1], words(diags))
	}
	return tf.apply(kind, state, config)
}

// unfinished names what has the mark of an unfinished creation.
func unfinished(e *emulator.Emulator) string {
	var out []string
	for _, g := range e.State().Instances[0].Groups {
		if strings.Contains(g.Description, "unfinished") {
			out = append(out, g.DisplayName)
		}
	}
	for _, p := range e.State().Instances[0].PermissionSets {
		if p.Tags[access.UnfinishedTag] != "" {
			out = append(out, p.Name)
		}
	}
	return strings.Join(out, ", ")
}

// byName is everything in the instance, by names alone.
func byName(e *emulator.Emulator) string {
	s := e.State().Instances[0]
	var out []string
	for _, m := range s.Memberships {
		out = append(out, "member "+m.Group+" "+m.User)
	}
	for _, a := range s.Assignments {
		out = append(out, "assignment "+a.PermissionSet+" "+a.Account+" "+a.Principal)
	}
	for _, u := range s.Users {
		out = append(out, fmt.Sprintf("user %s %q %q", u.UserName, u.DisplayName, u.Email))
	}
	for _, p := range s.PermissionSets {
		// The record has ids in it, which are new in each world.
		maps.DeleteFunc(p.Tags, func(key, _ string) bool {
			return key == access.RecordTag || strings.HasPrefix(key, "rolecall:principals-")
		})
		out = append(out, fmt.Sprintf("set %s %q %v %v", p.Name, p.Description, p.AWSManagedPolicies, p.Tags))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}
