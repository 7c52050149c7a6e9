package directorytest

import "testing"

func entraWorlds() map[string]func(*testing.T, outcome) {
	return map[string]func(*testing.T, outcome){}
}
