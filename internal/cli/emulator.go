package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/rolecall-dev/rolecall/emulator"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// emulation are the flags of emulator.
type emulation struct {
	listen, seed, data, region, limits, faults string
	latency, longestLatency, visibility        time.Duration
	tps                                        float64
	maxOutstanding                             int
	random                                     uint64
}

func (a *app) emulatorCommand() *cobra.Command {
	var e emulation
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Serve an emulated AWS: IAM Identity Center, Organizations, STS and SCIM",
		Long: `emulator serves IAM Identity Center, its identity store, Organizations, STS and
the SCIM endpoint on one port, in AWS's own protocols, and prints the lines that
point a shell at it. rolecall, the AWS CLI, boto3 and Terraform then work as
they do against AWS. It runs until it is interrupted.

Without --seed it has a small organization. Control routes are under
/_emulator/: GET health, stats, calls, state and faults, POST reset, faults and
estate.`,
		Example: `  rolecall emulator --listen 127.0.0.1:4599
  rolecall emulator --seed examples/built-in/estate.json
  rolecall emulator --limits aws --job-latency 3s --data /tmp/aws`,
		Args: cobra.NoArgs,
	}
	e.flags(cmd)
	cmd.RunE = a.command(func(cmd *cobra.Command, _ []string) outcome { return a.emulate(cmd.Context(), e) })
	return cmd
}

func (e *emulation) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&e.listen, "listen", "127.0.0.1:4599", "address to listen at; port 0 takes a free one")
	f.StringVar(&e.seed, "seed", "", "estate file (JSON) to start from")
	f.StringVar(&e.data, "data", "", "folder that keeps what is written, over kills and restarts")
	f.StringVar(&e.region, "region", "us-east-1", "Region of the instance")
	f.StringVar(&e.limits, "limits", "off", "aws: throttle and cap jobs as AWS does; off: do not")
	f.Float64Var(&e.tps, "tps", 0, "calls a second for all of sso-admin, instead of what --limits says")
	f.IntVar(&e.maxOutstanding, "max-outstanding", 0, "account assignment jobs at once, instead of what --limits says")
	f.DurationVar(&e.latency, "job-latency", 0, "how long an asynchronous job takes")
	f.DurationVar(&e.longestLatency, "job-latency-max", 0, "the longest that a job takes, evenly spread from --job-latency")
	f.DurationVar(&e.visibility, "visibility-delay", 0, "how long a write stays invisible to reads")
	f.StringVar(&e.faults, "faults", "", "file (JSON) with faults that make calls go wrong")
	f.Uint64Var(&e.random, "random-seed", 0, "makes ids, role names and latencies reproducible")
}

// emulate serves until the context ends.
func (a *app) emulate(ctx context.Context, e emulation) outcome {
	options, err := e.options()
	if err != nil {
		return failed(err)
	}
	em, err := emulator.New(options)
	if err != nil {
		return refuse(diag.Diagnostic{Code: CodeFile, Summary: "the emulator cannot start", Detail: err.Error(),
			Hint: "Correct the estate, the faults or the data folder that is named; emulator/README.md has their forms."})
	}
	defer em.Close()
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", e.listen)
	if err != nil {
		return refuse(diag.Diagnostic{Code: CodeListen, Summary: fmt.Sprintf("cannot listen at %q", e.listen), Detail: err.Error(),
			Hint: "Give another address with --listen; port 0 takes a free one."})
	}
	a.print([]byte(environment("http://"+listener.Addr().String(), options.Region, em.SCIM())))
	if err := serve(ctx, listener, em); err != nil {
		return failed(err)
	}
	return outcome{}
}

// environment gives the lines that point a shell at the emulator.
func environment(url, region string, scim emulator.SCIMEndpoint) string {
	lines := fmt.Sprintf(`export AWS_ENDPOINT_URL=%s
export AWS_REGION=%s
export AWS_DEFAULT_REGION=%[2]s
export AWS_ACCESS_KEY_ID=%[3]s
export AWS_SECRET_ACCESS_KEY=emulator
`, url, region, emulator.ManagementKey)
	if scim.Path != "" {
		lines += fmt.Sprintf("export SCIM_ENDPOINT=%s%s\nexport SCIM_TOKEN=%s\n", url, scim.Path, scim.Token)
	}
	return lines
}

func (e *emulation) options() (emulator.Options, error) {
	o := emulator.Options{
		Region: e.region, Seed: e.random, DataDir: e.data, VisibilityDelay: e.visibility,
		JobLatency: emulator.Latency{Min: e.latency, Max: e.longestLatency},
	}
	switch e.limits {
	case "aws":
		o.Limits = emulator.AWSLimits()
	case "off":
	default:
		return o, diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: fmt.Sprintf("--limits %q is neither aws nor off", e.limits),
			Hint: "Give --limits aws or --limits off."}
	}
	if e.tps > 0 {
		o.Limits.SSOAdmin = e.tps
	}
	if e.maxOutstanding > 0 {
		o.Limits.OutstandingAssignments = e.maxOutstanding
	}
	return o, errors.Join(e.readEstate(&o), e.readFaults(&o))
}

func (e *emulation) readEstate(o *emulator.Options) error {
	if e.seed == "" {
		return nil
	}
	text, err := readFile(e.seed)
	if err != nil {
		return badFile("estate", e.seed, err)
	}
	if o.Estate, err = emulator.ReadEstate(bytes.NewReader(text)); err != nil {
		return badFile("estate", e.seed, err)
	}
	return nil
}

func (e *emulation) readFaults(o *emulator.Options) error {
	if e.faults == "" {
		return nil
	}
	text, err := readFile(e.faults)
	if err != nil {
		return badFile("faults", e.faults, err)
	}
	if err := json.Unmarshal(text, &o.Faults); err != nil {
		return badFile("faults", e.faults, err)
	}
	return nil
}

// badFile explains a file of the command line that cannot be used.
func badFile(what, name string, err error) error {
	return diag.Diagnostic{Severity: diag.Error, Code: CodeFile, Summary: fmt.Sprintf("the %s file %q cannot be used", what, name),
		Detail: err.Error(), Hint: "Check its path and what is in it."}
}

// serve answers until the context ends, and then lets what is under way end.
func serve(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close()
	}
	return nil
}
