package access

// Nearest gives the known name that a person most likely meant by given, or ""
// where none is near: at most one edit in three characters, an edit being a
// character added, dropped, changed, or swapped with its neighbour.
func Nearest(given string, known []string) string {
	best, least := "", maxEdits([]rune(given))+1
	for _, name := range known {
		if d := edits([]rune(given), []rune(name), least); d < least {
			best, least = name, d
		}
	}
	return best
}

// maxEdits is how many edits a near name is away at most.
func maxEdits(given []rune) int { return max(1, len(given)/3) }

// edits is the optimal string alignment distance, or limit where it is no
// less.
func edits(a, b []rune, limit int) int {
	if abs(len(a)-len(b)) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit)
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
