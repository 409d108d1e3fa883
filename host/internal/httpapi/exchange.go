package httpapi

import (
	"net/netip"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// exchange is what is known of the request at hand.
type exchange struct {
	id     string
	began  time.Time
	client netip.Addr
	key    checkout.Key
	// problem and cause say how it ended, where it ended badly.
	problem problemKind
	cause   error
	stack   []byte
}

const exchangeKey = "kassette.httpapi.exchange"

// of gives the exchange of a request. Every route begins with [API.around].
func of(c *gin.Context) *exchange {
	if x, ok := c.Value(exchangeKey).(*exchange); ok {
		return x
	}
	return &exchange{}
}

// Observation is one answered request, for metrics.
type Observation struct {
	Method string
	// Route is the path with its parameters by name, "" where nothing fits.
	Route  string
	Status int
	// Problem is the name of the problem that was answered, or "".
	Problem string
	Took    time.Duration
}
