package cli

import (
	"slices"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/apply"
	"github.com/rolecall-dev/rolecall/internal/config"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
	"github.com/rolecall-dev/rolecall/internal/plan"
	"github.com/rolecall-dev/rolecall/internal/presence"
)

// The kinds of findings of this package.
const (
	CodeUsage        diag.Code = "cli.usage"
	CodeFailed       diag.Code = "cli.failed"
	CodeInterrupted  diag.Code = "cli.interrupted"
	CodeNoOwner      diag.Code = "cli.no-owner"
	CodeOtherOwner   diag.Code = "cli.other-owner"
	CodeUnknownGroup diag.Code = "cli.unknown-group"
	CodeFileExists   diag.Code = "cli.file-exists"
	CodeFile         diag.Code = "cli.file"
	CodePlanFile     diag.Code = "cli.plan-file"
	CodePlanEdited   diag.Code = "cli.plan-edited"
	CodePlanAged     diag.Code = "cli.plan-aged"
	CodePlanReplayed diag.Code = "cli.plan-replayed"
	CodePlanChanged  diag.Code = "cli.plan-changed"
	CodeNotApproved  diag.Code = "cli.not-approved"
	CodeListen       diag.Code = "cli.listen"
	CodeExpiresSoon  diag.Code = "cli.credentials-expire-soon"
	CodeNotReleased  diag.Code = "cli.lock-not-released"
	CodeUnknownName  diag.Code = "cli.unknown-name"
	CodeNotSeen      diag.Code = "cli.not-seen"
	CodeNotCompared  diag.Code = "cli.not-compared"
	// CodeNothingToAdopt is about a name of --adopt.
	CodeNothingToAdopt diag.Code = "cli.nothing-to-adopt"
)

// everyCode explains the findings of all packages.
func everyCode() diag.Docs {
	return slices.Concat(access.Codes(), apply.Codes(), codes(), config.Codes(), directory.Codes(), doctor.Codes(),
		identitycenter.Codes(), plan.Codes(), presence.Codes())
}

// codes explains the findings of this package.
func codes() diag.Docs {
	return diag.Docs{
		{Code: CodeUsage, Meaning: "The command line is not one that rolecall understands.", Do: "Look at the command's --help."},
		{Code: CodeFailed, Meaning: "Something failed that rolecall has no explanation for.", Do: "Read the message; report it if it should have been explained."},
		{Code: CodeInterrupted, Meaning: "The command was interrupted by Ctrl-C or SIGTERM.", Do: "Run it again: every step can be repeated."},
		{Code: CodeNoOwner, Meaning: "No owner is set.", Do: "Write owner = \"...\" in rolecall.hcl beside the config, or pass --owner."},
		{Code: CodeOtherOwner, Meaning: "--owner and rolecall.hcl name different owners.", Do: "Remove --owner, or change rolecall.hcl."},
		{Code: CodeUnknownGroup, Meaning: "--only names a group that the config does not have.", Do: "Pass the group's exact name."},
		{Code: CodeFileExists, Meaning: "A file to be written already exists; nothing was written.", Do: "Choose another folder or file name, or remove the file."},
		{Code: CodeFile, Meaning: "A file that was named on the command line cannot be read or written.", Do: "Check the path and its permissions."},
		{Code: CodePlanFile, Meaning: "A plan file cannot be applied: it is broken, or was made for something else.", Do: "Create it again with rolecall plan --out."},
		{Code: CodePlanEdited, Meaning: "A plan file was edited after it was written.", Do: "Plan again, and approve the new plan."},
		{Code: CodePlanAged, Meaning: "A plan file is older than --max-age (default: 24 hours), or from the future.", Do: "Plan again, and approve the new plan."},
		{Code: CodePlanReplayed, Meaning: "A plan file has already been carried out: the records of permission sets have its id.", Do: "Plan again: what is left is in the new plan."},
		{Code: CodePlanChanged, Meaning: "A new plan has other changes than the approved plan file, because AWS or the config has changed; nothing was written.", Do: "Plan again, review the difference, and approve the new plan."},
		{Code: CodeNothingToAdopt, Meaning: "--adopt names something that is not both in the config and in AWS.", Do: "Pass the exact name."},
		{Code: CodeNotApproved, Meaning: "The plan was shown and not approved; nothing was written.", Do: "Answer yes, or pass --auto-approve."},
		{Code: CodeListen, Meaning: "The emulator cannot listen on the address.", Do: "Pass another --listen address; port 0 picks a free one."},
		{Code: CodeExpiresSoon, Meaning: "The credentials will expire before the work is estimated to end.", Do: "Sign in again first, or continue: the next run does what is left."},
		{Code: CodeUnknownName, Meaning: "AWS has no user, group or account of that name.", Do: "Pass the exact name; the hint has similar ones."},
		{Code: CodeNotSeen, Meaning: "Something could not be read this way, or AWS refused to show it; it is not in the result, which does not mean that it does not exist.", Do: "Nothing; or allow what the note names."},
		{Code: CodeNotCompared, Meaning: "The identity provider was not asked, or not about everything, so differences between it and AWS may go unnoticed.", Do: "Fix the connector in rolecall.hcl, or pass --no-connector; rolecall doctor checks everything."},
		{Code: CodeNotReleased, Meaning: "The lock could not be released.", Do: "Wait two minutes, or run rolecall unlock."},
	}
}
