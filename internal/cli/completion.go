package cli

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"
)

func (a *app) completionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a shell completion script",
		Long:  `completion prints a script that completes rolecall's commands and flags in the given shell.`,
		Example: `  source <(rolecall completion bash)
  rolecall completion fish | source`,
		ValidArgs: []string{"bash", "zsh", "fish", "powershell"},
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
	}
	cmd.RunE = a.command(func(cmd *cobra.Command, args []string) outcome {
		script, err := completionScript(cmd.Root(), args[0])
		if err != nil {
			return failed(err)
		}
		return outcome{text: say("%s", script)}
	})
	return cmd
}

func completionScript(root *cobra.Command, shell string) (string, error) {
	var b bytes.Buffer
	generate := map[string]func() error{
		"bash":       func() error { return root.GenBashCompletionV2(&b, true) },
		"zsh":        func() error { return root.GenZshCompletion(&b) },
		"fish":       func() error { return root.GenFishCompletion(&b, true) },
		"powershell": func() error { return root.GenPowerShellCompletionWithDesc(&b) },
	}[shell]
	if err := generate(); err != nil {
		return "", fmt.Errorf("write the completion script for %s: %w", shell, err)
	}
	return b.String(), nil
}
