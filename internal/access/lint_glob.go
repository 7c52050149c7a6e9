package access

import "slices"

// Patterns of names, of IAM actions and of resources: * stands for any
// characters, none included, ? for one; all others stand for themselves.

// matchesAny says whether the name matches one of the patterns.
func matchesAny(patterns List[Text], name string) bool {
	return slices.ContainsFunc(patterns.Items, func(p Text) bool { return globMatch(p.Value, name) })
}

// globMatch is MatchesGlob in any case: in the settings of a lint, the case of a
// name is never what is meant to differ.
func globMatch(pattern, name string) bool { return MatchesGlob(fold(pattern), fold(name)) }

// MatchesGlob says whether the whole name matches the pattern, letter for letter.
func MatchesGlob(pattern, name string) bool {
	p, n := []rune(pattern), []rune(name)
	star, retry := -1, 0 // the last * and where the name goes on if it takes one more
	i, j := 0, 0
	for j < len(n) {
		switch {
		case i < len(p) && p[i] == '*':
			star, retry = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == n[j]):
			i, j = i+1, j+1
		case star >= 0:
			retry++
			i, j = star+1, retry
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// globsOverlap says whether there is a text that matches both patterns, in any
// case: iam:Pass* and iam:PassRole, or *Role and iam:*.
func globsOverlap(a, b string) bool {
	x, y := []rune(fold(a)), []rune(fold(b))
	// row[j] says whether x[i:] and y[j:] overlap; rows are made from the end.
	below := make([]bool, len(y)+1)
	for i := len(x); i >= 0; i-- {
		row := make([]bool, len(y)+1)
		for j := len(y); j >= 0; j-- {
			row[j] = overlapAt(x, y, i, j, row, below)
		}
		below = row
	}
	return below[0]
}

func overlapAt(x, y []rune, i, j int, row, below []bool) bool {
	endX, endY := i == len(x), j == len(y)
	switch {
	case endX && endY:
		return true
	case !endX && x[i] == '*':
		return below[j] || !endY && row[j+1]
	case !endY && y[j] == '*':
		return row[j+1] || !endX && below[j]
	case endX || endY:
		return false
	default:
		return (x[i] == '?' || y[j] == '?' || x[i] == y[j]) && below[j+1]
	}
}
