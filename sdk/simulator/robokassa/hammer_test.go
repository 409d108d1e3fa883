package robokassa

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Many buyers at once, while the clock moves and the books are read: each
// payment is paid and told once.
func TestHammer(t *testing.T) {
	t.Parallel()
	const buyers = 24
	d := open(t)
	var all sync.WaitGroup
	for i := range buyers {
		all.Go(func() {
			number := fmt.Sprint(100 + i)
			form := url.Values{"MerchantLogin": {"plughost-demo"}, "OutSum": {"90.00"}, "InvId": {number}, "SignatureValue": {md5of("plughost-demo", "90.00", number, "Adm1n-pass-one")}}
			for range 2 { // a reload
				d.call("POST", "/Merchant/Index.aspx", form.Encode())
			}
			d.sim.Books()
			if err := d.sim.Settle(int64(100+i), Success); err != nil {
				t.Error(err)
			}
			if err := d.sim.Settle(int64(100+i), Success); err == nil {
				t.Errorf("%s is paid twice", number)
			}
			if body := d.state(int64(100 + i)); !strings.Contains(body, "<Code>100</Code>") {
				t.Errorf("%s is %s", number, body)
			}
			if err := d.sim.MoveClock(t.Context(), time.Second); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	d.pass(time.Minute)
	told := map[string]int{}
	for _, m := range d.shop.take() {
		told[m.form.Get("InvId")]++
	}
	if len(told) != buyers || len(d.sim.Books().Payments) != buyers {
		t.Errorf("%d of %d payments are told", len(told), buyers)
	}
	for number, times := range told {
		if times != 1 {
			t.Errorf("%s is told %d times", number, times)
		}
	}
}
