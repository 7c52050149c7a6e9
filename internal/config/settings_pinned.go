package config

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"

	"github.com/rolecall-dev/rolecall/internal/access"
	"github.com/rolecall-dev/rolecall/internal/diag"
)

// The guards' limits where nothing is written (plan.Guards).
const (
	DefaultRemovalPercent = 25
	DefaultRemovalMin     = 5
	DefaultRemovalMax     = 100
)

// pinnedSettings puts what the file at name says over the folder's own settings.
// Nothing wins in silence: what the folder says otherwise is an error that names
// both places, and so is what would widen, by adopt, ignore or the guards, what
// the file leaves out.
func (l *loader) pinnedSettings(name string, own Settings) Settings {
	src, d := l.ReadAs(name, os.DirFS(filepath.Dir(name)), filepath.Base(name))
	if d != nil {
		d.Hint = "Check the path that --settings or ROLECALL_SETTINGS names: it must be a file in the form of rolecall.hcl."
		l.Report(*d)
		return own
	}
	pinned := Settings{Range: diag.Range{File: name}}
	if body := l.ParseHCL(src, name); body != nil {
		l.readSettings(body, &pinned)
	}
	p := pin{loader: l, file: name}
	p.widened(own, pinned)
	for _, k := range settingsKind().Keys {
		p.pinKey(k.Path, k.At(&own), k.At(&pinned))
	}
	for _, k := range guardsKind().Keys {
		p.pinKey(k.Path, k.At(&own.Guards), k.At(&pinned.Guards))
	}
	p.pinBlocks(&own, pinned)
	return own
}

// pin compares two settings.
type pin struct {
	*loader
	file string
}

func (p pin) contradiction(key string, at, pinned diag.Range) {
	p.Report(diag.Diagnostic{Code: CodePinned, Range: at, Related: []diag.Range{pinned},
		Summary: fmt.Sprintf("%q is not what %s says", key, p.file),
		Detail:  fmt.Sprintf("The settings file sets it at %s, and rolecall.hcl beside the config cannot change it.", pinned),
		Hint:    fmt.Sprintf("Remove %s from %s, or change the settings file.", key, at.File)})
}

func (p pin) widening(key, does string, at diag.Range) {
	p.Report(diag.Diagnostic{Code: CodePinned, Range: at, Related: []diag.Range{{File: p.file}},
		Summary: fmt.Sprintf("%q %s, and %s does not say so", key, does, p.file),
		Detail:  "With --settings, adopt, ignore and guards come from that file, so that a change of the config cannot loosen them.",
		Hint:    fmt.Sprintf("Remove %s from %s, or write it in the settings file.", key, at.File)})
}

// widened finds what the settings file leaves to its default, and the folder
// does not.
func (p pin) widened(own, pinned Settings) {
	if len(own.Adopt.Items) > 0 && !pinned.Adopt.Set() {
		p.widening("adopt", "takes over what nobody owns", own.Adopt.Range)
	}
	if len(own.Ignore.Items) > 0 && !pinned.Ignore.Set() {
		p.widening("ignore", "leaves things out", own.Ignore.Range)
	}
	for _, g := range []struct {
		key         string
		own, pinned Number
		most        int
	}{
		{"removal_percent", own.Guards.RemovalPercent, pinned.Guards.RemovalPercent, DefaultRemovalPercent},
		{"removal_min", own.Guards.RemovalMin, pinned.Guards.RemovalMin, DefaultRemovalMin},
		{"removal_max", own.Guards.RemovalMax, pinned.Guards.RemovalMax, DefaultRemovalMax},
	} {
		if g.own.Value > g.most && !g.pinned.Set() {
			p.widening(g.key, "lets more removals through than "+strconv.Itoa(g.most), g.own.Range)
		}
	}
}

// pinKey pins one key: the settings file's counts, and the folder's has to be
// the same. What is protected may be more.
func (p pin) pinKey(key string, own, pinned any) {
	at, pinnedAt := *access.RangeOf(own), *access.RangeOf(pinned)
	if list, ok := own.(*texts); ok {
		p.pinList(key, list, *pinned.(*texts), key != "protected")
	} else if !pinnedAt.IsZero() {
		to, from := reflect.ValueOf(own).Elem(), reflect.ValueOf(pinned).Elem()
		if !at.IsZero() && !sameValue(to, from) {
			p.contradiction(key, at, pinnedAt)
		}
		to.Set(from)
	}
}

// pinList pins a list of names: the settings file's counts. With exact, the
// folder's has to be the same, in whatever order; else it may have more.
func (p pin) pinList(key string, own *access.List[access.Text], pinned access.List[access.Text], exact bool) {
	if !pinned.Set() {
		return
	}
	if own.Set() && (!covers(*own, pinned) || exact && !covers(pinned, *own)) {
		p.contradiction(key, own.Range, pinned.Range)
	}
	if exact || !own.Set() {
		*own = pinned
	}
}

// covers says that all of a list is in another.
func covers(all, some access.List[access.Text]) bool {
	return !slices.ContainsFunc(some.Items, func(t access.Text) bool {
		return !slices.ContainsFunc(all.Items, func(a access.Text) bool { return a.Value == t.Value })
	})
}

// pinBlocks pins what says where secrets go, and the lints: as a whole, so that
// nothing of the folder's is put together with something of the settings file's.
func (p pin) pinBlocks(own *Settings, pinned Settings) {
	if !pinned.lints.IsZero() {
		if !own.lints.IsZero() && !same(own.Lints, pinned.Lints) {
			p.contradiction("lints", own.lints, pinned.lints)
		}
		own.Lints = pinned.Lints
	}
	if pinned.SCIM != nil {
		if own.SCIM != nil && !same(*own.SCIM, *pinned.SCIM) {
			p.contradiction("scim", own.SCIM.Range, pinned.SCIM.Range)
		}
		own.SCIM = pinned.SCIM
	}
	if len(pinned.Connectors) == 0 {
		return
	}
	for _, c := range own.Connectors {
		if !slices.ContainsFunc(pinned.Connectors, func(o Connector) bool { return same(c, o) }) {
			p.contradiction("connector", c.Range, pinned.Connectors[0].Range)
		}
	}
	own.Connectors = pinned.Connectors
}

// same compares values without their places.
func same[T any](a, b T) bool { return sameValue(reflect.ValueOf(a), reflect.ValueOf(b)) }

func sameValue(a, b reflect.Value) bool {
	switch {
	case a.Type() == reflect.TypeFor[diag.Range]():
		return true
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			if !sameValue(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case a.Kind() == reflect.Slice:
		for i := range min(a.Len(), b.Len()) {
			if !sameValue(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return a.Len() == b.Len()
	}
	return a.Equal(b)
}
