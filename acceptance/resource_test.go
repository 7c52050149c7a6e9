package acceptance

import (
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/tfprovider"
)

// factories serve the provider from this process, over an emulator of its own.
func factories(t *testing.T) map[string]func() (tfprotov6.ProviderServer, error) {
	t.Helper()
	t.Setenv("TF_ACC_TERRAFORM_PATH", program(t))
	if strings.HasPrefix(filepath.Base(program(t)), "tofu") { // it looks for a provider without a source elsewhere
		t.Setenv("TF_ACC_PROVIDER_HOST", "registry.opentofu.org")
		t.Setenv("TF_ACC_PROVIDER_NAMESPACE", "hashicorp")
	}
	t.Setenv("CHECKPOINT_DISABLE", "1")
	if rc, err := mirror(); err == nil {
		t.Setenv("TF_CLI_CONFIG_FILE", rc)
	}
	e, err := emulator.New(emulator.Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	o := tfprovider.Options{HTTPClient: &http.Client{Transport: e.Transport()},
		Credentials: credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "secret", "")}
	return map[string]func() (tfprotov6.ProviderServer, error){"rolecall": providerserver.NewProtocol6WithError(tfprovider.New("test", o)())}
}

func groupConfig(kind, name, extra string) string {
	return fmt.Sprintf(`
provider "rolecall" {
  owner  = "platform"
  region = "us-east-1"
}

resource "rolecall_%s" "team" {
  name                 = %q
  description          = "Development team access"
  permission_set_name  = "Developers"
  accounts_names       = ["development", "staging"]
  aws_managed_policies = ["arn:aws:iam::aws:policy/PowerUserAccess"]
  %s
}
`, kind, name, extra)
}

// steps applies, changes something, imports, and finds nothing left to do.
func steps(address, importID, first, second string) []resource.TestStep {
	empty := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}
	inPlace := resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
	return []resource.TestStep{
		{Config: first},
		{Config: first, ConfigPlanChecks: empty},
		{Config: second, ConfigPlanChecks: inPlace},
		{Config: second, ConfigPlanChecks: empty},
		{ResourceName: address, ImportState: true, ImportStateId: importID, ImportStateVerify: true},
		{Config: second, ConfigPlanChecks: empty},
	}
}

func TestExternalGroup(t *testing.T) {
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(t),
		Steps: steps("rolecall_external_group.team", "AWS-Development-Team::Developers",
			groupConfig("external_group", "AWS-Development-Team", ""), groupConfig("external_group", "AWS-Development-Team", `session_duration = "PT8H"`))})
}

func TestAccessGroup(t *testing.T) {
	config := func(extra string) string {
		return groupConfig("access_group", "Own-Team", "members = [\"jane.smith@company.com\"]\n  "+extra)
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(t),
		Steps: steps("rolecall_access_group.team", "Own-Team::Developers", config(""), config(`tags = { team = "development" }`))})
}

func TestUser(t *testing.T) {
	config := func(display string) string {
		return fmt.Sprintf(`
provider "rolecall" {
  owner  = "platform"
  region = "us-east-1"
}

resource "rolecall_user" "jane" {
  display_name = %q
  email        = "jane.doe@company.com"
  given_name   = "Jane"
  family_name  = "Doe"
}
`, display)
	}
	resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(t),
		Steps: steps("rolecall_user.jane", "jane.doe@company.com", config("Jane Doe"), config("Jane D."))})
}
