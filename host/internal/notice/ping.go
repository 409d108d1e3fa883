package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// PingType is the type of a notice that tells nothing. It is signed like any
// other, and holds no order: who takes notices answers it and does nothing.
const PingType = "ping"

// Pinged is what came of a ping.
type Pinged struct {
	// Status is 0 where there was no answer; Kind and Error then say why.
	Status int
	Kind   string
	Error  string
	// Location is where a redirect leads.
	Location string
	// Body is how the answer begins.
	Body string
	// Ahead is by how much the shop's clock is ahead of the gateway's, to the
	// second; HasClock says that it told the time.
	Ahead    time.Duration
	HasClock bool
}

// maxSaid is how much of an answer is kept, in bytes.
const maxSaid = 200

// Ping sends a shop a notice that tells nothing. The breaker of its deliveries
// hears nothing of it.
func (t *Teller) Ping(ctx context.Context, shop checkout.Shop, url string) (Pinged, error) {
	began := t.o.Clock()
	body, err := json.Marshal(map[string]any{"type": PingType, "timestamp": began.UTC(), "data": map[string]any{}})
	if err != nil {
		return Pinged{}, fmt.Errorf("encode notice: %w", err)
	}
	id := PingType + "_" + checkout.NewSecret()
	answer, err := t.post(ctx, shop, outgoing{id: id, url: url, body: body, at: began})
	if err != nil {
		return Pinged{}, err
	}
	r := answer.Response
	if r == nil {
		return Pinged{Kind: string(answer.Error.Kind), Error: answer.Error.Message}, nil
	}
	p := Pinged{Status: r.Status, Location: r.Header("location"), Body: string(r.Bytes()[:min(len(r.Bytes()), maxSaid)])}
	if at, err := http.ParseTime(r.Header("date")); err == nil {
		// A header has whole seconds, and the answer was made at some time since.
		ended := t.o.Clock()
		switch {
		case at.After(ended):
			p.Ahead = at.Sub(ended)
		case at.Add(time.Second).Before(began):
			p.Ahead = at.Add(time.Second).Sub(began)
		}
		p.Ahead, p.HasClock = p.Ahead.Round(time.Second), true
	}
	return p, nil
}
