package registry

import (
	"strings"
	"testing"
)

func TestCleanLogo(t *testing.T) {
	t.Parallel()
	svg := func(inner string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">` + inner + `</svg>`
	}
	tests := []struct{ name, in, want string }{
		{"none", "", ""},
		{"shapes", svg(`<title>A &amp; B</title><g fill="#fff"><path d="M0 0h8"/></g>`), svg(`<title>A &amp; B</title><g fill="#fff"><path d="M0 0h8"></path></g>`)},
		{"gradient", svg(`<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><rect fill="url(#a)"/>`),
			svg(`<defs><linearGradient id="a"><stop offset="0"></stop></linearGradient></defs><rect fill="url(#a)"></rect>`)},
		{"script", svg(`<script>alert(1)</script><path d="M0"/>`), svg(`<path d="M0"></path>`)},
		{"script in a title", svg(`<title><script>x</script>ok</title>`), svg(`<title>ok</title>`)},
		{"style", svg(`<style>*{fill:url(https://evil.example)}</style>`), svg(``)},
		{"handler", svg(`<path onload="x()" onclick="y()" d="M0"/>`), svg(`<path d="M0"></path>`)},
		{"style attribute", svg(`<path style="fill:red" d="M0"/>`), svg(`<path d="M0"></path>`)},
		{"foreign object", svg(`<foreignObject><p xmlns="http://www.w3.org/1999/xhtml">x</p></foreignObject>`), svg(``)},
		{"html within", svg(`<p xmlns="http://www.w3.org/1999/xhtml"><path d="M0"/></p>`), svg(``)},
		{"image", svg(`<image href="https://evil.example/x.png"/>`), svg(``)},
		{"use", svg(`<use href="#a"/>`), svg(``)},
		{"link", svg(`<a href="javascript:x()"><path d="M0"/></a>`), svg(``)},
		{"href with a prefix", `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><path xlink:href="https://evil.example" d="M0"/></svg>`,
			`<svg xmlns="http://www.w3.org/2000/svg"><path d="M0"></path></svg>`},
		{"animation", svg(`<set attributeName="href" to="javascript:x()"/><animate/>`), svg(``)},
		{"reference outside", svg(`<rect fill="url(https://evil.example/a.svg#b)"/>`), svg(`<rect></rect>`)},
		{"reference outside behind one inside", svg(`<rect fill="url(#a) URL ( //evil.example )"/>`), svg(`<rect></rect>`)},
		{"escaped reference", svg(`<rect fill="u\72l(//evil.example)"/>`), svg(`<rect></rect>`)},
		{"comment and instruction", svg(`<!-- x --><?xml-stylesheet href="x"?>`), svg(``)},
		{"text outside of titles", svg(`hello`), svg(``)},
		{"quote in an attribute", svg(`<g id="a&quot; onload=&quot;x"/>`), svg(`<g id="a&#34; onload=&#34;x"></g>`)},
		{"svg within", svg(`<svg><path d="M0"/></svg>`), svg(``)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := cleanLogo(tt.in)
			if err != nil || got != tt.want {
				t.Errorf("cleanLogo(%s):\ngot  %s, %v\nwant %s", tt.in, got, err, tt.want)
			}
			if again, err := cleanLogo(got); err != nil || again != got {
				t.Errorf("cleaned twice: got %s, %v, want %s", again, err, got)
			}
		})
	}
}

func TestCleanLogo_bad(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<g>", maxLogoDepth) + strings.Repeat("</g>", maxLogoDepth)
	tests := []struct{ name, in string }{
		{"no XML", "hello <"},
		{"html", "<p>hello</p>"},
		{"svg of no namespace", "<svg></svg>"},
		{"not closed", `<svg xmlns="http://www.w3.org/2000/svg"><g>`},
		{"two roots", `<svg xmlns="http://www.w3.org/2000/svg"/><svg xmlns="http://www.w3.org/2000/svg"/>`},
		{"entity", `<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"><title>&a;</title></svg>`},
		{"deep", `<svg xmlns="http://www.w3.org/2000/svg">` + deep + `</svg>`},
		{"many", `<svg xmlns="http://www.w3.org/2000/svg">` + strings.Repeat("<g/>", maxLogoNodes) + `</svg>`},
		{"large", `<svg xmlns="http://www.w3.org/2000/svg"><path d="` + strings.Repeat("M0", maxLogo) + `"/></svg>`},
		{"only space", " "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got, err := cleanLogo(tt.in); err == nil {
				t.Errorf("got %.80q, want an error", got)
			}
		})
	}
}

func FuzzCleanLogo(f *testing.F) {
	f.Add(`<svg xmlns="http://www.w3.org/2000/svg"><path d="M0"/><script/></svg>`)
	f.Add(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:a="b"><a:script/><g a:onload="x"/></svg>`)
	f.Fuzz(func(t *testing.T, in string) {
		got, err := cleanLogo(in)
		if err != nil || got == "" {
			return
		}
		if again, err := cleanLogo(got); err != nil || again != got {
			t.Errorf("cleaned twice: %q gave %q, then %q, %v", in, got, again, err)
		}
	})
}
