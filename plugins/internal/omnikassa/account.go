package omnikassa

import (
	"errors"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// issuersLife is how long issuers may be used again, in seconds: the bank
// wants them cached for a day.
const issuersLife = 24 * 3600

// ListOptions lists the iDEAL issuers. Today the bank's own page asks for the
// bank, so that the method does not say options; shops of the older way may.
func (Issuing) ListOptions(c *guest.Call, _ contract.OptionsInput) ([]contract.Option, error) {
	a, err := newAPI(c)
	if err != nil {
		return nil, err
	}
	got, err := a.send(contract.Request{Method: "GET", URL: a.calls + "/ideal/server/api/v2/issuers", CacheS: issuersLife})
	if err != nil {
		return nil, err
	}
	var list []contract.Option
	for i := range got.get("issuers").items {
		o := contract.Option{ID: i.scalar("id"), Title: i.scalar("name"), Group: i.scalar("countryNames"), Logo: i.get("logos").first().scalar("url")}
		if o.ID != "" && o.Title != "" {
			list = append(list, o)
		}
	}
	return list, nil
}

// CheckSettings tries the signing key, fetches a token, and looks which brands
// the shop has switched on. Neither a kept token nor a cached answer serves
// here: it is the refresh token that is to be tried.
func (p Provider) CheckSettings(c *guest.Call, _ contract.CheckInput) (contract.CheckResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.CheckResult{}, err
	}
	var out contract.CheckResult
	if _, err := c.MAC(signing("check")); err != nil {
		out.Findings = append(out.Findings, wrong("The signing key is missing, or no base64.", "Copy it from the dashboard of Rabo OnlineKassa once more, whole."))
	}
	brands, err := a.try()
	var f *contract.Failure
	switch {
	case errors.As(err, &f) && f.Code == contract.Unauthorized:
		out.Findings = append(out.Findings, wrong("The bank does not take the refresh token.", "Copy it from the dashboard of Rabo OnlineKassa once more, and see that the address is of the same environment."))
	case err != nil:
		return contract.CheckResult{}, err
	default:
		out.Findings = append(out.Findings, p.lacking(brands)...)
	}
	out.OK = len(out.Findings) == 0
	return out, nil
}

// try fetches a token and reads the brands with it.
func (a api) try() (*node, error) {
	resp, err := a.call.Do(a.fetchToken())
	if err != nil {
		return nil, err
	}
	if _, err := read(resp); err != nil {
		return nil, err
	}
	resp, err = a.call.Do(named(contract.Request{Method: "GET", URL: a.calls + "/order/server/api/payment-brands", Auth: &contract.Auth{Bearer: accessToken}}))
	if err != nil {
		return nil, err
	}
	return read(resp)
}

// lacking are findings for methods whose brand cannot be used: only brands
// that are listed and active can.
func (p Provider) lacking(brands *node) []contract.Finding {
	active := map[string]bool{}
	for b := range brands.get("paymentBrands").items {
		active[b.scalar("name")] = strings.EqualFold(b.scalar("status"), "active")
	}
	var list []contract.Finding
	for _, m := range p.Methods {
		if !active[m.Brand] {
			list = append(list, wrong(m.Brand+" is not switched on for this shop.", "Switch it on in the dashboard of Rabo OnlineKassa, or leave the method out of the account."))
		}
	}
	return list
}

func wrong(text, fix string) contract.Finding {
	return contract.Finding{Level: contract.FindingError, Text: text, Fix: fix}
}
