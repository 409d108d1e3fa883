package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// pauses before each delivery of an event: the first at once, the last after
// about three days.
var pauses = []time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

const (
	timeout   = 15 * time.Second
	maxAnswer = 16 << 10
	// longest is the longest pause that a shop may ask for.
	longest = 24 * time.Hour
)

// payload is a notice's body. Event.number orders the notices of an order.
type payload struct {
	Type      order.EventType `json:"type"`
	Timestamp time.Time       `json:"timestamp"`
	Data      struct {
		Event json.RawMessage `json:"event"`
		Order json.RawMessage `json:"order"`
	} `json:"data"`
}

// deliver tells the shop of one event in its own way.
func (t *Teller) deliver(ctx context.Context, o order.Order, e order.Event) Delivered {
	d := Delivered{Order: o.ID, Event: e, URL: o.NotifyURL}
	start, tell := t.o.Clock(), t.notify
	if o.NotifyURL == "" {
		tell = t.tell
	}
	told := tell(ctx, o, e, &d)
	d.Took = t.o.Clock().Sub(start)
	if told && t.o.Delivered != nil {
		t.o.Delivered(d)
	}
	return d
}

// tell has the plugin of the order's platform do it; false: there is none.
func (t *Teller) tell(ctx context.Context, o order.Order, e order.Event, d *Delivered) bool {
	told, ok, err := t.o.Shops.TellShop(ctx, o, t.o.View(o, e))
	d.Account = told.Account
	switch {
	case err != nil:
		d.Error = err.Error()
	case told.Failure != nil:
		d.Error, d.final = told.Failure.Error(), told.Final()
		d.retryAfter = min(time.Duration(told.Failure.RetryAfterMS)*time.Millisecond, longest)
	}
	return ok
}

// notify sends a notice, signed with the shop's secrets: the newest first, then
// the older ones of a rotation.
func (t *Teller) notify(ctx context.Context, o order.Order, e order.Event, d *Delivered) bool {
	answer, err := t.send(ctx, o, e, t.o.Clock())
	switch {
	case err != nil:
		d.Error = err.Error()
	case answer.Error != nil:
		d.Error = answer.Error.Message
	default:
		d.Status = answer.Response.Status
		d.retryAfter = retryAfter(answer.Response.Header("retry-after"), t.o.Clock())
		if !answer.Response.OK() {
			d.Error = fmt.Sprintf("the shop answered %d; it must answer 2xx once it has the notice", d.Status)
		}
	}
	return true
}

func (t *Teller) send(ctx context.Context, o order.Order, e order.Event, now time.Time) (egress.Answer, error) {
	shop, err := t.o.Directory.Shop(o.Shop)
	if err != nil {
		return egress.Answer{}, fmt.Errorf("shop %s: %w", o.Shop, err)
	}
	p := payload{Type: e.Type, Timestamp: e.At}
	p.Data.Event, p.Data.Order = t.o.Encode(o, e)
	body, err := json.Marshal(p)
	if err != nil {
		return egress.Answer{}, fmt.Errorf("encode notice: %w", err)
	}
	return t.post(ctx, shop, outgoing{id: fmt.Sprintf("%s.%d", o.ID, e.Number), url: o.NotifyURL, body: body, at: now, breaker: "shop:" + o.Shop})
}

// outgoing is a notice that is ready but for its signature.
type outgoing struct {
	id, url string
	body    []byte
	at      time.Time
	breaker string
}

// post signs a notice and sends it.
func (t *Teller) post(ctx context.Context, shop checkout.Shop, n outgoing) (egress.Answer, error) {
	if len(shop.NoticeSecrets) == 0 {
		return egress.Answer{}, fmt.Errorf("shop %s has no notice secret; give it one", shop.ID)
	}
	signature, err := sign(shop.NoticeSecrets, n.id, n.at, n.body)
	if err != nil {
		return egress.Answer{}, err
	}
	never := false
	return t.o.Sender.Send(ctx, egress.Outbound{
		Request: contract.Request{
			Method: http.MethodPost, URL: n.url, Body: string(n.body), Effect: contract.Write, Repeat: &never,
			Headers: map[string]string{
				"content-type":                          "application/json",
				standardwebhooks.HeaderWebhookID:        n.id,
				standardwebhooks.HeaderWebhookTimestamp: strconv.FormatInt(n.at.Unix(), 10),
				standardwebhooks.HeaderWebhookSignature: signature,
			},
		},
		Hosts: egress.Origins(shop.Origins, shop.AllowPrivate, shop.AllowHTTP), Timeout: timeout, MaxBody: maxAnswer, Breaker: n.breaker,
	}), nil
}

func sign(secrets [][]byte, id string, now time.Time, body []byte) (string, error) {
	var all string
	for _, secret := range secrets {
		wh, err := standardwebhooks.NewWebhookRaw(secret)
		if err != nil {
			return "", fmt.Errorf("notice secret: %w", err)
		}
		s, err := wh.Sign(id, now, body)
		if err != nil {
			return "", fmt.Errorf("sign notice: %w", err)
		}
		if all != "" {
			all += " "
		}
		all += s
	}
	return all, nil
}

// again decides on the next try: after the table's pause with jitter, or as
// long as the shop asks for. A final failure, 410 and the end of the table give up.
func again(end checkout.Telling, rec checkout.Record, d Delivered, now time.Time) checkout.Telling {
	end.Tries = 1
	if rec.Told == end.Told { // nothing was told this time: the event failed before
		end.Tries = rec.Tries + 1
	}
	if d.final || d.Status == http.StatusGone || end.Tries >= len(pauses) {
		end.Dead = true
		return end
	}
	pause := pauses[end.Tries]
	pause += rand.N(pause/10 + 1) // spread those that failed together
	end.Again = now.Add(max(pause, d.retryAfter))
	return end
}

// retryAfter reads a Retry-After header, at most a day.
func retryAfter(v string, now time.Time) time.Duration {
	if s, err := strconv.Atoi(v); err == nil && s > 0 {
		return min(time.Duration(s)*time.Second, longest)
	}
	if at, err := http.ParseTime(v); err == nil {
		return min(max(0, at.Sub(now)), longest)
	}
	return 0
}
