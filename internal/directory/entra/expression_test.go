package entra

import "testing"

func TestExpressions(t *testing.T) {
	o := object{UserPrincipalName: "Pat_partner.example#EXT#@tenant", Mail: "Pat@Partner.example", Nickname: "pat", DisplayName: "Pat P"}
	for text, want := range map[string]string{
		`[mail]`: "Pat@Partner.example", ` [userPrincipalName] `: "Pat@partner.example", `[originalUserPrincipalName]`: "Pat_partner.example#EXT#@tenant",
		`ToLower([mail], )`: "pat@partner.example", `ToLower([mail])`: "pat@partner.example", `ToUpper([mailNickname],"en-US")`: "PAT",
		`Coalesce([employeeId], [mail])`: "Pat@Partner.example", `Coalesce([employeeId], "")`: "", `StripSpaces([displayName])`: "PatP",
		`Append([mailNickname], "@company.com")`: "pat@company.com", `Join("@", ToLower([mailNickname]), "company.com")`: "pat@company.com",
		`"a \"b\" \\"`: `a "b" \`, `Trim(" x ")`: "x",
	} {
		e, ok := parseExpression(text)
		if !ok {
			t.Errorf("%s cannot be read", text)
			continue
		}
		if got, ok := e.value(o); !ok || got != want {
			t.Errorf("%s: %q, %t, want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{`Replace([mail], "a", , , "b", , )`, `Mid([mail], 1, 8)`, `[extension_1_code]`, `ToLower(Mid([mail], 1, 8))`} {
		e, ok := parseExpression(text)
		if !ok {
			t.Errorf("%s cannot be read", text)
			continue
		}
		if got, ok := e.value(o); ok {
			t.Errorf("%s is worked out as %q", text, got)
		}
	}
	for _, text := range []string{"", "mail", "[mail", "[]", `"x`, "ToLower([mail]", "ToLower([mail]))", "ToLower [mail])", "([mail])", "[mail] [mail]", `"\`} {
		if e, ok := parseExpression(text); ok {
			t.Errorf("%q is read as %+v", text, e)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, text := range []string{`[mail]`, `ToLower([mail], )`, `Join("@", [mailNickname], "x")`, `"\`, "f(((("} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if e, ok := parseExpression(text); ok {
			_, _ = e.value(object{})
		}
	})
}

func TestGuestNames(t *testing.T) {
	for name, want := range map[string]string{
		"pat_partner.example#EXT#@company.onmicrosoft.com": "pat@partner.example", "p_a_t_partner.example#EXT#@t": "p_a_t@partner.example",
		"jane_smith@company.com": "jane_smith@company.com", "odd#EXT#@t": "odd#EXT#@t", "": "",
	} {
		if got := (object{UserPrincipalName: name}).external(); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	for address, want := range map[string]string{"pat@partner.example": "pat_partner.example#EXT#@", "": "", "@x": "", "x@": "", "a@b@c": "", "x": ""} {
		if got := guestName(address); got != want {
			t.Errorf("%q begins with %q, want %q", address, got, want)
		}
	}
}
