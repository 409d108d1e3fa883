package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// inEveryLook makes a journey on a phone and at a desk, with script and without.
func inEveryLook(t *testing.T, journey func(t *testing.T, b *tab)) {
	t.Helper()
	w := theDemo(t)
	for _, l := range looks() {
		t.Run(l.String(), func(t *testing.T) {
			b := w.newTab(t, l)
			journey(t, b)
			if foreign := b.foreign(); len(foreign) > 0 {
				t.Errorf("requests to others: %v", foreign)
			}
		})
	}
}

// thanked checks that the consumer is thanked and the parcel packed once.
func (b *tab) thanked(t *testing.T) {
	t.Helper()
	b.arrives(b.w.shop, "/thanks")
	b.reads("Dank je wel!")
	b.press(`a[href^="/orders/"]`)
	b.packed(t)
}

// packed waits on the shop's page of an order until it was told once that the
// order is paid. Without script a page of a paid order stays as it was loaded.
func (b *tab) packed(t *testing.T) {
	t.Helper()
	b.arrives(b.w.shop, "/orders/")
	at := b.where()
	eventually(t, "the parcel is packed once", func() bool {
		b.open(at)
		return ask[bool](b, `document.body.innerText.split("Betaald: het pakje is ingepakt.").length === 2`)
	})
}

func TestJourney_paid(t *testing.T) {
	inEveryLook(t, func(t *testing.T, b *tab) {
		id := b.order()
		b.reads("€\u00a035,40")
		b.choose("ideal")
		b.decide("success")
		b.thanked(t)
		if o := b.w.order(t, id); o.Status != "paid" || len(o.Payments) != 1 {
			t.Errorf("got %+v", o)
		}
		b.open("http://" + b.w.shop + "/?lang=nl")
		b.reads("Je mandje is nog leeg")
	})
}

func TestJourney_cancelledThenPaid(t *testing.T) {
	inEveryLook(t, func(t *testing.T, b *tab) {
		id := b.order()
		b.choose("ideal")
		b.decide("cancelled")
		b.reads("Je hebt de betaling gestopt.")
		b.reads("Er is niets afgeschreven.")
		b.choose("ideal")
		b.decide("success")
		b.thanked(t)
		if o := b.w.order(t, id); o.Status != "paid" || len(o.Payments) != 2 {
			t.Errorf("got %+v, want paid at the second attempt", o)
		}
	})
}

func TestJourney_expired(t *testing.T) {
	inEveryLook(t, func(t *testing.T, b *tab) {
		id := b.order()
		b.choose("ideal")
		b.decide("expired")
		b.reads("De tijd om te betalen was voorbij.")
		b.press(`.back a`)
		b.arrives(b.w.shop, "/")
		b.reads("is nog niet betaald. Je mandje staat nog klaar.")
		if o := b.w.order(t, id); o.Status != "open" {
			t.Errorf("got %s, want open: the consumer may try again", o.Status)
		}
	})
}

func TestJourney_openThenPaid(t *testing.T) {
	inEveryLook(t, func(t *testing.T, b *tab) {
		id := b.order()
		b.choose("ideal")
		b.decide("open")
		b.reads("Je bank heeft nog niet geantwoord")
		b.w.simulate(t, "/next", map[string]string{"order": b.w.order(t, id).Payments[0].ProviderReference, "outcome": "success"})
		b.thanked(t) // the page that waits goes on by itself
	})
}

func TestJourney_neverReturns(t *testing.T) {
	inEveryLook(t, func(t *testing.T, b *tab) {
		id := b.order()
		b.choose("ideal")
		form := url.Values{"outcome": {"success"}}
		for _, name := range []string{"token", "lang", "brand"} {
			form.Set(name, ask[string](b, `document.querySelector("[name=`+name+`]").value`))
		}
		at := ask[string](b, `document.querySelector("button[name=outcome]").form.action`)
		b.open("about:blank") // the phone's battery is empty, the window is closed
		client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		resp, err := client.PostForm(at, form)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil || resp.StatusCode/100 != 3 {
			t.Fatalf("the bank answered %s (%v), want a redirect that nobody follows", resp.Status, err)
		}
		eventually(t, "the webhook alone pays the order", func() bool { return b.w.order(t, id).Status == "paid" })
		o := b.w.order(t, id)
		b.open("http://" + b.w.shop + "/orders/" + o.Reference + "?lang=nl")
		b.packed(t)
		b.open(o.Checkout) // and the link of a mail says the same, days later
		b.reads("Betaald")
		if b.count(`button[name=method]`) > 0 {
			t.Error("a paid order can be paid again")
		}
	})
}

func TestJourney_twoTabs(t *testing.T) {
	inEveryLook(t, func(t *testing.T, b *tab) {
		id := b.order()
		l := phone
		l.noScript = strings.Contains(t.Name(), "without_script")
		other := b.beside(l)
		other.open(b.where())
		other.reads("Hoe wil je betalen?")
		b.choose("ideal")
		other.choose("ideal")
		if o := b.w.order(t, id); len(o.Payments) != 1 {
			t.Fatalf("two tabs made %d payments", len(o.Payments))
		}
		b.decide("success")
		b.thanked(t)
		other.open(b.w.order(t, id).Checkout)
		other.reads("Betaald")
		if other.count(`button[name=method]`) > 0 {
			t.Error("a paid order can be paid again")
		}
	})
}

func (b *tab) count(selector string) int {
	b.t.Helper()
	return ask[int](b, `document.querySelectorAll(`+quote(selector)+`).length`)
}

func TestJourney_doubleClick(t *testing.T) {
	inEveryLook(t, func(t *testing.T, b *tab) {
		id := b.order()
		b.pressTwice(`button[name=method][value=ideal]`)
		b.arrives(b.w.simulator, "/omnikassa/")
		b.decide("success")
		b.thanked(t)
		if o := b.w.order(t, id); len(o.Payments) != 1 {
			t.Errorf("a double click made %d payments", len(o.Payments))
		}
	})
}

func TestJourney_doubleClickOnOrder(t *testing.T) {
	inEveryLook(t, func(_ *testing.T, b *tab) {
		b.fill("nl")
		b.pressTwice(`#order`)
		b.arrives(b.w.gateway, "/pay/")
		b.reads("Hoe wil je betalen?")
	})
}

func TestJourney_backButton(t *testing.T) {
	inEveryLook(t, func(t *testing.T, b *tab) {
		id := b.order()
		b.choose("ideal")
		b.goBack()
		b.arrives(b.w.gateway, "/pay/")
		b.until(`document.querySelector("button[name=method]:not([aria-disabled])") !== null`)
		b.choose("ideal")
		if o := b.w.order(t, id); len(o.Payments) != 1 {
			t.Errorf("back and again made %d payments", len(o.Payments))
		}
		b.decide("success")
		b.thanked(t)
	})
}

func TestJourney_backToTheShop(t *testing.T) {
	w := theDemo(t)
	b := w.newTab(t, phone)
	b.order()
	b.press(`.back a`)
	b.arrives(w.shop, "/")
	b.reads("is nog niet betaald")
	b.press(`.news .button`)
	b.arrives(w.gateway, "/pay/")
	b.choose("ideal")
	b.decide("success")
	b.thanked(t)
}

func TestJourney_storyFills(t *testing.T) {
	w := theDemo(t)
	b := w.newTab(t, desk)
	id := b.order()
	story := b.beside(desk)
	story.open("http://" + w.shop + "/story?order=" + id)
	story.reads("The consumer chooses")
	if lit := story.count(".way .lit"); lit != 2 {
		t.Errorf("%d stations are lit before a payment, want two", lit)
	}
	b.choose("ideal")
	b.decide("success")
	b.thanked(t)
	story.until(`document.querySelectorAll(".way .lit").length === 6`)
	story.reads("The shop is told")
	story.press(`section.start li.request summary`)
	story.reads("merchantReturnURL")
	story.until(`document.querySelector("section.start li.request pre mark").textContent === "***"`)
	secrets := []string{strings.SplitN(w.order(t, id).Checkout, ".", 5)[4], "eyJ"}
	whole := ask[string](story, `document.documentElement.outerHTML`)
	for _, secret := range secrets {
		if strings.Contains(whole, secret) {
			t.Errorf("the story tells %q", secret)
		}
	}
}
