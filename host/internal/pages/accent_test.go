package pages

import (
	"net/http"
	"strings"
	"testing"
)

func TestReadable(t *testing.T) {
	t.Parallel()
	for hex, want := range map[string]bool{
		"": false, "fff": false, "ffffff": false, "ffff00": false, "zzzzzz": false, "-12345": false, "1f5f5b0": false, "+1f5f5": false,
		"767676": false, // 4.54 on white, 4.2 on the ground
		"777777": false, "ff0000": false, "00ff00": false,
		"000000": true, "1f5f5b": true, "14508c": true, "0000ff": true, "6b6b6b": true,
	} {
		if got := readable(hex); got != want {
			t.Errorf("%q: got %v, want %v", hex, got, want)
		}
	}
}

func TestAccent(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, want := range map[string]int{
		"accent-1f5f5b.css": 200, "accent-ffff00.css": 404, "accent-.css": 404, "accent-}body{display:none.css": 404, "accent-1F5F5B": 200, "nothing.css": 404, "style.css": 200, "wait.js": 200,
	} {
		if w := h.get("/pay/assets/" + name); w.Code != want {
			t.Errorf("%s: got %d, want %d", name, w.Code, want)
		}
	}
	for colour, want := range map[string]bool{"#1f5f5b": true, "#1F5F5B": true, "#ffff00": false, "": false, "red": false} {
		h.shop.Accent = colour
		if got := strings.Contains(h.get("/pay/"+token).Body.String(), "accent-1f5f5b.css"); got != want {
			t.Errorf("accent %q on the page: got %v, want %v", colour, got, want)
		}
	}
	if w := h.do(http.MethodHead, "/pay/assets/style.css", nil); w.Code != http.StatusOK {
		t.Errorf("HEAD of a style: got %d", w.Code)
	}
}
