package main

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestScreenshots makes the README's pictures of a payment, in the folder that
// the flag -screenshots names; without it they are only looked at.
func TestScreenshots(t *testing.T) {
	w := theDemo(t)
	folder := *screenshots
	if folder == "" {
		folder = t.TempDir()
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	b := w.newTab(t, desk)
	b.fill("nl")
	b.picture(t, folder, "shop.png", desk)
	b.press(`#order`)
	b.arrives(w.gateway, "/pay/")
	id := b.id()
	b.look(phone)
	b.picture(t, folder, "choose-phone-nl.png", phone)
	b.choose("ideal")
	b.picture(t, folder, "bank-phone-nl.png", phone)
	b.look(desk)
	b.decide("success")
	b.thanked(t)
	story := b.beside(desk)
	story.open("http://" + w.shop + "/story?order=" + id)
	story.until(`document.querySelectorAll(".way .lit").length === 6`)
	story.picture(t, folder, "story.png", desk)
	b.ordersAt("woocommerce")
	b.picture(t, folder, "platforms.png", desk)
}

// picture writes what is in sight to a file.
func (b *tab) picture(t *testing.T, folder, name string, l look) {
	t.Helper()
	b.until(`(scrollTo(0, 0), scrollY === 0)`)
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.do("take a picture", err)
	p, err := png.DecodeConfig(bytes.NewReader(shot))
	if err != nil || int64(p.Width) != l.width {
		t.Errorf("%s: got a picture %d px wide (%v), want %d", name, p.Width, err, l.width)
	}
	if err := os.WriteFile(filepath.Join(folder, name), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}
