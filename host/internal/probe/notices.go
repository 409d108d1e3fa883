package probe

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/notice"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// What the extensions for WooCommerce and Magento answer: the first to a ping
// that is well signed.
const (
	saysWell     = "The signature fits."
	saysNoSecret = "The shop has no notice secret."
)

// Differences of clocks: what the extensions take, and what is worth a word.
const (
	tolerance  = 300 * time.Second
	noticeable = 30 * time.Second
)

const name = "notices"

// notices sends the shop one notice that tells nothing.
func (t *test) notices(ctx context.Context, spec checkout.ShopTestSpec) {
	if len(t.shop.NoticeSecrets) == 0 && t.teller() == "" {
		fix := "kassette shop rotate-key " + t.status.ID + " --notice-secret gives it one"
		if t.status.Source == checkout.SourceFile {
			fix = "put one among its notice_secrets in the configuration: whsec_ and the base64 of 32 random bytes"
		}
		t.say(checkout.CheckFailed, name, fix, "the shop has no notice secret, so that it is told nothing")
		return
	}
	url := cmp.Or(spec.NoticeURL, checkout.NoticeAddress(t.status.Origins, cmp.Or(spec.Platform, t.status.Platform)))
	if account := t.teller(); account != "" && (url == "" || len(t.shop.NoticeSecrets) == 0) {
		t.say(checkout.CheckSkipped, name, "", "account %s tells the shop, so that it takes no notices", account)
		return
	}
	if url == "" {
		t.say(checkout.CheckSkipped, name, "name it: --notice-url URL, or --platform", "not tried: each order names its own notify_url")
		return
	}
	p, err := t.p.o.Notices.Ping(ctx, t.shop, url)
	if err != nil {
		t.p.o.Logger.WarnContext(ctx, "test notice not sent", "shop", t.status.ID, "error", err)
		t.say(checkout.CheckFailed, name, "the gateway's log says why", "a test notice to %s could not be sent", url)
		return
	}
	c := judge(p, t.status.ID)
	c.Name, c.Text = name, url+": "+c.Text
	t.checks = append(t.checks, c)
	t.clock(p)
}

// teller is the shop's account whose plugin tells it, "" for none.
func (t *test) teller() string {
	for _, a := range t.status.Accounts {
		for _, v := range t.p.o.Plugins.OfProvider(a.Provider) {
			if v.Manifest.Kind == contract.KindShop {
				return a.ID
			}
		}
	}
	return ""
}

// judge says what an answer to a ping means.
func judge(p notice.Pinged, shop string) checkout.ShopCheck {
	ok := func(format string, args ...any) checkout.ShopCheck {
		return checkout.ShopCheck{State: checkout.CheckOK, Text: fmt.Sprintf(format, args...)}
	}
	failed := func(fix, format string, args ...any) checkout.ShopCheck {
		return checkout.ShopCheck{State: checkout.CheckFailed, Text: fmt.Sprintf(format, args...), Fix: fix}
	}
	switch s := p.Status; {
	case s == 0:
		return failed(fixOf(contract.ErrorKind(p.Kind)), "no answer: %s", p.Error)
	case s == 200 && strings.Contains(p.Body, saysWell):
		return ok("the shop's extension took the signature of a test notice")
	case s/100 == 2:
		return ok("it answers %d to a signed test notice", s)
	case s/100 == 3:
		return failed("have notices go to the address that it leads to, and register its origin", "it answers %d and leads to %s; notices follow nowhere", s, p.Location)
	case s == 400:
		return checkout.ShopCheck{State: checkout.CheckWarning, Text: "it answers 400 to a notice of a type that it does not know; whether it took the signature is not to be told", Fix: "answer 2xx to notices of unknown types"}
	case s == 401 || s == 403:
		return failed("compare the shop's notice secret with the fingerprint that kassette shop show "+shop+" tells, and the clocks; kassette shop rotate-key "+shop+" --notice-secret makes a new one. A firewall or security plugin answers so too",
			"it answers %d: the signature was not taken", s)
	case s == 404 || s == 405 || s == 410:
		return failed("is the extension installed and switched on, and is this its address? With plain permalinks WordPress needs --notice-url https://…/?wc-api=kassette", "it answers %d: nothing there takes notices", s)
	case strings.Contains(p.Body, saysNoSecret):
		return failed("put the notice secret into the extension's settings; kassette shop rotate-key "+shop+" --notice-secret makes a new one", "the shop's extension has no notice secret")
	}
	return failed("look into the shop's own log", "it answers %d", p.Status)
}

// fixes say what to do where there is no answer.
var fixes = map[contract.ErrorKind]string{
	contract.ErrorDNS:     "the name is not known to the gateway: look at the origin's spelling and its DNS",
	contract.ErrorRefused: "nobody listens there: is the shop running, and does its firewall let the gateway in?",
	contract.ErrorTLS:     "its certificate is not trusted: it has expired, is of another name, or lacks the chain",
	contract.ErrorTimeout: "the shop is too slow, or a firewall drops what comes from the gateway",
	contract.ErrorBlocked: "the gateway may not go there: the address must be on the shop's origins; a shop in the gateway's own network needs allow_private, one without TLS allow_http",
}

func fixOf(kind contract.ErrorKind) string {
	if fix, ok := fixes[kind]; ok {
		return fix
	}
	return "try again, and look into the shop's own log"
}

// clock compares the shop's clock with the gateway's.
func (t *test) clock(p notice.Pinged) {
	if !p.HasClock {
		return
	}
	by := p.Ahead.Abs()
	side := map[bool]string{true: "ahead of", false: "behind"}[p.Ahead > 0]
	const fix = "set the clock of whichever is wrong by NTP"
	switch {
	case by >= tolerance:
		t.say(checkout.CheckFailed, "shop's clock", fix, "it is %s %s the gateway's, and a signature is taken up to %s off", by, side, tolerance)
	case by >= noticeable:
		t.say(checkout.CheckWarning, "shop's clock", fix, "it is %s %s the gateway's; from %s on nothing works", by, side, tolerance)
	default:
		t.say(checkout.CheckOK, "shop's clock", "", "it differs by %s from the gateway's", by)
	}
}
