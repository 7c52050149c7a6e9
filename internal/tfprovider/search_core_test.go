package tfprovider

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/emulator"
)

const removedUser = "rolecall_removed_user"

// searchRes is a resource of a config.
type searchRes struct {
	kind   string
	object object
	cbd    bool // create_before_destroy
}

// searchObj is a resource instance in a state.
type searchObj struct {
	kind    string
	cur     *stored
	tainted bool
	deposed []*stored
}

// searchCore is Terraform's core with one state and one config.
type searchCore struct {
	w      *searchWorld
	name   string
	state  map[string]*searchObj
	before map[string]*searchObj // the state before the edits of a round
	config map[string]*searchRes
	good   map[string]*searchRes // the last config that was applied without errors
	began  bool                  // something was applied
	clean  bool                  // the last apply left nothing to plan
	owned  map[string]bool       // ids of groups and sets that the state had, ever
}

func newSearchCore(w *searchWorld, name string) *searchCore {
	return &searchCore{w: w, name: name, state: map[string]*searchObj{}, config: map[string]*searchRes{}, good: map[string]*searchRes{}, owned: map[string]bool{}}
}

func (c *searchCore) addresses(kinds ...string) (out []string) {
	for _, addr := range searchSorted(c.config) {
		if slices.Contains(kinds, c.config[addr].kind) {
			out = append(out, addr)
		}
	}
	return out
}

// searchRank is in which order resources depend on each other.
func searchRank(kind string) int {
	return map[string]int{user: 0, removedUser: 0, accessGroup: 1, externalGroup: 1, groupMembers: 2}[kind]
}

// searchSchema keeps the schema, which is the same in every process.
var searchSchema = sync.OnceValue(func() *tfprotov6.GetProviderSchemaResponse {
	server, err := providerserver.NewProtocol6WithError(New("test", Options{})())()
	if err != nil {
		panic(err)
	}
	schema, err := server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		panic(err)
	}
	return schema
})

// start starts a process of the provider.
func (w *searchWorld) start(y *searchWay) *process {
	w.counts.add(&w.counts.processes)
	tf := &terraform{e: w.e, key: emulator.ManagementKey, owner: searchOwner}
	o := Options{Credentials: credentials.NewStaticCredentialsProvider(tf.key, "secret", ""), HTTPClient: &http.Client{Transport: y}}
	server, err := providerserver.NewProtocol6WithError(New("test", o)())()
	if err != nil {
		w.t.Fatal(err)
	}
	p := &process{tf: tf, server: server, schema: searchSchema()}
	config := build(p.schema.Provider.ValueType(), object{"region": "us-east-1", "owner": searchOwner, "max_tps": 5000})
	value, err := tfprotov6.NewDynamicValue(p.schema.Provider.ValueType(), config)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{Config: &value})
	if err != nil || hasErrors(resp.Diagnostics) {
		w.t.Fatal(err, resp)
	}
	return p
}

// searchAnswer is what PlanResourceChange gave.
type searchAnswer struct {
	planned tftypes.Value
	private []byte
	replace bool
	diags   []*tfprotov6.Diagnostic
	failed  bool
}

func (w *searchWorld) planCall(p *process, kind string, config, prior tftypes.Value, private []byte) searchAnswer {
	typ, proposed := p.typeOf(kind), config
	if !config.IsNull() {
		proposed = propose(p.schema.ResourceSchemas[kind], config, prior)
	}
	resp, err := p.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: w.dynamic(typ, prior), ProposedNewState: w.dynamic(typ, proposed), Config: w.dynamic(typ, config), PriorPrivate: private})
	if err != nil {
		w.t.Fatal(err)
	}
	out := searchAnswer{private: resp.PlannedPrivate, replace: len(resp.RequiresReplace) > 0, diags: resp.Diagnostics, failed: hasErrors(resp.Diagnostics)}
	if !out.failed {
		out.planned = w.decode(typ, resp.PlannedState)
	}
	return out
}

func (w *searchWorld) dynamic(typ tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	out, err := tfprotov6.NewDynamicValue(typ, v)
	if err != nil {
		w.t.Fatal(err)
	}
	return &out
}

func (w *searchWorld) decode(typ tftypes.Type, v *tfprotov6.DynamicValue) tftypes.Value {
	if v == nil {
		return tftypes.NewValue(typ, nil)
	}
	out, err := v.Unmarshal(typ)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// searchChange is what core plans for one instance.
type searchChange struct {
	addr, kind      string
	action          string // no-op, create, update, delete, replace
	cbd             bool
	config          tftypes.Value // null where it goes
	before, planned tftypes.Value
	private         []byte
	force           bool
	deposed         *stored // that goes; nil for the current object
}

// searchInstance is what core has to plan an instance.
type searchInstance struct {
	addr, kind string
	config     tftypes.Value
	cur        *stored
	tainted    bool
	force, cbd bool
	planned    *searchChange // in the apply: what the plan was
}

// planInstance does what core does for one instance that the config has.
func (w *searchWorld) planInstance(p *process, in searchInstance) (*searchChange, []*tfprotov6.Diagnostic, bool) {
	null := build(p.typeOf(in.kind), nil)
	prior, private := null, []byte(nil)
	if in.cur != nil && !in.tainted {
		prior, private = in.cur.value, in.cur.private
	}
	a := w.planCall(p, in.kind, in.config, prior, private)
	if a.failed {
		return nil, a.diags, false
	}
	ch := &searchChange{addr: in.addr, kind: in.kind, action: "update", cbd: in.cbd, config: in.config, before: prior, force: in.force}
	switch {
	case prior.IsNull():
		ch.action = "create"
	case prior.Equal(a.planned) && !in.force:
		ch.action = "no-op"
	case in.force || a.replace:
		ch.action = "replace"
		b := w.planCall(p, in.kind, in.config, null, a.private)
		b.diags = append(a.diags, b.diags...)
		if a = b; a.failed {
			return nil, a.diags, false
		}
	}
	switch was := in.planned; {
	case ch.action == "create" && in.tainted:
		ch.action, ch.before = "replace", in.cur.value
	case ch.action == "create" && was != nil && was.action == "replace": // the old one is gone already
		ch.action, ch.before = "replace", was.before
	}
	ch.planned, ch.private = a.planned, a.private
	return ch, a.diags, true
}

// planDestroy plans that an object goes.
func (w *searchWorld) planDestroy(p *process, addr, kind string, cur *stored) (*searchChange, []*tfprotov6.Diagnostic, bool) {
	null := build(p.typeOf(kind), nil)
	a := w.planCall(p, kind, null, cur.value, cur.private)
	if a.failed {
		return nil, a.diags, false
	}
	if !a.planned.IsNull() {
		w.violate("a destroy is planned to leave something", "%s", addr)
	}
	return &searchChange{addr: addr, kind: kind, action: "delete", config: null, before: cur.value, planned: null, private: a.private}, a.diags, true
}

// refreshOne reads an object; nil where it is gone.
func (w *searchWorld) refreshOne(p *process, s *stored) (*stored, []*tfprotov6.Diagnostic) {
	typ := p.typeOf(s.kind)
	resp, err := p.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{TypeName: s.kind, CurrentState: w.dynamic(typ, s.value), Private: s.private})
	if err != nil {
		w.t.Fatal(err)
	}
	if hasErrors(resp.Diagnostics) {
		return s, resp.Diagnostics
	}
	if v := w.decode(typ, resp.NewState); !v.IsNull() {
		return &stored{s.kind, v, resp.Private}, resp.Diagnostics
	}
	return nil, resp.Diagnostics
}

// importOne is an import block.
func (w *searchWorld) importOne(p *process, kind, id string) (*stored, []*tfprotov6.Diagnostic) {
	resp, err := p.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	if hasErrors(resp.Diagnostics) || len(resp.ImportedResources) == 0 {
		return nil, resp.Diagnostics
	}
	read, diags := w.refreshOne(p, &stored{kind, w.decode(p.typeOf(kind), resp.ImportedResources[0].State), resp.ImportedResources[0].Private})
	return read, append(resp.Diagnostics, diags...)
}

// searchClone copies what a map points to; own gives each copy what it must not share.
func searchClone[T any](of map[string]*T, own func(*T)) map[string]*T {
	out := map[string]*T{}
	for addr, v := range of {
		again := *v
		own(&again)
		out[addr] = &again
	}
	return out
}

func searchCloneState(state map[string]*searchObj) map[string]*searchObj {
	return searchClone(state, func(o *searchObj) { o.deposed = slices.Clone(o.deposed) })
}

func searchCloneConfig(config map[string]*searchRes) map[string]*searchRes {
	return searchClone(config, func(r *searchRes) { r.object = maps.Clone(r.object) })
}
