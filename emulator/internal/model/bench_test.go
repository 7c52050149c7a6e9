package model_test

import (
	"testing"

	"github.com/rolecall-dev/rolecall/emulator/internal/model"
	"github.com/rolecall-dev/rolecall/emulator/internal/model/modeltest"
)

func BenchmarkValidate(b *testing.B) {
	op := operation(b, "sso-admin", "CreateAccountAssignment")
	input := modeltest.Example(op)
	b.ReportAllocs()
	for b.Loop() {
		if err := model.Validate(op, input); err != nil {
			b.Fatal(err)
		}
	}
}
