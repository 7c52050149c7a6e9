package directorytest

import "testing"

func googleWorlds() map[string]func(*testing.T, outcome) {
	return map[string]func(*testing.T, outcome){}
}
