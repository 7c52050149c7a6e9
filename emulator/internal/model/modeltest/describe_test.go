package modeltest_test

import (
	"strings"
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/model/modeltest"
)

func TestDescribe(t *testing.T) {
	var b strings.Builder
	for _, s := range model.Services() {
		for _, op := range s.Operations {
			b.WriteString(modeltest.Describe(op.Input) + "\n")
		}
	}
	for _, want := range []string{
		"MaxResults (1-20)", "Name* (1-32 characters, pattern)", "PrincipalType* (USER|GROUP)",
		"CustomerManagedPolicyReference* ({Name* (1-128 characters, pattern); Path (1-512 characters, pattern)})",
		"Tags (0-75 elements, each ({Key* (1-128 characters, pattern); Value* (0-256 characters, pattern)}))",
		"GroupIds* (1-100 elements, each (1-47 characters, pattern))",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no operation takes %q", want)
		}
	}
}
