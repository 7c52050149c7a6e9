package diag

// Most is how many warnings are kept, and how many errors besides: whoever has
// more has one cause for many, and a large file would fill the memory with them.
const Most = 1000

// With adds a finding, unless the list is full. It never leaves out the only
// error: a list of Most has room for as many errors again.
func (l List) With(d Diagnostic) List {
	if len(l) < Most || d.Severity == Error && len(l) < 2*Most {
		return append(l, d)
	}
	return l
}

// Full reports whether no more findings are kept, among which are errors then.
func (l List) Full() bool { return len(l) >= 2*Most }
