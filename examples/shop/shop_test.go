package shop

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestNew_settings(t *testing.T) {
	t.Parallel()
	good := Config{Name: "M", PublicURL: "http://shop.example", GatewayURL: "http://pay.example", Key: "k", NoticeSecret: testSecret}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(c *Config){
		"no name":       func(c *Config) { c.Name = "" },
		"no key":        func(c *Config) { c.Key = "" },
		"no address":    func(c *Config) { c.PublicURL = "" },
		"no gateway":    func(c *Config) { c.GatewayURL = "pay.example" },
		"odd address":   func(c *Config) { c.PublicURL = "http://[" },
		"no secret":     func(c *Config) { c.NoticeSecret = "" },
		"no prefix":     func(c *Config) { c.NoticeSecret = strings.TrimPrefix(testSecret, "whsec_") },
		"no base64":     func(c *Config) { c.NoticeSecret = "whsec_%%%" },
		"short secret":  func(c *Config) { c.NoticeSecret = "whsec_YWJj" },
		"another shape": func(c *Config) { c.NoticeSecret = "whsec-" + testSecret },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := good
			spoil(&c)
			if _, err := New(c); err == nil {
				t.Error("got a shop, want an error")
			}
		})
	}
}

// same are the texts that may be equal in two languages.
var same = map[string]bool{"accept_after": true}

func TestTexts_everyLanguageHasAll(t *testing.T) {
	t.Parallel()
	l, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	place := regexp.MustCompile(`\{[a-z]+\}`)
	for lang, texts := range l.texts {
		for id, english := range l.texts["en"] {
			text, ok := texts[id]
			if !ok || strings.TrimSpace(text) == "" {
				t.Errorf("%s lacks %s", lang, id)
			}
			if lang != "en" && text == english && !same[id] {
				t.Errorf("%s says %s in English: %q", lang, id, text)
			}
			for _, p := range place.FindAllString(english, -1) {
				if !strings.Contains(text, p) {
					t.Errorf("%s: %s lacks %s", lang, id, p)
				}
			}
		}
		for id := range texts {
			if _, ok := l.texts["en"][id]; !ok {
				t.Errorf("%s has %s, English has not", lang, id)
			}
		}
	}
}

func TestPrice(t *testing.T) {
	t.Parallel()
	l, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		lang, currency string
		amount         int64
		want           string
	}{
		{"nl", "EUR", 5, "€\u00a00,05"}, {"en", "EUR", 4999, "€49.99"}, {"bg", "EUR", 100, "1,00\u00a0€"}, {"nl", "EUR", 123456, "€\u00a01.234,56"},
		{"en", "JPY", 1100, "¥1,100"}, {"nl", "JPY", 650, "¥\u00a0650"}, {"sv", "SEK", 7900, "79,00\u00a0kr"}, {"ru", "RUB", 139000, "1\u00a0390,00\u00a0₽"}, {"en", "SEK", 19900, "kr\u00a0199.00"},
	} {
		m, ok := marketNamed(c.currency)
		if got := l.in(c.lang, m).Price(c.amount); !ok || got != c.want {
			t.Errorf("%d %s in %s: got %q, want %q", c.amount, c.currency, c.lang, got, c.want)
		}
	}
}

func TestPages_languageAndHeaders(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	for _, c := range []struct{ path, accept, lang string }{
		{"/", "", "nl"}, {"/", "en-US,en;q=0.9", "en"}, {"/", "bg", "bg"}, {"/", "ja", "nl"}, {"/?lang=en", "nl", "en"}, {"/?lang=%22%3E", "en", "en"}, {"/terms?lang=bg", "", "bg"}, {"/", "de-AT", "de"}, {"/", "fr-BE", "fr"}, {"/", "sv", "sv"}, {"/", "ru", "ru"},
	} {
		req, err := http.NewRequest(http.MethodGet, v.server.URL+c.path, nil)
		if err == nil {
			req.Header.Set("Accept-Language", c.accept)
		}
		a := v.do(req, err)
		if a.status != http.StatusOK || !strings.Contains(a.text, `<html lang="`+c.lang+`">`) {
			t.Errorf("%s with %q: got %d, want 200 in %s", c.path, c.accept, a.status, c.lang)
		}
		if strings.Count(a.text, "<h1") != 1 {
			t.Errorf("%s has %d h1, want one", c.path, strings.Count(a.text, "<h1"))
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", c.path, csp)
		}
	}
	for path, want := range map[string]int{"/assets/": 404, "/assets/shop.css": 200, "/assets/mug.svg": 200, "/assets/../shop.go": 404, "/assets/nothing": 404} {
		if a := v.get(path); a.status != want && a.status != http.StatusTemporaryRedirect && a.status != http.StatusMovedPermanently {
			t.Errorf("%s: got %d, want %d", path, a.status, want)
		}
	}
}
