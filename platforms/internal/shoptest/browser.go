package shoptest

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

var screenshots = flag.String("screenshots", "", "the folder where tests of guides put their pictures; without it they are only looked at")

// What pictures are taken at: a desk's screen.
const (
	width  = 1280
	height = 800
)

// patience is how long a page may take.
const patience = 90 * time.Second

// Browser is a tab of a real browser.
type Browser struct {
	t   *testing.T
	ctx context.Context
}

// Browse opens a browser that ends with the test.
func Browse(t *testing.T) *Browser {
	t.Helper()
	Need(t, "chromium")
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "kassette-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(profile) }) // the browser may still write there for a moment
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-features", "BackForwardCache,Translate"), chromedp.Flag("allow-file-access-from-files", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(patience))
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	ctx, stop := context.WithTimeout(ctx, 10*time.Minute)
	t.Cleanup(func() { stop(); end(); endAllocator() })
	b := &Browser{t, ctx}
	b.do("open a tab", chromedp.Do(ctx))
	_, err = chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	b.do("set the width", err)
	return b
}

func (b *Browser) do(what string, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// Open goes to an address.
func (b *Browser) Open(address string) {
	b.t.Helper()
	b.do("open "+address, chromedp.Do(b.ctx, chromedp.Navigate(address)))
}

// Press waits for an element and clicks it.
func (b *Browser) Press(selector string) {
	b.t.Helper()
	b.Until("document.querySelector(" + quoted(selector) + ") !== null")
	b.do("press "+selector, chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)))
}

// Fill puts a text into a field, at once: pages that move the focus while
// somebody types would have it elsewhere.
func (b *Browser) Fill(selector, text string) {
	b.t.Helper()
	b.Until("document.querySelector(" + quoted(selector) + ") !== null")
	b.Script("(e => { e.value = " + quoted(text) + "; e.dispatchEvent(new Event('input', {bubbles: true})); })(document.querySelector(" + quoted(selector) + "))")
}

// Upload chooses a file.
func (b *Browser) Upload(selector, file string) {
	b.t.Helper()
	b.do("choose "+file, chromedp.Do(b.ctx, chromedp.SetUploadFiles(chromedp.CSS(selector), []string{file})))
}

// Until waits for something to be true of the page.
func (b *Browser) Until(condition string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	Eventually(b.t, condition, func() bool {
		if b.ctx.Err() != nil || time.Now().After(deadline) {
			seen, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
			b.t.Fatalf("%s: still not; the browser is at %s (%v)", condition, seen, err)
		}
		// between two pages there is nothing to ask: that is no failure
		is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && (`+condition+`)`))
		return err == nil && is
	})
}

// Reads waits for a text on the page.
func (b *Browser) Reads(text string) {
	b.t.Helper()
	b.Until("document.body.innerText.includes(" + quoted(text) + ")")
}

// Arrives waits for a page whose address begins so.
func (b *Browser) Arrives(address string) {
	b.t.Helper()
	b.Until("location.href.startsWith(" + quoted(address) + ")")
}

// Script runs a script in the page.
func (b *Browser) Script(text string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](text+"\n;true"))
	b.do("run a script", err)
}

// Mark draws a frame around an element, for the next picture.
func (b *Browser) Mark(selector string) {
	b.t.Helper()
	b.Script("(e => { e.style.outline = '3px solid #d63638'; e.style.outlineOffset = '3px'; })(document.querySelector(" + quoted(selector) + "))")
}

// Picture writes what is in sight to a file of the folder that the flag
// -screenshots names.
func (b *Browser) Picture(name string) {
	b.t.Helper()
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.do("take a picture", err)
	p, err := png.DecodeConfig(bytes.NewReader(shot))
	if err != nil || p.Width != width {
		b.t.Errorf("%s: got a picture %d px wide (%v), want %d", name, p.Width, err, width)
	}
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name), shot, 0o644); err != nil { //nolint:gosec // a picture is for everybody
		b.t.Fatal(err)
	}
}

// quoted writes a text for a script.
func quoted(text string) string {
	s, err := json.Marshal(text)
	if err != nil {
		return `""`
	}
	return string(s)
}
