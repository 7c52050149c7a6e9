package tfprovider

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/rolecall-dev/rolecall/emulator"
)

// object is what a test writes for a config: strings, booleans, []string,
// objects and lists of objects.
type object = map[string]any

// unknown stands for a value that is known only after apply.
type unknownValue struct{}

// nullElement stands for a set with one element, which is null.
type nullElement struct{}

// terraform does what Terraform's core does with a provider, by the protocol.
// Each plan and each apply talks to a process of its own, as in Terraform.
type terraform struct {
	t     *testing.T
	e     *emulator.Emulator
	key   string // access key
	owner string
	// provider are further arguments of the provider block.
	provider object
	// http replaces the emulator's transport, to count and to fail.
	http http.RoundTripper
}

func newTerraform(t *testing.T, o emulator.Options) *terraform {
	t.Helper()
	o.Seed = cmp.Or(o.Seed, 1)
	e, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &terraform{t: t, e: e, key: emulator.ManagementKey, owner: "platform"}
}

// process is one process of the provider, configured.
type process struct {
	tf     *terraform
	server tfprotov6.ProviderServer
	schema *tfprotov6.GetProviderSchemaResponse
}

func (tf *terraform) start() *process {
	tf.t.Helper()
	transport := tf.http
	if transport == nil {
		transport = tf.e.Transport()
	}
	o := Options{Credentials: credentials.NewStaticCredentialsProvider(tf.key, "secret", ""), HTTPClient: &http.Client{Transport: transport}}
	server, err := providerserver.NewProtocol6WithError(New("test", o)())()
	if err != nil {
		tf.t.Fatal(err)
	}
	p := &process{tf: tf, server: server}
	if p.schema, err = server.GetProviderSchema(context.Background(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		tf.t.Fatal(err)
	}
	tf.none("schema", p.schema.Diagnostics)
	config := object{"region": "us-east-1"}
	maps.Copy(config, tf.provider)
	if tf.owner != "" {
		config["owner"] = tf.owner
	}
	resp, err := server.ConfigureProvider(context.Background(), &tfprotov6.ConfigureProviderRequest{Config: p.value(p.schema.Provider.ValueType(), config)})
	if err != nil {
		tf.t.Fatal(err)
	}
	tf.none("configure", resp.Diagnostics)
	return p
}

func (tf *terraform) none(what string, list []*tfprotov6.Diagnostic) {
	tf.t.Helper()
	for _, d := range list {
		tf.t.Fatalf("%s: %s: %s\n%s", what, d.Severity, d.Summary, d.Detail)
	}
}

// stored is a resource in Terraform's state.
type stored struct {
	kind    string
	value   tftypes.Value
	private []byte
}

func (p *process) typeOf(kind string) tftypes.Type {
	s, ok := p.schema.ResourceSchemas[kind]
	if !ok {
		p.tf.t.Fatalf("no resource %s", kind)
	}
	return s.ValueType()
}

func (p *process) value(typ tftypes.Type, v any) *tfprotov6.DynamicValue {
	return p.dynamic(typ, build(typ, v))
}

func (p *process) dynamic(typ tftypes.Type, v tftypes.Value) *tfprotov6.DynamicValue {
	out, err := tfprotov6.NewDynamicValue(typ, v)
	if err != nil {
		p.tf.t.Fatal(err)
	}
	return &out
}

func (p *process) decode(typ tftypes.Type, v *tfprotov6.DynamicValue) tftypes.Value {
	out, err := v.Unmarshal(typ)
	if err != nil {
		p.tf.t.Fatal(err)
	}
	return out
}

// build makes a value of the type; what the test does not write is null.
func build(typ tftypes.Type, v any) tftypes.Value {
	if v == nil {
		return tftypes.NewValue(typ, nil)
	}
	if _, ok := v.(unknownValue); ok {
		return tftypes.NewValue(typ, tftypes.UnknownValue)
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		attributes := map[string]tftypes.Value{}
		given := maps.Clone(v.(object))
		for name, t := range typ.AttributeTypes {
			attributes[name] = build(t, given[name])
			delete(given, name)
		}
		if len(given) > 0 {
			panic(fmt.Sprintf("no attributes %v", slices.Collect(maps.Keys(given))))
		}
		return tftypes.NewValue(typ, attributes)
	case tftypes.Set:
		return tftypes.NewValue(typ, elements(typ.ElementType, v))
	case tftypes.List:
		return tftypes.NewValue(typ, elements(typ.ElementType, v))
	case tftypes.Map:
		values := map[string]tftypes.Value{}
		for k, s := range v.(map[string]string) {
			values[k] = tftypes.NewValue(tftypes.String, s)
		}
		return tftypes.NewValue(typ, values)
	}
	return tftypes.NewValue(typ, v)
}

func elements(typ tftypes.Type, v any) []tftypes.Value {
	out := []tftypes.Value{}
	switch list := v.(type) {
	case nullElement:
		out = append(out, tftypes.NewValue(typ, nil))
	case []string:
		for _, s := range list {
			out = append(out, tftypes.NewValue(tftypes.String, s))
		}
	case []object:
		for _, o := range list {
			out = append(out, build(typ, o))
		}
	}
	return out
}

// planned is what PlanResourceChange gave.
type planned struct {
	kind                   string
	config, prior, planned tftypes.Value
	private                []byte
	diags                  []*tfprotov6.Diagnostic
	failed                 bool
}

// action is what Terraform would print.
func (p planned) action() string {
	switch {
	case p.prior.IsNull() && p.planned.IsNull(), p.prior.Equal(p.planned):
		return "no-op"
	case p.prior.IsNull():
		return "create"
	case p.planned.IsNull():
		return "delete"
	default:
		return "update"
	}
}

// plan validates and plans; a nil config destroys.
func (p *process) plan(kind string, state *stored, config object) planned {
	p.tf.t.Helper()
	typ := p.typeOf(kind)
	out := planned{kind: kind, config: build(typ, nil), prior: build(typ, nil)}
	var private []byte
	if state != nil {
		out.prior, private = state.value, state.private
	}
	proposed := out.config
	if config != nil {
		out.config = build(typ, config)
		valid, err := p.server.ValidateResourceConfig(context.Background(), &tfprotov6.ValidateResourceConfigRequest{TypeName: kind, Config: p.dynamic(typ, out.config)})
		if err != nil {
			p.tf.t.Fatal(err)
		}
		if out.diags = valid.Diagnostics; hasErrors(out.diags) {
			out.failed = true
			return out
		}
		proposed = propose(p.schema.ResourceSchemas[kind], out.config, out.prior)
	}
	resp, err := p.server.PlanResourceChange(context.Background(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: kind, PriorState: p.dynamic(typ, out.prior), ProposedNewState: p.dynamic(typ, proposed), Config: p.dynamic(typ, out.config), PriorPrivate: private,
	})
	if err != nil {
		p.tf.t.Fatal(err)
	}
	out.diags = append(out.diags, resp.Diagnostics...)
	if out.failed = hasErrors(resp.Diagnostics); !out.failed {
		out.planned, out.private = p.decode(typ, resp.PlannedState), resp.PlannedPrivate
		if len(resp.RequiresReplace) > 0 {
			p.tf.t.Errorf("%s: the plan replaces: %v", kind, resp.RequiresReplace)
		}
	}
	return out
}

// propose does what core does: what the config leaves out of what the provider
// may compute keeps its former value.
func propose(schema *tfprotov6.Schema, config, prior tftypes.Value) tftypes.Value {
	if prior.IsNull() {
		return config
	}
	var c, b map[string]tftypes.Value
	if config.As(&c) != nil || prior.As(&b) != nil {
		panic("not an object")
	}
	c = maps.Clone(c) // As gives the config's own
	for _, a := range schema.Block.Attributes {
		if a.Computed && c[a.Name].IsNull() {
			c[a.Name] = b[a.Name]
		}
	}
	return tftypes.NewValue(config.Type(), c)
}

func hasErrors(list []*tfprotov6.Diagnostic) bool {
	return slices.ContainsFunc(list, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

// apply applies what was planned, and holds the provider to its plan.
func (p *process) apply(pl planned) (*stored, []*tfprotov6.Diagnostic) {
	p.tf.t.Helper()
	return p.applyUntil(context.Background(), pl)
}

// applyUntil is apply that somebody interrupts when the context ends.
func (p *process) applyUntil(ctx context.Context, pl planned) (*stored, []*tfprotov6.Diagnostic) {
	p.tf.t.Helper()
	typ := p.typeOf(pl.kind)
	resp, err := p.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: pl.kind, PriorState: p.dynamic(typ, pl.prior), PlannedState: p.dynamic(typ, pl.planned), Config: p.dynamic(typ, pl.config), PlannedPrivate: pl.private,
	})
	if err != nil {
		p.tf.t.Fatal(err)
	}
	after := p.decode(typ, resp.NewState)
	if !hasErrors(resp.Diagnostics) {
		p.consistent(pl.planned, after)
	}
	if after.IsNull() {
		return nil, resp.Diagnostics
	}
	return &stored{pl.kind, after, resp.Private}, resp.Diagnostics
}

// consistent is core's own check: what was known at plan comes true.
func (p *process) consistent(want, have tftypes.Value) {
	p.tf.t.Helper()
	if want.IsNull() != have.IsNull() {
		p.tf.t.Errorf("inconsistent result after apply: planned %s, got %s", want, have)
		return
	}
	if want.IsNull() {
		return
	}
	var w, h map[string]tftypes.Value
	if want.As(&w) != nil || have.As(&h) != nil {
		p.tf.t.Fatal("not an object")
	}
	for name := range w {
		switch {
		case !h[name].IsFullyKnown():
			p.tf.t.Errorf("%s is unknown after apply", name)
		case w[name].IsFullyKnown() && !w[name].Equal(h[name]):
			p.tf.t.Errorf("inconsistent result after apply: %s: planned %s, got %s", name, w[name], h[name])
		}
	}
}

// refresh reads a resource; nil where it is gone.
func (p *process) refresh(state *stored) *stored {
	p.tf.t.Helper()
	if state == nil {
		return nil
	}
	typ := p.typeOf(state.kind)
	resp, err := p.server.ReadResource(context.Background(), &tfprotov6.ReadResourceRequest{TypeName: state.kind, CurrentState: p.dynamic(typ, state.value), Private: state.private})
	if err != nil {
		p.tf.t.Fatal(err)
	}
	p.tf.none("read", resp.Diagnostics)
	if v := p.decode(typ, resp.NewState); !v.IsNull() {
		return &stored{state.kind, v, resp.Private}
	}
	return nil
}

// plan refreshes and plans in one process, as `terraform plan` does.
func (tf *terraform) plan(kind string, state *stored, config object) planned {
	tf.t.Helper()
	p := tf.start()
	return p.plan(kind, p.refresh(state), config)
}

// apply plans in one process and applies in another, without any error.
func (tf *terraform) apply(kind string, state *stored, config object) *stored {
	tf.t.Helper()
	after, diags := tf.try(kind, state, config)
	for _, d := range diags {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			tf.t.Fatalf("apply: %s\n%s", d.Summary, d.Detail)
		}
	}
	return after
}

// destroy is `terraform destroy`: a walk of the plan of the config comes first, and an
// error in it ends all; then what is left is planned to go, and goes.
func (tf *terraform) destroy(state *stored, config object) (*stored, []*tfprotov6.Diagnostic) {
	tf.t.Helper()
	kind, p := state.kind, tf.start()
	state = p.refresh(state)
	if pl := p.plan(kind, state, config); pl.failed || state == nil {
		return state, pl.diags
	}
	pl := tf.start().plan(kind, state, nil)
	if pl.failed {
		return state, pl.diags
	}
	return tf.start().apply(pl)
}

// try plans and applies; a plan that fails leaves the state as it is.
func (tf *terraform) try(kind string, state *stored, config object) (*stored, []*tfprotov6.Diagnostic) {
	tf.t.Helper()
	pl := tf.plan(kind, state, config)
	if pl.failed {
		return state, pl.diags
	}
	if pl.action() == "no-op" {
		return state, pl.diags
	}
	return tf.start().apply(pl)
}

// empty says that there is nothing to do.
func (tf *terraform) empty(kind string, state *stored, config object) {
	tf.t.Helper()
	pl := tf.plan(kind, state, config)
	if pl.failed || pl.action() != "no-op" {
		tf.t.Errorf("the plan is not empty: %s\nprior   %s\nplanned %s\n%s", pl.action(), show(pl.prior), show(pl.planned), words(pl.diags))
	}
}

// importing imports by an id and reads.
func (tf *terraform) importing(kind, id string) (*stored, []*tfprotov6.Diagnostic) {
	tf.t.Helper()
	p := tf.start()
	typ := p.typeOf(kind)
	resp, err := p.server.ImportResourceState(context.Background(), &tfprotov6.ImportResourceStateRequest{TypeName: kind, ID: id})
	if err != nil {
		tf.t.Fatal(err)
	}
	if hasErrors(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	return p.refresh(&stored{kind, p.decode(typ, resp.ImportedResources[0].State), resp.ImportedResources[0].Private}), nil
}

func words(list []*tfprotov6.Diagnostic) string {
	var out []string
	for _, d := range list {
		at := ""
		if d.Attribute != nil {
			at = d.Attribute.String() + ": "
		}
		out = append(out, fmt.Sprintf("%s: %s%s\n%s", d.Severity, at, d.Summary, d.Detail))
	}
	return strings.Join(out, "\n")
}

// show returns a value as JSON-like text, sorted.
func show(v tftypes.Value) string {
	switch {
	case !v.IsKnown():
		return "(unknown)"
	case v.IsNull():
		return "null"
	}
	switch typ := v.Type().(type) {
	case tftypes.Object, tftypes.Map:
		var m map[string]tftypes.Value
		_ = v.As(&m)
		var out []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if _, object := typ.(tftypes.Object); !object || !m[k].IsNull() {
				out = append(out, k+"="+show(m[k]))
			}
		}
		return "{" + strings.Join(out, " ") + "}"
	case tftypes.Set, tftypes.List:
		var l []tftypes.Value
		_ = v.As(&l)
		var out []string
		for _, e := range l {
			out = append(out, show(e))
		}
		if _, set := typ.(tftypes.Set); set {
			slices.Sort(out)
		}
		return "[" + strings.Join(out, " ") + "]"
	}
	var s string
	var b bool
	var n big.Float
	switch {
	case v.As(&s) == nil:
		return s
	case v.As(&b) == nil:
		return fmt.Sprint(b)
	case v.As(&n) == nil:
		return n.String()
	}
	return v.String()
}

// get returns one attribute as show does.
func (s *stored) get(name string) string {
	var m map[string]tftypes.Value
	if err := s.value.As(&m); err != nil {
		return err.Error()
	}
	return show(m[name])
}

// data reads a data source.
func (tf *terraform) data(kind string, config object) (*stored, []*tfprotov6.Diagnostic) {
	tf.t.Helper()
	p := tf.start()
	typ := p.schema.DataSourceSchemas[kind].ValueType()
	resp, err := p.server.ReadDataSource(context.Background(), &tfprotov6.ReadDataSourceRequest{TypeName: kind, Config: p.value(typ, config)})
	if err != nil {
		tf.t.Fatal(err)
	}
	if hasErrors(resp.Diagnostics) {
		return nil, resp.Diagnostics
	}
	return &stored{kind: kind, value: p.decode(typ, resp.State)}, resp.Diagnostics
}
