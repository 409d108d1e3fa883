package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// ordersAt places an order in a platform's shop, whose pay link appears by itself.
func (b *tab) ordersAt(platform string) (order string) {
	b.t.Helper()
	b.open("http://" + b.w.shop + "/platforms")
	count := `document.querySelectorAll('li[data-platform=` + platform + `]').length`
	before := ask[int](b, count)
	b.press(`form[action="/platforms/` + platform + `/orders"] button`)
	b.until(count + ` > ` + strconv.Itoa(before))
	order = ask[string](b, `document.querySelector('li[data-platform=`+platform+`]').dataset.order`)
	b.shows(platform, order, `.querySelector('.pay') !== null`)
	return order
}

// shows waits for something to be true of an order, looking anew where there is
// no script that does.
func (b *tab) shows(platform, order, condition string) {
	b.t.Helper()
	li := `document.querySelector('li[data-platform="` + platform + `"][data-order="` + order + `"]')`
	b.until(`(document.activeElement.blur(), ` + li + ` !== null && ` + li + condition + `)`)
}

// referenceOf is a shop's order at the gateway.
func (w *world) referenceOf(t *testing.T, platform, order string) (id, status string, amount, captured int64) {
	t.Helper()
	var list struct {
		Items []struct {
			ID, Status       string
			Reference        string
			Metadata         map[string]string
			Amount, Captured struct{ Value int64 }
		}
	}
	w.call(t, http.MethodGet, "http://"+w.gateway+"/v1/orders?limit=100", nil, &list)
	for _, o := range list.Items {
		if o.Metadata["platform"] == platform && (o.Metadata["order_id"] == order || o.Reference == order) {
			return o.ID, o.Status, o.Amount.Value, o.Captured.Value
		}
	}
	t.Fatalf("the gateway has no order %s of %s", order, platform)
	return "", "", 0, 0
}

// TestPlatforms has consumers order in shops in which nothing of Kassette's is
// installed: the adapter reads the order and writes the pay link, the payment
// and a refund into it; an order that the shop cancels cannot be paid any more.
func TestPlatforms(t *testing.T) {
	w := theDemo(t)
	for platform, states := range map[string]struct{ paid, refunded, cancelled string }{
		"woocommerce": {"processing", "refunded", "cancelled"},
		"magento":     {"processing", "closed", "canceled"},
	} {
		for _, l := range []look{phone, desk} {
			t.Run(platform+" "+l.String(), func(t *testing.T) {
				b := w.newTab(t, l)
				order := b.ordersAt(platform)
				if ask[bool](b, `document.documentElement.scrollWidth > innerWidth`) {
					t.Error("the page is wider than the window")
				}
				b.press(`li[data-platform=` + platform + `][data-order="` + order + `"] .pay`)
				b.arrives(w.gateway, "/pay/")
				byRedirect(b, way{method: "paypal", provider: "paypal"}).decide("success")
				b.arrives(w.shop, "/platforms")
				b.shows(platform, order, `.dataset.state === '`+states.paid+`'`)
				id, status, amount, captured := w.referenceOf(t, platform, order)
				if status != "paid" || captured != amount {
					t.Errorf("the gateway says %s, %d of %d", status, captured, amount)
				}
				w.call(t, http.MethodPost, "http://"+w.gateway+"/v1/orders/"+id+"/refunds", map[string]any{}, nil)
				b.shows(platform, order, `.dataset.state === '`+states.refunded+`'`)
				if n := ask[int](b, `[...document.querySelectorAll('li[data-order="`+order+`"] p')].filter(p => p.textContent.startsWith('Refunded')).length`); n != 1 {
					t.Errorf("the shop has %d refunds, want 1", n)
				}

				other := b.ordersAt(platform)
				link := ask[string](b, `document.querySelector('li[data-order="`+other+`"] .pay').href`)
				b.press(`li[data-platform=` + platform + `][data-order="` + other + `"] button[aria-label^=Cancel]`)
				b.shows(platform, other, `.dataset.state === '`+states.cancelled+`'`)
				eventually(t, "the order is cancelled", func() bool {
					_, status, _, _ := w.referenceOf(t, platform, other)
					return status == "cancelled"
				})
				b.open(link)
				if b.count(`button[name=method]`) > 0 {
					t.Error("a cancelled order can still be paid")
				}
				if foreign := b.foreign(); len(foreign) > 0 {
					t.Errorf("asked elsewhere: %s", strings.Join(foreign, " "))
				}
			})
		}
	}
}
