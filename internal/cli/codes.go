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
		{Code: CodeNoOwner, Meaning: "Nothing says who owns what rolecall makes.", Do: "Write owner = \"...\" into rolecall.hcl beside the config, or give --owner."},
		{Code: CodeOtherOwner, Meaning: "--owner and rolecall.hcl name different owners.", Do: "Leave --owner out, or change rolecall.hcl."},
		{Code: CodeUnknownGroup, Meaning: "--only names a group that the config does not have.", Do: "Give the group's exact name."},
		{Code: CodeFileExists, Meaning: "A file that would be written is there already; nothing was written.", Do: "Choose another folder or file name, or remove the file."},
		{Code: CodeFile, Meaning: "A file that was named on the command line cannot be read or written.", Do: "Check the path and its permissions."},
		{Code: CodePlanFile, Meaning: "A plan file cannot be applied: it is broken, or was made for something else.", Do: "Make it again with rolecall plan --out."},
		{Code: CodePlanEdited, Meaning: "A plan file was edited after it was written.", Do: "Plan again, and approve that plan."},
		{Code: CodePlanAged, Meaning: "A plan file is older than --max-age, 24 hours unless given, or from the future.", Do: "Plan again, and approve that plan."},
		{Code: CodePlanReplayed, Meaning: "A plan file was carried out already: the records of permission sets have its id.", Do: "Plan again: what is left is in the new plan."},
		{Code: CodePlanChanged, Meaning: "Planning again gives other changes than the approved plan file has, because AWS or the config has changed; nothing was written.", Do: "Plan again, look at the difference, and approve that plan."},
		{Code: CodeNothingToAdopt, Meaning: "--adopt names something that is not both in the config and in AWS.", Do: "Give the exact name."},
		{Code: CodeNotApproved, Meaning: "The plan was shown and not approved; nothing was written.", Do: "Answer yes, or give --auto-approve."},
		{Code: CodeListen, Meaning: "The emulator cannot listen at the address.", Do: "Give another --listen address; port 0 takes a free one."},
		{Code: CodeExpiresSoon, Meaning: "The credentials will expire before the work is estimated to end.", Do: "Sign in again first, or go on: what is left then is done by the next run."},
		{Code: CodeUnknownName, Meaning: "AWS has no user, group or account of the name.", Do: "Give the exact name; the names near it are in the hint."},
		{Code: CodeNotSeen, Meaning: "Something cannot be seen this way, or AWS refused to tell it; it is not in the result, and not said to be absent.", Do: "Nothing; or allow what the note names."},
		{Code: CodeNotCompared, Meaning: "The identity provider was not asked, or not about everything, so what differs between it and AWS may go unseen.", Do: "Mend the connector in rolecall.hcl, or give --no-connector; rolecall doctor asks about all."},
		{Code: CodeNotReleased, Meaning: "The lock could not be given back.", Do: "Wait two minutes, or run rolecall unlock."},
	}
}
