package names

import "testing"

func TestOdder(t *testing.T) {
	for _, c := range []struct {
		odd, plain string
		tells      bool
	}{
		{"\u0410WS-Development-Team", "AWS-Development-Team", true},
		{"j\u0430ne@company.com", "jane@company.com", true},
		{"\u041E\u0442\u0434e\u043B", "\u041E\u0442\u0434\u0435\u043B", true}, // a Latin e in a Russian word
		{"AWS-Dev ", "AWS-Dev", true},
		{" AWS-Dev", "AWS-Dev", true},
		{"AWS  Dev", "AWS Dev", true},
		{"AWS\u00A0Dev", "AWS Dev", true},
		{"AWS\u2013Dev", "AWS-Dev", true},
		{"AWS-\u200BDev", "AWS-Dev", true},
		{"\uFF21WS-Dev", "AWS-Dev", true},
		{"Cafe\u0301", "Caf\u00E9", true},
		{"AWS-\u958B\u767A\u200B", "AWS-\u958B\u767A", true},
		{"\xffAWS", "AWS", true},
		{"\u0410\u0412\u0421", "ABC", false}, // each is of one script
		{"AWS-0ps", "AWS-Ops", false},
		{"AWS Dev", "AWS-Dev", false},
		{"aws-dev", "AWS-Dev", false},
		{"AWS-Dev", "AWS-Dev", false},
	} {
		want := 0
		if c.tells {
			want = 1
		}
		if got, back := Odder(c.odd, c.plain), Odder(c.plain, c.odd); got != want || back != -want {
			t.Errorf("Odder(%q, %q) is %d, and %d the other way; want %d", c.odd, c.plain, got, back, want)
		}
	}
}
