package checkout_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// secrets of the shop's form keys.
var secrets = map[string]string{"donate": "secret-of-the-form-key-0001", "live": "secret-of-the-form-key-0002"}

// donation is a static form, unsigned; with changes as pairs, "" takes a field out.
func donation(changes ...string) map[string]string {
	f := map[string]string{"key": "donate", "amount.value": "1000", "amount.currency": "EUR", "description": "A gift", "locale": "nl-NL", "return_url": "https://shop.example/thanks"}
	for i := 0; i+1 < len(changes); i += 2 {
		if f[changes[i]] = changes[i+1]; changes[i+1] == "" {
			delete(f, changes[i])
		}
	}
	return f
}

// dynamic is a form with a reference.
func dynamic(reference string, changes ...string) map[string]string {
	return donation(append([]string{"reference", reference, "expires_at", "2026-11-22T14:00:00Z"}, changes...)...)
}

// signed makes the pairs of a form, in an order of no meaning.
func signed(t *testing.T, f map[string]string) [][2]string {
	t.Helper()
	s, err := checkout.SignForm([]byte(secrets[f["key"]]), "shop", f)
	if err != nil {
		t.Fatal(err)
	}
	return append(pairs(f), [2]string{"signature", s})
}

func pairs(f map[string]string) (list [][2]string) {
	names := slices.Sorted(maps.Keys(f))
	slices.Reverse(names)
	for _, name := range names {
		list = append(list, [2]string{name, f[name]})
	}
	return list
}

func (h *house) post(fields [][2]string) (order.Order, error) {
	return h.PayForm(h.t.Context(), checkout.PostedForm{Shop: "shop", Fields: fields, RemoteIP: "192.0.2.7"})
}

// The vector was computed by another program, so that what is signed cannot
// change by itself.
func TestSignForm_vector(t *testing.T) {
	t.Parallel()
	f := map[string]string{"key": "donate", "amount.value": "1000", "amount.currency": "EUR", "description": "Koffie & taart é"}
	want := "27a4454c48b388b2a13aa4047dd470e28088e6caa614c211365d5c3b459e37ab"
	for _, name := range []string{"", "of another try"} {
		if name != "" {
			f["signature"] = name
		}
		if got, err := checkout.SignForm([]byte("secret-of-the-form-key-0001"), "shop", f); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

// Whatever is not as it was signed, or as it must be, changes nothing.
func TestPayForm_refused(t *testing.T) {
	t.Parallel()
	good := signed(t, donation())
	with := func(name, value string) [][2]string {
		list := slices.Clone(good)
		i := slices.IndexFunc(list, func(f [2]string) bool { return f[0] == name })
		list[i] = [2]string{name, value}
		return list
	}
	without := func(name string) [][2]string {
		return slices.DeleteFunc(slices.Clone(good), func(f [2]string) bool { return f[0] == name })
	}
	moved := slices.Clone(good) // what was a part of one field is one of another
	for i, f := range moved {
		if f[0] == "description" {
			moved[i][1] = "A gift\nlocale=de"
		}
	}
	otherShop := pairs(donation())
	s, err := checkout.SignForm([]byte(secrets["donate"]), "other", donation())
	if err != nil {
		t.Fatal(err)
	}
	otherShop = append(otherShop, [2]string{"signature", s})
	for name, c := range map[string]struct {
		fields [][2]string
		reason checkout.FormReason
		field  string
	}{
		"nothing":                  {nil, checkout.FormMissing, "key"},
		"no signature":             {without("signature"), checkout.FormMissing, "signature"},
		"no key":                   {without("key"), checkout.FormMissing, "key"},
		"no amount":                {without("amount.value"), checkout.FormMissing, "amount.value"},
		"no currency":              {without("amount.currency"), checkout.FormMissing, "amount.currency"},
		"a field less":             {without("description"), checkout.FormUnsigned, "signature"},
		"a field more":             {append(slices.Clone(good), [2]string{"country", "NL"}), checkout.FormUnsigned, "signature"},
		"twice the same":           {append(slices.Clone(good), good[0]), checkout.FormTwice, good[0][0]},
		"twice another":            {append(slices.Clone(good), [2]string{"amount.value", "1"}), checkout.FormTwice, "amount.value"},
		"unknown":                  {append(slices.Clone(good), [2]string{"amount", "1"}), checkout.FormUnknown, "amount"},
		"unknown in capitals":      {append(slices.Clone(good), [2]string{"Reference", "1"}), checkout.FormUnknown, "Reference"},
		"unknown and no name":      {append(slices.Clone(good), [2]string{"<b>call +31 6</b>", "1"}), checkout.FormUnknown, ""},
		"another amount":           {with("amount.value", "1"), checkout.FormUnsigned, "signature"},
		"another currency":         {with("amount.currency", "JPY"), checkout.FormUnsigned, "signature"},
		"another return URL":       {with("return_url", "https://evil.example"), checkout.FormUnsigned, "signature"},
		"another key":              {with("key", "live"), checkout.FormUnsigned, "signature"},
		"no such key":              {with("key", "gone"), checkout.FormUnsigned, "signature"},
		"another shop's":           {otherShop, checkout.FormUnsigned, "signature"},
		"signature of zeros":       {with("signature", strings.Repeat("0", 64)), checkout.FormUnsigned, "signature"},
		"signature in capitals":    {with("signature", strings.ToUpper(good[len(good)-1][1])), checkout.FormUnsigned, "signature"},
		"signature cut":            {with("signature", good[len(good)-1][1][:32]), checkout.FormUnsigned, "signature"},
		"signature empty":          {with("signature", ""), checkout.FormValue, "signature"},
		"fields pushed into one":   {moved, checkout.FormValue, "description"},
		"empty":                    {with("description", ""), checkout.FormValue, "description"},
		"no UTF-8":                 {with("description", "caf\xe9"), checkout.FormValue, "description"},
		"a zero byte":              {with("description", "a\x00"), checkout.FormValue, "description"},
		"a comma in the amount":    {signed(t, donation("amount.value", "10,00")), checkout.FormValue, "amount.value"},
		"a point in the amount":    {signed(t, donation("amount.value", "10.00")), checkout.FormValue, "amount.value"},
		"a sign":                   {signed(t, donation("amount.value", "+1000")), checkout.FormValue, "amount.value"},
		"below zero":               {signed(t, donation("amount.value", "-1000")), checkout.FormValue, "amount.value"},
		"zero":                     {signed(t, donation("amount.value", "0")), checkout.FormValue, "amount.value"},
		"a zero before":            {signed(t, donation("amount.value", "01000")), checkout.FormValue, "amount.value"},
		"an exponent":              {signed(t, donation("amount.value", "1e3")), checkout.FormValue, "amount.value"},
		"other digits":             {signed(t, donation("amount.value", "١٠٠٠")), checkout.FormValue, "amount.value"},
		"more than there is":       {signed(t, donation("amount.value", "99999999999999999999")), checkout.FormValue, "amount.value"},
		"more than is taken":       {signed(t, donation("amount.value", "9999999999999999")), checkout.FormValue, "amount.value"},
		"no currency of ISO":       {signed(t, donation("amount.currency", "eur")), checkout.FormValue, "amount.currency"},
		"foreign return URL":       {signed(t, donation("return_url", "https://evil.example/x")), checkout.FormValue, "return_url"},
		"return URL with a trick":  {signed(t, donation("return_url", "https://shop.example@evil.example/")), checkout.FormValue, "return_url"},
		"foreign cancel URL":       {signed(t, donation("cancel_url", "http://shop.example/")), checkout.FormValue, "cancel_url"},
		"foreign notice URL":       {signed(t, donation("notify_url", "https://evil.example/")), checkout.FormValue, "notify_url"},
		"script for a URL":         {signed(t, donation("return_url", "javascript:alert(1)")), checkout.FormValue, "return_url"},
		"no locale":                {signed(t, donation("locale", "Nederlands, graag")), checkout.FormValue, "locale"},
		"no country":               {signed(t, donation("country", "Holland")), checkout.FormValue, "country"},
		"no address of e-mail":     {signed(t, donation("customer.email", "jo")), checkout.FormValue, "customer.email"},
		"no method":                {signed(t, donation("methods", "acme,,")), checkout.FormValue, "methods"},
		"reference without an end": {signed(t, donation("reference", "r1")), checkout.FormMissing, "expires_at"},
		"long reference":           {signed(t, dynamic(strings.Repeat("r", 256))), checkout.FormValue, "reference"},
		"no time":                  {signed(t, dynamic("r1", "expires_at", "tomorrow")), checkout.FormValue, "expires_at"},
		"its time is over":         {signed(t, dynamic("r1", "expires_at", "2026-11-22T12:00:00Z")), checkout.FormExpired, "expires_at"},
		"static and over":          {signed(t, donation("expires_at", "2026-11-22T11:59:59Z")), checkout.FormExpired, "expires_at"},
		"an order of a year":       {signed(t, dynamic("r1", "expires_at", "2027-11-22T12:00:00Z")), checkout.FormValue, "expires_at"},
	} {
		h := newHouse(t)
		_, err := h.post(c.fields)
		var wrong *checkout.FormError
		if !errors.As(err, &wrong) || wrong.Reason != c.reason || wrong.Field != c.field || wrong.Detail == "" {
			t.Errorf("%s: got %v, want %s of field %s", name, err, c.reason, c.field)
		}
		if err != nil && (strings.Contains(err.Error(), secrets["donate"]) || strings.Contains(err.Error(), "evil.example")) {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
		if orders, _, err := h.store.List(t.Context(), "shop", checkout.Filter{Limit: 10}); err != nil || len(orders) > 0 {
			t.Errorf("%s: orders were made: %v, %v", name, orders, err)
		}
	}
}

// A form without a reference makes an order each time, as the key says test or
// live, which lives as long as others do or until the form ends.
func TestPayForm_static(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seen := map[string]bool{}
	for name, c := range map[string]struct {
		form  map[string]string
		live  bool
		until time.Time
	}{
		"test":             {donation(), false, start.Add(order.DefaultLife)},
		"test once more":   {donation(), false, start.Add(order.DefaultLife)},
		"live":             {donation("key", "live"), true, start.Add(order.DefaultLife)},
		"a campaign":       {donation("expires_at", "2027-12-31T00:00:00+01:00"), false, start.Add(order.DefaultLife)},
		"its last minutes": {donation("expires_at", "2026-11-22T12:10:00Z"), false, start.Add(10 * time.Minute)},
	} {
		o, err := h.post(signed(t, c.form))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !strings.HasPrefix(o.Reference, "F-") || seen[o.Reference] || o.Live != c.live || !o.ExpiresAt.Equal(c.until) {
			t.Errorf("%s: got %s, live %v, until %s", name, o.Reference, o.Live, o.ExpiresAt)
		}
		seen[o.Reference] = true
		o = h.load(o.ID)
		if o.Amount != (order.Money{Value: 1000, Currency: "EUR"}) || o.Description != "A gift" || o.Locale != "nl-NL" || o.ReturnURL != "https://shop.example/thanks" || len(o.Payments) > 0 {
			t.Errorf("%s: got %+v", name, o)
		}
	}
	for _, m := range []order.Money{{Value: 1000, Currency: "JPY"}, {Value: 1005, Currency: "TND"}} {
		o, err := h.post(signed(t, donation("amount.value", map[int64]string{1000: "1000", 1005: "1005"}[m.Value], "amount.currency", m.Currency)))
		if err != nil || o.Amount != m {
			t.Errorf("got %v, %v, want %v", o.Amount, err, m)
		}
	}
}

// A form with a reference finds its order: open, paid, or new where that ended.
func TestPayForm_replay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := signed(t, dynamic("r1", "customer.name", "J. Jansen", "customer.email", "j@example.org", "methods", "acme", "country", "NL"))
	first, err := h.post(form)
	if err != nil {
		t.Fatal(err)
	}
	if first.Reference != "r1" || first.Customer.Name != "J. Jansen" || first.Country != "NL" || !slices.Equal(first.Methods, []string{"acme"}) || !first.ExpiresAt.Equal(start.Add(2*time.Hour)) {
		t.Errorf("got %+v", first)
	}
	same := func(when string) {
		t.Helper()
		if o, err := h.post(form); err != nil || o.ID != first.ID {
			t.Errorf("%s: got order %s, %v, want %s", when, o.ID, err, first.ID)
		}
	}
	same("open")
	o, id, err := h.Choose(t.Context(), checkout.Token(first), checkout.Choice{Method: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	same("on the way to the bank")
	var wrong *checkout.FormError
	if _, err := h.post(signed(t, dynamic("r1", "amount.value", "1"))); !errors.As(err, &wrong) || wrong.Reason != checkout.FormTaken || wrong.Field != "reference" {
		t.Errorf("another amount while it is paid: %v", err)
	}
	p, _ := o.Payment(id)
	if _, err := h.news(captured(p, 1000)); err != nil {
		t.Fatal(err)
	}
	same("paid")
	if _, err := h.post(signed(t, dynamic("r1", "key", "live"))); !errors.As(err, &wrong) || wrong.Reason != checkout.FormTaken {
		t.Errorf("a live form with the reference of a paid test: %v", err)
	}
	h.clock.move(2 * time.Hour)
	if _, err := h.post(form); !errors.As(err, &wrong) || wrong.Reason != checkout.FormExpired {
		t.Errorf("the form of an order that is long paid: %v", err)
	}
}

// A test neither finds a live order by its reference nor takes its place.
func TestPayForm_otherMode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	live, err := h.post(signed(t, dynamic("r1", "key", "live")))
	if err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]map[string]string{"same amount": dynamic("r1"), "another amount": dynamic("r1", "amount.value", "1")} {
		var wrong *checkout.FormError
		if _, err := h.post(signed(t, form)); !errors.As(err, &wrong) || wrong.Reason != checkout.FormTaken {
			t.Errorf("%s: got %v, want %s", name, err, checkout.FormTaken)
		}
		if o := h.load(live.ID); o.Status() != order.Open {
			t.Errorf("%s: the live order is %s", name, o.Status())
		}
	}
	if _, err := h.Cancel(t.Context(), checkout.Request{Key: checkout.Key{Shop: "shop", Live: true}}, live.ID); err != nil {
		t.Fatal(err)
	}
	if o, err := h.post(signed(t, dynamic("r1"))); err != nil || o.Live {
		t.Errorf("after the live order has ended: live %v, %v", o.Live, err)
	}
}

// What the shop cancelled is not begun anew by the form that the consumer has.
func TestPayForm_cancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := signed(t, dynamic("r1"))
	first, err := h.post(form)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Cancel(t.Context(), h.request(""), first.ID); err != nil {
		t.Fatal(err)
	}
	for name, fields := range map[string][][2]string{"the same form": form, "another amount": signed(t, dynamic("r1", "amount.value", "2000"))} {
		if o, err := h.post(fields); err != nil || o.ID != first.ID || o.Status() != order.Cancelled {
			t.Errorf("%s: got order %s, %s, %v, want the cancelled one", name, o.ID, o.Status(), err)
		}
	}
	if orders, _, err := h.store.List(t.Context(), "shop", checkout.Filter{Limit: 10}); err != nil || len(orders) != 1 {
		t.Errorf("got %d orders, %v", len(orders), err)
	}
}

func TestPayForm_noShop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, err := h.PayForm(t.Context(), checkout.PostedForm{Shop: "nobody", Fields: signed(t, donation())})
	if !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("got %v, want %v", err, checkout.ErrNotFound)
	}
}

// One address can neither try signatures nor make orders without end; others
// are not kept from either.
func TestPayForm_flood(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	from := func(ip string, fields [][2]string) error {
		_, err := h.PayForm(t.Context(), checkout.PostedForm{Shop: "shop", Fields: fields, RemoteIP: ip})
		return err
	}
	forged := [][2]string{{"key", "donate"}, {"signature", "0"}, {"amount.value", "1"}, {"amount.currency", "EUR"}}
	refused := 0
	for range 1000 {
		if errors.Is(from("198.51.100.7", forged), checkout.ErrFlood) {
			refused++
		}
	}
	if refused != 800 {
		t.Errorf("%d of 1000 forged forms were refused unread, want all but a bucket of 200", refused)
	}
	good, made := signed(t, donation()), 0
	for range 50 {
		switch err := from("2001:db8::7", good); {
		case err == nil:
			made++
		case !errors.Is(err, checkout.ErrFlood):
			t.Fatal(err)
		}
	}
	if made != 10 {
		t.Errorf("one address made %d orders of a form at once, want 10", made)
	}
	if err := from("2001:db8:0:1::7", good); err != nil {
		t.Errorf("another address: %v", err)
	}
	h.clock.move(time.Second)
	if err := from("2001:db8::8", good); err != nil {
		t.Errorf("a second later: %v", err)
	}
	h.checksSignatures()
	if _, err := h.from("198.51.100.7", "signed"); err != nil {
		t.Errorf("providers are kept out by forms: %v", err)
	}
}
