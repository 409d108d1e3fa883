package main

import (
	"math"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// box is a logo on the choice page, in CSS pixels from the page's corner.
type box struct {
	Method                  string
	X, Y, W, H              float64 // of the picture
	BoxX, BoxY, BoxW, BoxH  float64 // of what it stands in
	Drawn, InSight, Covered bool
	Kind                    string // of the picture: its address up to the data
}

const boxes = `[...document.querySelectorAll("button[name=method]")].map(b => {
	const box = b.querySelector(".logo"), img = box.querySelector("img");
	img.scrollIntoView({block: "center"});
	const i = img.getBoundingClientRect(), o = box.getBoundingClientRect(), r = b.getBoundingClientRect();
	return {Method: b.value, X: i.x, Y: i.y + scrollY, W: i.width, H: i.height, BoxX: o.x, BoxY: o.y + scrollY, BoxW: o.width, BoxH: o.height,
		Drawn: img.complete && img.naturalWidth > 0,
		InSight: i.left >= r.left && i.right <= r.right && i.top >= r.top && i.bottom <= r.bottom && i.left >= 0 && i.right <= innerWidth,
		Covered: box.textContent !== "" || box.children.length !== 1 || [.1, .5, .9].some(x => [.1, .5, .9].some(y =>
			document.elementFromPoint(i.x + i.width * x, i.y + i.height * y) !== img)),
		Kind: img.src.split(",")[0]};
})`

// TestLogos measures the logos: all in one box of 64 by 40, under each other,
// with nothing in or over them, in the fixed order.
func TestLogos(t *testing.T) {
	w := theDemo(t)
	for currency, order := range map[string]string{
		"EUR": "ideal mastercard visa maestro vpay bancontact paypal card terminal", "SEK": "paypal card terminal", "RUB": "robokassa",
	} {
		for _, l := range []look{phone, desk} {
			t.Run(currency+" "+l.String(), func(t *testing.T) {
				_, checkout := w.place(t, currency, "nl")
				b := w.newTab(t, l)
				b.open(checkout)
				b.until(`document.readyState === "complete" && [...document.images].every(i => i.complete)`)
				list := ask[[]box](b, boxes)
				var methods []string
				for i, x := range list {
					methods = append(methods, x.Method)
					if !samePixel(x.W, 64) || !samePixel(x.H, 40) || !samePixel(x.BoxW, 64) || !samePixel(x.BoxH, 40) || !samePixel(x.X, x.BoxX) || !samePixel(x.Y, x.BoxY) {
						t.Errorf("%s: got %+v, want 64 by 40", x.Method, x)
					}
					if !x.Drawn || !x.InSight || x.Covered || x.Kind != "data:image/svg+xml;base64" {
						t.Errorf("%s: got %+v, want it drawn, in sight and not covered", x.Method, x)
					}
					if i > 0 && (!samePixel(x.X, list[i-1].X) || x.Y < list[i-1].Y+40) {
						t.Errorf("%s does not stand under %s: %+v, %+v", x.Method, list[i-1].Method, x, list[i-1])
					}
				}
				if got := strings.Join(methods, " "); got != order {
					t.Errorf("got %s, want %s", got, order)
				}
			})
		}
	}
}

// samePixel says whether two lengths are the same within a pixel.
func samePixel(a, b float64) bool { return math.Abs(a-b) <= 1 }

// TestTip has a tip entered on the terminal: order, result page, receipt and
// statement have it.
func TestTip(t *testing.T) {
	w := theDemo(t)
	began := time.Now().UTC().Truncate(time.Second)
	tips := map[string]any{"tip": map[string]any{"enabled": true, "max_percent": 100}} // a terminal comes without
	w.call(t, http.MethodPut, "http://"+w.simulator+"/terminal/sandbox/terminals/80000091", tips, nil)
	id, checkout := w.place(t, "SEK", "nl")
	b := w.newTab(t, phone)
	b.open(checkout)
	at := atTerminal(b, ways[slices.IndexFunc(ways, func(m way) bool { return m.method == "terminal" })])
	at.do("enter the total", chromedp.Do(at.ctx, chromedp.SendKeys(chromedp.CSS(`#total`), "450")))
	at.decide("success")
	at.reads("Approved: 450.00 SEK")
	b.thanked(t)
	o := w.order(t, id)
	if o.Status != "paid" || o.Captured != (money{45000, "SEK"}) || o.Tip != (money{4700, "SEK"}) {
		t.Errorf("got %+v, want 450 with a tip of 47", o)
	}

	b.open(o.Checkout)
	b.lists(t, "table.sums", [][2]string{{"Bedrag van de bestelling", "kr 403,00"}, {"Fooi", "kr 47,00"}, {"Totaal betaald", "kr 450,00"}})
	b.press(`a[href*="/receipt/"]`)
	b.until(`document.querySelector(".slip") !== null`)
	b.lists(t, ".slip .sums", [][2]string{{"Bedrag van de bestelling", "kr 403,00"}, {"Fooi", "kr 47,00"}, {"Totaal betaald", "kr 450,00"}})
	for _, text := range []string{"TEST: dit is geen betaalbewijs", "KASSETTE TEST", "Extra 47,00 SEK", "Total 450,00 SEK", o.Reference} {
		b.reads(text)
	}

	type line struct {
		Order, Type string
		Amount, Tip money
	}
	var statement struct{ Items []line }
	q := url.Values{"from": {began.Format(time.RFC3339)}, "to": {began.Add(time.Hour).Format(time.RFC3339)}}
	w.call(t, http.MethodGet, "http://"+w.gateway+"/v1/statement?"+q.Encode(), nil, &statement)
	lines := slices.DeleteFunc(statement.Items, func(l line) bool { return l.Order != id })
	if want := (line{id, "capture", o.Captured, o.Tip}); !slices.Equal(lines, []line{want}) {
		t.Errorf("the statement has %+v, want %+v", lines, want)
	}
}

// lists checks the rows of a table.
func (b *tab) lists(t *testing.T, table string, want [][2]string) {
	t.Helper()
	b.until(`document.querySelector(` + quote(table) + `) !== null`)
	got := ask[[][2]string](b, `[...document.querySelectorAll(`+quote(table+" tr")+`)].map(r => [...r.cells].map(c => c.innerText.replace(/\u00a0/g, " ").trim()))`)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", table, got, want)
	}
}

// cut are the texts that stand out of the page, or out of a box that hides what
// is outside it.
const cut = `(() => {
	const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n = walk.nextNode(); n; n = walk.nextNode()) {
		if (!n.data.trim() || !n.parentElement.checkVisibility({visibilityProperty: true})) continue;
		const r = document.createRange();
		r.selectNodeContents(n);
		for (const c of r.getClientRects()) {
			let out = c.left < -1 || c.right > document.documentElement.clientWidth + 1;
			for (let e = n.parentElement; e; e = e.parentElement) {
				const s = getComputedStyle(e), o = e.getBoundingClientRect();
				if (s.overflowX !== "visible" && e !== document.documentElement && e !== document.body)
					out ||= c.left < o.left - 1 || c.right > o.right + 1 || c.top < o.top - 1 || c.bottom > o.bottom + 1;
			}
			if (out) found.push(n.data.trim());
		}
	}
	return found;
})()`

// TestBulgarian looks at the gateway's pages in Bulgarian on a phone of 360 px.
func TestBulgarian(t *testing.T) {
	w, axe := theDemo(t), readAxe(t)
	b := w.newTab(t, phone)
	fits := func(page, heading string) {
		t.Helper()
		b.until(`document.querySelector("h1")?.innerText === ` + quote(heading))
		if lang := ask[string](b, `document.documentElement.lang`); lang != "bg" {
			t.Errorf("%s is in %q", page, lang)
		}
		if width := ask[int](b, `document.documentElement.scrollWidth`); width > 360 {
			t.Errorf("%s is %d px wide", page, width)
		}
		if texts := ask[[]string](b, cut); len(texts) > 0 {
			t.Errorf("%s cuts %q", page, texts)
		}
		if axe != "" {
			b.accessible(t, page, axe)
		}
	}
	id, checkout := w.place(t, "EUR", "bg")
	b.open(checkout)
	b.reads("35,40\u00a0€")
	fits("the choice", "Как искате да платите?")
	b.press(`.lines summary`)
	fits("the choice with the lines", "Как искате да платите?")
	b.choose("ideal")
	b.decide("open")
	b.arrives(w.gateway, "/pay/")
	fits("the waiting page", "Банката Ви още не е отговорила")
	w.simulate(t, "/next", map[string]string{"order": w.order(t, id).Payments[0].ProviderReference, "outcome": "success"})
	b.arrives(w.shop, "/thanks")
	b.reads("Благодарим Ви!")
	b.open(checkout)
	fits("the result", "Платено")
	b.press(`a[href*="/receipt/"]`)
	fits("the receipt", "Разписка")

	_, checkout = w.place(t, "RUB", "bg")
	b.open(checkout)
	b.press(`button[name=method][value=robokassa]`)
	fits("the options", "С какво искате да платите?")
	if !ask[bool](b, `document.querySelector(".chosen .name").getBoundingClientRect().left >= document.querySelector(".chosen .logo").getBoundingClientRect().right`) {
		t.Error("the chosen method's name does not stand beside its logo")
	}
	b.do("search", chromedp.Do(b.ctx, chromedp.SendKeys(chromedp.CSS(`#q`), "nothing like this")))
	b.reads("Нищо не е намерено")
	fits("the options with none found", "С какво искате да платите?")
}
