package host_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// tap keeps what the bank posts to the gateway's webhook, and may swallow it.
type tap struct {
	mu     sync.Mutex
	bodies [][]byte
	shut   bool
}

// before stands in front of a gateway.
func (p *tap) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/webhooks/") && r.Header.Get("User-Agent") == "Java/1.8.0" {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			p.mu.Lock()
			p.bodies = append(p.bodies, body)
			shut := p.shut
			p.mu.Unlock()
			if shut {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (p *tap) close(shut bool) { p.mu.Lock(); p.shut = shut; p.mu.Unlock() }

func (p *tap) last() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.bodies) == 0 {
		return ""
	}
	return string(p.bodies[len(p.bodies)-1])
}

// changed is a JSON object with one text changed.
func changed(t *testing.T, object, name, value string) string {
	t.Helper()
	m := map[string]any{}
	d := json.NewDecoder(strings.NewReader(object))
	d.UseNumber()
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	m[name] = value
	return encode(t, m)
}

// A webhook that is forged, cut or somebody else's is refused before the bank
// is asked; the true one still counts, and its repeat changes nothing.
func TestBadInput_webhook_booksNothing_replayBooksOnce(t *testing.T) {
	t.Parallel()
	var wire tap
	wire.shut = true
	h := newHouse(t, options{before: wire.before})
	o := h.create("r-1")
	id := o["id"].(string)
	h.pay(o)
	h.until("the bank sends a notification", func() bool { return wire.last() != "" })
	good, pulls := wire.last(), len(h.bank.Books().Pulls)
	o = h.get(id)
	for name, c := range map[string]struct {
		path, body string
		status     int
	}{
		"forged signature":   {"/webhooks/rabo", changed(t, good, "signature", strings.Repeat("0", 128)), 400},
		"no signature":       {"/webhooks/rabo", changed(t, good, "signature", ""), 400},
		"another token":      {"/webhooks/rabo", changed(t, good, "authentication", "mine"), 400},
		"another shop's":     {"/webhooks/rabo", changed(t, good, "poiId", "7"), 400},
		"cut":                {"/webhooks/rabo", good[:len(good)-20], 400},
		"empty":              {"/webhooks/rabo", "", 400},
		"no JSON":            {"/webhooks/rabo", "<xml/>", 400},
		"no UTF-8":           {"/webhooks/rabo", "\xff\xfe" + good, 400},
		"over the limit":     {"/webhooks/rabo", `{"a":"` + strings.Repeat("a", 256<<10) + `"}`, 413},
		"to nobody":          {"/webhooks/nobody", good, 404},
		"to a path of sorts": {"/webhooks/..%2frabo", good, 404},
	} {
		if a := h.send("POST", c.path, c.body, "Authorization", ""); a.Status != c.status {
			t.Errorf("%s: got %d %s, want %d", name, a.Status, a.Raw, c.status)
		}
	}
	if got := h.get(id); got["version"] != o["version"] || got["status"] != "pending" {
		t.Errorf("the order moved: %v", got)
	}
	if n := len(h.bank.Books().Pulls); n != pulls {
		t.Errorf("%d results were pulled on bad news", n-pulls)
	}
	first := h.send("POST", "/webhooks/rabo", good, "Authorization", "")
	if first.Status != http.StatusOK {
		t.Fatalf("the true notification: %d %s", first.Status, first.Raw)
	}
	o = h.get(id)
	if o["status"] != "paid" {
		t.Fatalf("answered before it was booked: %v", o["status"])
	}
	again := h.send("POST", "/webhooks/rabo", good, "Authorization", "")
	if again.Status != first.Status || !bytes.Equal(again.Raw, first.Raw) {
		t.Errorf("the repeat: %d %s, want %d %s", again.Status, again.Raw, first.Status, first.Raw)
	}
	if got := h.get(id); got["version"] != o["version"] || !same(got["captured"], 4999, "EUR") {
		t.Errorf("the repeat was booked: %v", got)
	}
}

// A return that is forged shows a page that says so; the order stays as it is,
// and the true return still leads on.
func TestBadInput_return_saysSo_booksNothing(t *testing.T) {
	t.Parallel()
	var wire tap
	wire.shut = true // what is paid is known by the webhook alone
	h := newHouse(t, options{before: wire.before})
	o := h.create("r-1")
	id := o["id"].(string)
	b := newBrowser(t).open(o["checkout_url"].(string)).press("method", "ideal").stays().press("outcome", "success")
	if b.code != http.StatusSeeOther {
		t.Fatalf("the bank does not lead back: %d", b.code)
	}
	back, err := b.at.Parse(b.location)
	if err != nil {
		t.Fatal(err)
	}
	before := h.get(id)
	with := func(name, value string) string {
		u, q := *back, back.Query()
		if q.Set(name, value); value == "" {
			q.Del(name)
		}
		u.RawQuery = q.Encode()
		return u.String()
	}
	for name, address := range map[string]string{
		"another status":    with("status", "CANCELLED"),
		"another order":     with("order_id", "0123456789ABCDEFGHIJKLMN"),
		"forged signature":  with("signature", strings.Repeat("a", 128)),
		"no signature":      with("signature", ""),
		"payment not there": strings.Replace(back.String(), "/return/pay_", "/return/pay_0", 1),
		"another token":     strings.Replace(back.String(), "/pay/"+id+".", "/pay/"+id+".A", 1),
		"unknown account":   h.gateway + "/return/nobody?" + back.RawQuery,
	} {
		page := newBrowser(t).stays().open(address)
		if page.code != http.StatusBadRequest && page.code != http.StatusNotFound || len(page.words()) < 20 {
			t.Errorf("%s: got %d %s", name, page.code, page.words())
		}
	}
	if got := h.get(id); got["status"] != "pending" || got["amount"] == nil || !same(got["captured"], 0, "EUR") {
		t.Errorf("the order moved: %v", got)
	}
	for range 2 { // the true one, and its repeat
		page := newBrowser(t).open(back.String())
		if got := h.get(id); page.code != http.StatusOK || got["status"] != "pending" || !same(got["captured"], 0, "EUR") {
			t.Errorf("a return booked by itself, from %v: %d %v", before["status"], page.code, got["status"])
		}
	}
	wire.close(false)
	if err := h.bank.MoveClock(t.Context(), 61e9); err != nil { // it repeats what nobody took
		t.Fatal(err)
	}
	h.wait(id, "paid")
}
