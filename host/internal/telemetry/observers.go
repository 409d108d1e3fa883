package telemetry

import (
	"time"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Observers tells each of several observers.
type Observers []call.Observer

// Round implements [call.Observer].
func (o Observers) Round(c checkout.Call, r call.Round) {
	for _, each := range o {
		each.Round(c, r)
	}
}

// Exchanged implements [call.Observer].
func (o Observers) Exchanged(c checkout.Call, x call.Exchanged) {
	for _, each := range o {
		each.Exchanged(c, x)
	}
}

// Finished implements [call.Observer].
func (o Observers) Finished(c checkout.Call, e checkout.Ended, took time.Duration) {
	for _, each := range o {
		each.Finished(c, e, took)
	}
}

var _ call.Observer = Observers(nil)
