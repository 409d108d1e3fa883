package omnikassa

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// Lives of what changes rarely, in seconds: the bank wants brands cached for
// hours and issuers for a day, never fetched per payment.
const (
	brandsLife  = 4 * 3600
	issuersLife = 24 * 3600
)

type brands struct {
	Brands []struct {
		Name   string `json:"name"`
		Status string `json:"status"`
	} `json:"paymentBrands"`
}

type issuers struct {
	Issuers []struct {
		ID      string `json:"id"`
		Name    string `json:"name"`
		Country string `json:"countryNames"`
		Logos   []struct {
			URL string `json:"url"`
		} `json:"logos"`
	} `json:"issuers"`
}

// ListOptions lists the iDEAL issuers. Today the bank's own page asks for the
// bank, so that the method does not say options; shops of the older way may.
func (p Provider) ListOptions(c *guest.Call, _ contract.OptionsInput) ([]contract.Option, error) {
	a, err := newAPI(c)
	if err != nil {
		return nil, err
	}
	var got issuers
	if err := a.send(contract.Request{Method: "GET", URL: a.calls + "/ideal/server/api/v2/issuers", CacheS: issuersLife}, &got); err != nil {
		return nil, err
	}
	list := []contract.Option{}
	for _, i := range got.Issuers {
		o := contract.Option{ID: i.ID, Title: i.Name, Group: i.Country}
		if len(i.Logos) > 0 {
			o.Logo = i.Logos[0].URL
		}
		list = append(list, o)
	}
	return list, nil
}

// CheckSettings fetches a token and looks which brands the shop has switched on.
func (p Provider) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.CheckResult{}, err
	}
	if _, err := c.MAC(contract.MACRequest{
		Algorithm: contract.SHA512, Key: contract.Parts{contract.Sec(signingKey)}, KeyEncoding: "base64", Data: contract.Parts{contract.Lit("check")},
	}); err != nil {
		return refused("The signing key is no base64.", "Copy it from the dashboard of Rabo OnlineKassa once more, whole."), nil
	}
	var got brands
	if err := a.send(contract.Request{Method: "GET", URL: a.calls + "/order/server/api/payment-brands", CacheS: brandsLife}, &got); err != nil {
		return unauthorized(err)
	}
	active := map[string]bool{}
	for _, b := range got.Brands {
		active[b.Name] = strings.EqualFold(b.Status, "active")
	}
	out := contract.CheckResult{OK: true}
	for _, m := range p.Methods {
		if !active[m.Brand] {
			out.OK = false
			out.Findings = append(out.Findings, contract.Finding{Level: "error", Text: m.Brand + " is not switched on for this shop.", Fix: "Switch it on in the dashboard of Rabo OnlineKassa, or leave the method out of the account."})
		}
	}
	return out, nil
}

// unauthorized turns refused credentials into a finding; all else stays a failure.
func unauthorized(err error) (contract.CheckResult, error) {
	f, ok := err.(*contract.Failure)
	if !ok || f.Code != contract.Unauthorized {
		return contract.CheckResult{}, err
	}
	return refused("The bank does not take the refresh token.", "Copy it from the dashboard of Rabo OnlineKassa once more, and see that the address is of the same environment."), nil
}

func refused(text, fix string) contract.CheckResult {
	return contract.CheckResult{Findings: []contract.Finding{{Level: "error", Text: text, Fix: fix}}}
}
