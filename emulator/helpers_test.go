package emulator_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/identitystore/document"
)

func ctx() context.Context { return context.Background() }

// documentOf makes the JSON document that identitystore's attribute values are.
func documentOf(v any) document.Interface { return document.NewLazyDocument(v) }
