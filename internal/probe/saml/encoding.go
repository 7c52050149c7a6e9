package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// declared finds the encoding in an XML declaration.
var declared = regexp.MustCompile(`^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']`)

// declaration is how much of a text is looked at for the declaration, in bytes.
const declaration = 200

// toUTF8 returns a text in UTF-8, from the encoding that its first bytes or its
// declaration say (XML 1.0, appendix F). At most three bytes come of one.
func toUTF8(text []byte) ([]byte, error) {
	if from := utf16Of(text); from != nil {
		return from.NewDecoder().Bytes(text)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	found := declared.FindSubmatch(text[:min(len(text), declaration)])
	if found == nil {
		return text, nil
	}
	name := strings.ToLower(string(found[1]))
	switch name {
	case "utf-8", "utf8":
		return text, nil
	case "utf-16", "utf16", "utf-16le", "utf-16be": // whoever wrote it converted it, and left the declaration
		return text, validUTF8(text)
	case "us-ascii", "ascii", "iso646-us", "ansi_x3.4-1968":
		if bytes.ContainsFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return nil, errors.New("it says that it is in US-ASCII, and has other characters")
		}
		return text, nil
	}
	from := singleByte(name)
	if from == nil {
		return nil, fmt.Errorf("it is in the encoding %.40q, which rolecall does not read: save it in UTF-8", name)
	}
	return from.NewDecoder().Bytes(text)
}

func validUTF8(text []byte) error {
	if !utf8.Valid(text) {
		return errors.New("it is not in the encoding that it says")
	}
	return nil
}

// utf16Of recognizes UTF-16 by its byte order mark, or by how a declaration looks
// in it; nil where it is none.
func utf16Of(text []byte) encoding.Encoding {
	switch {
	case bytes.HasPrefix(text, []byte{0xff, 0xfe}), bytes.HasPrefix(text, []byte{0xfe, 0xff}):
		return unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)
	case bytes.HasPrefix(text, []byte{'<', 0, '?', 0}):
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case bytes.HasPrefix(text, []byte{0, '<', 0, '?'}):
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	return nil
}

// singleByte returns the encodings of one byte a character that are in use in
// Europe and America, by their names at IANA; nil for others.
func singleByte(name string) encoding.Encoding {
	for from, names := range map[encoding.Encoding][]string{
		charmap.ISO8859_1:   {"iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1"},
		charmap.ISO8859_2:   {"iso-8859-2", "latin2"},
		charmap.ISO8859_9:   {"iso-8859-9", "latin5"},
		charmap.ISO8859_15:  {"iso-8859-15", "latin-9"},
		charmap.Windows1250: {"windows-1250", "cp1250"},
		charmap.Windows1251: {"windows-1251", "cp1251"},
		charmap.Windows1252: {"windows-1252", "cp1252"},
		charmap.Windows1254: {"windows-1254", "cp1254"},
	} {
		if slices.Contains(names, name) {
			return from
		}
	}
	return nil
}

// decoder reads a text that is in UTF-8 by now, whatever its declaration says.
func decoder(text []byte) *xml.Decoder {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	return d
}
