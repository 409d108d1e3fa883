package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
)

const stateDocument = `<?xml version="1.0" encoding="utf-8"?>
<OperationStateResponse xmlns="http://merchant.roboxchange.com/WebService/" xmlns:x="urn:x">
 <Result><Code>0</Code></Result>
 <x:State><Code>100</Code><StateDate>2026-04-24T00:30:00.1234567+03:00</StateDate></x:State>
 <!-- a comment -->
 <Info><IncSum>100.000000</IncSum><OpKey><![CDATA[A<B]]></OpKey><PaymentMethod a="1" x:b='&lt;&#x451;&quot;'/></Info >
 <UserFields><Field><Name>Shp_ref</Name><Value>a&amp;b</Value></Field></UserFields>
</OperationStateResponse>
`

func TestParseXML(t *testing.T) {
	t.Parallel()
	root, err := parseXML(stateDocument)
	if err != nil {
		t.Fatal(err)
	}
	for want, got := range map[string]string{
		"OperationStateResponse": root.name, "0": root.at("Result", "Code").text, "100": root.at("State", "Code").text,
		"A<B": root.at("Info", "OpKey").text, "1": root.at("Info", "PaymentMethod").attr("a"), "<ё\"": root.at("Info", "PaymentMethod").attr("b"),
		"a&b": root.at("UserFields", "Field", "Value").text, "": root.at("Info", "Nothing", "Code").text + root.at("Info").attr("none"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestParseXML_refused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<a>", maxXMLDepth+2) + strings.Repeat("</a>", maxXMLDepth+2)
	tests := map[string]string{
		"empty": "", "text": "OK", "HTML": "<!DOCTYPE html><html><body>Error</body></html>",
		"a DTD":            `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`,
		"a DTD within":     `<a><!DOCTYPE b></a>`,
		"an entity":        `<a>&nbsp;</a>`,
		"an open entity":   `<a>&amp</a>`,
		"a character 0":    `<a>&#0;</a>`,
		"a surrogate":      `<a>&#xD800;</a>`,
		"a negative":       `<a>&#-5;</a>`,
		"not closed":       `<a><b></a>`,
		"closed by others": `<a></b>`,
		"cut off":          `<a><b>1</b`,
		"two roots":        `<a/><b/>`,
		"text after":       `<a/>x`,
		"no quotes":        `<a b=1/>`,
		"angle in value":   `<a b="<"/>`,
		"a name of digits": `<1a/>`,
		"two colons":       `<a:b:c/>`,
		"an instruction":   `<a><?php x ?></a>`,
		"an odd comment":   `<a><!-- -- --></a>`,
		"no UTF-8":         "<a>\xff</a>",
		"a control":        "<a>\x10</a>",
		"too deep":         deep,
		"too many":         "<a>" + strings.Repeat("<b/>", maxXMLElements+1) + "</a>",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if e, err := parseXML(text); err == nil {
				t.Errorf("got %+v, want an error", e)
			}
		})
	}
}

// FuzzXML holds the reader to Go's own: what it takes, that takes too and
// reads the same.
func FuzzXML(f *testing.F) {
	for _, seed := range []string{
		stateDocument, `<a/>`, "\ufeff<a b='1' c=\"2\">x<!-- y -->z<![CDATA[&]]></a>\n", `<x:a xmlns:x="u">&#233;&#xe9;</x:a>`,
		`<!DOCTYPE a><a/>`, `<a>]]></a>`, `<a ></a >`, "<a>\r\n</a>", `<a b="
"/>`, `<CurrenciesList><Groups><Group Code="a"><Items><Currency Label="b"/></Items></Group></Groups></CurrenciesList>`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseXML(text)
		if err != nil {
			return
		}
		d := xml.NewDecoder(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
		d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
		want, err := others(d)
		if err != nil {
			if strings.HasPrefix(text, "<?xml") { // what the declaration says is not looked at
				return
			}
			t.Fatalf("took %q, which Go refuses: %v", text, err)
		}
		if a, b := flat(got), flat(want); a != b {
			t.Errorf("%q\nread as %s\nGo reads %s", text, a, b)
		}
	})
}

// others reads a document with encoding/xml.
func others(d *xml.Decoder) (*element, error) {
	root := &element{}
	open := []*element{root}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return &root.list[0], nil
		}
		if err != nil {
			return nil, err
		}
		last := open[len(open)-1]
		switch x := token.(type) {
		case xml.StartElement:
			last.list = append(last.list, element{name: x.Name.Local})
			e := &last.list[len(last.list)-1]
			for _, a := range x.Attr {
				e.attrs = append(e.attrs, [2]string{a.Name.Local, a.Value})
			}
			open = append(open, e)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			last.text += string(x)
		}
	}
}

// flat writes an element down. Ends of lines are not told apart: XML has one.
func flat(e *element) string {
	var b strings.Builder
	b.WriteString("<" + e.name)
	for _, a := range e.attrs {
		b.WriteString(" " + a[0] + "=" + a[1])
	}
	b.WriteString(">" + e.text)
	for i := range e.list {
		b.WriteString(flat(&e.list[i]))
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(b.String() + "</>")
}
