package diag

// Upper begins a sentence with a text: its first letter, where it is one of a to z, is
// made a capital.
func Upper(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return string(text[0]-'a'+'A') + text[1:]
}
