package telemetry

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Round implements [call.Observer].
func (s *Story) Round(c checkout.Call, r call.Round) {
	e := begin(c, KindRound, fmt.Sprintf("%s %s, round %d", c.Plugin.Name, c.Export, r.Number))
	e.Fuel, e.Micros = r.Fuel, r.Elapsed.Microseconds()
	switch {
	case r.Error != "":
		e.Status = r.Error
	case r.Asked > 0:
		e.Status = fmt.Sprintf("asks for %d", r.Asked)
	default:
		e.Status = "done"
	}
	if r.Number == 1 {
		e.Detail = map[string]any{"input": c.Input}
	}
	s.callEntry(c.ID, c.Order, e)
}

// Exchanged implements [call.Observer].
func (s *Story) Exchanged(c checkout.Call, x call.Exchanged) {
	r := x.Exchange.Request
	e := begin(c, KindRequest, r.Method+" "+withoutQuery(r.URL))
	e.At, e.Micros = x.Exchange.At, x.Took.Microseconds()
	detail := map[string]any{"request": message(r.Headers, r.Bytes()), "effect": r.Effective(), "attempts": x.Attempts}
	switch {
	case x.Exchange.Response != nil:
		e.Status = strconv.Itoa(x.Exchange.Response.Status)
		detail["response"] = message(x.Exchange.Response.Headers, x.Exchange.Response.Bytes())
	case x.Exchange.Error != nil:
		e.Status = string(x.Exchange.Error.Kind)
		detail["error"] = x.Exchange.Error
	}
	if x.Cached {
		e.Status += ", cached"
	}
	e.Detail = detail
	s.callEntry(c.ID, c.Order, e)
}

// Finished implements [call.Observer].
func (s *Story) Finished(c checkout.Call, ended checkout.Ended, took time.Duration) {
	e := begin(c, KindRound, fmt.Sprintf("%s %s ended", c.Plugin.Name, c.Export))
	e.At, e.Micros, e.Status = ended.At, took.Microseconds(), "done"
	detail := map[string]any{"outcome": ended.Outcome}
	if ended.Failure != nil {
		e.Status, detail["failure"] = string(ended.Failure.Code), ended.Failure
	} else {
		detail["result"] = ended.Result
	}
	e.Detail = detail
	s.callEntry(c.ID, c.Order, e)
}

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

// outcomeUnknown is the outcome that an operator must hear of.
const outcomeUnknown = order.OutcomeUnknown

var (
	_ call.Observer  = (*Story)(nil)
	_ json.Marshaler = json.RawMessage(nil)
	_                = contract.Exchange{}
)
