package doctor_test

import (
	"context"

	"github.com/rolecall-dev/rolecall/internal/directory"
	"github.com/rolecall-dev/rolecall/internal/directory/entra"
)

// open is an application for which nobody needs to be assigned.
type open struct{ *entra.Directory }

func (o open) PersonAssignment(ctx context.Context, person string) (directory.PersonAssignment, error) {
	out, err := o.Directory.PersonAssignment(ctx, person)
	if out.How == directory.NotAssigned {
		out.How = directory.Everybody
	}
	return out, err
}
