package names

// matrix holds the three rows that a distance needs, so that ten thousand
// comparisons share them. The zero value is ready; it must not be shared
// between goroutines.
type matrix struct{ before, last, row []int }

func (m *matrix) reset(n int) {
	if cap(m.row) < n {
		m.before, m.last, m.row = make([]int, n), make([]int, n), make([]int, n)
	}
	m.before, m.last, m.row = m.before[:n], m.last[:n], m.row[:n]
}

// distance returns the number of insertions, deletions, substitutions and swaps
// of neighbors that turn a into b (Damerau's distance, in the form of optimal
// string alignment), or limit+1 where it is more than limit. Only the band of
// width 2*limit+1 around the diagonal is computed.
func (m *matrix) distance(a, b []rune, limit int) int {
	a, b, _ = trimCommon(a, b)
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > limit {
		return limit + 1
	}
	m.reset(len(b) + 1)
	for j := range m.last {
		m.last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		if m.step(a, b, i, limit) > limit {
			return limit + 1
		}
		m.before, m.last, m.row = m.last, m.row, m.before
	}
	return min(m.last[len(b)], limit+1)
}

// step fills row i and returns its least value.
func (m *matrix) step(a, b []rune, i, limit int) int {
	lo, hi := max(1, i-limit), min(len(b), i+limit)
	least := limit + 1
	m.row[lo-1] = limit + 1
	if lo == 1 {
		m.row[0] = i
		least = i
	}
	for j := lo; j <= hi; j++ {
		above := limit + 1
		if j <= i-1+limit { // else the row above ends before j
			above = m.last[j] + 1
		}
		cost := min(above, m.row[j-1]+1, m.last[j-1]+differ(a[i-1], b[j-1]))
		if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
			cost = min(cost, m.before[j-2]+1)
		}
		m.row[j] = cost
		least = min(least, cost)
	}
	return least
}

func differ(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}

// trimCommon returns what is left of two names without what both begin and end with,
// and how long the common beginning is.
func trimCommon(a, b []rune) (restA, restB []rune, prefix int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b, prefix = a[1:], b[1:], prefix+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return a, b, prefix
}
