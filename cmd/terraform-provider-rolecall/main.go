// Command terraform-provider-rolecall is the Terraform provider. Terraform
// starts it and speaks to it; run by hand it says so and ends. All it does is
// in internal/tfprovider.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/rolecall-dev/rolecall/internal/tfprovider"
)

// version is set by the build: -ldflags "-X main.version=0.1.0".
var version = "dev"

func main() {
	options := providerserver.ServeOpts{Address: "registry.terraform.io/rolecall-dev/rolecall"}
	err := providerserver.Serve(context.Background(), tfprovider.New(version, tfprovider.Options{}), options)
	if err != nil {
		fmt.Fprintln(os.Stderr, "serve the provider:", err)
		os.Exit(1)
	}
}
