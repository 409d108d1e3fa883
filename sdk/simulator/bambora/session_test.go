package bambora

import (
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
)

// A1 and A2 are the protocol document's vectors of section 2.
func TestAuthorization_vectors(t *testing.T) {
	t.Parallel()
	for name, v := range map[string][4]string{
		"A1": {"accesstoken", "merchantnumber", "secrettoken", "YWNjZXNzdG9rZW5AbWVyY2hhbnRudW1iZXI6c2VjcmV0dG9rZW4="},
		"A2": {
			"2rpTmY4gHc8F8Vv9cSYE", "T123456789", "akCfvFhC1N4GdaJSmLkhJn2oIN6S15Y6SDltDjpQ",
			"MnJwVG1ZNGdIYzhGOFZ2OWNTWUVAVDEyMzQ1Njc4OTpha0NmdkZoQzFONEdkYUpTbUxraEpuMm9JTjZTMTVZNlNEbHREanBR",
		},
	} {
		s := newShop(t, func(c *Config) { c.AccessToken, c.MerchantNumber, c.SecretToken = v[0], v[1], v[2] })
		for header, want := range map[string]int{
			"Basic " + v[3]: 200, "Basic " + v[3][:20]: 401, "": 401, "Bearer " + v[3]: 401,
			"Basic " + base64.StdEncoding.EncodeToString([]byte(v[0]+":"+v[2])): 401,
		} {
			r := httptest.NewRequest("GET", "/merchant/functionpermissionsandfeatures", nil)
			r.Header.Set("Authorization", header)
			if a := s.send(r); a.status != want || (want == 401) != (a.code() == codeAuth) {
				t.Errorf("%s, %q: got %d %s, want %d", name, header, a.status, a.text, want)
			}
		}
	}
}

func TestSession_refused(t *testing.T) {
	t.Parallel()
	address := map[string]any{"city": "Lund", "country": "SE", "firstname": "Åsa", "lastname": "Ek", "street": "", "zip": "22222"}
	tests := []struct {
		name   string
		change map[string]any
		field  string
	}{
		{"no order", map[string]any{"order": nil}, "order.id"},
		{"order is a text", map[string]any{"order": "A1001"}, "order.id"},
		{"no order number", map[string]any{"order.id": nil}, "order.id"},
		{"order number with a dash", map[string]any{"order.id": "A-1"}, "order.id"},
		{"order number of 21", map[string]any{"order.id": strings.Repeat("1", 21)}, "order.id"},
		{"order number is a number", map[string]any{"order.id": 1001}, "order.id"},
		{"no amount", map[string]any{"order.amount": nil}, "order.amount"},
		{"amount 0", map[string]any{"order.amount": 0}, "order.amount"},
		{"amount below 0", map[string]any{"order.amount": -1}, "order.amount"},
		{"amount with decimals", map[string]any{"order.amount": 195.5}, "order.amount"},
		{"amount beyond 32 bits", map[string]any{"order.amount": 2147483648}, "order.amount"},
		{"two amounts", map[string]any{"order.total": 19400}, "order.total"},
		{"strange currency", map[string]any{"order.currency": "XYZ"}, "order.currency"},
		{"instant capture of more", map[string]any{"instantcaptureamount": 19501}, "instantcaptureamount"},
		{"no way back", map[string]any{"url.accept": nil}, "url.accept"},
		{"relative way back", map[string]any{"url.accept": "/back"}, "url.accept"},
		{"no way to cancel", map[string]any{"url.cancel": nil}, "url.cancel"},
		{"callbacks of text", map[string]any{"url.callbacks": []any{"https://gw.example/"}}, "url.callbacks"},
		{"redirect of 2", map[string]any{"url.immediateredirecttoaccept": 2}, "url.immediateredirecttoaccept"},
		{"window 0", map[string]any{"paymentwindow.id": 0}, "paymentwindow.id"},
		{"filter without action", map[string]any{"paymentwindow.paymentmethods": []any{map[string]any{"id": "paymentcard"}}}, "paymentwindow.paymentmethods"},
		{"subscription", map[string]any{"subscription": map[string]any{"action": "create"}}, "subscription"},
		{"exemption without level", map[string]any{"securityexemption": "lowvaluepayment"}, "securityexemption"},
		{"line with a fraction", map[string]any{"order.lines": []any{map[string]any{"id": "1", "quantity": 1, "unitprice": 1.5}}}, "order.lines"},
		{"line without id", map[string]any{"order.lines": []any{map[string]any{"quantity": 1}}}, "order.lines"},
		{"address without street", map[string]any{"order.billingaddress": address}, "order.billingaddress.street"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			a := s.api("POST", "/sessions", draft(tt.change))
			text, _ := a.get("meta.message.merchant").(string)
			if a.status != 400 || a.code() != codeField || !strings.HasPrefix(text, tt.field+":") || a.get("meta.result") != false {
				t.Errorf("got %d %s, want 400 that names %s", a.status, a.text, tt.field)
			}
			if n := len(s.sim.Books().Sessions); n != 0 {
				t.Errorf("got %d sessions, want none", n)
			}
		})
	}
}

func TestSession_bodyThatIsNone(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	for _, body := range []string{"", "null", "[]", "{", "{} {}", "<x/>"} {
		if a := s.api("POST", "/checkout", body); a.status != 400 || a.code() != codeField {
			t.Errorf("%q: got %d %s", body, a.status, a.text)
		}
	}
}

// Both paths take both spellings (document, 3.1).
func TestSession_dialects(t *testing.T) {
	t.Parallel()
	older := map[string]any{
		"order": map[string]any{"ordernumber": "A1001", "total": "19500", "currency": "SEK"}, "url.cancel": nil, "url.decline": "https://gw.example/no",
		"paymentwindow": nil, "paymentwindowid": 1, "language": "sv-SE", "customer": nil,
	}
	for _, path := range []string{"/sessions", "/checkout", "//sessions/"} {
		for name, change := range map[string]map[string]any{"newer": nil, "older": older} {
			s := newShop(t)
			if a := s.api("POST", path, draft(change)); a.status != 200 {
				t.Errorf("%s, %s: got %d %s", path, name, a.status, a.text)
				continue
			}
			if got := s.sim.Books().Sessions[0]; got.Order != "A1001" || got.Amount != 19500 || got.Currency != "SEK" {
				t.Errorf("%s, %s: got %+v", path, name, got)
			}
		}
	}
}

func TestSession_paidOrderIsRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.opened(nil)
	s.paid(cardApproved, nil) // a second session of an order that is not paid is fine
	if a := s.api("POST", "/sessions", draft(nil)); a.status != 409 || a.code() != codeDupOrder {
		t.Errorf("got %d %s", a.status, a.text)
	}
}

func TestPaths_unknown(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	if a := s.api("PUT", "/transactions/1/capture", "{}"); a.status != 404 || a.code() != codeNotFound {
		t.Errorf("got %d %s", a.status, a.text)
	}
}

func TestConfig_refused(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{{PublicURL: "x"}, {WebhookURL: "ftp://x/"}, {Hour: -1}} {
		if s, err := New(c); err == nil {
			_ = s.Close()
			t.Errorf("%+v is taken", c)
		}
	}
}
