package model

import "testing"

func BenchmarkValidate(b *testing.B) {
	op := operation(b, "sso-admin", "CreateAccountAssignment")
	input := Example(op)
	b.ReportAllocs()
	for b.Loop() {
		if err := Validate(op, input); err != nil {
			b.Fatal(err)
		}
	}
}
