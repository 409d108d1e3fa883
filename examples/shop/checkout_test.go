package shop

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestCheckout_problemsShownKindly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request) bool
		want   string
	}{
		"refused": {func(w http.ResponseWriter, _ *http.Request) bool {
			refuse(w, 422, "The request is invalid", "See <errors>.")
			return true
		}, "The request is invalid: See &lt;errors&gt;."},
		"wrong key": {func(w http.ResponseWriter, _ *http.Request) bool {
			refuse(w, 401, "The API key is missing or wrong", "Unknown key.")
			return true
		}, "Reference: req_7"},
		"down": {func(w http.ResponseWriter, _ *http.Request) bool {
			refuse(w, 503, "Not available", "The state cannot be reached.")
			return true
		}, "The state cannot be reached."},
		"a proxy's page": {func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "<h1>Bad gateway</h1>", http.StatusBadGateway)
			return true
		}, "Nothing was charged"},
		"no JSON":  {func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("yes")); return true }, "Nothing was charged"},
		"no order": {func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("{}")); return true }, "Nothing was charged"},
		"script as link": {func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write([]byte(`{"id":"ord_1","checkout_url":"javascript:alert(1)"}`))
			return true
		}, "Nothing was charged"},
		"redirect away": {func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return true
		}, "Nothing was charged"},
		"huge": {func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write(make([]byte, maxAnswer+1))
			return true
		}, "Nothing was charged"},
		"connection lost": {func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, "Nothing was charged"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVisit(t)
			v.add("mug")
			v.api.answer = c.answer
			a := v.post("/checkout?lang=en", form("1"))
			if a.status != http.StatusBadGateway || !strings.Contains(a.text, c.want) {
				t.Errorf("got %d, want 502 with %q:\n%s", a.status, c.want, a.text)
			}
			if home := v.get("/?lang=en").text; !strings.Contains(home, "€21.45") {
				t.Error("the basket is gone")
			}
		})
	}
}

func TestCheckout_connectionLostOnce_isRepeated(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	v.add("mug")
	lost := false
	v.api.answer = func(http.ResponseWriter, *http.Request) bool {
		if !lost {
			lost = true
			panic(http.ErrAbortHandler)
		}
		return false
	}
	if a := v.post("/checkout?lang=en", form("1")); a.status != http.StatusSeeOther || len(v.api.created) != 1 {
		t.Errorf("got %d and %d orders, want 303 and one", a.status, len(v.api.created))
	}
}

func TestCheckout_oddForms(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	if a := v.post("/checkout?lang=en", form("1")); a.status != http.StatusSeeOther || a.location != "/?lang=en" {
		t.Errorf("empty basket: got %d to %q, want 303 to the shop", a.status, a.location)
	}
	v.add("mug")
	for name, f := range map[string]url.Values{
		"nothing":       {},
		"no name":       {"email": {"a@example.org"}},
		"blank name":    {"name": {"  "}, "email": {"a@example.org"}},
		"no address":    {"name": {"A"}, "email": {"a"}},
		"at the end":    {"name": {"A"}, "email": {"a@"}},
		"line feed":     {"name": {"A\nB"}, "email": {"a@example.org"}},
		"long":          {"name": {strings.Repeat("a", maxName+1)}, "email": {"a@example.org"}},
		"not UTF-8":     {"name": {"\xff"}, "email": {"a@example.org"}},
		"huge":          {"name": {strings.Repeat("a", maxForm)}, "email": {"a@example.org"}},
		"hostile names": {"name": {`"><script>alert(1)</script>`}, "email": {"nobody"}},
	} {
		t.Run(name, func(t *testing.T) {
			a := v.post("/checkout?lang=en", f)
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text, `role="alert"`) || strings.Contains(a.text, "<script>alert") {
				t.Errorf("got %d, want 422 with what is wrong, escaped", a.status)
			}
		})
	}
	if v.api.posts != 0 {
		t.Errorf("the gateway was asked %d times, want never", v.api.posts)
	}
}

func TestCheckout_sameFormSameOrder(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	v.add("mug")
	first := v.post("/checkout?lang=en", form("1"))
	again := v.post("/checkout?lang=en", form("1"))
	if first.location != again.location || len(v.api.created) != 1 {
		t.Errorf("pressed twice: %q and %q, %d orders, want one", first.location, again.location, len(v.api.created))
	}
	if a := v.post("/checkout?lang=en", form("2")); a.location == first.location {
		t.Error("a new form led to the old order")
	}
	v.add("coffee")
	if a := v.post("/checkout?lang=en", form("1")); a.location == first.location || a.status != http.StatusSeeOther {
		t.Errorf("another basket led to %q with %d, want an order of its own", a.location, a.status)
	}
}

func TestCheckout_order(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	v.add("stroopwafels")
	v.add("stroopwafels")
	v.add("mug")
	a := v.post("/checkout?lang=nl", form("1"))
	if a.status != http.StatusSeeOther || a.location != v.api.URL+"/pay/ord_1.secret" {
		t.Fatalf("got %d to %q", a.status, a.location)
	}
	o := v.api.created[0]
	if o.Amount.Value != 2*695+1750+395 || len(o.Lines) != 3 || o.Lines[0].TaxAmount.Value != 115 || o.Lines[2].Kind != "shipping" {
		t.Errorf("amount %d, lines %+v", o.Amount.Value, o.Lines)
	}
	if o.Locale != "nl-NL" || o.Country != "NL" || o.Customer.Email != "a@example.org" || !isReference(o.Reference) {
		t.Errorf("got %+v", o)
	}
	for _, u := range []string{o.ReturnURL, o.CancelURL, o.NotifyURL} {
		if !strings.HasPrefix(u, "http://shop.example/") {
			t.Errorf("%q is not on the shop's origin", u)
		}
	}
	home := v.get("/?lang=en").text
	if !strings.Contains(home, "is not paid yet") || !strings.Contains(home, "/pay/ord_1.secret") {
		t.Error("the shop window does not lead back to the order that is not paid")
	}
}

func TestForms_fromElsewhere(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	for _, path := range []string{"/basket", "/checkout"} {
		req, err := http.NewRequest(http.MethodPost, v.server.URL+path, strings.NewReader("product=mug&change=add"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if a := v.do(req, nil); a.status != http.StatusForbidden {
			t.Errorf("%s from elsewhere: got %d, want 403", path, a.status)
		}
	}
}
