package main

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"
)

// What is taken for an address of the net is one; those of shops' customers are taken.
func TestIP(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"": false, "unknown": false, "192.0.2.1": true, "255.255.255.255": true, "256.0.0.1": false, "1.2.3": false, "1.2.3.4.5": false, "01.2.3.4": false, "1.2.3.": false,
		"192.0.2.1, 10.0.0.1": false, "192.0.2.1:80": false, "2001:db8::1": true, "::1": true, "::": true, "1::": true, "1:2:3:4:5:6:7:8": true, "1:2:3:4:5:6:7": false,
		"1:2:3:4:5:6:7:8:9": false, "1::2::3": false, ":::": false, "1:2:3:4:5:6:7::": true, "1:2:3:4::5:6:7:8": false, "12345::": false, "g::": false, "fe80::1%eth0": false, ":1": false,
	} {
		got := ip(s) != ""
		if _, err := netip.ParseAddr(s); got != want || got && err != nil {
			t.Errorf("%q: got %v, want %v (%v)", s, got, want, err)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{"": "", "jan": "", "@x": "", "jan@": "", "a b@x.nl": "", "jan@example.org\n": "jan@example.org", "a@b@c.nl": "a@b@c.nl"} {
		if got := email(s); got != want {
			t.Errorf("%q: got %q", s, got)
		}
	}
}

// An address that is handed on can be read by net/url, and is on the shop's own host.
func TestAddress(t *testing.T) {
	t.Parallel()
	a := api{settings: settings{URL: "https://shop.example/winkel"}}
	for page, want := range map[string]string{
		"https://shop.example/winkel/order-pay/7/?key=k":    "https://shop.example/winkel/order-pay/7/?key=k",
		"http://evil.example@10.0.0.1/x":                    "https://shop.example/x",
		"https://shop.example/a b":                          "https://shop.example/winkel/",
		"https://shop.example/%zz":                          "https://shop.example/winkel/",
		"https://shop.example/%2":                           "https://shop.example/winkel/",
		"https://shop.example/%d0%be/?a=%C3%A9":             "https://shop.example/%d0%be/?a=%C3%A9",
		"https://shop.example/\x00":                         "https://shop.example/winkel/",
		"https://shop.example/" + strings.Repeat("a", 3000): "https://shop.example/winkel/",
	} {
		got := a.address(page)
		if u, err := url.Parse(got); got != want || err != nil || u.Host != "shop.example" || u.Scheme != "https" {
			t.Errorf("%q: got %q, %v, want %q", page, got, err, want)
		}
	}
}
