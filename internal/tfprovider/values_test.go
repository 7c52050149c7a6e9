package tfprovider

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator"
)

// A text that AWS refuses is named where it is one of several.
func TestARefusedTextIsNamed(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		long := strings.Repeat("x", 200)
		for want, config := range map[string]object{
			`"jane @company.com"`:         with(development(), "members", []string{smith, "jane @company.com", wei}),
			`"` + long[:60] + `"`:         with(development(), "members", []string{smith, long}),
			`"bad` + "\\u200b" + `value"`: with(development(), "tags", map[string]string{"team": "x", "other": "bad\u200bvalue"}),
		} {
			if pl := tf.plan(accessGroup, nil, config); !pl.failed || !strings.Contains(words(pl.diags), "The value is "+want) {
				t.Errorf("%s", words(pl.diags))
			}
		}
		if pl := tf.plan(groupMembers, nil, object{"group": "AWS-Infrastructure-Admins", "members": []string{smith, "jane @company.com"}}); !pl.failed || len(pl.diags) != 1 || !strings.Contains(words(pl.diags), `The value is "jane @company.com"`) {
			t.Errorf("members of another's group: %s", words(pl.diags))
		}
	})
}
