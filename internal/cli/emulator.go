package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
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
	allowHosts                                 []string
}

func (a *app) emulatorCommand() *cobra.Command {
	var e emulation
	cmd := &cobra.Command{
		Use:   "emulator",
		Short: "Serve an emulated AWS: IAM Identity Center, Organizations, STS and SCIM",
		Long: `emulator serves IAM Identity Center, its identity store, Organizations, STS and
the SCIM endpoint on one port, in AWS's own protocols, and prints the environment
variables that point a shell at it. rolecall, the AWS CLI, boto3 and Terraform
then work as they do against AWS. It runs until it is interrupted.

Without --seed it has a small organization. Its ids (of the instance, users, groups
and permission sets) are new at each start, so that no stale id is used by accident;
--random-seed makes them the same at each start, and --data keeps them.

Control routes are under /_emulator/: GET health, stats, calls, state, scim and
faults, POST reset, faults and estate, DELETE faults.

It serves programs on this machine. Requests from web pages are refused, and so are
unknown host names: it accepts the address that it listens on, localhost, and the
names given with --allow-host, such as the name of a Docker service.

A faults file contains a fault or a list of faults:
  {"operation": "sso-admin.Create*", "kind": "throttle", "rate": 0.1}
kind is throttle, internal, unavailable, conflict, proxy, timeout, lose-request,
reset, lose-answer, truncate, slow, die or fail-job; operation is a service and an
operation, with * as a wildcard; rate, call, times, delay, then_die, reason and
accounts control when and how. Unknown keys and operations are refused, in the
estate file too. emulator/README.md describes both files.`,
		Example: `  rolecall emulator --listen 127.0.0.1:4599
  rolecall emulator --seed examples/built-in/estate.json
  rolecall emulator --limits aws --job-latency 3s --data /tmp/aws
  rolecall emulator --listen 0.0.0.0:4599 --allow-host emulator`,
		Args: cobra.NoArgs,
	}
	e.flags(cmd)
	cmd.RunE = a.command(func(cmd *cobra.Command, _ []string) outcome { return a.emulate(cmd.Context(), e) })
	return cmd
}

func (e *emulation) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&e.listen, "listen", "127.0.0.1:4599", "address to listen on; port 0 picks a free one")
	f.StringSliceVar(&e.allowHosts, "allow-host", nil, "additional host name to accept, with or without a port; separate several with commas")
	f.StringVar(&e.seed, "seed", "", "JSON estate file to start from")
	f.StringVar(&e.data, "data", "", "folder to keep the data in, across restarts")
	f.StringVar(&e.region, "region", "us-east-1", "Region of the instance")
	f.StringVar(&e.limits, "limits", "off", "aws: throttle calls and limit jobs as AWS does; off: no limits")
	f.Float64Var(&e.tps, "tps", 0, "calls per second for all of sso-admin, instead of the limit of --limits")
	f.IntVar(&e.maxOutstanding, "max-outstanding", 0, "account assignment jobs at once, instead of the limit of --limits")
	f.DurationVar(&e.latency, "job-latency", 0, "duration of an asynchronous job")
	f.DurationVar(&e.longestLatency, "job-latency-max", 0, "maximum duration of a job, evenly distributed from --job-latency")
	f.DurationVar(&e.visibility, "visibility-delay", 0, "how long a write stays invisible to reads")
	f.StringVar(&e.faults, "faults", "", "JSON file with faults to inject; see above")
	f.Uint64Var(&e.random, "random-seed", 0, "seed for ids, role names and latencies; 0 picks a random one")
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
			Hint: "Fix the estate, faults or data folder that it names; emulator/README.md describes their format."})
	}
	defer em.Close()
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", e.listen)
	if err != nil {
		return refuse(diag.Diagnostic{Code: CodeListen, Summary: fmt.Sprintf("cannot listen on %q", e.listen), Detail: err.Error(),
			Hint: "Pass another address with --listen; port 0 picks a free one."})
	}
	if torn := em.Torn(); torn != "" {
		fmt.Fprintln(a.sys.Stderr, torn)
	}
	a.print([]byte(environment("http://"+reachable(listener.Addr()), options.Region, em.SCIM())))
	if err := em.Serve(ctx, listener); err != nil {
		return failed(err)
	}
	return outcome{}
}

// reachable is an address that a client on this machine can use: one that stands
// for every address of the machine becomes localhost.
func reachable(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return net.JoinHostPort("localhost", strconv.Itoa(tcp.Port))
	}
	return a.String()
}

// hosts are the names by which the server may be called: those of --allow-host, and
// that of --listen where it is one.
func (e *emulation) hosts() ([]string, error) {
	all := e.allowHosts
	for _, h := range all {
		if strings.ContainsAny(h, "/*@ ") || h == "" {
			return nil, diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: fmt.Sprintf("--allow-host %q is not the name of a host", h),
				Hint: "Pass a name, or a name and a port, such as --allow-host emulator or --allow-host emulator:4599."}
		}
	}
	if name, port, err := net.SplitHostPort(e.listen); err == nil && name != "" && net.ParseIP(name) == nil {
		if port != "0" {
			name = e.listen
		}
		all = append(all[:len(all):len(all)], name)
	}
	return all, nil
}

// environment returns the lines that point a shell at the emulator.
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
	var err error
	if o.AllowHosts, err = e.hosts(); err != nil {
		return o, err
	}
	switch e.limits {
	case "aws":
		o.Limits = emulator.AWSLimits()
	case "off":
	default:
		return o, diag.Diagnostic{Severity: diag.Error, Code: CodeUsage, Summary: fmt.Sprintf("--limits %q is neither aws nor off", e.limits),
			Hint: "Pass --limits aws or --limits off."}
	}
	if e.tps > 0 {
		o.Limits.SSOAdmin = e.tps
	}
	if e.maxOutstanding > 0 {
		o.Limits.OutstandingAssignments = e.maxOutstanding
	}
	return o, errors.Join(
		readInto(&o.Estate, emulator.ReadEstate, "estate", e.seed),
		readInto(&o.Faults, emulator.ReadFaults, "faults", e.faults))
}

// readInto reads a file of the command line, where one is named.
func readInto[T any](into *T, read func(io.Reader) (T, error), what, name string) error {
	if name == "" {
		return nil
	}
	text, err := readFile(name)
	if err == nil {
		*into, err = read(bytes.NewReader(text))
	}
	if err != nil {
		return badFile(what, name, err)
	}
	return nil
}

// badFile explains a file of the command line that cannot be used.
func badFile(what, name string, err error) error {
	return diag.Diagnostic{Severity: diag.Error, Code: CodeFile, Summary: fmt.Sprintf("the %s file %q cannot be used", what, name),
		Detail: err.Error(), Hint: "Check its path and content; emulator/README.md describes the format."}
}
