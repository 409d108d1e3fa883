package telemetry

import (
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Round implements [call.Observer].
func (s *Story) Round(c checkout.Call, r call.Round) {
	e := begin(c, KindRound, fmt.Sprintf("%s, round %d", c.Export, r.Number))
	e.Fuel, e.Micros, e.Error = r.Fuel, r.Elapsed.Microseconds(), r.Error
	detail := map[string]any{"round": r.Number, "requests": r.Asked}
	if r.Number == 1 && len(c.Input) > 0 {
		detail["input"] = c.Input
	}
	e.Detail = detail
	s.ofCall(c.ID, c.Order, e)
}

// Exchanged implements [call.Observer].
func (s *Story) Exchanged(c checkout.Call, x call.Exchanged) {
	r := x.Exchange.Request
	e := begin(c, KindRequest, r.Method+" "+withoutQuery(r.URL))
	e.At, e.Micros = x.Exchange.At, x.Took.Microseconds()
	detail := map[string]any{"request": message(r.Headers, r.Bytes()), "effect": r.Effective(), "attempts": x.Attempts}
	if x.Exchange.Response != nil {
		e.Status = x.Exchange.Response.Status
		detail["response"] = message(x.Exchange.Response.Headers, x.Exchange.Response.Bytes())
	}
	if x.Exchange.Error != nil {
		e.Error = x.Exchange.Error.Error()
	}
	if x.Cached {
		detail["cached"] = true
	}
	e.Detail = detail
	s.ofCall(c.ID, c.Order, e)
}

// Finished implements [call.Observer].
func (s *Story) Finished(c checkout.Call, ended checkout.Ended, took time.Duration) {
	e := begin(c, KindCall, fmt.Sprintf("%s ended", c.Export))
	e.Micros = took.Microseconds()
	detail := map[string]any{"outcome": ended.Outcome}
	if ended.Failure != nil {
		e.Error, detail["failure"] = ended.Failure.Error(), ended.Failure
	} else if len(ended.Result) > 0 {
		detail["result"] = ended.Result
	}
	e.Detail = detail
	s.ofCall(c.ID, c.Order, e)
}

// Delivered adds a delivery of an event to the shop.
func (s *Story) Delivered(order, event, target string, status int, failure string, took time.Duration) {
	s.Record(order, Entry{
		Kind: KindDelivery, Title: event + " → " + withoutQuery(target), Status: status, Error: failure, Micros: took.Microseconds(),
	})
}

// Page adds a page that the consumer saw.
func (s *Story) Page(order, page string) { s.Record(order, Entry{Kind: KindPage, Title: page}) }

func begin(c checkout.Call, kind Kind, title string) Entry {
	return Entry{Kind: kind, Title: title, Plugin: c.Plugin.Name + "@" + c.Plugin.Version, Export: string(c.Export)}
}

// message shows headers and a body, as JSON where it is.
func message(headers any, body []byte) map[string]any {
	m := map[string]any{"headers": headers}
	switch {
	case len(body) == 0:
	case json.Valid(body):
		m["body"] = json.RawMessage(body)
	default:
		m["body"] = string(body)
	}
	return m
}

func withoutQuery(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "a URL that cannot be read"
	}
	u.RawQuery, u.Fragment, u.User = "", "", nil
	return u.String()
}

var _ call.Observer = (*Story)(nil)
