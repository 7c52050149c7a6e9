package tfprovider

import (
	"context"
	"strings"
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

// The keys of the config's lists, checked as Terraform passes them: of any type.
func TestConfigProblems(t *testing.T) {
	text, list := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }, func(v ...tftypes.Value) tftypes.Value {
		var typ []tftypes.Type
		for _, e := range v {
			typ = append(typ, e.Type())
		}
		return tftypes.NewValue(tftypes.Tuple{ElementTypes: typ}, v)
	}
	obj := func(m map[string]tftypes.Value) tftypes.Value {
		typ := map[string]tftypes.Type{}
		for k, e := range m {
			typ[k] = e.Type()
		}
		return tftypes.NewValue(tftypes.Object{AttributeTypes: typ}, m)
	}
	group := func(key string, v tftypes.Value) tftypes.Value {
		return list(obj(map[string]tftypes.Value{"name": text("Dev"), "description": text("d"), "accounts_names": list(text("a")), key: v}))
	}
	statement := func(key string, v tftypes.Value) tftypes.Value {
		return group("inline_policies", list(obj(map[string]tftypes.Value{"name": text("p"), "statements": list(obj(map[string]tftypes.Value{"actions": list(text("*")), key: v}))})))
	}
	unknown, null := tftypes.NewValue(tftypes.String, tftypes.UnknownValue), tftypes.NewValue(tftypes.String, nil)
	for _, c := range []struct {
		list string
		in   tftypes.Value
		want string
	}{
		{"access_groups", list(), ""},
		{"access_groups", group("session_duration", text("PT1H")), ""},
		{"access_groups", group("session_duration", unknown), ""},
		{"access_groups", group("sesion_duration", text("PT1H")), `an access group has no key "sesion_duration". Did you mean "session_duration"?`},
		{"access_groups", group("sesion_duration", null), ""},
		{"external_groups", group("frobnicate", text("x")), `an external group has no key "frobnicate". Remove it; the keys are name, description,`},
		{"external_groups", group("description", null), `an external group called "Dev" lacks description`},
		{"users", list(obj(map[string]tftypes.Value{"email": text("e"), "given_name": text("g"), "family_name": text("f")})), `a user called "e" lacks display_name`},
		{"users", text("x"), "users is not a list"},
		{"users", unknown, ""},
		{"users", list(text("x")), "an element of users is not an object"},
		{"access_groups", statement("condition", text("x")), `a statement has no key "condition". Did you mean "conditions"?`},
		{"access_groups", statement("conditions", list(obj(map[string]tftypes.Value{"test": text("Bool"), "variable": text("v"), "value": text("x")}))), `a condition has no key "value". Did you mean "values"?`},
		{"access_groups", statement("conditions", obj(map[string]tftypes.Value{"Bool": obj(map[string]tftypes.Value{"v": text("x")})})), ""},
		{"access_groups", statement("conditions", obj(map[string]tftypes.Value{"Bool": text("x")})), "the condition Bool is not { variable = values }"},
	} {
		got := call(t, "config_problems", tftypes.List{ElementType: tftypes.String}, text(c.list), c.in)
		if c.want == "" && show(got) != "[]" || !strings.Contains(show(got), c.want) {
			t.Errorf("%s %s: %s, want %q", c.list, show(c.in), show(got), c.want)
		}
	}
}

// call calls a function whose last argument is of any type.
func call(t *testing.T, name string, result tftypes.Type, args ...tftypes.Value) tftypes.Value {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(New("test", Options{})())()
	if err != nil {
		t.Fatal(err)
	}
	var in []*tfprotov6.DynamicValue
	for i, a := range args {
		typ := a.Type()
		if i == len(args)-1 {
			typ = tftypes.DynamicPseudoType
		}
		v, err := tfprotov6.NewDynamicValue(typ, a)
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, &v)
	}
	resp, err := server.CallFunction(context.Background(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: in})
	if err != nil || resp.Error != nil {
		t.Fatalf("%v %+v", err, resp)
	}
	out, err := resp.Result.Unmarshal(result)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Who is to be removed does not stay in AWS because of letter case, nor silently
// because the entry is an e-mail address.
func TestRemovedUserWrittenOtherwise(t *testing.T) {
	estate := emulator.DefaultEstate()
	estate.Users = append(estate.Users, emulator.EstateUser{UserName: "bob", Email: "bob@company.com"})
	bubble(t, emulator.Options{Estate: estate}, func(tf *terraform) {
		for entry, refused := range map[string]bool{"BOB": true, "bob@company.com": false} {
			pl := tf.plan("rolecall_removed_user", nil, object{"username": entry})
			if got := words(pl.diags); pl.failed != refused || !strings.Contains(got, `"username"`) || !strings.Contains(got, `"bob"`) {
				t.Errorf("%s: refused %t: %s", entry, pl.failed, got)
			}
		}
		if pl := tf.plan("rolecall_removed_user", nil, object{"username": "carl"}); len(pl.diags) > 0 {
			t.Errorf("who is gone: %s", words(pl.diags))
		}
	})
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
		allowed := with(config, "allow", []string{"lockout"})
		state = tf.apply(removed, state, allowed)
		tf.empty(removed, state, allowed)
		imported, diags := tf.importing(removed, "jane.doe@company.com")
		if len(diags) > 0 {
			t.Fatal(words(diags))
		}
		tf.empty(removed, imported, config)
		there, _ := tf.importing(removed, userID(tf.e, wei))
		if there.get("username") != wei || there.get("present") != "true" {
			t.Errorf("imported %s", show(there.value))
		}
		tf.apply(removed, state, nil)
	})
}
