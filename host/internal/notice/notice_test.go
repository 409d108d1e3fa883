package notice_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/notice"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const orderID = "ord_0001M81J18G041JSGWA8HX4WR5Q1"

var secrets = [][]byte{[]byte("the-newest-secret-of-24b"), []byte("an-older-secret-of-24-b.")}

// house is an order with its events, a shop that listens, and what was noted.
type house struct {
	rec    checkout.Record
	events []order.Event
	told   []checkout.Telling
	drops  int

	mu       sync.Mutex
	answers  []int // statuses of the shop, in order; then 204
	header   http.Header
	received []received
	// late says that the order is committed to after it was first read.
	late bool

	// plugin is the adapter of the order's platform, nil: there is none; its
	// shop heard of these events.
	plugin func(in contract.TellInput) (checkout.Told, error)
	heard  []int64
}

func (h *house) TellShop(_ context.Context, _ order.Order, in contract.TellInput) (checkout.Told, bool, error) {
	if h.plugin == nil {
		return checkout.Told{}, false, nil
	}
	h.heard = append(h.heard, in.Event.Number)
	told, err := h.plugin(in)
	told.Account = "woo"
	return told, true, err
}

type received struct {
	header http.Header
	body   []byte
}

func (h *house) Load(context.Context, string) (checkout.Record, error) {
	if h.rec.Order.ID == "" {
		return checkout.Record{}, checkout.ErrNotFound
	}
	rec := h.rec
	if h.late { // what comes between this look and the one at the events
		h.late, h.rec.Order.LastEvent = false, int64(len(h.events))
	}
	return rec, nil
}

func (h *house) Events(_ context.Context, _ string, from int64, limit int) ([]order.Event, error) {
	if from > int64(len(h.events)) {
		return nil, nil
	}
	return h.events[from-1 : min(int64(len(h.events)), from-1+int64(limit))], nil
}

func (h *house) Tell(_ context.Context, t checkout.Telling) error {
	h.told = append(h.told, t)
	h.rec.Told, h.rec.Tries = t.Told, t.Tries
	return nil
}

func (h *house) Drop(context.Context, checkout.Alarm) error { h.drops++; return nil }

type directory struct {
	checkout.Directory
	shop checkout.Shop
}

func (d directory) Shop(string) (checkout.Shop, error) { return d.shop, nil }

func (h *house) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.received = append(h.received, received{r.Header.Clone(), body})
	for name, v := range h.header {
		w.Header()[name] = v
	}
	if len(h.answers) > 0 {
		w.WriteHeader(h.answers[0])
		h.answers = h.answers[1:]
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func newHouse(t *testing.T, types ...order.EventType) (*house, *notice.Teller) {
	t.Helper()
	h := &house{}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	h.rec = checkout.Record{Order: order.Order{ID: orderID, Shop: "demo", NotifyURL: srv.URL + "/notices"}, Version: 1}
	for i, typ := range types {
		h.events = append(h.events, order.Event{Number: int64(i + 1), Type: typ, At: now})
	}
	h.rec.Order.LastEvent = int64(len(types))
	client := egress.New(egress.Options{})
	t.Cleanup(client.Close)
	return h, notice.New(notice.Options{
		Store: h, Sender: client, Clock: func() time.Time { return now }, Logger: slog.New(slog.DiscardHandler),
		Shops: h, View: func(o order.Order, e order.Event) contract.TellInput {
			return contract.TellInput{Event: contract.Event{Number: e.Number, Type: e.Type}, Order: contract.Order{ID: o.ID}}
		},
		Directory: directory{shop: checkout.Shop{ID: "demo", Origins: []string{srv.URL}, NoticeSecrets: secrets, AllowPrivate: true, AllowHTTP: true}},
		Encode: func(o order.Order, e order.Event) (json.RawMessage, json.RawMessage) {
			return json.RawMessage(fmt.Sprintf(`{"number":%d}`, e.Number)), json.RawMessage(fmt.Sprintf(`{"id":%q,"version":%d}`, o.ID, o.LastEvent))
		},
	})
}

func (h *house) tell(t *testing.T, n *notice.Teller) checkout.Telling {
	t.Helper()
	if err := n.Tell(t.Context(), checkout.Alarm{Member: orderID + checkout.TellSuffix}); err != nil {
		t.Fatal(err)
	}
	return h.told[len(h.told)-1]
}

func (h *house) types() []string {
	var list []string
	for _, r := range h.received {
		var p struct{ Type string }
		_ = json.Unmarshal(r.body, &p)
		list = append(list, p.Type)
	}
	return list
}

func TestTell_inOrder_onlyWhatAShopMustHear(t *testing.T) {
	h, n := newHouse(t, order.OrderCreated, order.PaymentReserved, order.OrderPending, order.PaymentChanged, order.OrderPaid)
	end := h.tell(t, n)
	if want := []string{"order.pending", "order.paid"}; !slices.Equal(h.types(), want) {
		t.Errorf("told %v, want %v", h.types(), want)
	}
	if end.Told != 5 || !end.Again.IsZero() || end.Dead {
		t.Errorf("noted %+v", end)
	}
	h.tell(t, n)
	if len(h.received) != 2 {
		t.Error("the shop was told twice")
	}
}

func TestTell_signature_holdsByTheStandardsLibrary_underEachSecret(t *testing.T) {
	h, n := newHouse(t, order.OrderPaid)
	h.tell(t, n)
	r := h.received[0]
	if id := r.header.Get("webhook-id"); id != orderID+".1" {
		t.Errorf("webhook-id %q", id)
	}
	for _, s := range secrets {
		wh, err := standardwebhooks.NewWebhookRaw(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := wh.VerifyIgnoringTimestamp(r.body, r.header); err != nil {
			t.Errorf("secret %q: %v", s[:4], err)
		}
		if err := wh.VerifyIgnoringTimestamp(append(r.body, ' '), r.header); err == nil {
			t.Error("another body is taken too")
		}
	}
	var p struct {
		Type, Timestamp string
		Data            struct{ Event, Order map[string]any }
	}
	if err := json.Unmarshal(r.body, &p); err != nil || p.Data.Event["number"] != 1.0 || p.Data.Order["id"] != orderID || p.Timestamp == "" {
		t.Errorf("body %s", r.body)
	}
}

func TestTell_failure_triesAgainByTheTable(t *testing.T) {
	h, n := newHouse(t, order.OrderPaid)
	h.answers = []int{500, 302, 404, 503, 400, 429, 500, 500, 500, 500, 500}
	// Pauses of the interface's document: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h; then it is given up.
	want := []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}
	for i, d := range want {
		end := h.tell(t, n)
		if pause := end.Again.Sub(now); pause < d || pause > d+d/10+1 || end.Tries != i+1 || end.Told != 0 || end.Dead {
			t.Fatalf("try %d: %+v, pause %s, want %s and at most a tenth more", i+1, end, pause, d)
		}
	}
	if end := h.tell(t, n); !end.Dead {
		t.Errorf("after the last pause: %+v", end)
	}
}

func TestTell_secondEventFails_firstIsNotToldAgain(t *testing.T) {
	h, n := newHouse(t, order.OrderPending, order.OrderPaid)
	h.answers = []int{200, 500}
	end := h.tell(t, n)
	if end.Told != 1 || end.Tries != 1 {
		t.Fatalf("noted %+v", end)
	}
	h.tell(t, n)
	if want := []string{"order.pending", "order.paid", "order.paid"}; !slices.Equal(h.types(), want) {
		t.Errorf("told %v", h.types())
	}
}

func TestTell_gone_givesUpAtOnce(t *testing.T) {
	h, n := newHouse(t, order.OrderPaid)
	h.answers = []int{410}
	if end := h.tell(t, n); !end.Dead {
		t.Errorf("noted %+v", end)
	}
}

func TestTell_retryAfter_isHonoured(t *testing.T) {
	h, n := newHouse(t, order.OrderPaid)
	h.answers, h.header = []int{503}, http.Header{"Retry-After": {"3600"}}
	if end := h.tell(t, n); end.Again.Sub(now) < time.Hour {
		t.Errorf("again in %s", end.Again.Sub(now))
	}
}

func TestTell_noNoticeURL_isToldNothingAndDone(t *testing.T) {
	h, n := newHouse(t, order.OrderPaid)
	h.rec.Order.NotifyURL = ""
	if end := h.tell(t, n); end.Told != 1 || len(h.received) != 0 {
		t.Errorf("noted %+v, %d notices", end, len(h.received))
	}
}

func TestTell_noticeURLOffTheOrigins_isNotSent(t *testing.T) {
	h, n := newHouse(t, order.OrderPaid)
	h.rec.Order.NotifyURL = strings.Replace(h.rec.Order.NotifyURL, "127.0.0.1", "127.0.0.2", 1)
	if end := h.tell(t, n); end.Again.IsZero() || len(h.received) != 0 {
		t.Errorf("noted %+v, %d notices", end, len(h.received))
	}
}

func TestTell_orderGone_dropsTheAlarm(t *testing.T) {
	h, n := newHouse(t, order.OrderPaid)
	h.rec = checkout.Record{}
	if err := n.Tell(t.Context(), checkout.Alarm{Member: orderID + checkout.TellSuffix}); err != nil || h.drops != 1 {
		t.Errorf("%v, %d drops", err, h.drops)
	}
}

// An event that was committed after the order was read is told with the order as
// it is after the event, never as it was before.
func TestTell_orderIsNeverOlderThanItsEvent(t *testing.T) {
	h, n := newHouse(t, order.OrderPending, order.OrderPaid)
	h.rec.Order.LastEvent, h.late = 1, true
	h.tell(t, n)
	for i, r := range h.received {
		var p struct {
			Data struct {
				Event struct{ Number int64 }
				Order struct{ Version int64 }
			}
		}
		if err := json.Unmarshal(r.body, &p); err != nil || p.Data.Order.Version < p.Data.Event.Number {
			t.Errorf("notice %d: event %d with the order after event %d (%v)", i+1, p.Data.Event.Number, p.Data.Order.Version, err)
		}
	}
	if len(h.received) != 2 {
		t.Errorf("%d notices, want 2", len(h.received))
	}
}
