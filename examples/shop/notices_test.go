package shop

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

func TestNotices_refused(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	reference, id := v.buy()
	body := noticeOf("order.paid", 9, apiOrder{ID: id, Reference: reference, Status: "paid", Version: 9})
	now := time.Now()
	good, err := v.shop.webhook.Sign("n1", now, body)
	if err != nil {
		t.Fatal(err)
	}
	other, err := standardwebhooks.NewWebhookRaw([]byte("another secret of another shop"))
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := other.Sign("n1", now, body)
	if err != nil {
		t.Fatal(err)
	}
	stale, err := v.shop.webhook.Sign("n1", now.Add(-time.Hour), body)
	if err != nil {
		t.Fatal(err)
	}
	at := strconv.FormatInt(now.Unix(), 10)
	for name, c := range map[string]struct {
		id, at, signature string
		body              []byte
	}{
		"no signature":        {"n1", at, "", body},
		"no id":               {"", at, good, body},
		"no time":             {"n1", "", good, body},
		"odd time":            {"n1", "soon", good, body},
		"another secret":      {"n1", at, foreign, body},
		"another id":          {"n2", at, good, body},
		"another time":        {"n1", strconv.FormatInt(now.Unix()+1, 10), good, body},
		"another body":        {"n1", at, good, bytes.Replace(body, []byte(`"version":9`), []byte(`"version":8`), 1)},
		"old":                 {"n1", strconv.FormatInt(now.Add(-time.Hour).Unix(), 10), stale, body},
		"another version":     {"n1", at, strings.Replace(good, "v1,", "v2,", 1), body},
		"half a signature":    {"n1", at, good[:20], body},
		"signature with tail": {"n1", at, good + "A", body},
		"empty body":          {"n1", at, good, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if a := v.tellSigned(c.id, c.at, c.signature, c.body); a.status != http.StatusUnauthorized {
				t.Errorf("got %d, want 401", a.status)
			}
			if p, _ := v.shop.book.find(reference); p.packed() || len(p.Notices) > 0 {
				t.Errorf("a forged notice changed the order: %+v", p)
			}
		})
	}
}

func TestNotices_oddBodies(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	reference, id := v.buy()
	order := apiOrder{ID: id, Reference: reference, Status: "paid", Version: 9}
	for name, c := range map[string]struct {
		body []byte
		want int
	}{
		"no JSON":               {[]byte("paid!"), http.StatusBadRequest},
		"no order":              {[]byte(`{"type":"order.paid","data":{"event":{"number":3}}}`), http.StatusBadRequest},
		"no number":             {noticeOf("order.paid", 0, order), http.StatusBadRequest},
		"no type":               {noticeOf("", 3, order), http.StatusBadRequest},
		"huge":                  {append(noticeOf("order.paid", 3, order), bytes.Repeat([]byte(" "), maxNotice)...), http.StatusRequestEntityTooLarge},
		"unknown order":         {noticeOf("order.paid", 3, apiOrder{ID: "ord_x", Reference: "MM-AAAAAAAAAAAA", Status: "paid", Version: 3}), http.StatusNoContent},
		"another order's id":    {noticeOf("order.paid", 3, apiOrder{ID: "ord_x", Reference: reference, Status: "paid", Version: 3}), http.StatusNoContent},
		"event nobody knows of": {noticeOf("order.sung", 3, apiOrder{ID: id, Reference: reference, Status: "open", Version: 3}), http.StatusNoContent},
	} {
		t.Run(name, func(t *testing.T) {
			if a := v.tell("odd-"+name, time.Now(), c.body); a.status != c.want {
				t.Errorf("got %d, want %d", a.status, c.want)
			}
			if p, _ := v.shop.book.find(reference); p.packed() {
				t.Error("an odd notice packed the parcel")
			}
		})
	}
}

func TestNotices_inOrderOnceEach(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	reference, id := v.buy()
	tell := func(notice string, number int64, kind, status string) purchase {
		t.Helper()
		body := noticeOf(kind, number, apiOrder{ID: id, Reference: reference, Status: status, Version: number})
		if a := v.tell(notice, time.Now(), body); a.status != http.StatusNoContent {
			t.Fatalf("notice %s: got %d, want 204", notice, a.status)
		}
		p, _ := v.shop.book.find(reference)
		return p
	}
	if p := tell("a", 5, "order.pending", "pending"); p.Status != "pending" || p.packed() {
		t.Fatalf("pending: got %+v", p)
	}
	paid := tell("b", 8, "order.paid", "paid")
	if paid.Status != "paid" || !paid.packed() {
		t.Fatalf("paid: got %+v", paid)
	}
	if p := tell("b", 8, "order.paid", "paid"); len(p.Notices) != 2 || p.Packed != paid.Packed {
		t.Errorf("the repeat had an effect: %+v", p)
	}
	if p := tell("c", 5, "order.pending", "pending"); p.Status != "paid" || !p.Notices[2].Ignored {
		t.Errorf("the old notice had an effect: %+v", p)
	}
	if p := tell("d", 9, "refund.succeeded", "paid"); p.Packed != paid.Packed || p.Notices[3].Ignored {
		t.Errorf("a later notice: got %+v", p)
	}
	page := v.get("/orders/" + reference + "?lang=en").text
	for _, want := range []string{"Paid: the parcel is packed.", "Old news: nothing changed.", "The money was given back."} {
		if strings.Count(page, want) != 1 {
			t.Errorf("the order's page has %q %d times, want once", want, strings.Count(page, want))
		}
	}
}

func TestNotices_soonerThanTheAnswer(t *testing.T) {
	t.Parallel()
	v := newVisit(t)
	v.add("mug")
	v.api.answer = func(http.ResponseWriter, *http.Request) bool {
		v.shop.book.mu.Lock()
		reference := v.shop.book.order[0]
		v.shop.book.mu.Unlock()
		n := notice{Type: "order.paid"}
		n.Data.Event.Number, n.Data.Order = 4, apiOrder{ID: "ord_1", Reference: reference, Status: "paid", Version: 4}
		if !v.shop.book.hear("early", n, time.Now()) {
			t.Error("a notice before the answer was not heard")
		}
		return false
	}
	v.post("/checkout?lang=en", form("1"))
	if p, _ := v.shop.book.find(v.api.created[0].Reference); p.Status != "paid" || p.CheckoutURL == "" && p.ID == "" {
		t.Errorf("the answer's older version won: %+v", p)
	}
}

func TestBook_bounds(t *testing.T) {
	t.Parallel()
	b := newBook()
	for i := range maxOrders + 5 {
		b.write(purchase{Reference: strconv.Itoa(i)})
	}
	if _, ok := b.find("4"); ok || len(b.of) != maxOrders || len(b.order) != maxOrders {
		t.Errorf("got %d orders, want %d without the oldest", len(b.of), maxOrders)
	}
	var wg sync.WaitGroup
	for i := range maxNotices * 2 {
		wg.Go(func() {
			n := notice{Type: "order.paid"}
			n.Data.Event.Number, n.Data.Order = int64(i+1), apiOrder{ID: "o", Reference: "500", Status: "paid", Version: int64(i + 1)}
			b.hear(strconv.Itoa(i), n, time.Unix(int64(i+1), 0))
		})
	}
	wg.Wait()
	if p, _ := b.find("500"); len(p.Notices) != maxNotices || !p.packed() || p.version != maxNotices*2 {
		t.Errorf("got %d notices and version %d, want %d and %d", len(p.Notices), p.version, maxNotices, maxNotices*2)
	}
}
