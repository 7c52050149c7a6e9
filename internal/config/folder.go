package config

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/rolecall-dev/rolecall/internal/config/source"
	"github.com/rolecall-dev/rolecall/internal/config/terragrunt"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// SettingsFile is the name of the file with the tool's settings.
const SettingsFile = "rolecall.hcl"

const inputsFile = "inputs.hcl"

// configFiles returns the files that make up the config, within the folder.
func (l *loader) configFiles(name string) []string {
	if name != "" {
		return l.oneFile(name)
	}
	entries, err := fs.ReadDir(l.Folder.Own, ".")
	if err != nil {
		l.Report(source.Unreadable(l.Folder.Name("."), err))
		return nil
	}
	var names, others []string
	for _, e := range entries {
		switch rank := folderRank(e.Name()); {
		case e.IsDir():
		case rank > 0:
			names = append(names, e.Name())
		case isTfvars(e.Name()):
			others = append(others, e.Name())
		}
	}
	if len(names) == 0 {
		l.reportNoConfig(others)
		return nil
	}
	slices.SortStableFunc(names, func(a, b string) int { return folderRank(a) - folderRank(b) })
	return names
}

func (l *loader) oneFile(name string) []string {
	why := "is not a form of config that rolecall reads"
	switch ext := path.Ext(name); {
	case name == SettingsFile:
		why = "holds the tool's settings, not the config of access"
	case ext == ".tfvars" || ext == ".json" || ext == ".hcl":
		return []string{name}
	}
	shown := l.Folder.Name(name)
	l.Reportf(CodeUnknownForm, diag.Range{File: shown}, "Pass a *.tfvars, *.tfvars.json, inputs.hcl or terragrunt.hcl, or the folder that holds one.", "%q %s", shown, why)
	return nil
}

// folderRank is the place of a file in the order in which Terraform and
// Terragrunt take a folder's files; 0 means that it is not taken.
func folderRank(name string) int {
	switch {
	case name == "terraform.tfvars":
		return 1
	case name == "terraform.tfvars.json":
		return 2
	case strings.HasSuffix(name, ".auto.tfvars"), strings.HasSuffix(name, ".auto.tfvars.json"):
		return 3
	case name == inputsFile:
		return 4
	case name == terragrunt.FileName:
		return 5
	default:
		return 0
	}
}

func isTfvars(name string) bool {
	return strings.HasSuffix(name, ".tfvars") || strings.HasSuffix(name, ".tfvars.json")
}

func (l *loader) reportNoConfig(others []string) {
	shown := l.Folder.Name(".")
	d := diag.Diagnostic{Code: CodeNoConfig, Range: diag.Range{File: shown},
		Summary: fmt.Sprintf("the folder %q contains no config", shown),
		Detail:  "None of terraform.tfvars, terraform.tfvars.json, *.auto.tfvars, *.auto.tfvars.json, inputs.hcl, terragrunt.hcl is in it.",
		Hint:    "Pass the path of a config file, or run `rolecall init` to write one."}
	if len(others) > 0 {
		d.Hint = fmt.Sprintf("A folder's %s is not read automatically, as in Terraform: pass its path.", strings.Join(others, ", "))
	}
	l.Report(d)
}
