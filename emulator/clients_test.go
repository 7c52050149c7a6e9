package emulator_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rolecall-dev/rolecall/emulator"
)

// serveTo starts a server and returns the environment of a client of it.
func serveTo(t *testing.T) (url string, env []string) {
	t.Helper()
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	plain := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	return server.URL, append(plain,
		"AWS_ENDPOINT_URL="+server.URL, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ACCESS_KEY_ID="+emulator.ManagementKey,
		"AWS_SECRET_ACCESS_KEY=secret", "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE="+os.DevNull, "AWS_SHARED_CREDENTIALS_FILE="+os.DevNull)
}

// run runs a program and returns what it prints.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	limited, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(limited, name, args...)
	cmd.Dir, cmd.Env = dir, env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// wanted skips a test whose program is not here, and slow ones where asked to.
func wanted(t *testing.T, program string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starting other programs takes seconds")
	}
	path, err := exec.LookPath(program)
	if err != nil {
		t.Skipf("no %s on PATH", program)
	}
	return path
}

func TestCommandLineOfAWS(t *testing.T) {
	aws := wanted(t, "aws")
	_, env := serveTo(t)
	call := func(args ...string) string { return strings.TrimSpace(run(t, "", env, aws, args...)) }
	if got := call("sts", "get-caller-identity", "--query", "Account", "--output", "text"); got != management {
		t.Errorf("account = %s", got)
	}
	instance := call("sso-admin", "list-instances", "--query", "Instances[0].InstanceArn", "--output", "text")
	call("sso-admin", "create-permission-set", "--instance-arn", instance, "--name", "FromTheCommandLine")
	if got := call("sso-admin", "list-permission-sets", "--instance-arn", instance, "--query", "length(PermissionSets)", "--output", "text"); got != "1" {
		t.Errorf("sets = %s, want 1", got)
	}
	if got := call("organizations", "list-accounts", "--query", "Accounts[?Name=='production'].State", "--output", "text"); got != "ACTIVE" {
		t.Errorf("state = %s", got)
	}
	if got := call("iam", "get-policy", "--policy-arn", "arn:aws:iam::aws:policy/job-function/Billing", "--query", "Policy.Path", "--output", "text"); got != "/job-function/" {
		t.Errorf("path = %s", got)
	}
}

const boto3Script = `
import boto3, botocore
sso, ids, orgs, sts, iam = (boto3.client(s) for s in ("sso-admin", "identitystore", "organizations", "sts", "iam"))
instance = sso.list_instances()["Instances"][0]
arn, store = instance["InstanceArn"], instance["IdentityStoreId"]
group = ids.get_group_id(IdentityStoreId=store, AlternateIdentifier={"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "AWS-Development-Team"}})["GroupId"]
ps = sso.create_permission_set(InstanceArn=arn, Name="Boto", Tags=[{"Key": "a", "Value": "b"}])["PermissionSet"]["PermissionSetArn"]
job = sso.create_account_assignment(InstanceArn=arn, PermissionSetArn=ps, PrincipalId=group, PrincipalType="GROUP", TargetId="222233334444", TargetType="AWS_ACCOUNT")["AccountAssignmentCreationStatus"]
assert job["Status"] == "IN_PROGRESS", job
assert sso.describe_account_assignment_creation_status(InstanceArn=arn, AccountAssignmentCreationRequestId=job["RequestId"])["AccountAssignmentCreationStatus"]["Status"] == "SUCCEEDED"
try:
    sso.delete_permission_set(InstanceArn=arn, PermissionSetArn=ps)
    assert False
except sso.exceptions.ConflictException as e:
    assert e.response["ResponseMetadata"]["HTTPStatusCode"] == 400, e.response
try:
    ids.describe_group(IdentityStoreId=store, GroupId="00000000-0000-4000-8000-000000000000")
    assert False
except ids.exceptions.ResourceNotFoundException as e:
    assert e.response["ResourceType"] == "GROUP", e.response
names = [a["Name"] for p in orgs.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 2}) for a in p["Accounts"]]
assert len(names) == 6, names
assert sum(len(p["Policies"]) for p in iam.get_paginator("list_policies").paginate(Scope="AWS")) > 1500
user = ids.list_users(IdentityStoreId=store)["Users"][0]
assert user["CreatedAt"].year > 2000 and user["UserStatus"] == "ENABLED", user
print("all well as", sts.get_caller_identity()["Arn"])
`

func TestBoto3(t *testing.T) {
	python := wanted(t, "python3")
	if err := exec.Command(python, "-c", "import boto3; boto3.client('identitystore', region_name='us-east-1').meta.service_model.shape_for('UserStatus')").Run(); err != nil {
		t.Skip("python3 has no boto3 that knows identitystore's UserStatus")
	}
	_, env := serveTo(t)
	if got := run(t, "", env, python, "-c", boto3Script); !strings.HasPrefix(got, "all well as arn:aws:sts::111122223333:") {
		t.Error(got)
	}
}

const terraformConfig = `
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
provider "aws" {
  region                      = "us-east-1"
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = false
  endpoints {
    ssoadmin      = var.endpoint
    identitystore = var.endpoint
    organizations = var.endpoint
    sts           = var.endpoint
    iam           = var.endpoint
  }
}
variable "endpoint" { type = string }
data "aws_ssoadmin_instances" "all" {}
locals {
  arn   = tolist(data.aws_ssoadmin_instances.all.arns)[0]
  store = tolist(data.aws_ssoadmin_instances.all.identity_store_ids)[0]
}
data "aws_identitystore_group" "scim" {
  identity_store_id = local.store
  alternate_identifier {
    unique_attribute {
      attribute_path  = "DisplayName"
      attribute_value = "AWS-Development-Team"
    }
  }
}
resource "aws_identitystore_group" "own" {
  identity_store_id = local.store
  display_name      = "Own"
  description       = "made by Terraform"
}
resource "aws_identitystore_user" "ada" {
  identity_store_id = local.store
  user_name         = "ada"
  display_name      = "Ada"
  name {
    given_name  = "Ada"
    family_name = "Lovelace"
  }
  emails {
    value   = "ada@company.com"
    primary = true
  }
}
resource "aws_identitystore_group_membership" "ada" {
  identity_store_id = local.store
  group_id          = aws_identitystore_group.own.group_id
  member_id         = aws_identitystore_user.ada.user_id
}
resource "aws_ssoadmin_permission_set" "dev" {
  instance_arn     = local.arn
  name             = "Dev"
  description      = "developers"
  session_duration = "PT4H"
  relay_state      = "https://console.aws.amazon.com/"
  tags             = { team = "core" }
}
resource "aws_ssoadmin_managed_policy_attachment" "dev" {
  instance_arn       = local.arn
  permission_set_arn = aws_ssoadmin_permission_set.dev.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/PowerUserAccess"
}
resource "aws_ssoadmin_permission_set_inline_policy" "dev" {
  instance_arn       = local.arn
  permission_set_arn = aws_ssoadmin_permission_set.dev.arn
  inline_policy      = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "s3:*", Resource = "*" }] })
}
resource "aws_ssoadmin_permissions_boundary_attachment" "dev" {
  instance_arn       = local.arn
  permission_set_arn = aws_ssoadmin_permission_set.dev.arn
  permissions_boundary {
    managed_policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
  }
}
resource "aws_ssoadmin_account_assignment" "dev" {
  instance_arn       = local.arn
  permission_set_arn = aws_ssoadmin_permission_set.dev.arn
  principal_id       = data.aws_identitystore_group.scim.group_id
  principal_type     = "GROUP"
  target_id          = "222233334444"
  target_type        = "AWS_ACCOUNT"
}
`

// TestTerraform applies, plans to nothing and destroys with the stock provider of
// AWS. It runs where a plugin folder is named (no provider is downloaded), as it
// takes a minute.
func TestTerraform(t *testing.T) {
	plugins := os.Getenv("EMULATOR_TEST_TERRAFORM_PLUGINS")
	if plugins == "" {
		t.Skip("EMULATOR_TEST_TERRAFORM_PLUGINS names no folder with hashicorp/aws")
	}
	terraform := wanted(t, "terraform")
	url, env := serveTo(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), []byte(terraformConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	env = append(env, "TF_VAR_endpoint="+url, "TF_CLI_CONFIG_FILE="+os.DevNull, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1")
	run(t, dir, env, terraform, "init", "-input=false", "-plugin-dir="+plugins)
	run(t, dir, env, terraform, "apply", "-input=false", "-auto-approve", "-no-color")
	run(t, dir, env, terraform, "plan", "-input=false", "-detailed-exitcode", "-no-color")
	run(t, dir, env, terraform, "destroy", "-input=false", "-auto-approve", "-no-color")
}
