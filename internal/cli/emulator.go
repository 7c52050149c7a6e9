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
the SCIM endpoint on one port, in AWS's own protocols, and prints the lines that
point a shell at it. rolecall, the AWS CLI, boto3 and Terraform then work as
they do against AWS. It runs until it is interrupted.

Without --seed it has a small organization. Its ids (of the instance, the users,
the groups and the permission sets) are new at each start, so that nothing of an
earlier one is taken for true; --random-seed pins them, and --data keeps them.

Control routes are under /_emulator/: GET health, stats, calls, state, scim and
faults, POST reset, faults and estate, DELETE faults.

It serves programs on this machine. What a web page sends is refused, and so is a
host name that is not the server's: it answers to the address it listens at, to
localhost, and to what --allow-host names, such as the name of a service in
Docker.

A faults file is a fault or a list of faults:
  {"operation": "sso-admin.Create*", "kind": "throttle", "rate": 0.1}
kind is throttle, internal, unavailable, conflict, proxy, timeout, lose-request,
reset, lose-answer, truncate, slow, die or fail-job; operation is a service and an
operation with * for any; rate, call, times, delay, then_die, reason and accounts
say when and how. Unknown keys and operations are refused, in the estate file, too.
emulator/README.md describes both files.`,
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
	f.StringVar(&e.listen, "listen", "127.0.0.1:4599", "address to listen at; port 0 takes a free one")
	f.StringSliceVar(&e.allowHosts, "allow-host", nil, "further name that clients reach it by, with or without a port; several with commas")
	f.StringVar(&e.seed, "seed", "", "estate file (JSON) to start from")
	f.StringVar(&e.data, "data", "", "folder that keeps what is written, over kills and restarts")
	f.StringVar(&e.region, "region", "us-east-1", "Region of the instance")
	f.StringVar(&e.limits, "limits", "off", "aws: throttle and cap jobs as AWS does; off: do not")
	f.Float64Var(&e.tps, "tps", 0, "calls a second for all of sso-admin, instead of what --limits says")
	f.IntVar(&e.maxOutstanding, "max-outstanding", 0, "account assignment jobs at once, instead of what --limits says")
	f.DurationVar(&e.latency, "job-latency", 0, "how long an asynchronous job takes")
	f.DurationVar(&e.longestLatency, "job-latency-max", 0, "the longest that a job takes, evenly spread from --job-latency")
	f.DurationVar(&e.visibility, "visibility-delay", 0, "how long a write stays invisible to reads")
	f.StringVar(&e.faults, "faults", "", "file (JSON) with faults that make calls go wrong; see above")
	f.Uint64Var(&e.random, "random-seed", 0, "makes ids, role names and latencies the same at each start; 0 draws new ones")
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
				Hint: "Give a name, or a name and a port, such as --allow-host emulator or --allow-host emulator:4599."}
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
			Hint: "Give --limits aws or --limits off."}
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
		Detail: err.Error(), Hint: "Check its path and its content; emulator/README.md describes the form."}
}
