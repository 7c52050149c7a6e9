package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// version is what version says of the program.
type version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"` // of the revision, RFC 3339
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    `version prints the version, the commit, and the Go version that rolecall was built with.`,
		Example: "  rolecall version\n  rolecall version --json",
		Args:    cobra.NoArgs,
	}
	a.jsonFlag(cmd)
	cmd.RunE = a.command(func(*cobra.Command, []string) outcome {
		info, _ := debug.ReadBuildInfo()
		v := versionOf(info)
		return outcome{data: v, text: say("%s\n", v)}
	})
	return cmd
}

// versionOf reads what Go's linker wrote into the program.
func versionOf(info *debug.BuildInfo) version {
	v := version{Version: "unknown", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info == nil {
		return v
	}
	v.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.time":
			v.Time = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

func (v version) String() string {
	return fmt.Sprintf("rolecall %s (%s, %s)", v.Version, v.Go, v.Platform)
}
