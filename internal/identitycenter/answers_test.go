package identitycenter

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// What is said of answers names members that AWS's model has.
func TestAnswersHaveTheMembersNamed(t *testing.T) {
	clients := map[string]reflect.Type{
		SSOAdmin: reflect.TypeFor[*ssoadmin.Client](), IdentityStore: reflect.TypeFor[*identitystore.Client](),
		Organizations: reflect.TypeFor[*organizations.Client](), STS: reflect.TypeFor[*sts.Client](),
	}
	for _, o := range Operations() {
		method, ok := clients[o.Family].MethodByName(o.Name)
		if !ok {
			t.Errorf("AWS has no %s", o.Name)
			continue
		}
		a := answers()[o.Family][o.Name]
		asked, said := method.Type.In(2), method.Type.Out(0)
		if a.list != "" {
			mustHave(t, o.Name, said, "NextToken")
			mustHave(t, o.Name, said, a.list)
			list, _ := said.Elem().FieldByName(a.list)
			said = list.Type.Elem()
		}
		mustHave(t, o.Name, said, a.id)
		mustHave(t, o.Name, said, a.name)
		for _, r := range a.rules {
			mustHave(t, o.Name, said, r.member)
			mustHave(t, o.Name, asked, r.asked)
		}
	}
}

func mustHave(t *testing.T, operation string, in reflect.Type, members string) {
	t.Helper()
	for member := range strings.SplitSeq(members, "+") {
		at := in
		for name := range strings.SplitSeq(member, ".") {
			for at.Kind() == reflect.Pointer {
				at = at.Elem()
			}
			if name == itself || at.Kind() == reflect.Interface { // one of several types
				break
			}
			field, ok := at.FieldByName(name)
			if !ok {
				t.Errorf("%s: %s has no %s", operation, in, member)
				break
			}
			at = field.Type
		}
	}
}
