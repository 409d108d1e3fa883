package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/adminclient"
)

// front tries a gateway by its public address, as a shop meets it.
type front struct {
	shop adminclient.Shop
	// key is the shop's API key; "" where nobody has it at hand.
	key string
	// now is the clock of this machine; nil: the system's.
	now    func() time.Time
	client *http.Client // nil: one that trusts what the system trusts
}

// Bounds of what is worth a word.
const (
	frontTime   = 10 * time.Second
	clockFails  = 300 * time.Second // what signatures allow
	clockWarns  = 30 * time.Second
	certificate = 14 * 24 * time.Hour
)

func check(state, name, fix, format string, args ...any) adminclient.ShopCheck {
	return adminclient.ShopCheck{Name: name, State: state, Text: fmt.Sprintf(format, args...), Fix: fix}
}

func (f front) try(ctx context.Context) []adminclient.ShopCheck {
	if f.now == nil {
		f.now = time.Now
	}
	if f.client == nil {
		f.client = &http.Client{}
	}
	c := *f.client
	c.Timeout, c.CheckRedirect = frontTime, func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.shop.Gateway+"/v1/orders?limit=1", nil)
	if err != nil {
		return []adminclient.ShopCheck{check("failed", "gateway", "set public_url in the gateway's configuration", "%q is no address", f.shop.Gateway)}
	}
	if f.key != "" {
		req.Header.Set("Authorization", "Bearer "+f.key)
	}
	began := f.now()
	resp, err := c.Do(req)
	if err != nil {
		return []adminclient.ShopCheck{f.unreachable(err)}
	}
	defer resp.Body.Close()
	ended := f.now()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // how it begins is enough
	kind := resp.Header.Get("Content-Type")
	if resp.StatusCode/100 == 3 || !strings.HasPrefix(kind, "application/json") && !strings.HasPrefix(kind, "application/problem+json") {
		return []adminclient.ShopCheck{check("failed", "gateway", "the gateway's public_url must lead to its listen.gateway, through whatever stands before it",
			"something answers %d at %s that is no gateway", resp.StatusCode, f.shop.Gateway)}
	}
	checks := []adminclient.ShopCheck{check("ok", "gateway", "", "%s answers in %d ms", f.shop.Gateway, ended.Sub(began).Milliseconds()), f.tls(resp.TLS)}
	checks = append(checks, clocks(resp.Header.Get("Date"), began, ended)...)
	return append(checks, f.keyCheck(resp.StatusCode))
}

// unreachable says why there is no answer.
func (f front) unreachable(err error) adminclient.ShopCheck {
	var bad *tls.CertificateVerificationError
	var dns *net.DNSError
	fix := "is the gateway running, and does the firewall or proxy before it let " + f.shop.Gateway + " through?"
	switch {
	case errors.As(err, &bad):
		fix = "renew the certificate, or give the chain with it: shops refuse it too"
	case errors.As(err, &dns):
		fix = "the name is not known here: look at public_url and its DNS"
	}
	var cause interface{ Unwrap() error }
	if errors.As(err, &cause) && cause.Unwrap() != nil { // the address is said already
		err = cause.Unwrap()
	}
	return check("failed", "gateway", fix, "%s does not answer: %v", f.shop.Gateway, err)
}

// tls judges how the gateway is reached.
func (f front) tls(state *tls.ConnectionState) adminclient.ShopCheck {
	live := slices.ContainsFunc(f.shop.Keys, func(k adminclient.Key) bool { return k.Live })
	if state == nil || len(state.PeerCertificates) == 0 {
		switch {
		case live:
			return check("failed", "TLS", "put a proxy with a certificate before it and write https:// in public_url", "a shop with a live key speaks to %s in the clear", f.shop.Gateway)
		case adminclient.IsLoopback(f.shop.Gateway):
			return check("ok", "TLS", "", "none, which does on this machine")
		}
		return check("warning", "TLS", "put a proxy with a certificate before it and write https:// in public_url", "none: keys and orders travel in the clear")
	}
	cert := state.PeerCertificates[0]
	left := cert.NotAfter.Sub(f.now())
	text := fmt.Sprintf("%s, certificate until %s", tls.VersionName(state.Version), cert.NotAfter.UTC().Format(time.DateOnly))
	if left < certificate {
		return check("warning", "TLS", "renew it", "%s: that is %d days", text, int(left.Hours()/24))
	}
	return check("ok", "TLS", "", "%s", text)
}

// clocks compares the gateway's clock with this machine's. Its header has whole
// seconds.
func clocks(date string, began, ended time.Time) []adminclient.ShopCheck {
	at, err := http.ParseTime(date)
	if err != nil {
		return nil
	}
	ahead := time.Duration(0)
	if at.After(ended) {
		ahead = at.Sub(ended)
	} else if end := at.Add(time.Second); end.Before(began) {
		ahead = end.Sub(began)
	}
	off := ahead.Abs().Round(time.Second)
	const name, fix = "gateway's clock", "set the clock of whichever is wrong by NTP"
	side := map[bool]string{true: "ahead of", false: "behind"}[ahead > 0]
	switch {
	case off >= clockFails:
		return []adminclient.ShopCheck{check("failed", name, fix, "it is %s %s this machine's, and signatures are taken up to %s off", off, side, clockFails)}
	case off >= clockWarns:
		return []adminclient.ShopCheck{check("warning", name, fix, "it is %s %s this machine's", off, side)}
	}
	return []adminclient.ShopCheck{check("ok", name, "", "it differs by %s from this machine's", off)}
}

// keyCheck says what came of the key at the gateway's front door.
func (f front) keyCheck(status int) adminclient.ShopCheck {
	if f.key == "" {
		return check("skipped", "API key", "", "not tried at the front door: %s=… or --key-file has it tried as the shop would", keyVariable)
	}
	known := f.known()
	switch {
	case status == http.StatusUnauthorized:
		return check("failed", "API key", "give the shop a key that the gateway knows: kassette shop show "+f.shop.ID+" tells fingerprints", "the gateway does not know the key (fingerprint %s)", f.fingerprint())
	case known == nil:
		return check("failed", "API key", "take the key that was made for this shop", "it is no key of shop %s (fingerprint %s)", f.shop.ID, f.fingerprint())
	case status == http.StatusForbidden:
		return check("warning", "API key", "try it from where the shop is, if it is to be used from there alone", "key %s of %s mode may not be used from here, or may not read: %s", known.ID, mode(known.Live), words(known.Scopes))
	case status/100 != 2:
		return check("failed", "API key", "the gateway's log says why", "the gateway answers %d to key %s", status, known.ID)
	}
	return check("ok", "API key", "", "it is key %s, %s, %s", known.ID, mode(known.Live), words(known.Scopes))
}

func (f front) fingerprint() string { return adminclient.HashOf(f.key)[:12] }

// known is the shop's key that was given; also an old one that still works.
func (f front) known() *adminclient.Key {
	ours := f.fingerprint()
	for _, k := range f.shop.Keys {
		if k.Fingerprint == ours || slices.ContainsFunc(k.Old, func(o adminclient.Secret) bool { return o.Fingerprint == ours }) {
			return &k
		}
	}
	return nil
}
