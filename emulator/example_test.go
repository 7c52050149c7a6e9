package emulator_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssoadmin"

	"github.com/rolecall-dev/rolecall/emulator"
)

func Example() {
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	sso := ssoadmin.NewFromConfig(aws.Config{
		Region:       "us-east-1",
		Credentials:  credentials.NewStaticCredentialsProvider(emulator.ManagementKey, "any", ""),
		HTTPClient:   &http.Client{Transport: e.Transport()},
		BaseEndpoint: aws.String("http://emulator"),
	})
	out, err := sso.ListInstances(context.Background(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(out.Instances), "instance of", *out.Instances[0].OwnerAccountId)
	// Output: 1 instance of 111122223333
}
