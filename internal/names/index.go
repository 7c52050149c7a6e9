package names

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// Index finds, among many observed names, those that an expected one was
// probably meant to be. It may be read from several goroutines.
type Index struct {
	names    []string
	byKey    [len(keyedBy)]map[string][]int32
	outlines []outline
	// byLength has the names by the length of their plain key, the only ones
	// that an edit distance is taken to.
	byLength map[int][]int32
}

// NewIndex makes an index of the names. Candidates that are equally near are in the order
// of the alphabet, so whoever reads the same names in another order is told the same.
func NewIndex(names []string) *Index {
	x := &Index{names: names, outlines: make([]outline, len(names)), byLength: map[int][]int32{}}
	for r := range x.byKey {
		x.byKey[r] = make(map[string][]int32, len(names))
	}
	order := make([]int, len(names))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(strings.Compare(strings.ToLower(names[a]), strings.ToLower(names[b])), strings.Compare(names[a], names[b]))
	})
	for _, i := range order {
		k := keysOf(names[i])
		for r, key := range k {
			x.byKey[r][key] = append(x.byKey[r][key], int32(i))
		}
		p := outlineOf(k.plain())
		x.outlines[i] = p
		x.byLength[len(p.text)] = append(x.byLength[len(p.text)], int32(i))
	}
	return x
}

// IndexOf makes an index of what rows are called.
func IndexOf[T any](rows []T, name func(T) string) *Index {
	called := make([]string, len(rows))
	for i, row := range rows {
		called[i] = name(row)
	}
	return NewIndex(called)
}

// Candidate is an observed name that an expected one may have been meant to be.
type Candidate struct {
	At       int // where it is in the names of the index
	Match    Match
	Distance int // on EditDistance: how many edits, case and separators aside
}

// Nearest returns at most the given number of candidates for a name, those of
// the first match that joins anything. Names that skip tells of are passed
// over; skip may be nil.
func (x *Index) Nearest(name string, most int, skip func(at int) bool) []Candidate {
	if skip == nil {
		skip = func(int) bool { return false }
	}
	k := keysOf(name)
	for r, match := range keyedBy {
		if found := x.onKey(r, k[r], match, name, skip); len(found) > 0 {
			return found[:min(len(found), most)]
		}
	}
	return x.byDistance(outlineOf(k.plain()), most, skip)
}

// Same returns where the names are that people would take for this one, by whichever
// match: all but the name itself, and those that are near by an edit distance.
func (x *Index) Same(name string) []int32 {
	var out []int32
	for r, key := range keysOf(name) {
		for _, i := range x.byKey[r][key] {
			if key != "" && x.names[i] != name && !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
}

func (x *Index) onKey(r int, key string, match Match, name string, skip func(int) bool) []Candidate {
	var found []Candidate
	for _, i := range x.byKey[r][key] {
		switch {
		case skip(int(i)):
		case x.names[i] == name:
			return []Candidate{{At: int(i), Match: Exact}}
		case key != "": // nothing is left of names made of blanks alone
			found = append(found, Candidate{At: int(i), Match: match})
		}
	}
	return found
}

// byDistance tries first what promises to be nearest, and asks less and less of
// the rest once it has enough: that bounds the work where ten thousand names
// are all alike.
func (x *Index) byDistance(p outline, most int, skip func(int) bool) []Candidate {
	var m matrix
	var found []Candidate
	limit := maxEdits
	rest := x.within(p, skip)
	for least := uint8(0); int(least) <= limit; least++ {
		for _, c := range rest {
			allowed := min(limit, int(c.most))
			if c.least != least || allowed < int(least) {
				continue
			}
			d := m.distance(p.text, x.outlines[c.at].text, allowed)
			if d > allowed {
				continue
			}
			found = keepBest(found, Candidate{At: int(c.at), Match: EditDistance, Distance: d}, most)
			if len(found) == most {
				limit = found[most-1].Distance - 1
			}
		}
	}
	return found
}

// near is a name whose distance, if it is at most most, is at least least.
type near struct {
	at          int32
	least, most uint8
}

// within returns the names that may be near enough, the nearest lengths first.
func (x *Index) within(p outline, skip func(int) bool) []near {
	var out []near
	for _, length := range lengthsNear(len(p.text)) {
		out = slices.Grow(out, len(x.byLength[length]))
		for _, i := range x.byLength[length] {
			q := &x.outlines[i]
			most := maxDistance(p.size, q.size)
			if least := p.apart(q); most > 0 && least <= most && !skip(int(i)) {
				out = append(out, near{i, uint8(least), uint8(most)})
			}
		}
	}
	return out
}

// keepBest inserts a candidate by its distance, after its equals.
func keepBest(found []Candidate, c Candidate, most int) []Candidate {
	at := len(found)
	for at > 0 && found[at-1].Distance > c.Distance {
		at--
	}
	found = slices.Insert(found, at, c)
	return found[:min(len(found), most)]
}

// lengthsNear returns the lengths that a name of length n can be compared with,
// the nearest first.
func lengthsNear(n int) []int {
	out := []int{n}
	for d := 1; d <= maxEdits; d++ {
		if maxDistance(n, n-d) >= d && n-d > 0 {
			out = append(out, n-d)
		}
		if maxDistance(n, n+d) >= d {
			out = append(out, n+d)
		}
	}
	return out
}

// outline is a name's plain key and a mark for each pair of neighbors in it.
// One edit changes at most three pairs into three others, so names whose marks
// differ more cannot be near.
type outline struct {
	text  []rune
	size  int
	pairs [4]uint64
}

func outlineOf(key string) outline {
	p := outline{text: runes(key)}
	p.size = size(p.text)
	for i := 1; i < len(p.text); i++ {
		h := (uint32(p.text[i-1])*31 + uint32(p.text[i])) * 0x9E3779B1 >> 24
		p.pairs[h>>6] |= 1 << (h & 63)
	}
	return p
}

// apart returns a number of edits that at least lie between the two.
func (p *outline) apart(q *outline) int {
	n := 0
	for i := range p.pairs {
		n += bits.OnesCount64(p.pairs[i] ^ q.pairs[i])
	}
	return (n + 5) / 6
}
