package render

import (
	"maps"
	"slices"

	"github.com/rolecall-dev/rolecall/internal/plan"
)

// records says in one line what becomes of all records: they change nobody's
// access, so nobody has to read them one by one.
func (p *page) records(pl *plan.Plan) {
	sets, records := map[string]bool{}, 0
	for i := range pl.Changes {
		if c := &pl.Changes[i]; c.Kind == plan.Record {
			sets[c.Key.PermissionSet] = true
			records++
		}
	}
	if len(sets) == 0 {
		return
	}
	p.gap()
	symbol, t := mark(plan.Update)
	p.prose(2, in(t, symbol+" write "), counted(records, "record", "records")+" on "+counted(len(sets), "permission set", "permission sets")+
		": the ids behind the names in the config (no access changes)")
	if p.style.Verbose {
		p.list(20, slices.Sorted(maps.Keys(sets)))
	}
	if p.style.Verbose || pl.Summary.Records == len(pl.Changes) {
		p.prose(6, dim("# "), "A record is kept in a permission set's tags. It has the ids of the groups and accounts that the names in the config referred to, "+
			"so that a later plan notices if a name refers to something else.")
	}
}
