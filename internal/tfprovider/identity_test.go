package tfprovider

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/identitystore"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/emulator"
)

// query lists resources as `terraform query` does, with everything about each.
func (tf *terraform) query(kind string) map[string]*stored {
	tf.t.Helper()
	p := tf.start()
	//lint:ignore SA1019 the way in, until ProviderServer has these methods itself
	lister, ok := p.server.(tfprotov6.ProviderServerWithListResource)
	if !ok {
		tf.t.Fatal("the server lists nothing")
	}
	config := p.schema.ListResourceSchemas[kind].ValueType()
	results, err := lister.ListResource(context.Background(), &tfprotov6.ListResourceRequest{TypeName: kind, Config: p.value(config, object{}), IncludeResource: true, Limit: 100})
	if err != nil {
		tf.t.Fatal(err)
	}
	out := map[string]*stored{}
	for r := range results.Results {
		tf.none("list", r.Diagnostics)
		out[r.DisplayName] = &stored{kind: kind, value: p.decode(p.typeOf(kind), r.Resource)}
		out["identity of "+r.DisplayName] = &stored{value: p.decode(p.identityType(kind), r.Identity.IdentityData)}
	}
	return out
}

func (p *process) identityType(kind string) tftypes.Type {
	schemas, err := p.server.GetResourceIdentitySchemas(context.Background(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		p.tf.t.Fatal(err)
	}
	return schemas.IdentitySchemas[kind].ValueType()
}

// importBy imports by an identity and reads.
func (tf *terraform) importBy(kind string, identity object) *stored {
	tf.t.Helper()
	p := tf.start()
	resp, err := p.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: kind,
		Identity: &tfprotov6.ResourceIdentityData{IdentityData: p.value(p.identityType(kind), identity)}})
	if err != nil {
		tf.t.Fatal(err)
	}
	tf.none("import", resp.Diagnostics)
	return p.refresh(&stored{kind, p.decode(p.typeOf(kind), resp.ImportedResources[0].State), nil})
}

// What is listed can be imported by its identity, and the import is what was
// listed.
func TestQueryAndIdentity(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		group := tf.apply(accessGroup, nil, development())
		jane := tf.apply(user, nil, jane())
		groups := tf.query(accessGroup)
		if g := groups["DevelopmentTeam"]; g == nil || g.get("accounts_names") != "[development staging]" || g.get("members") != "[jane.smith@company.com]" || g.get("owner") != "platform" {
			t.Fatalf("listed: %v", groups)
		}
		if imported := tf.importBy(accessGroup, object{"group_id": group.get("id")}); imported == nil || imported.get("accounts_names") != "[development staging]" {
			t.Errorf("imported: %v", imported)
		} else {
			tf.empty(accessGroup, imported, development())
		}
		if id := groups["identity of DevelopmentTeam"]; id.get("group_id") != group.get("id") || id.get("permission_set_name") != "DevelopmentTeam" {
			t.Errorf("identity: %s", show(id.value))
		}
		var external []string
		for name := range tf.query(externalGroup) {
			external = append(external, name)
		}
		if slices.Sort(external); !slices.Contains(external, "AWS-Development-Team") || slices.Contains(external, "DevelopmentTeam") {
			t.Errorf("external groups: %s", strings.Join(external, ", "))
		}
		if users := tf.query(user); users["jane.doe@company.com"] == nil || users["jane.doe@company.com"].get("given_name") != "Jane" || users["jane.smith@company.com"] != nil {
			t.Errorf("users: %v", users)
		}
		if imported := tf.importBy(user, object{"user_id": jane.get("id")}); imported == nil || imported.get("username") != "jane.doe@company.com" {
			t.Errorf("imported: %v", imported)
		}
	})
}

// What is wholly gone leaves the state, and the next plan makes it.
func TestGoneOutside(t *testing.T) {
	bubble(t, emulator.Options{}, func(tf *terraform) {
		state := tf.apply(accessGroup, nil, with(development(), "accounts_names", []string{"development"}))
		c := byHand(t, tf.e)
		c.unassign(state.get("permission_set_arn"), "222233334444", state.get("id"))
		_, err := c.sso.DeletePermissionSet(context.Background(), &ssoadmin.DeletePermissionSetInput{InstanceArn: c.instance, PermissionSetArn: aws.String(state.get("permission_set_arn"))})
		c.ok(err)
		_, err = c.store.DeleteGroup(context.Background(), &identitystore.DeleteGroupInput{IdentityStoreId: c.storeID, GroupId: aws.String(state.get("id"))})
		c.ok(err)
		if pl := tf.plan(accessGroup, state, development()); pl.action() != "create" {
			t.Errorf("planned %s\n%s", pl.action(), words(pl.diags))
		}
	})
}
