package magento

import (
	"bytes"
	"maps"
	"strings"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// The headers of a signed message, as messages have them.
const (
	idHeader        = "webhook-id"
	stampHeader     = "webhook-timestamp"
	signatureHeader = "webhook-signature"
)

// Forge changes a message's signature, or what it covers.
func (w *World) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	signed := m.Header(signatureHeader)
	version, sum, ok := strings.Cut(signed, ",")
	if !ok {
		return m
	}
	m.Headers = maps.Clone(m.Headers)
	set := func(text string) { m.Headers[signatureHeader] = []string{text} }
	switch f {
	case conformance.ForgedBad:
		first := "A"
		if sum[0] == 'A' {
			first = "B"
		}
		set(version + "," + first + sum[1:])
	case conformance.ForgedMissing:
		delete(m.Headers, signatureHeader)
	case conformance.ForgedCut:
		set(version + "," + sum[:len(sum)-8])
	case conformance.ForgedForeign:
		set(magento.Sign("whsec_YW5vdGhlciBzaG9wJ3Mgc2VjcmV0LCBub3QgdGhpcw==", m.Header(idHeader), m.Header(stampHeader), m.Bytes()))
	case conformance.ForgedContent:
		m.Body = string(bytes.Replace(m.Bytes(), []byte(`"data"`), []byte(`"Data"`), 1))
	}
	return m
}
