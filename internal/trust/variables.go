package trust

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// family is the variables of a well-known program or service, by their names.
type family struct {
	pattern string // in upper case; a * at its end stands for anything
	of      string
	but     Vendor // whose secret such a variable may well be
}

// families have names that hold somebody else's secret. The list cannot be
// complete, and need not: what is sent goes to the vendor's own hosts anyway.
// The exceptions of a family come before it.
func families() []family {
	out := []family{
		{pattern: "GOOGLE_APPLICATION_CREDENTIALS", of: "Google Cloud"}, {pattern: "GOOGLE_OAUTH_ACCESS_TOKEN", of: "Google Cloud"},
		{pattern: "GOOGLE_API_KEY", of: "Google Cloud"}, {pattern: "GOOGLE_ENCRYPTION_KEY", of: "Google Cloud"}, {pattern: "GOOGLE_GHA_CREDS_PATH", of: "Google Cloud"},
		{pattern: "GOOGLE_*", of: "Google", but: Google}, {pattern: "GCP_*", of: "Google Cloud", but: Google}, {pattern: "AZURE_*", of: "Azure", but: Entra},
	}
	for of, patterns := range wellKnown() {
		for pattern := range strings.FieldsSeq(patterns) {
			out = append(out, family{pattern: pattern, of: of})
		}
	}
	return out
}

func wellKnown() map[string]string {
	return map[string]string{
		"the system": "HOME PATH USER USERNAME LOGNAME SHELL PWD OLDPWD HOSTNAME TMPDIR TEMP TMP LANG LC_* TERM EDITOR DISPLAY XDG_* DBUS_* LD_* DYLD_* PYTHONPATH USERPROFILE APPDATA " +
			"HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY FTP_PROXY SSL_* CURL_*",
		"a CI system": "CI CI_* GITHUB_* GH_* ACTIONS_* RUNNER_* INPUT_* GITLAB_* BITBUCKET_* CIRCLE_* CIRCLECI_* TRAVIS_* JENKINS_* BUILDKITE_* DRONE_* WOODPECKER_* TEAMCITY_* SYSTEM_* BUILD_* " +
			"VSS_* SEMAPHORE_* CODEBUILD_* ATLANTIS_* SPACELIFT_* APPVEYOR_* GITEA_* FORGEJO_*",
		"Terraform and its like": "TF_* TFE_* TFC_* TERRAFORM_* TG_* TERRAGRUNT_* TOFU_* INFRACOST_* PULUMI_*",
		"a vault":                "VAULT_* CONSUL_* NOMAD_* BOUNDARY_* OP_* ONEPASSWORD_* DOPPLER_* INFISICAL_* SOPS_* BW_* BITWARDEN_*",
		"a cloud": "ARM_* MSI_* IDENTITY_HEADER IDENTITY_ENDPOINT CLOUDSDK_* GCLOUD_* ALICLOUD_* ALIBABA_* OCI_* TENCENTCLOUD_* IBMCLOUD_* IC_* CLOUDFLARE_* CF_* FASTLY_* AKAMAI_* DIGITALOCEAN_* DO_* HCLOUD_* " +
			"HETZNER_* LINODE_* VULTR_* SCW_* OVH_* HEROKU_* VERCEL_* NETLIFY_* FLY_* SUPABASE_* OS_* SNOWFLAKE_* DATABRICKS_* CONFLUENT_*",
		"a package registry": "NPM_* NODE_AUTH_TOKEN YARN_* PNPM_* PYPI_* TWINE_* PIP_* POETRY_* UV_* CARGO_* GEM_* RUBYGEMS_* BUNDLE_* NUGET_* MAVEN_* GRADLE_* COMPOSER_* HOMEBREW_* GOPROXY GOFLAGS GOAUTH " +
			"DOCKER_* DOCKERHUB_* REGISTRY_* CR_PAT QUAY_* HARBOR_* ARTIFACTORY_* JFROG_* NEXUS_*",
		"Kubernetes":       "KUBE* HELM_* ARGOCD_* RANCHER_*",
		"SSH, GPG and Git": "SSH_* GPG_* GNUPG* GIT_* COSIGN_* SIGSTORE_*",
		"a database":       "DATABASE_* DB_* PG* POSTGRES* MYSQL_* MARIADB_* MONGO* REDIS_* RABBITMQ_* AMQP_* KAFKA_* ELASTIC* OPENSEARCH_* CLICKHOUSE_* MSSQL_* SQL_*",
		"another service": "SMTP_* MAIL_* SENDGRID_* MAILGUN_* POSTMARK_* SLACK_* DISCORD_* TELEGRAM_* TWILIO_* STRIPE_* PAYPAL_* PAGERDUTY_* OPSGENIE_* DATADOG_* DD_* NEW_RELIC_* NEWRELIC_* SENTRY_* GRAFANA_* " +
			"HONEYCOMB_* SPLUNK_* SUMOLOGIC_* SNYK_* SONAR_* CODECOV_* COVERALLS_* SEMGREP_* JIRA_* CONFLUENCE_* ATLASSIAN_* LINEAR_* NOTION_* ZENDESK_* AUTH0_* LAUNCHDARKLY_* " +
			"ANTHROPIC_* OPENAI_* GEMINI_* MISTRAL_* COHERE_* HF_* HUGGING* KAGGLE_* WANDB_*",
		"a web application": "SECRET_KEY SECRET_KEY_BASE ENCRYPTION_KEY MASTER_KEY RAILS_* DJANGO_* FLASK_* JWT_* SESSION_SECRET COOKIE_SECRET",
	}
}

var (
	variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,127}$`)
	hasLower     = regexp.MustCompile(`[a-z]`)
	hasUpper     = regexp.MustCompile(`[A-Z]`)
	hasDigit     = regexp.MustCompile(`[0-9]`)
)

// Variable says whether a config may name the environment variable for a secret
// of the vendor. The refusal shows no more of the name than the family that it
// belongs to.
func (m Machine) Variable(v Vendor, name string) error {
	if !variableName.MatchString(name) || looksLikeSecret(name) {
		return &Refusal{Why: "does not have the name of an environment variable", Do: "Write the name of a variable, such as " + v.variable() + ", and keep the secret in that variable. " + Replace}
	}
	upper := strings.ToUpper(name)
	if strings.HasPrefix(upper, "AWS_") {
		return &Refusal{Why: "names a variable of AWS's own (AWS_*)", Do: "AWS's credentials are for AWS only. Write the name of a separate variable, such as " + v.variable() + "."}
	}
	if slices.Contains(m.variables, name) {
		return nil
	}
	for _, f := range families() {
		if f.matches(upper) {
			if v != "" && f.but == v {
				return nil
			}
			return &Refusal{Why: "names a variable of " + f.of + " (" + f.pattern + ")", Do: "Such a variable has another secret. Use a separate one, such as " + v.variable() +
				". If this one is correct, allow it where rolecall runs, outside the config: " + VariablesVariable + "=NAME, separated by commas."}
		}
	}
	return nil
}

// Replace is what to do with a secret that stands in a file.
const Replace = "If the secret itself is written there, replace it where it was created: it is in a file now, and perhaps in its history."

func (f family) matches(upper string) bool {
	prefix, wide := strings.CutSuffix(f.pattern, "*")
	return upper == f.pattern || wide && strings.HasPrefix(upper, prefix)
}

// looksLikeSecret finds tokens that could be names by their characters alone:
// nobody calls a variable by a mixture of both cases and digits.
func looksLikeSecret(name string) bool {
	return len(name) >= 16 && hasLower.MatchString(name) && hasUpper.MatchString(name) && hasDigit.MatchString(name)
}

// plainName is what people call variables of secrets. No vendor makes secrets of
// that form, so the name may be shown.
var plainName = regexp.MustCompile(`^[A-Z]{1,20}(_[A-Z]{1,20}){0,6}_(TOKEN|KEY|SECRET|CREDENTIALS?|JSON|PEM|PASSWORD)[0-9]{0,2}$`)

// IsPlain says that a name is surely that of a variable, and no secret.
func IsPlain(name string) bool { return plainName.MatchString(name) }

// Named returns the name of a variable to be shown, with the setting that has it;
// the setting alone where the name may be the secret itself.
func Named(variable, setting string) string {
	if IsPlain(variable) {
		return fmt.Sprintf("the environment variable %s (%s)", variable, setting)
	}
	return "the environment variable that " + setting + " names"
}

func (v Vendor) variable() string {
	switch v {
	case Okta:
		return "OKTA_API_TOKEN"
	case Entra:
		return "ENTRA_CLIENT_SECRET"
	case Google:
		return "GOOGLE_CREDENTIALS"
	default:
		return "SCIM_TOKEN"
	}
}
