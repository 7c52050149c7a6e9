package cli

import (
	"context"
	"embed"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

//go:embed demo
var demoFiles embed.FS

func (a *app) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a full example against an emulated AWS, in seconds",
		Long: `demo runs a full example over real HTTP, with nothing but this program: an
emulated AWS organization with IAM Identity Center, an identity provider that
pushes users and groups over SCIM, and a config that is validated, planned,
applied and verified; then access is changed by hand, and rolecall finds and
repairs it. Each command line is shown as typed, with its real output.

It listens on the loopback interface only, keeps its files in a temporary folder,
and removes them. It neither needs nor touches an AWS account.`,
		Example: "  rolecall demo",
		Args:    cobra.NoArgs,
	}
	cmd.RunE = a.command(func(cmd *cobra.Command, _ []string) outcome {
		start := time.Now()
		if err := a.demo(cmd.Context()); err != nil {
			return failed(err)
		}
		return outcome{text: say("\nDone, in %s. Everything was cleaned up. To try it with your own config and profile:\n"+
			"  AWS_PROFILE=... rolecall plan PATH\n", time.Since(start).Round(100*time.Millisecond))}
	})
	return cmd
}

// demoLatency is how long AWS's jobs take in the demo.
const demoLatency = 200 * time.Millisecond

// demo starts an AWS and an identity provider of its own and plays the script.
func (a *app) demo(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "rolecall-demo-")
	if err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := demoConfig(dir); err != nil {
		return fmt.Errorf("write the demo's config: %w", err)
	}
	em, err := emulator.New(emulator.Options{Estate: demoEstate(), JobLatency: emulator.Latency{Min: demoLatency}, Seed: 1})
	if err != nil {
		return fmt.Errorf("start the demo's AWS: %w", err)
	}
	defer em.Close()
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return diag.Diagnostic{Severity: diag.Error, Code: CodeListen, Summary: "cannot listen on the loopback interface", Detail: err.Error(),
			Hint: "The demo needs one free port on 127.0.0.1."}
	}
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	served := make(chan error, 1)
	go func() { served <- em.Serve(serving, listener) }()
	err = a.stage(ctx, dir, "http://"+listener.Addr().String(), em)
	stop()
	if serveErr := <-served; err == nil {
		err = serveErr
	}
	return err
}

// demoEstate is the emulator's organization with an empty directory.
func demoEstate() *emulator.Estate {
	estate := emulator.DefaultEstate()
	estate.Users, estate.Groups = nil, nil
	return estate
}

func demoConfig(dir string) error {
	const from = "demo/access"
	entries, err := demoFiles.ReadDir(from)
	if err != nil {
		return err
	}
	files := map[string]string{}
	for _, e := range entries {
		text, err := demoFiles.ReadFile(from + "/" + e.Name())
		if err != nil {
			return err
		}
		files[e.Name()] = string(text)
	}
	return createFiles(filepath.Join(dir, "access"), files)
}

// stage points this process at the demo's AWS, and nothing else, while the
// script is played.
func (a *app) stage(ctx context.Context, dir, url string, em *emulator.Emulator) error {
	back, err := enter(dir, map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": emulator.ManagementKey, "AWS_SECRET_ACCESS_KEY": "emulator",
		"HOME": dir, "USERPROFILE": dir, "LocalAppData": dir, "XDG_CACHE_HOME": filepath.Join(dir, "cache"),
	})
	if err != nil {
		return fmt.Errorf("prepare the demo: %w", err)
	}
	defer back()
	p, err := newPlayer(a, url, em)
	if err != nil {
		return err
	}
	script, err := demoFiles.ReadFile("demo/script.txt")
	if err != nil {
		return err
	}
	return p.play(ctx, string(script))
}

// enter goes to a folder and sets the environment, without any AWS variable of
// the user's; what it returns goes back.
func enter(dir string, set map[string]string) (back func(), err error) {
	was, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	before := os.Environ()
	back = func() {
		os.Clearenv()
		for _, v := range before {
			name, value, _ := strings.Cut(v, "=")
			_ = os.Setenv(name, value) // it was set before
		}
		_ = os.Chdir(was)
	}
	for _, v := range before {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_") {
			_ = os.Unsetenv(name) // it is set
		}
	}
	for name, value := range set {
		if err := os.Setenv(name, value); err != nil {
			back()
			return nil, err
		}
	}
	if err := os.Chdir(dir); err != nil {
		back()
		return nil, err
	}
	return back, nil
}
