package robokassa

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
)

// stranger is true news of an order that another system of the shop started.
func stranger(m contract.Message, i int) contract.Message {
	m.Body = Sign(url.Values{"OutSum": {"10.000000"}, "InvId": {fmt.Sprint(100_001 + i)}, "shp_interface": {"link"}}, robokassa.DemoPassword2).Encode()
	return m
}

// restated is a notice that names another amount, truly signed.
func restated(form url.Values, paid contract.Money) string {
	form.Set("OutSum", paid.Decimal())
	form.Del("out_summ")
	form.Set("Shp_cur", paid.Currency)
	return Sign(form, robokassa.DemoPassword2).Encode()
}

// Sign signs a notice, by the test's own code.
func Sign(form url.Values, password string) url.Values {
	var shop []string
	for name, values := range form {
		if strings.HasPrefix(strings.ToLower(name), "shp_") {
			shop = append(shop, name+"="+values[0])
		}
	}
	slices.SortFunc(shop, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	sum := sha256.Sum256([]byte(strings.Join(append([]string{form.Get("OutSum"), form.Get("InvId"), password}, shop...), ":")))
	form.Set("SignatureValue", strings.ToUpper(hex.EncodeToString(sum[:])))
	form.Del("crc")
	return form
}

// Forge changes a notice or a return; FailURL has no signature.
func (w *World) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	text := &m.Body
	if m.Method == http.MethodGet {
		text = &m.Query
	}
	form, err := url.ParseQuery(*text)
	old := form.Get("SignatureValue")
	if err != nil || old == "" {
		return m
	}
	form.Del("crc")
	switch f {
	case conformance.ForgedBad:
		form.Set("SignatureValue", map[bool]string{true: "1", false: "0"}[old[0] == '0']+old[1:])
	case conformance.ForgedMissing:
		form.Del("SignatureValue")
	case conformance.ForgedCut:
		form.Set("SignatureValue", old[:len(old)-2])
	case conformance.ForgedForeign:
		form = Sign(form, "another shop's password")
	case conformance.ForgedContent:
		form.Set("OutSum", "0.010000")
		form.Del("out_summ")
	}
	*text = form.Encode()
	return m
}
