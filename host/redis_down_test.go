package host_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// patient is within which a gateway without its state has to say so.
const patient = 2500 * time.Millisecond

// Without Redis every request of API and pages is answered with 503 in time,
// nothing is taken from the bank, and as soon as Redis is back all goes on
// where it was. Nothing is lost.
func TestRedisDown_killed(t *testing.T) {
	t.Parallel()
	redisDown(t, (*redistest.Process).Kill, (*redistest.Process).Restart)
}

// A server that stands still keeps its connections open and answers nothing.
func TestRedisDown_paused(t *testing.T) {
	t.Parallel()
	redisDown(t, (*redistest.Process).Pause, (*redistest.Process).Resume)
}

func redisDown(t *testing.T, down, up func(*redistest.Process)) {
	redis := redistest.Server(t)
	var wire tap
	h := newHouse(t, options{redis: redis.URL(), stateKey: seal.NewKey().Secret(), before: wire.before})
	paid := h.paid("r-1")
	open := h.create("r-2")
	id := open["id"].(string)
	bank := newBrowser(t).open(open["checkout_url"].(string)).press("method", "ideal").stays()
	payment := payments(h.get(id))[0]["id"].(string)
	notification := wire.last()
	before := h.bank.Books()

	down(redis)
	h.refusesAPI(id, notification)
	h.refusesPages(open["checkout_url"].(string), payment)
	if status := h.adminStatus("/ready"); status != http.StatusServiceUnavailable {
		t.Errorf("/ready answers %d", status)
	}
	if status := h.adminStatus("/health"); status != http.StatusOK {
		t.Errorf("/health answers %d: the process is alive", status)
	}
	bank.press("outcome", "success") // the bank's notification finds nobody
	h.until("the bank tried to tell", func() bool { return len(h.bank.Books().Notifications) > len(before.Notifications) })
	during := h.bank.Books()
	if len(during.Pulls) != len(before.Pulls) || len(during.Orders) != len(before.Orders) || len(during.Refunds) != 0 {
		t.Errorf("without its state the gateway took %d results, announced %d orders, refunded %d times", len(during.Pulls)-len(before.Pulls), len(during.Orders)-len(before.Orders), len(during.Refunds))
	}

	up(redis)
	h.until("ready again", func() bool { return h.adminStatus("/ready") == http.StatusOK })
	if got := h.get(paid["id"].(string)); got["status"] != "paid" || !same(got["captured"], 4999, "EUR") {
		t.Errorf("the paid order came back as %v", got)
	}
	if n := h.orders(); n != 2 {
		t.Errorf("%d orders, want the 2 from before", n)
	}
	if err := h.bank.MoveClock(t.Context(), time.Minute+time.Second); err != nil { // it repeats each minute
		t.Fatal(err)
	}
	h.wait(id, "paid")
	h.until("the shop is told of both", func() bool { return count(h.shop.types(), "order.paid") == 2 })
	if a := h.send("POST", "/v1/orders", h.with("r-3", nil), "Idempotency-Key", "k-3"); a.Status != http.StatusCreated {
		t.Errorf("the create that was refused, again: %d %s", a.Status, a.Raw)
	}
}

// refusesAPI sends what the API takes, and wants each refused in time.
func (h *house) refusesAPI(id, notification string) {
	h.t.Helper()
	order := "/v1/orders/" + id
	for _, c := range []struct{ method, path, body string }{
		{"GET", order, ""}, {"GET", order + "?wait=5", ""}, {"GET", order + "/events", ""}, {"GET", "/v1/orders", ""}, {"GET", "/v1/orders?reference=r-1", ""},
		{"POST", "/v1/orders", h.with("r-3", nil)}, {"POST", "/v1/orders", h.with("r-4", map[string]any{"method": "ideal"})},
		{"POST", order + "/payments", `{"method": "ideal"}`}, {"POST", order + "/sync", ""}, {"POST", order + "/cancel", ""},
		{"POST", order + "/refunds", `{}`}, {"POST", "/webhooks/rabo", notification},
	} {
		a := h.send(c.method, c.path, c.body, "Idempotency-Key", "k-3")
		if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || a.Took > patient {
			h.t.Errorf("%s %s: %d after %s, Retry-After %q: %s", c.method, c.path, a.Status, a.Took, a.Header.Get("Retry-After"), a.Raw)
		}
		if strings.HasPrefix(c.path, "/v1/") && a.kind() != "unavailable" {
			h.t.Errorf("%s %s: problem %s", c.method, c.path, a.Raw)
		}
		if c.method == "GET" && a.text("attempted") != "no" {
			h.t.Errorf("a read says attempted %q", a.text("attempted"))
		}
	}
}

// refusesPages opens what consumers open, and wants kind words in time.
func (h *house) refusesPages(checkout, payment string) {
	h.t.Helper()
	form := url.Values{"method": {"ideal"}, "attempts": {"1"}}
	for _, c := range []struct {
		path string
		form url.Values
	}{{"", nil}, {"", form}, {"/status?payment=" + payment, nil}, {"/return/" + payment, nil}, {"/abort/" + payment, url.Values{}}} {
		began := time.Now()
		b := newBrowser(h.t).stays()
		if c.form == nil {
			b.open(checkout + c.path)
		} else {
			resp, err := b.c.PostForm(checkout+c.path, c.form)
			b.read(resp, err)
		}
		if took := time.Since(began); b.code != http.StatusServiceUnavailable || took > patient {
			h.t.Errorf("page %s: %d after %s: %s", c.path, b.code, took, b.words())
		}
		if strings.HasPrefix(c.path, "/status") {
			continue
		}
		if b.header.Get("Retry-After") == "" || len(b.words()) < 40 || slices.ContainsFunc([]string{"redis", "error", "dial"}, func(s string) bool { return strings.Contains(strings.ToLower(b.words()), s) }) {
			h.t.Errorf("page %s: Retry-After %q: %s", c.path, b.header.Get("Retry-After"), b.words())
		}
	}
}

// adminStatus is what the operators' listener answers.
func (h *house) adminStatus(path string) int {
	h.t.Helper()
	resp, err := http.Get(h.admin + path)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}
