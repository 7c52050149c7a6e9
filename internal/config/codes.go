package config

import (
	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The kinds of findings of this package.
const (
	CodeNotFound                  = source.CodeNotFound
	CodeUnreadable                = source.CodeUnreadable
	CodeTooLarge                  = source.CodeTooLarge
	CodeTooDeep                   = source.CodeTooDeep
	CodeUnknownForm     diag.Code = "config.unknown-form"
	CodeNoConfig        diag.Code = "config.no-config"
	CodeEmpty           diag.Code = "config.empty"
	CodeSyntax                    = source.CodeSyntax
	CodeUnknownKey      diag.Code = "config.unknown-key"
	CodeMisplacedKey              = source.CodeMisplacedKey
	CodeDuplicateKey              = source.CodeDuplicateKey
	CodeUnusedKey       diag.Code = "config.unused-key"
	CodeWrongType                 = source.CodeWrongType
	CodeNumber                    = source.CodeNumber
	CodeNullElement     diag.Code = "config.null-element"
	CodeNotConstant               = source.CodeNotConstant
	CodeReference                 = source.CodeReference
	CodeCycle                     = source.CodeCycle
	CodeEvaluation                = source.CodeEvaluation
	CodeUnknownFunction           = source.CodeUnknownFunction
	CodeRefusedFunction           = source.CodeRefusedFunction
	CodeOutsideFolder             = source.CodeOutsideFolder
	CodeTooMuch                   = source.CodeTooMuch
	CodeBadOwner        diag.Code = "config.bad-owner"
	CodeOwnerConflict   diag.Code = "config.owner-conflict"
	CodeBadSetting      diag.Code = "config.bad-setting"
	CodeSecret          diag.Code = "config.secret"
	CodeNotTrusted      diag.Code = "config.not-trusted"
	CodePinned          diag.Code = "config.pinned"
)

// Codes explains the findings of this package.
func Codes() diag.Docs {
	return diag.Docs{
		{Code: CodeNotFound, Meaning: "The path of the config does not exist.", Do: "Pass the path of a config file or of its folder."},
		{Code: CodeUnreadable, Meaning: "A file exists but cannot be read, or is not a regular file.", Do: "Check its permissions; pass a regular file or a folder."},
		{Code: CodeTooLarge, Meaning: "A file is larger than 20 MB; it was not read.", Do: "Split the config, or check that this is the file you meant."},
		{Code: CodeTooDeep, Meaning: "An expression is nested too deeply to be read safely.", Do: "Simplify the expression."},
		{Code: CodeUnknownForm, Meaning: "The file is not in a form that rolecall reads.", Do: "Pass a *.tfvars, *.tfvars.json, inputs.hcl or terragrunt.hcl, or a folder that holds one."},
		{Code: CodeNoConfig, Meaning: "The folder contains no config.", Do: "Add a terraform.tfvars or an inputs.hcl, or pass the path of a file; `rolecall init` writes one."},
		{Code: CodeEmpty, Meaning: "The config sets no key of access at all.", Do: "Check the path; to remove everything, write the lists explicitly as empty."},
		{Code: CodeSyntax, Meaning: "The file is not valid HCL or JSON; nothing in it was used.", Do: "Correct the syntax at the place named."},
		{Code: CodeUnknownKey, Meaning: "A key is not one that rolecall knows; it is never ignored, because a misspelled key would lose or widen access.", Do: "Correct the spelling, or remove the key. docs/config.md lists them all."},
		{Code: CodeMisplacedKey, Meaning: "A key or block is in a place where it has no effect.", Do: "Move it to the place that the hint names."},
		{Code: CodeDuplicateKey, Meaning: "A key is set twice; it is not defined which one would be used.", Do: "Keep only one of them."},
		{Code: CodeUnusedKey, Meaning: "A key of access is written in a file and does not reach the config.", Do: "Pass it on in the inputs of terragrunt.hcl, or remove it."},
		{Code: CodeWrongType, Meaning: "A value does not have the type that its key requires.", Do: "Write a value of the type named."},
		{Code: CodeNumber, Meaning: "A number is used where text is required: an account id, or a number that would become different text, because numbers lose their leading zeros.", Do: "Write it in quotes, an account's id with all its 12 digits."},
		{Code: CodeNullElement, Meaning: "A list has an element that is null.", Do: "Remove the element."},
		{Code: CodeNotConstant, Meaning: "A *.tfvars or rolecall.hcl file holds an expression; these accept constants only, as in Terraform.", Do: "Write the value out, or move the config into the locals of an inputs.hcl."},
		{Code: CodeReference, Meaning: "An expression refers to something that does not exist, or that only Terragrunt or Terraform knows.", Do: "Write the value out, or define it in locals."},
		{Code: CodeCycle, Meaning: "Locals depend on each other in a cycle.", Do: "Break the cycle at one of the places named."},
		{Code: CodeEvaluation, Meaning: "An expression that access depends on cannot be evaluated.", Do: "Correct the expression at the place named."},
		{Code: CodeUnknownFunction, Meaning: "An expression that access depends on calls a function that rolecall does not have.", Do: "Use one of the functions that docs/config.md lists, or write the value out."},
		{Code: CodeRefusedFunction, Meaning: "An expression that access depends on calls a function that would run a program or read the environment.", Do: "Write the value out: the same config must mean the same on every machine."},
		{Code: CodeOutsideFolder, Meaning: "An expression that access depends on reads a file outside the config's folder.", Do: "Move the file into the folder, or write the value out."},
		{Code: CodeTooMuch, Meaning: "An expression grows into more data than any config needs.", Do: "Check the expression for a list or text that multiplies itself."},
		{Code: CodeBadOwner, Meaning: "The owner is not 1 to 18 letters, digits and dashes.", Do: "Choose a shorter, plain name."},
		{Code: CodeOwnerConflict, Meaning: "The config and rolecall.hcl name different owners.", Do: "Keep only one of the two."},
		{Code: CodeBadSetting, Meaning: "A setting in rolecall.hcl has a value that it does not accept.", Do: "Write a value of the form named."},
		{Code: CodeSecret, Meaning: "rolecall.hcl holds a secret; the file is meant to be committed.", Do: "Put the secret into an environment variable, name that variable here, and replace the secret: it may have been seen."},
		{Code: CodeNotTrusted, Meaning: "A setting would send a secret to a host that is not its vendor's, use a variable of AWS or of another program as a token, or read a file outside the config's folder.", Do: "Correct the setting. If it is correct, allow it with an environment variable where rolecall runs; docs/trust.md lists them."},
		{Code: CodePinned, Meaning: "rolecall.hcl in the config's folder contradicts the file that --settings names.", Do: "Remove the setting from rolecall.hcl, or change the settings file."},
	}
}
