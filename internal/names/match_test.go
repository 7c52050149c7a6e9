package names

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestCompare(t *testing.T) {
	for name, c := range map[string]struct {
		a, b string
		want Match
	}{
		"equal":                      {"AWS-Dev", "AWS-Dev", Exact},
		"blank at the end":           {"AWS-Dev", "AWS-Dev ", Trimmed},
		"no-break space in front":    {"AWS-Dev", "\u00A0AWS-Dev", Trimmed},
		"accent apart":               {"Équipe", "E\u0301quipe", NFC},
		"no-break space inside":      {"AWS Dev", "AWS\u00A0Dev", NFKC},
		"full-width letters":         {"AWS-Dev", "ＡＷＳ-Dev", NFKC},
		"ligature":                   {"Office", "O\uFB03ce", NFKC},
		"case":                       {"AWS-Dev", "aws-dev", Case},
		"sharp s":                    {"Straße", "STRASSE", Case},
		"dash and blank":             {"AWS-Dev", "AWS Dev", Separators},
		"non-breaking hyphen":        {"AWS-Dev", "AWS\u2011Dev", Separators},
		"underscore":                 {"AWS-Dev", "AWS_Dev", Separators},
		"none and dash":              {"AWS-DevTeam", "AWS-Dev-Team", Separators},
		"zero-width space":           {"AWS-Dev", "AWS-\u200BDev", Invisible},
		"right-to-left mark":         {"AWS-Dev", "AWS-Dev\u200F", Invisible},
		"byte order mark":            {"AWS-Dev", "\uFEFFAWS-Dev", Invisible},
		"accent behind a zero-width": {"é", "e\u200D\u0301", Invisible},
		"cyrillic a":                 {"AWS-Admins", "\u0410WS-Admins", LookAlike},
		"cyrillic a, other case":     {"AWS-Admins", "aws-\u0430dmins", LookAlike},
		"capital i and small l":      {"AWS-IAM", "AWS-lAM", LookAlike},
		"zero and capital o":         {"AWS-OPS", "AWS-0PS", LookAlike},
		"rn and m":                   {"AWS-Admins", "AWS-Adrnins", LookAlike},
		"greek capital alpha":        {"AWS-Dev", "\u0391WS-Dev", LookAlike},
		"cherokee":                   {"AWS-Dev", "\u13AAWS-Dev", LookAlike},
		"armenian":                   {"osu", "\u0585su", LookAlike},
		"a letter missing":           {"AWS-Development", "AWS-Develoment", EditDistance},
		"neighbors swapped":          {"AWS-Development", "AWS-Devleopment", EditDistance},
		"plural":                     {"AWS-Admin", "AWS-Admins", EditDistance},
		"two of seven":               {"AWS-Dev", "AWS-Ops", ""},
		"another word":               {"AWS-Development", "AWS-Production", ""},
		"short names":                {"QA", "HR", ""},
		"another person":             {"mary@company.com", "case@company.com", ""},
		"a slip in a user name":      {"mary.smith@company.com", "mary.smyth@company.com", EditDistance},
		"nothing and blanks":         {"", "  ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := Compare(c.a, c.b)
			if got != c.want {
				t.Errorf("Compare(%q, %q) = %q, want %q", c.a, c.b, got, c.want)
			}
		})
	}
}

func TestEveryRungHasWords(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range allMatches() {
		if w := r.Words(); w == string(r) || seen[w] {
			t.Errorf("match %q has no words of its own: %q", r, w)
		}
		seen[r.Words()] = true
	}
}

// names draws what people and identity providers really write: mostly plain
// letters, with the characters of every match among them.
func someNames() *rapid.Generator[string] {
	letters := []rune("aAbdeEiIlmnorstOS01-_ .\u00A0\u00E9\u0301\u0410\u0430\u043E\u0456\u0399\u2011\u2013\u200B\u200D\u200F\u202E\u00DF\uFB01\uFF21\uFEFF\u0130\u0131\u13AA\u0585\u03C2\u0345\u1E9E\u212A")
	some := rapid.StringOfN(rapid.SampledFrom(letters), 0, 12, -1)
	return rapid.OneOf(some, rapid.String())
}

// variant draws a second name that often is the first one, changed a little.
func variant(t *rapid.T, a string) string {
	r := []rune(a)
	if len(r) == 0 || rapid.IntRange(0, 3).Draw(t, "other") == 0 {
		return someNames().Draw(t, "b")
	}
	at := rapid.IntRange(0, len(r)-1).Draw(t, "at")
	switch rapid.IntRange(0, 3).Draw(t, "change") {
	case 0:
		return string(slices.Delete(r, at, at+1))
	case 1:
		return string(slices.Insert(r, at, []rune(someNames().Draw(t, "more"))...))
	case 2:
		return strings.ToUpper(a)
	default:
		return a
	}
}

func TestCompareIsSymmetricAndExactMeansEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := someNames().Draw(t, "a")
		b := variant(t, a)
		ab, okAB := Compare(a, b)
		ba, okBA := Compare(b, a)
		if ab != ba || okAB != okBA {
			t.Fatalf("Compare(%q, %q) = %q, the other way round %q", a, b, ab, ba)
		}
		if (ab == Exact) != (a == b) {
			t.Fatalf("Compare(%q, %q) = %q", a, b, ab)
		}
		if okAB != slices.Contains(allMatches(), ab) {
			t.Fatalf("Compare(%q, %q) = %q, %v", a, b, ab, okAB)
		}
	})
}

// What one match overlooks, the later ones overlook too; only look-alikes, which
// depend on the case, stand beside that order.
func TestRungsAreCumulative(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := someNames().Draw(t, "a")
		b := variant(t, a)
		ka, kb := keysOf(a), keysOf(b)
		for i := range 5 {
			if ka[i] == kb[i] && ka[i+1] != kb[i+1] {
				t.Fatalf("match %q joins %q and %q, the next does not: %q, %q", keyedBy[i], a, b, ka[i+1], kb[i+1])
			}
		}
		if ka[5] == kb[5] && ka[7] != kb[7] {
			t.Fatalf("%q and %q have one key and two skeletons", a, b)
		}
	})
}

func TestSkeletonIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := someNames().Draw(t, "text")
		once := skeleton(text)
		if twice := skeleton(once); twice != once {
			t.Fatalf("skeleton(%q) = %+q, and again %+q", text, once, twice)
		}
	})
	for from, to := range confusables() {
		if again := skeleton(to); again != to {
			t.Errorf("%U looks like %+q, and that like %+q", from, to, again)
		}
	}
}

func TestLookAlikes(t *testing.T) {
	if n, lines := len(confusables()), strings.Count(lookAlikes, " ; "); n != lines || n < 900 {
		t.Errorf("%d characters of %d lines", n, lines)
	}
	for text, want := range map[string]string{
		"\u0430\u0435\u043E\u0440\u0441\u0443\u0445": "aeopcyx", // Cyrillic
		"\u0391\u0392\u0395\u0396\u0397\u0399":       "ABEZHl",  // Greek
		"\u13AA\u13B3\u13DA":                         "AWS",     // Cherokee
		"\u0578\u057D\u0585":                         "nuo",     // Armenian
		"ＡＷＳ":                                        "AWS",
	} {
		if got := skeleton(text); got != want {
			t.Errorf("skeleton(%q) = %q, want %q", text, got, want)
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add("AWS-Dev", "aws\u00A0d\u0435v")
	f.Add("\xff", "\xfe")
	f.Add("e\u0301", "é")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 200 || len(b) > 200 {
			return
		}
		ab, _ := Compare(a, b)
		if ba, _ := Compare(b, a); ab != ba {
			t.Fatalf("%q one way, %q the other", ab, ba)
		}
		d := Differences(a, b)
		if (len(d) == 0) != (a == b) {
			t.Fatalf("%d differences between %q and %q", len(d), a, b)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) {
			if diff := cmp.Diff(b, patch(a, d)); diff != "" {
				t.Fatalf("the differences of %q and %q are not exact: %s", a, b, diff)
			}
		}
	})
}

// allMatches returns them in order.
func allMatches() []Match {
	return []Match{Exact, Trimmed, NFC, NFKC, Case, Separators, Invisible, LookAlike, EditDistance}
}
