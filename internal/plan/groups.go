package plan

import (
	"fmt"

	"github.com/rolecall-dev/rolecall/internal/access"
)

func (d *draft) groupChanges() {
	for i, g := range d.Desired.Groups {
		if g.Referenced {
			continue
		}
		bound := d.groups[i]
		switch bound.handling {
		case created:
			d.needs.groups[i] = []ID{d.add(Change{Kind: Group, Action: Create, Key: Key{Group: g.Name},
				After: &Value{Group: groupValue(g, d.options.Owner, "")}, Reason: "not in IAM Identity Center", Source: d.Desired.Range(g.Origin)})}
		case ours, adopted:
			d.updateGroup(i, g, d.Live.Groups[bound.live])
		case blocked:
			if bound.why.Code == GroupRenamed && bound.live >= 0 || bound.why.Code == Ignored && bound.live >= 0 && d.Live.Groups[bound.live].Description == g.Description {
				continue // it is there; or nobody asks for a change that a pattern hides
			}
			d.block(Change{Kind: Group, Action: Create, Key: Key{Group: g.Name},
				After: &Value{Group: groupValue(g, d.options.Owner, "")}}, bound.why)
		}
	}
}

// groupValue returns what is written to AWS of a group, and its id. The unfinished
// mark is the target's: it puts it on what it creates, and takes it off.
func groupValue(g access.Group, owner, id string) *access.Group {
	return &access.Group{Name: g.Name, Description: g.Description, Owner: owner, Via: g.Via, ID: id}
}

func (d *draft) updateGroup(i int, g, live access.Group) {
	before, after := groupValue(live, live.Owner, live.ID), groupValue(g, d.options.Owner, live.ID)
	before.Unfinished = live.Unfinished
	if d.groups[i].handling == adopted && after.Description == "" {
		after.Description = before.Description
	}
	if *before == *after {
		return
	}
	reason := "description differs from the config"
	switch {
	case live.Name != g.Name:
		reason = fmt.Sprintf("renamed from %q; its id and its access stay", live.Name)
	case live.Owner != d.options.Owner:
		reason = d.takenOver("")
	case live.Via != g.Via:
		reason = d.takenOver(" from " + d.otherDoorName())
	case live.Unfinished != "":
		reason = "an earlier run began to create it; its creation is resumed"
	}
	d.needs.groups[i] = []ID{d.add(Change{Kind: Group, Action: Update, Key: Key{Group: g.Name}, Refs: Refs{GroupID: live.ID},
		Before: &Value{Group: before}, After: &Value{Group: after}, Reason: reason, Source: d.Desired.Range(g.Origin)})}
}
