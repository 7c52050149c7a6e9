package cli

import (
	"context"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
	"github.com/rolecall-dev/rolecall/internal/doctor"
	"github.com/rolecall-dev/rolecall/internal/identitycenter"
)

// live brings the answers of AWS as doctor takes them.
type live struct{ *identitycenter.Diagnosis }

func (l live) Holds(ctx context.Context, kind access.PrincipalKind, id, account string) ([]doctor.Grant, diag.Evidence, error) {
	held, seen, err := l.Diagnosis.Holds(ctx, kind, id, account)
	var out []doctor.Grant
	for _, h := range held {
		out = append(out, doctor.Grant(h))
	}
	return out, seen, err
}

func (l live) Holders(ctx context.Context, setARN, account string) ([]doctor.Holder, diag.Evidence, error) {
	holders, seen, err := l.Diagnosis.Holders(ctx, setARN, account)
	var out []doctor.Holder
	for _, h := range holders {
		out = append(out, doctor.Holder(h))
	}
	return out, seen, err
}

func (l live) FailedJobs(ctx context.Context, most int) ([]doctor.Failure, diag.Evidence, error) {
	jobs, seen, err := l.Diagnosis.FailedJobs(ctx, most)
	var out []doctor.Failure
	for _, j := range jobs {
		out = append(out, doctor.Failure(j))
	}
	return out, seen, err
}
