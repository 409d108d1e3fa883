package host_test

import (
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// A gateway that ends gives back what it was at: the next one tells the shop
// at once, not after the minute for which a claim holds.
func TestRestart_deliveryUnderWay_isToldAtOnceByTheNext(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	opt := options{redis: redis.URL(), stateKey: seal.NewKey().Secret()}
	first := newHouse(t, opt)
	held := alarmsHeld(t, redis)
	o := first.create("r-1")
	first.shop.mu.Lock() // it answers nothing
	newBrowser(t).open(o["checkout_url"].(string)).press("method", "ideal")
	first.until("the delivery is under way", func() bool { return held() == 1 })
	first.stop()
	first.shop.mu.Unlock()
	if n := held(); n != 0 {
		t.Errorf("the gateway that ended still holds %d alarms", n)
	}
	opt.bankAs = first
	began := time.Now()
	h := newHouse(t, opt)
	h.until("the shop is told", func() bool { return count(h.shop.types(), "order.pending") == 1 })
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the shop was told after %s", took)
	}
}

// alarmsHeld counts the alarms that gateways hold.
func alarmsHeld(t *testing.T, redis *redistest.Process) func() int64 {
	c := redis.Client()
	return func() (n int64) {
		t.Helper()
		names, err := c.Keys(t.Context(), "k:*:held").Result()
		for i := 0; err == nil && i < len(names); i++ {
			var more int64
			more, err = c.ZCard(t.Context(), names[i]).Result()
			n += more
		}
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}
