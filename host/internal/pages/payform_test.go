package pages

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// sends posts a body as a browser would not.
func (h *house) sends(kind, body string, headers ...string) *httptest.ResponseRecorder {
	h.t.Helper()
	req := httptest.NewRequest(http.MethodPost, "/pay/form/demo", strings.NewReader(body))
	req.Header.Set("Content-Type", kind)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.engine.ServeHTTP(w, req)
	return w
}

// What is no form of a browser's is refused before anybody looks into it.
func TestForm_unreadable(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"JSON":              {"application/json", `{"key":"a"}`, http.StatusUnsupportedMediaType},
		"multipart":         {"multipart/form-data; boundary=x", "--x--", http.StatusUnsupportedMediaType},
		"plain text":        {"text/plain", "key=a", http.StatusUnsupportedMediaType},
		"no type":           {"", "key=a", http.StatusUnsupportedMediaType},
		"another alphabet":  {"application/x-www-form-urlencoded; charset=windows-1251", "key=a", http.StatusUnsupportedMediaType},
		"bad escapes":       {"application/x-www-form-urlencoded", "key=%zz", http.StatusBadRequest},
		"16 KiB and a byte": {"application/x-www-form-urlencoded", "key=" + strings.Repeat("a", maxPosted-3), http.StatusRequestEntityTooLarge},
	} {
		h := newHouse(t, nil)
		w := h.sends(c.kind, c.body, "Accept-Language", "nl")
		h.want(w, c.status, `<html lang="nl">`, `role="alert"`, "niets afgeschreven")
		if len(h.forms) > 0 {
			t.Errorf("%s: it was looked at: %v", name, h.forms)
		}
	}
	h := newHouse(t, nil)
	w := h.get("/pay/form/demo?lang=en")
	h.want(w, http.StatusMethodNotAllowed, "none came", "open it anew")
	if got := w.Header().Get("Allow"); got != "POST" {
		t.Errorf("Allow: got %q", got)
	}
}

// A form comes to the use case as it was sent: every field, in order, as often
// as it is there, and nothing of the address.
func TestForm_fields(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	w := h.do(http.MethodPost, "/pay/form/demo?lang=bg&amount.value=1", strings.NewReader("key=a&key=b&description=caf%C3%A9+%26+co;x&=&empty"))
	if want := "/pay/" + token + "?lang=bg"; w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
		t.Errorf("got %d to %q, want 303 to %q", w.Code, w.Header().Get("Location"), want)
	}
	want := [][2]string{{"key", "a"}, {"key", "b"}, {"description", "café & co;x"}, {"", ""}, {"empty", ""}}
	if len(h.forms) != 1 || h.forms[0].Shop != "demo" || h.forms[0].RemoteIP != "192.0.2.1" || !slices.Equal(h.forms[0].Fields, want) {
		t.Errorf("got %q, want %q", h.forms, want)
	}
	if len(h.chosen) > 0 {
		t.Error("a payment was begun")
	}
}

// Each reason has its status, names the field, says what to do, and speaks the
// form's language where the browser asks for none of ours.
func TestForm_refused(t *testing.T) {
	t.Parallel()
	for reason, status := range map[checkout.FormReason]int{
		checkout.FormUnsigned: 403, checkout.FormMissing: 422, checkout.FormTwice: 422, checkout.FormUnknown: 422,
		checkout.FormValue: 422, checkout.FormExpired: 410, checkout.FormTaken: 409,
	} {
		h := newHouse(t, nil)
		h.formErr = fmt.Errorf("pay: %w", &checkout.FormError{Reason: reason, Field: "return_url", Detail: hostile})
		w := h.post("/pay/form/demo", url.Values{"locale": {"sv-SE"}})
		h.want(w, status, `<html lang="sv">`, `role="alert"`, "!<script>alert", `lang="en"`)
		names := reason == checkout.FormMissing || reason == checkout.FormTwice || reason == checkout.FormUnknown || reason == checkout.FormValue
		if got := strings.Contains(w.Body.String(), "<h1>") && strings.Contains(w.Body.String(), "return_url"); got != names {
			t.Errorf("%s: it names the field: %v, want %v", reason, got, names)
		}
	}
	if len(refusals) != 7 {
		t.Errorf("%d reasons have a text, 7 are tested", len(refusals))
	}
	for err, status := range map[error]int{checkout.ErrNotFound: 404, checkout.ErrFlood: 429, checkout.ErrUnavailable: 503} {
		h := newHouse(t, nil)
		h.formErr = err
		h.want(h.post("/pay/form/demo", url.Values{"key": {"a"}}), status, `role="alert"`)
	}
}
