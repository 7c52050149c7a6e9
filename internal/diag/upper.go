package diag

// Upper begins a sentence with a text: its first letter, where it is one of a to z, is
// made a capital.
func Upper(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return string(text[0]-'a'+'A') + text[1:]
}

// Lower makes a sentence part of another one: its first letter, where it is one of A
// to Z, is made small.
func Lower(text string) string {
	if text == "" || text[0] < 'A' || text[0] > 'Z' {
		return text
	}
	return string(text[0]-'A'+'a') + text[1:]
}
