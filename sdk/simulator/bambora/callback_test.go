package bambora

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// H1 to H4 are the protocol document's vectors of section 5.3.
func TestHash_vectors(t *testing.T) {
	t.Parallel()
	const d = "7MG8B4Rkw7pw510KB8gB3"
	const h1 = "txnid=58443393440303104&orderid=934315976&reference=066799300800&amount=100&currency=208&date=20160307&time=0212&feeid=3&txnfee=0&paymenttype=4&cardno=445421XXXXXX0001"
	const h3 = "txnid=214748364800000001&orderid=A1001&reference=000012345678&amount=19500&currency=SEK&date=20261122&time=0905&feeid=54321&txnfee=195&paymenttype=3&cardno=400262XXXXXX0005&eci=05&issuercountry=SWE"
	for name, v := range map[string][3]string{
		"H1": {d, h1, "12e1195844402ae1ab5c77cb7870d4a6"},
		"H2": {d, "ck=ck_1&shop=kaf%C3%A9+1&" + h1, "50f4691352d8ac69c1f27ae668d3112b"},
		"H3": {"s3cretMD5key", h3, "32eaf080f824e8f3468368378d5ea848"},
		"H4": {"s3cretMD5key", strings.Replace(h3, "orderid=A1001&reference=000012345678", "orderid=A10010&reference=00012345678", 1), "32eaf080f824e8f3468368378d5ea848"},
	} {
		if got := hashOf(v[1], v[0]); got != v[2] {
			t.Errorf("%s: got %s, want %s", name, got, v[2])
		}
	}
}

// The callback is a GET with own parameters first and the hash last; the way
// back bears the same.
func TestCallback_parameters(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	token := s.opened(map[string]any{"url.callbacks": []any{map[string]any{"url": "https://gw.example/hook?ck=ck_1&shop=kaf%C3%A9+1"}}})
	back := s.submit(token, withCard(cardCostly)).header.Get("Location")
	if err := s.sim.MoveClock(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	got := s.hook.seen()
	id := s.sim.Books().Transactions[0].ID
	tail := "txnid=" + id + "&orderid=A1001&reference=000012345678&amount=19500&currency=SEK&date=20261122&time=0905&feeid=54321&txnfee=195" +
		"&paymenttype=4&cardno=515623XXXXXX0004&eci=02&issuercountry=SWE"
	want := "ck=ck_1&shop=kaf%C3%A9+1&" + tail
	if len(got) != 1 || got[0].Path != "/hook" || got[0].RawQuery != want+"&hash="+hashOf(want, DemoMD5Key) {
		t.Errorf("got %v, want %s", got, want)
	}
	if u, err := url.Parse(back); err != nil || u.RawQuery != "x=1&"+tail+"&hash="+hashOf("x=1&"+tail, DemoMD5Key) {
		t.Errorf("the browser is sent to %s", back)
	}
}

func TestCallback_retries(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.hook.answer(http.StatusInternalServerError)
	s.paid(cardApproved, nil)
	count := func(ahead time.Duration, want int) {
		t.Helper()
		if err := s.sim.MoveClock(t.Context(), ahead); err != nil {
			t.Fatal(err)
		}
		if got := len(s.hook.seen()); got != want {
			t.Errorf("got %d callbacks, want %d", got, want)
		}
	}
	count(0, 1)
	count(59*time.Minute, 1)
	count(time.Minute, 2)
	count(22*time.Hour, 24)
	count(time.Hour, 25)
	count(48*time.Hour, 25) // a day is over
}

func TestCallback_takenIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.hook.answer(http.StatusNoContent)
	s.paid(cardApproved, nil)
	if err := s.sim.MoveClock(t.Context(), 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := s.sim.Books().Callbacks; len(got) != 1 || got[0].Status != 204 || got[0].Try != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestCallback_late(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.paid(cardLate, nil)
	if err := s.sim.MoveClock(t.Context(), 0); err != nil || len(s.hook.seen()) != 0 {
		t.Errorf("got %v, %v, want the browser back first", s.hook.seen(), err)
	}
	if err := s.sim.MoveClock(t.Context(), DefaultCallbackDelay); err != nil || len(s.hook.seen()) != 1 {
		t.Errorf("got %v, %v", s.hook.seen(), err)
	}
}

func TestCallback_onlyOnApproval(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	token := s.opened(nil)
	for _, outcome := range []string{"failed", "cancelled", "expired"} {
		s.submit(token, url.Values{"outcome": {outcome}})
	}
	if err := s.sim.MoveClock(t.Context(), 2*time.Hour); err != nil || len(s.hook.seen()) != 0 {
		t.Errorf("got %v, %v", s.hook.seen(), err)
	}
}

func TestCallback_configuredWhereNoneIsNamed(t *testing.T) {
	t.Parallel()
	s := newShop(t, func(c *Config) { c.WebhookURL = "https://gw.example/fallback" })
	s.paid(cardApproved, map[string]any{"url.callbacks": []any{}})
	if err := s.sim.MoveClock(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if got := s.hook.seen(); len(got) != 1 || got[0].Path != "/fallback" {
		t.Errorf("got %v", got)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	hash := func(u *url.URL) bool {
		signed, hash, _ := strings.Cut(u.RawQuery, "&hash=")
		return hashOf(signed, DemoMD5Key) == hash
	}
	for name, check := range map[string]func(*shop) bool{
		faultWrongHash:    func(s *shop) bool { return !hash(s.hook.seen()[0]) },
		faultDuplicate:    func(s *shop) bool { return len(s.hook.seen()) == 2 },
		faultLostCallback: func(s *shop) bool { return len(s.hook.seen()) == 0 },
		faultWrongAmount:  func(s *shop) bool { return s.sim.Books().Transactions[0].Authorized == 19499 },
		faultUnknownBrand: func(s *shop) bool {
			return strings.Contains(s.api("GET", "/transactions/"+s.sim.Books().Transactions[0].ID, "").text, strangeBrand)
		},
	} {
		s := newShop(t)
		if err := s.sim.Faults().Set(control.Fault{Name: name}); err != nil {
			t.Fatal(err)
		}
		s.paid(cardApproved, nil)
		if err := s.sim.MoveClock(t.Context(), 0); err != nil || !check(s) {
			t.Errorf("%s, %v: it makes no difference", name, err)
		}
	}
	s := newShop(t)
	if err := s.sim.Faults().Set(control.Fault{Name: faultLostReturn}); err != nil {
		t.Fatal(err)
	}
	if a := s.submit(s.opened(nil), withCard(cardApproved)); a.status != 200 || a.header.Get("Location") != "" {
		t.Errorf("a lost return leads to %q", a.header.Get("Location"))
	}
}
