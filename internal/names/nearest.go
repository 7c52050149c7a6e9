package names

// Nearest returns the known word that a person most likely meant by given, or ""
// where none is near: at most one edit in three characters. It is for the few words
// of a vocabulary, such as the keys of a config; names of things in AWS, which are
// many and look alike in more ways, have an Index.
func Nearest(given string, known []string) string {
	var m matrix
	a, best := []rune(given), ""
	limit := max(1, len(a)/3)
	for _, name := range known {
		if d := m.distance(a, []rune(name), limit); d <= limit {
			best, limit = name, d-1
		}
	}
	return best
}
