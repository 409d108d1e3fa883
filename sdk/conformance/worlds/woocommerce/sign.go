package woocommerce

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"strings"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// signature is the header of a webhook's signature, as messages name it.
const signature = "x-wc-webhook-signature"

// Forge changes the signature of a webhook, or what it covers; a ping has none.
func (*World) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	sum := m.Header(signature)
	if sum == "" {
		return m
	}
	m.Headers = maps.Clone(m.Headers)
	set := func(v string) { m.Headers[signature] = []string{v} }
	switch f {
	case conformance.ForgedBad:
		first := "A"
		if sum[0] == 'A' {
			first = "B"
		}
		set(first + sum[1:])
	case conformance.ForgedMissing:
		delete(m.Headers, signature)
	case conformance.ForgedCut:
		set(sum[:len(sum)/2])
	case conformance.ForgedForeign:
		set(Sign(woocommerce.DemoWebhookSecret+", another shop's", m.Body))
	case conformance.ForgedContent:
		m.Body = strings.Replace(m.Body, `"currency":"`, `"currency": "`, 1)
		if m.Header("x-wc-webhook-topic") == "order.deleted" {
			m.Body += " "
		}
	}
	return m
}

// Sign is what a webhook with this body bears (2).
func Sign(secret, body string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(body))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}
