package directorytest

import "testing"

func oktaWorlds() map[string]func(*testing.T, outcome) {
	return map[string]func(*testing.T, outcome){}
}
