package saml_test

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/rolecall-dev/rolecall/internal/probe/saml"
)

// TestPublishedForms are metadata as identity providers publish them.
func TestPublishedForms(t *testing.T) {
	files, err := filepath.Glob("../../../testdata/vendors/saml-*.xml")
	if err != nil || len(files) < 2 {
		t.Fatalf("%q, %v", files, err)
	}
	for _, file := range files {
		m, _, err := saml.ReadFile(file)
		want := saml.Metadata{EntityID: "https://idp.example/x", SignOn: []saml.SignOn{{Binding: saml.PostBinding, Location: "https://idp.example/sso"}}}
		if err != nil || !reflect.DeepEqual(m, want) {
			t.Errorf("%s: %+v, %v", file, m, err)
		}
	}
}

// in writes metadata of an entity with a name beyond ASCII in an encoding.
func in(t *testing.T, name string, e encoding.Encoding, entityID string) string {
	t.Helper()
	text := strings.Replace(metadata(entityID, saml.PostBinding, ""), `<?xml version="1.0"?>`, fmt.Sprintf(`<?xml version="1.0" encoding=%q standalone="yes"?>`, name), 1)
	if e == nil {
		return text
	}
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncodings(t *testing.T) {
	big, little := unicode.UTF16(unicode.BigEndian, unicode.UseBOM), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	bare := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	const name = "https://idp.example/größe"
	for what, c := range map[string]struct{ text, want string }{
		"UTF-8":                      {in(t, "UTF-8", nil, name), name},
		"UTF-8 with a mark":          {"\xef\xbb\xbf" + in(t, "utf-8", nil, name), name},
		"a mark and no declaration":  {"\xef\xbb\xbf" + strings.TrimPrefix(metadata(name, saml.PostBinding, ""), `<?xml version="1.0"?>`), name},
		"US-ASCII":                   {in(t, "US-ASCII", nil, "e"), "e"},
		"ISO-8859-1":                 {in(t, "ISO-8859-1", charmap.ISO8859_1, name), name},
		"ISO-8859-15":                {in(t, "iso-8859-15", charmap.ISO8859_15, name+"€"), name + "€"},
		"windows-1252":               {in(t, "windows-1252", charmap.Windows1252, name+"€"), name + "€"},
		"single quotes":              {strings.Replace(in(t, "windows-1252", charmap.Windows1252, name), `"windows-1252"`, `'Windows-1252'`, 1), name},
		"windows-1251":               {in(t, "windows-1251", charmap.Windows1251, "имя"), "имя"},
		"UTF-16, big end first":      {in(t, "UTF-16", big, name), name},
		"UTF-16, little end first":   {in(t, "utf-16", little, name), name},
		"UTF-16 without a mark":      {in(t, "UTF-16LE", bare, name), name},
		"UTF-16 that was converted":  {in(t, "utf-16", nil, name), name},
		"an encoding that is a word": {strings.Replace(metadata("e", saml.PostBinding, ""), "<md:IDP", `<!-- encoding="EBCDIC" --><md:IDP`, 1), "e"},
	} {
		m, err := saml.Parse(strings.NewReader(c.text))
		if err != nil || m.EntityID != c.want || len(m.SignOn) != 1 {
			t.Errorf("%s: %+v, %v", what, m, err)
		}
	}
	for what, c := range map[string]struct{ text, says string }{
		"an unknown encoding":         {in(t, "EBCDIC-CP-BE", nil, "e"), `"ebcdic-cp-be"`},
		"US-ASCII that is none":       {in(t, "US-ASCII", nil, name), "US-ASCII"},
		"a document type in UTF-16":   {mustEncode(t, little, `<!DOCTYPE x>`+metadata("e", saml.PostBinding, "")), "document type"},
		"UTF-8 that is none":          {in(t, "UTF-8", charmap.ISO8859_1, name), "not XML"},
		"too large by its characters": {in(t, "UTF-16", little, "e") + strings.Repeat(" \x00", 1<<19), "mebibyte"},
	} {
		if _, err := saml.Parse(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func mustEncode(t *testing.T, e encoding.Encoding, text string) string {
	t.Helper()
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// bare is metadata without its declaration, to put into others.
func bare(entityID, attributes string) string {
	return strings.TrimPrefix(metadata(entityID, saml.PostBinding, attributes), `<?xml version="1.0"?>`)
}

func wrapped(attributes string, inner ...string) string {
	return `<?xml version="1.0"?><EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" ` + attributes + `>` + strings.Join(inner, "\n") + `</EntitiesDescriptor>`
}

const provider = `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="aws"><SPSSODescriptor/></EntityDescriptor>`

func TestWrappers(t *testing.T) {
	inner := func(text string) string { return strings.TrimPrefix(text, `<?xml version="1.0"?>`) }
	for what, text := range map[string]string{
		"one":                        wrapped("", bare("e", "")),
		"with a service provider":    wrapped("", provider, bare("e", ""), provider),
		"nested":                     wrapped("", provider, inner(wrapped("", inner(wrapped("", bare("e", "")))))),
		"with an extension before":   wrapped("", `<Extensions xmlns="urn:oasis:names:tc:SAML:2.0:metadata"><x xmlns="urn:x"/></Extensions>`, bare("e", "")),
		"with a name and a lifetime": wrapped(`Name="urn:x" cacheDuration="PT6H"`, bare("e", `cacheDuration="P1D"`)),
		"an odd lifetime":            wrapped("", bare("e", `cacheDuration="soon"`)),
	} {
		if m, err := saml.Parse(strings.NewReader(text)); err != nil || m.EntityID != "e" || len(m.SignOn) != 1 || !m.ValidUntil.IsZero() {
			t.Errorf("%s: %+v, %v", what, m, err)
		}
	}
	many := make([]string, 8)
	for i := range many {
		many[i] = bare(fmt.Sprintf("https://idp%d.example", i), "")
	}
	for what, c := range map[string]struct {
		text string
		says []string
	}{
		"two":         {wrapped("", bare("https://a.example", ""), inner(wrapped("", bare("https://b.example", "")))), []string{"2 identity providers", "https://a.example", "https://b.example", "EntityDescriptor"}},
		"many":        {wrapped("", many...), []string{"8 identity providers", "https://idp4.example", "and 3 more"}},
		"none":        {wrapped("", provider), []string{"IDPSSODescriptor"}},
		"empty":       {wrapped(""), []string{"IDPSSODescriptor"}},
		"nameless":    {wrapped("", bare(" ", "")), []string{"entityID"}},
		"too deep":    {strings.Repeat(`<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">`, 200) + strings.Repeat(`</EntitiesDescriptor>`, 200), []string{"deep"}},
		"other space": {strings.ReplaceAll(wrapped("", bare("e", "")), "SAML:2.0:metadata", "SAML:1.1:metadata"), []string{"not SAML metadata"}},
	} {
		_, err := saml.Parse(strings.NewReader(c.text))
		for _, says := range c.says {
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v does not say %q", what, err, says)
			}
		}
	}
}

// TestValidUntil takes the forms of xs:dateTime, and of all that are said the first.
func TestValidUntil(t *testing.T) {
	day := time.Date(2026, 12, 1, 10, 30, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2026-12-01T10:30:00Z": day, "2026-12-01T10:30:00": day, "2026-12-01T11:30:00+01:00": day, " 2026-12-01T10:30:00Z ": day,
		"2026-12-01T10:30:00.123Z": day.Add(123 * time.Millisecond), "2026-12-01T10:30:00.1234567": day.Add(123456700),
		"2026-11-30T24:00:00Z": day.Truncate(24 * time.Hour), "9999-12-31T23:59:59Z": time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
	} {
		m, err := saml.Parse(strings.NewReader(metadata("e", saml.PostBinding, fmt.Sprintf("validUntil=%q", text))))
		if err != nil || !m.ValidUntil.Equal(want) {
			t.Errorf("%q: %s, %v", text, m.ValidUntil, err)
		}
	}
	for _, text := range []string{"soon", "2026-12-01", "10:30:00", "2026-13-01T00:00:00Z", "T24:00:00Z"} {
		if _, err := saml.Parse(strings.NewReader(metadata("e", saml.PostBinding, fmt.Sprintf("validUntil=%q", text)))); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
	until := func(d time.Duration) string {
		return fmt.Sprintf("validUntil=%q", day.Add(d).Format("2006-01-02T15:04:05"))
	}
	role := strings.Replace(bare("e", until(2*time.Hour)), "<md:IDPSSODescriptor", "<md:IDPSSODescriptor "+until(time.Hour), 1)
	for what, text := range map[string]string{
		"the wrapper's": wrapped(until(time.Hour), bare("e", until(2*time.Hour))),
		"its own":       wrapped(until(2*time.Hour), bare("e", until(time.Hour))),
		"the role's":    wrapped(until(2*time.Hour), role),
		"not another's": wrapped("", strings.Replace(provider, "entityID", until(0)+" entityID", 1), bare("e", until(time.Hour))),
	} {
		if m, err := saml.Parse(strings.NewReader(text)); err != nil || !m.ValidUntil.Equal(day.Add(time.Hour)) {
			t.Errorf("%s: %s, %v", what, m.ValidUntil, err)
		}
	}
}

// TestCalls compares the one row with what is sent, and its fields with what is
// read: without any of them the metadata is another one, and all else is ignored.
func TestCalls(t *testing.T) {
	year := selfSigned(t, now, now.AddDate(1, 0, 0), false)
	role := strings.Replace(bare("e", `validUntil="2027-02-01T00:00:00Z"`), "<md:IDPSSODescriptor", `<md:IDPSSODescriptor validUntil="2027-03-01T00:00:00Z"`, 1)
	key := metadata("x", saml.PostBinding, "", year)
	key = key[strings.Index(key, "<md:KeyDescriptor"):strings.Index(key, "</md:KeyDescriptor>")] + "</md:KeyDescriptor>"
	role = strings.Replace(role, "<md:SingleSignOnService", key+strings.Replace(key, `use="signing"`, `use="encryption"`, 1)+"<md:SingleSignOnService", 1)
	text := wrapped(`validUntil="2027-01-01T00:00:00Z"`, role)
	sent := ""
	fetch := func(text string) (saml.Metadata, error) {
		m, _, err := saml.Fetch(context.Background(), "https://idp.example/metadata", answer(func(r *http.Request) (int, string, string) {
			sent = r.Method
			return 200, "", text
		}))
		return m, err
	}
	whole, err := fetch(text)
	if err != nil || len(whole.Certificates) != 1 {
		t.Fatalf("%+v, %v", whole, err)
	}
	calls := saml.Calls()
	if len(calls) != 1 || calls[0].Method != sent || calls[0].System == "" || calls[0].Scope == "" || calls[0].For == "" || calls[0].Source == "" || calls[0].Dated == "" || len(calls[0].Query) > 0 {
		t.Fatalf("%+v, sent %s", calls, sent)
	}
	fields := calls[0].Fields
	if kept, err := fetch(stripped(t, text, fields)); err != nil || !reflect.DeepEqual(kept, whole) {
		t.Errorf("more is read than the table says: %+v, %v", kept, err)
	}
	for i, field := range fields {
		if field == "EntityDescriptor.@validUntil" || field == "IDPSSODescriptor.@validUntil" { // the wrapper's comes first here; see TestValidUntil
			continue
		}
		if less, err := fetch(stripped(t, text, slices.Delete(slices.Clone(fields), i, i+1))); err == nil && reflect.DeepEqual(less, whole) {
			t.Errorf("%s is not read", field)
		}
	}
}

// stripped leaves out attributes and texts that no field names, by the ends of
// their paths.
func stripped(t *testing.T, text string, fields []string) string {
	t.Helper()
	var out strings.Builder
	e := xml.NewEncoder(&out)
	var at []string
	named := func(path string) bool {
		return slices.ContainsFunc(fields, func(f string) bool { return path == f || strings.HasSuffix(path, "."+f) })
	}
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if err != nil {
			break
		}
		switch v := token.(type) {
		case xml.StartElement:
			at = append(at, v.Name.Local)
			path := strings.Join(at, ".")
			v.Attr = slices.DeleteFunc(slices.Clone(v.Attr), func(a xml.Attr) bool { return !named(path + ".@" + a.Name.Local) })
			token = v
		case xml.EndElement:
			at = at[:len(at)-1]
		case xml.CharData:
			if !named(strings.Join(at, ".")) {
				continue
			}
		case xml.ProcInst, xml.Comment:
			continue
		}
		if err := e.EncodeToken(token); err != nil {
			t.Fatal(err)
		}
	}
	if err := e.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestFilesInOtherEncodings reads them from a file too.
func TestFilesInOtherEncodings(t *testing.T) {
	name := filepath.Join(t.TempDir(), "metadata.xml")
	text := in(t, "UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "e")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if m, seen, err := saml.ReadFile(name); err != nil || m.EntityID != "e" || !strings.Contains(seen.Saw, `entity id "e"`) {
		t.Errorf("%+v, %+v, %v", m, seen, err)
	}
}
