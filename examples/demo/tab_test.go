package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// look is how a consumer looks at pages.
type look struct {
	width, height int64
	zoom          int64 // in hundreds; 0 is 1
	noScript      bool
	dark          bool
}

func (l look) String() string {
	s := fmt.Sprintf("%dpx", l.width)
	if l.noScript {
		s += " without script"
	}
	if l.dark {
		s += " dark"
	}
	return s
}

var (
	phone = look{width: 360, height: 740}
	desk  = look{width: 1280, height: 800}
)

// looks are those in which every journey is made.
func looks() []look {
	var all []look
	for _, l := range []look{phone, desk} {
		without := l
		without.noScript = true
		all = append(all, l, without)
	}
	return all
}

// tab is a browser's tab.
type tab struct {
	t        *testing.T
	w        *world
	ctx      context.Context
	noScript bool

	mu   sync.Mutex
	went []string // every address that was asked for
}

// newTab opens a tab in a browser of its own: no cookies of other tests.
func (w *world) newTab(t *testing.T, l look) *tab {
	t.Helper()
	return w.tabIn(t, l, w.browser, chromedp.WithNewBrowserContext())
}

// beside opens a second tab in the same browser.
func (b *tab) beside(l look) *tab {
	b.t.Helper()
	return b.w.tabIn(b.t, l, b.ctx)
}

func (w *world) tabIn(t *testing.T, l look, parent context.Context, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	ctx, stop := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(func() { stop(); cancel() })
	b := &tab{t: t, w: w, ctx: ctx}
	b.do("open a tab", chromedp.Do(ctx))
	b.do("listen", chromedp.Listen(ctx, b.hear))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	b.do("listen to the network", err)
	b.look(l)
	return b
}

func (b *tab) look(l look) {
	b.t.Helper()
	zoom := max(1, l.zoom)
	_, err := chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: l.width / zoom, Height: l.height / zoom, DeviceScaleFactor: float64(zoom), Mobile: l.width < 600,
	})
	b.do("set the width", err)
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	_, err = chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	b.do("set the colours", err)
	_, err = chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: l.noScript})
	b.do("switch script", err)
	b.noScript = l.noScript
}

func (b *tab) hear(ev any) {
	if e, ok := ev.(*network.EventRequestWillBeSent); ok {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.went = append(b.went, e.Request.URL)
	}
}

// foreign lists requests to anybody but the demo.
func (b *tab) foreign() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []string
	for _, raw := range b.went {
		u, err := url.Parse(raw)
		if err != nil || u.Scheme != "data" && !slices.Contains([]string{b.w.gateway, b.w.simulator, b.w.shop}, u.Host) {
			list = append(list, raw)
		}
	}
	return list
}

func (b *tab) do(what string, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

func (b *tab) open(address string) {
	b.t.Helper()
	b.do("open "+address, chromedp.Do(b.ctx, chromedp.Navigate(address)))
}

// press clicks as a finger does: in the middle of what it sees.
func (b *tab) press(selector string) {
	b.t.Helper()
	b.until(`document.querySelector(` + quote(selector) + `) !== null`)
	b.do("press "+selector, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)))
}

// pressTwice clicks twice as quickly as one can, whatever the first click does to the page.
func (b *tab) pressTwice(selector string) {
	b.t.Helper()
	at := `document.querySelector(` + quote(selector) + `)`
	b.until(at + ` !== null`)
	type point struct{ X, Y float64 }
	p := ask[point](b, `(e => { e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2} })(`+at+`)`)
	for n := range 2 {
		b.do("press "+selector, chromedp.Do(b.ctx, chromedp.MouseClickXY(p.X, p.Y, chromedp.ClickCount(n+1))))
	}
}

// goBack presses the browser's button. A page that was kept whole is shown
// again without loading, so there is no load to wait for.
func (b *tab) goBack() {
	b.t.Helper()
	h, err := chromedp.Call(b.ctx, page.GetNavigationHistory, cdp.Empty{})
	b.do("read the history", err)
	_, err = chromedp.Call(b.ctx, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: h.Entries[h.CurrentIndex-1].ID})
	b.do("go back", err)
}

// until waits for something to be true of the page that is shown.
func (b *tab) until(condition string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		// between two pages there is nothing to ask: that is no failure
		if is, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.readyState !== "loading" && (`+condition+`)`)); err == nil && is {
			return
		}
		select {
		case <-ctx.Done():
			b.t.Fatalf("%s: not within %v, at %s:\n%s", condition, patience, b.where(), b.says())
		case <-tick.C:
		}
	}
}

// reads waits for a text on the page.
func (b *tab) reads(text string) {
	b.t.Helper()
	b.until(`document.body.innerText.includes(` + quote(text) + `)`)
}

// arrives waits for a page on a host.
func (b *tab) arrives(host, path string) {
	b.t.Helper()
	b.until(`location.host === ` + quote(host) + ` && location.pathname.startsWith(` + quote(path) + `)`)
}

func (b *tab) where() string {
	at, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		return err.Error()
	}
	return at
}

func (b *tab) says() string {
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// ask evaluates an expression in a page.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	b.do("ask the page", err)
	return v
}

// quote writes a text for a script.
func quote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}

// fill puts coffee and a mug into the basket.
func (b *tab) fill(lang string) {
	b.t.Helper()
	b.open("http://" + b.w.shop + "/?lang=" + lang)
	b.press(`#coffee button`)
	b.until(`document.querySelectorAll(".basket .items li").length === 3`)
	b.press(`#mug button`)
	b.until(`document.querySelectorAll(".basket .items li").length === 4`)
}

// order fills the basket and orders. It gives the order's id.
func (b *tab) order() string {
	b.t.Helper()
	b.fill("nl")
	b.press(`#order`)
	b.arrives(b.w.gateway, "/pay/")
	return b.id()
}

// id is the order's whose page this is.
func (b *tab) id() string {
	b.t.Helper()
	id, _, _ := strings.Cut(strings.TrimPrefix(ask[string](b, `location.pathname`), "/pay/"), ".")
	return id
}

// choose presses a method, and arrives at the bank.
func (b *tab) choose(method string) {
	b.t.Helper()
	b.press(`button[name=method][value=` + method + `]`)
	b.arrives(b.w.simulator, "/omnikassa/")
}

// decide presses what becomes of the payment, at the bank.
func (b *tab) decide(outcome string) {
	b.t.Helper()
	b.press(`button[name=outcome][value=` + outcome + `]`)
}
