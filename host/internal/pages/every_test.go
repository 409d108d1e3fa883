package pages

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// every page there is, by name, as a house shows it.
var every = map[string]func(h *house, lang string) *httptest.ResponseRecorder{
	"choose": func(h *house, lang string) *httptest.ResponseRecorder {
		return h.get("/pay/" + token + "?lang=" + lang)
	},
	"choose-again": func(h *house, lang string) *httptest.ResponseRecorder {
		h.attempt(redirect())
		h.report(contract.UpdateCancelled, nil)
		return h.get("/pay/" + token + "?from=" + payment + "&lang=" + lang)
	},
	"choose-soon-over": func(h *house, lang string) *httptest.ResponseRecorder {
		h.order.ExpiresAt = start.Add(6 * 60e9)
		return h.get("/pay/" + token + "?lang=" + lang)
	},
	"refused": func(h *house, lang string) *httptest.ResponseRecorder {
		h.chooseErr = &checkout.CallError{Failure: contract.Failure{Code: contract.ProviderUnavailable}, Outcome: order.OutcomeUnknown}
		return h.post("/pay/"+token+"?lang="+lang, url.Values{"method": {"ideal"}})
	},
	"form": func(h *house, lang string) *httptest.ResponseRecorder {
		h.attempt(formAction())
		return h.get("/pay/" + token + "/go/" + payment + "?lang=" + lang)
	},
	"wait": func(h *house, lang string) *httptest.ResponseRecorder {
		h.attempt(redirect())
		return h.get("/pay/" + token + "?wait=" + payment + "&lang=" + lang)
	},
	"wait-terminal": func(h *house, lang string) *httptest.ResponseRecorder {
		h.attempt(contract.Action{Type: contract.ActionWait, Text: contract.Text{"en": "Look at the terminal", "nl": "Kijk op de terminal", "bg": "Погледнете терминала", "de": "Schauen Sie auf das Terminal", "fr": "Regardez le terminal", "sv": "Titta på terminalen", "ru": "Посмотрите на терминал"}})
		return h.get("/pay/" + token + "?wait=" + payment + "&n=7&lang=" + lang)
	},
	"paid": func(h *house, lang string) *httptest.ResponseRecorder {
		h.attempt(redirect())
		h.report(contract.UpdateCaptured, nil)
		return h.get("/pay/" + token + "?lang=" + lang)
	},
	"paid-with-tip": func(h *house, lang string) *httptest.ResponseRecorder {
		tipped(h)
		return h.get("/pay/" + token + "?lang=" + lang)
	},
	"receipt": func(h *house, lang string) *httptest.ResponseRecorder {
		tipped(h)
		h.apply(order.SetControlReference{Reference: "KE-20260301-0042"})
		return h.get("/pay/" + token + "/receipt/" + payment + "?lang=" + lang)
	},
	"receipt-live": func(h *house, lang string) *httptest.ResponseRecorder {
		h.order.Live = true
		tipped(h)
		h.apply(order.SetControlReference{Reference: "KE-20260301-0042"})
		return h.get("/pay/" + token + "/receipt/" + payment + "?lang=" + lang)
	},
	"receipt-declined": func(h *house, lang string) *httptest.ResponseRecorder {
		h.order.Live = true
		h.attempt(terminal())
		h.report(contract.UpdateFailed, func(u *contract.Update) { u.Receipt = printed() })
		return h.get("/pay/" + token + "/receipt/" + payment + "?lang=" + lang)
	},
	"expired": func(h *house, lang string) *httptest.ResponseRecorder {
		h.order.ExpiredAt = start
		return h.get("/pay/" + token + "?lang=" + lang)
	},
	"forged": func(h *house, lang string) *httptest.ResponseRecorder {
		h.attempt(redirect())
		h.returnErr = &checkout.CallError{Failure: contract.Failure{Code: contract.BadSignature}}
		return h.get("/pay/" + token + "/return/" + payment + "?lang=" + lang)
	},
	"options": func(h *house, lang string) *httptest.ResponseRecorder {
		h.withOptions(contract.Option{ID: "a", Title: "Alpha", Group: "Banks", Logo: logo}, contract.Option{ID: "b", Title: "Beta", Group: "Phones"})
		return h.get(wallet + "?lang=" + lang)
	},
	"options-many": func(h *house, lang string) *httptest.ResponseRecorder {
		h.withOptions(many()...)
		return h.get(wallet + "?lang=" + lang)
	},
	"options-none-found": func(h *house, lang string) *httptest.ResponseRecorder {
		h.withOptions(many()...)
		return h.get(wallet + "?q=zzz&lang=" + lang)
	},
	"choose-some-off": func(h *house, lang string) *httptest.ResponseRecorder {
		h.withOptions(many()...)
		h.offers[1].Available, h.offers[1].Reason = false, silent
		h.attempt(redirect())
		return h.get("/pay/" + token + "?lang=" + lang)
	},
	"form-unsigned": func(h *house, lang string) *httptest.ResponseRecorder {
		h.formErr = &checkout.FormError{Reason: checkout.FormUnsigned, Field: "signature", Detail: "sign the form anew with kassette form sign"}
		return h.post("/pay/form/demo?lang="+lang, url.Values{"key": {"donate"}})
	},
	"form-value": func(h *house, lang string) *httptest.ResponseRecorder {
		h.formErr = &checkout.FormError{Reason: checkout.FormValue, Field: "amount.value", Detail: "give minor units, digits alone and above zero: 1000 is 10.00 EUR"}
		return h.post("/pay/form/demo?lang="+lang, url.Values{"key": {"donate"}})
	},
	"form-unread": func(h *house, lang string) *httptest.ResponseRecorder { return h.get("/pay/form/demo?lang=" + lang) },
	"unknown":     func(h *house, lang string) *httptest.ResponseRecorder { return h.get("/pay/x.y?lang=" + lang) },
}

var away = regexp.MustCompile(`(?:src|srcset|poster|data)="(?:https?:)?//|<link[^>]+href="(?:https?:)?//|@import|url\(`)

func TestEveryPage(t *testing.T) {
	t.Parallel()
	for name, show := range every {
		for _, lang := range languages {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t, nil)
				w := show(h, lang)
				page := w.Body.String()
				golden(t, name+"-"+lang, page)
				h.want(w, w.Code, `<html lang="`+lang+`">`, `<meta name="viewport"`, "<main>", "</html>", "!ZgotmplZ")
				if n := strings.Count(page, "<h1"); n != 1 {
					t.Errorf("%d h1, want one", n)
				}
				if m := away.FindString(page); m != "" {
					t.Errorf("the page loads from elsewhere: %q", m)
				}
				if strings.Contains(page, "<style") || strings.Contains(page, " style=") || strings.Contains(page, " onclick=") {
					t.Error("the page has style or script within")
				}
				head := w.Header()
				for name, want := range map[string]string{
					"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Content-Language": lang, "Content-Type": "text/html; charset=utf-8",
				} {
					if got := head.Get(name); got != want {
						t.Errorf("%s: %q, want %q", name, got, want)
					}
				}
				csp := head.Get("Content-Security-Policy")
				for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action "} {
					if !strings.Contains(csp, want) {
						t.Errorf("policy %q lacks %q", csp, want)
					}
				}
				if strings.Contains(csp, "unsafe") || len(head.Values("Set-Cookie")) > 0 {
					t.Errorf("policy %q, cookies %v", csp, head.Values("Set-Cookie"))
				}
			})
		}
	}
}

func TestRibbon_onlyOnTests(t *testing.T) {
	t.Parallel()
	for _, live := range []bool{false, true} {
		h := newHouse(t, func(s *order.Spec) { s.Live = live })
		w := h.get("/pay/" + token)
		if got := strings.Contains(w.Body.String(), "TEST"); got == live {
			t.Errorf("live %v: the ribbon shows: %v", live, got)
		}
		if got := strings.Contains(w.Header().Get("Content-Security-Policy"), " http:"); got == live {
			t.Errorf("live %v: forms may lead to plain http: %v", live, got)
		}
	}
}

// hostile is what a shop, a provider or a consumer might put into any text.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>{{.}}`

func TestHostileTexts_areEscaped(t *testing.T) {
	t.Parallel()
	for name, show := range every {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, func(s *order.Spec) {
				s.Reference, s.Description = hostile, hostile
				for i := range s.Lines {
					s.Lines[i].Name = hostile
				}
			})
			h.shop.Name, h.shop.TermsURL, h.shop.Accent = hostile, "javascript:alert(3)", `#}</style>`
			h.shop.Contact = checkout.Contact{Email: hostile, Phone: hostile, URL: "javascript:alert(4)"}
			h.offers[0].Title, h.offers[0].ProviderTitle = contract.Text{"en": hostile}, contract.Text{"en": hostile + "2"}
			h.offers[0].Logo = hostile
			page := show(h, `nl"><script>`).Body.String()
			for _, bad := range []string{"<script>alert", "<img src=x", `href="javascript:`, "<script>\"", "</style>"} {
				if strings.Contains(page, bad) {
					t.Errorf("the page has %q:\n%s", bad, page)
				}
			}
		})
	}
}

func TestHostileActions_leadNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.attempt(contract.Action{Type: contract.ActionRedirect, URL: "javascript:alert(1)"})
	h.want(h.get("/pay/"+token+"?wait="+payment), http.StatusOK, `!href="javascript:`)
	h.want(h.get("/pay/"+token), http.StatusOK, `!href="javascript:`)
	f := newHouse(t, nil)
	f.attempt(contract.Action{Type: contract.ActionForm, URL: "javascript:alert(1)"})
	f.want(f.get("/pay/"+token+"/go/"+payment), http.StatusInternalServerError, "!javascript:")
}

func TestPrefix_isInEveryLink(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p, err := New(Options{Consumer: h.consumer, PublicURL: "https://example.org/pay-here", Logger: nil, Clock: nil})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.link(token, "/return/", payment); got != "/pay-here/pay/"+token+"/return/"+payment {
		t.Errorf("got %q", got)
	}
	for name, a := range p.assets {
		if !strings.HasPrefix(a.link, "/pay-here/pay/assets/") || a.kind == "" {
			t.Errorf("%s: %q of type %q", name, a.link, a.kind)
		}
	}
	if _, err := New(Options{PublicURL: "https://[bad"}); err == nil {
		t.Error("a bad public URL was taken")
	}
}

func TestSeen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.get("/pay/" + token)
	h.attempt(redirect())
	h.get("/pay/" + token + "?wait=" + payment)
	h.report(contract.UpdateCaptured, nil)
	h.get("/pay/" + token)
	if got := strings.Join(h.seen, " "); got != "choose wait result" {
		t.Errorf("seen %q", got)
	}
}
