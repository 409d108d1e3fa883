package bench

import (
	"fmt"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// turns says how many orders a caller makes before it is the peer's turn.
var turns = map[int]int{1: 40, 16: 15}

// BenchmarkAnnounce makes orders and announces them at the bank, through the
// gateway and through the plain handler, in turns. Its loop is one pair.
func BenchmarkAnnounce(b *testing.B) {
	server := redistest.Server(b)
	at := newBank(b)
	g := newGateway(b, server.Addr(), at)
	g.run(b)
	plain := newPlain(b, server.URL(), at)
	for _, n := range []int{1, 16} {
		b.Run(fmt.Sprintf("callers=%d", n), func(b *testing.B) {
			c := newCallers(b, n)
			sides := [2]side{{url: g.url + "/v1/orders"}, {url: plain + "/v1/orders"}}
			for i := range sides { // connections, tokens and code are warm
				c.announce(b, sides[i].url, 5)
			}
			var ratios []float64
			for i := 0; b.Loop(); i++ {
				for turn := range sides { // who is first changes
					s := &sides[(i+turn)%2]
					whole, each := c.announce(b, s.url, turns[n])
					s.rates = append(s.rates, float64(len(each))/whole.Seconds())
					s.took, s.last = append(s.took, each...), whole
				}
				ratios = append(ratios, float64(sides[0].last)/float64(sides[1].last))
			}
			b.ReportMetric(0, "ns/op") // that of a pair says nothing
			sides[0].report(b, "")
			sides[1].report(b, "plain-")
			b.ReportMetric(median(ratios), "x-plain")
		})
	}
}

// side is the gateway or its peer.
type side struct {
	url   string
	rates []float64
	took  []time.Duration
	last  time.Duration
}

func (s *side) report(b *testing.B, prefix string) {
	b.ReportMetric(median(s.rates), prefix+"orders/s")
	b.ReportMetric(millis(quantile(s.took, 0.5)), prefix+"p50-ms")
	b.ReportMetric(millis(quantile(s.took, 0.99)), prefix+"p99-ms")
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
