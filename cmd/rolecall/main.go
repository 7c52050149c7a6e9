// Command rolecall manages who can do what in which AWS account, as code,
// through IAM Identity Center. Everything is in internal/cli.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/rolecall-dev/rolecall/internal/cli"
)

// memoryLimit is from where on Go collects garbage more often, in bytes: no
// command needs as much, but without a limit garbage is let grow to as much
// again as is in use, and what is promised is less than 1 GiB.
const memoryLimit = 640 << 20

func main() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.System{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv, LookupEnv: os.LookupEnv,
	}))
}
