// Command rolecall manages who can do what in which AWS account, as code,
// through IAM Identity Center. Everything is in internal/cli.
package main

import (
	"context"
	"os"

	"github.com/rolecall-dev/rolecall/internal/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], cli.System{
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Getenv: os.Getenv,
	}))
}
