package tfprovider

import (
	"context"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/emulator"
)

// Functions answer in a process that is never configured.
func TestFunctions(t *testing.T) {
	server, err := providerserver.NewProtocol6WithError(New("test", Options{})())()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ function, in, want string }{
		{"permission_set_name", "AWS-Development-Team", "AWS-Development-Team"},
		{"permission_set_name", "Platform Admins (EU)", "Platform-Admins-EU-1f575f"},
		{"normalize_group_name", " AWS\u2013Development\u00a0\u200bTeam ", "AWS-Development Team"},
		{"normalize_group_name", "Müller", "Müller"},
	} {
		arg, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, c.in))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.CallFunction(context.Background(), &tfprotov6.CallFunctionRequest{Name: c.function, Arguments: []*tfprotov6.DynamicValue{&arg}})
		if err != nil || resp.Error != nil {
			t.Fatalf("%s: %v %v", c.function, err, resp)
		}
		got, err := resp.Result.Unmarshal(tftypes.String)
		if err != nil {
			t.Fatal(err)
		}
		if show(got) != c.want {
			t.Errorf("%s(%q) = %q, want %q", c.function, c.in, show(got), c.want)
		}
	}
}

func TestRemovedUser(t *testing.T) {
	const removed = "rolecall_removed_user"
	bubble(t, emulator.Options{}, func(tf *terraform) {
		tf.apply(user, nil, jane())
		config := object{"username": "jane.doe@company.com"}
		state := tf.apply(removed, nil, config)
		tf.empty(removed, state, config)
		if userID(tf.e, "jane.doe@company.com") != "" {
			t.Error("the user is still there")
		}
		tf.apply(user, nil, jane())
		if pl := tf.plan(removed, state, config); pl.action() != "update" {
			t.Errorf("a user who came back: %s", pl.action())
		}
		state = tf.apply(removed, state, config)
		tf.empty(removed, state, config)
		tf.apply(removed, state, nil)
	})
}
