// Package architecture holds no code: its tests are the architecture. They
// enforce who may import whom, in this module and beyond it, and that every
// package says what it is for.
//
// They promise to name the rule and its reason with every violation. A rule
// about a folder that does not exist yet does nothing; a package that no rule
// knows is refused, so that the table stays whole. Test files may import what
// they like.
package architecture

// module is what import paths of this repository begin with.
const module = "github.com/rolecall-dev/rolecall/"

// within says what a package may import of this module. A path ending in /...
// means the folder and all beneath it; * means any one name.
type within struct {
	from   string
	to     []string
	reason string
}

// insideRules has the first rule that matches a package; what a rule does not
// allow is refused. Whoever owns a tree may import what is beneath it.
func insideRules() []within {
	const (
		access, diag, plan        = "internal/access", "internal/diag", "internal/plan"
		names, presence           = "internal/names", "internal/presence"
		trust                     = "internal/trust"
		apply, quota, report      = "internal/apply", "internal/quota", "internal/report"
		identitycenter, directory = "internal/identitycenter", "internal/directory"
		bounds, config            = "internal/bounds", "internal/config"
	)
	return []within{
		{"emulator/idp/vendorapi", []string{"emulator/idp", "emulator/internal/..."}, "what the vendors' own APIs answer is on top of the simulated directory; only tests have it"},
		{"emulator/...", []string{"emulator/..."}, "the emulator is the independent oracle: it shares no type with what it tests"},
		{diag, nil, "everything reports findings, so findings depend on nothing"},
		{trust, []string{diag}, "what a config may be trusted with depends on nothing that a config says"},
		{names, nil, "how two names differ does not depend on what they are names of"},
		{access, []string{diag, names}, "the nouns: all arrows point at them"},
		{config + "/source", []string{access, diag}, "how the files of a config are read and parsed, whatever they say"},
		{config + "/terragrunt", []string{config + "/source", names, diag}, "it evaluates expressions, and knows no key of a config"},
		{config, []string{config + "/...", access, names, diag, trust}, "it only parses; what the config means for AWS is decided elsewhere"},
		{presence, []string{access, names, diag}, "whether a name is there, and why not, is answered once, for everybody who asks"},
		{plan, []string{presence, access, diag}, "a plan is pure: states in, changes out"},
		{plan + "/model", []string{plan, access}, "it says what changes make of a state; besides tests only Terraform's state has it, where AWS cannot be read after an apply"},
		{quota, nil, "a budget knows calls, not what they are for"},
		{apply, []string{plan, access, diag}, "the engine knows no AWS: that is its Target"},
		{identitycenter + "/lease", []string{identitycenter, access, diag}, "the lock is a permission set: it needs the client alone"},
		{identitycenter + "/centertest", []string{identitycenter, access, quota, diag, "internal/hostile", "emulator"}, "what the tests of the adapter share; only tests have it"},
		{identitycenter + "/write", []string{identitycenter, apply, plan, access, diag}, "the Target writes what a plan says through the client"},
		{"internal/setcache", []string{identitycenter}, "files of names, for the adapter: it asks nobody"},
		{identitycenter + "/read", []string{identitycenter, access, diag}, "one reader: it knows no plan, and writes nothing"},
		{identitycenter, []string{access, quota, bounds, diag, trust}, "the client calls AWS, and decides nothing"},
		{directory, []string{access, bounds, diag, trust}, "what an identity provider looks like, whichever it is"},
		{directory + "/*", []string{directory, quota, bounds, diag, trust, "internal/probe/saml"}, "one identity provider never knows another; SAML metadata is read in one place"},
		{"internal/probe/*", []string{bounds, diag, trust}, "a probe asks one protocol and explains the answer; it knows no config and no AWS API"},
		{"internal/doctor/...", []string{access, names, plan, presence, directory, diag, "internal/probe/..."}, "checks turn facts into verdicts; the facts are brought to them"},
		{report, []string{access}, "who has what is a view of a state"},
		{bounds, nil, "how much is taken of an answer, whoever gives it"},
		{"internal/promises/searchtest", []string{"emulator"}, "what the searches for a broken promise share: who has what by the emulator's own word; only tests have it"},
		{"internal/hostile", nil, "it knows no API, so that it can stand in front of any; only tests have it"},
		{"internal/render/...", []string{access, apply, diag, "internal/doctor", names, plan, presence, quota, report}, "it turns data into text, and never touches the world"},
		{"internal/tfprovider/...", []string{access, plan, plan + "/model", apply, identitycenter, identitycenter + "/read", identitycenter + "/write", names, presence, report, diag, trust}, "Terraform is a front door to the same engine"},
		{"internal/cli/...", []string{access, apply, config, diag, trust, directory + "/...", "internal/doctor", "internal/probe/...", identitycenter + "/...", "internal/setcache", plan, quota,
			"internal/render", names, presence, report, "emulator", "emulator/idp"}, "the one place where all parts meet, but the Terraform provider"},
		{"cmd/rolecall", []string{"internal/cli"}, "main only"},
		{"bench", nil, "it runs the measurements, which are tests, and prints what they found"},
		{"cmd/terraform-provider-rolecall", []string{"internal/tfprovider"}, "main only"},
	}
}

// beyond says who alone may import a module or package of somebody else.
type beyond struct {
	prefix string
	by     []string
	reason string
}

// outsideRules has the first rule that matches an import path which is not of
// the standard library; a path that none matches is refused.
func outsideRules() []beyond {
	return []beyond{
		{"github.com/hashicorp/hcl/", []string{"internal/config/..."}, "one place knows HCL"},
		{"github.com/zclconf/go-cty/", []string{"internal/config/..."}, "one place knows HCL's values"},
		{"github.com/aws/aws-sdk-go-v2/config", []string{"internal/identitycenter/...", "internal/cli/...", "internal/tfprovider/..."}, "credentials are found at the front door"},
		{"github.com/aws/aws-sdk-go-v2/service/", []string{"internal/identitycenter", "internal/cli"}, "one package calls AWS, so that each operation is called in one way; the command's demo plays somebody else"},
		{"github.com/aws/aws-sdk-go-v2", []string{"internal/identitycenter/...", "internal/cli/...", "internal/tfprovider/..."}, "one adapter knows AWS"},
		{"github.com/aws/smithy-go", []string{"internal/identitycenter"}, "one adapter knows AWS"},
		{"github.com/hashicorp/terraform-plugin-", []string{"internal/tfprovider/...", "cmd/terraform-provider-rolecall"}, "one package knows Terraform"},
		{"github.com/spf13/cobra", []string{"internal/cli/..."}, "one package knows the command line"},
		{"github.com/spf13/pflag", []string{"internal/cli/..."}, "one package knows the command line"},
		{"golang.org/x/term", []string{"internal/cli"}, "what a person watches is the front door's to know; render takes it as a parameter"},
		{"charm.land/lipgloss/", []string{"internal/render/...", "internal/cli/..."}, "color and width belong to rendering"},
		{"github.com/aymanbagabas/go-udiff/", []string{"internal/render"}, "differences are shown in one place"},
		{"github.com/go-jose/go-jose/", []string{"internal/directory"}, "one place signs what connectors sign in with"},
		{"golang.org/x/text/encoding", []string{"internal/probe/saml"}, "metadata comes in the encodings of others"},
		{"golang.org/x/text/", []string{"internal/access", "internal/names", "internal/config/...", "internal/render/..."}, "names are compared where names are the subject"},
		{"golang.org/x/time/", []string{"internal/quota"}, "one package sets the pace"},
		{"golang.org/x/sync/", []string{"internal/apply", "internal/identitycenter/...", "internal/directory/...", "internal/cli/..."}, "only what waits for others runs side by side"},
	}
}

// never says what packages of the standard library a package must not import.
type never struct {
	from   string
	std    []string
	reason string
}

func standardRules() []never {
	world := []string{"os", "os/...", "net", "net/http/...", "syscall", "log", "log/slog"}
	clock := []string{"context", "time", "math/rand", "math/rand/v2", "crypto/rand"}
	pure := append(clock, world...)
	const alone = "rolecall runs no other program; bench, which is no part of it, runs its own tests"
	return []never{
		{"internal/plan/...", pure, "a plan is pure: no context, clock, chance, log, operating system or network; the same input gives the same bytes"},
		{"internal/access", pure, "the nouns are pure: the same config gives the same state"},
		{"internal/names", pure, "two names differ as they do, always"},
		{"internal/presence", pure, "verdicts are pure: whoever waits brings the time"},
		{"internal/report", pure, "a view of a state is pure"},
		{"internal/diag", pure, "a finding is data"},
		{"internal/trust", append([]string{"os", "os/...", "net/http/...", "syscall", "log", "log/slog"}, clock...), "the environment is brought to it, and it sends nothing"},
		{"internal/render/...", world, "color and width are parameters"},
		{"internal/apply", world, "the engine knows no AWS: that is its Target"},
		{"internal/quota", world, "a budget knows calls, not what they are for"},
		{"internal/doctor/...", world, "checks turn facts into verdicts; the facts are brought to them"},
		{"cmd/...", []string{"os/exec"}, alone},
		{"emulator/...", []string{"os/exec"}, alone},
		{"internal/...", []string{"os/exec"}, alone},
		{"...", []string{"plugin", "unsafe"}, "rolecall takes no other program in"},
		{"...", []string{"testing", "testing/...", "net/http/httptest"}, "test code stays in tests"},
	}
}

// longFiles may have more than maxLines lines, each for its reason. There is none.
func longFiles() map[string]string {
	return map[string]string{}
}
