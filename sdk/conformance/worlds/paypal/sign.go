package paypal

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"hash/crc32"
	"net/http"
	"strings"
	"sync"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
)

// foreignKey is another account's.
var foreignKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// ForeignSignature is one that PayPal did not make.
func ForeignSignature(id, at, webhook string, body []byte) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s|%s|%s|%d", id, at, webhook, crc32.ChecksumIEEE(body)))
	signature, err := rsa.SignPKCS1v15(rand.Reader, foreignKey(), crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return base64.StdEncoding.EncodeToString(signature)
}

// Pool is the certificates of a PEM text.
func Pool(pem string) *x509.CertPool {
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM([]byte(pem)) {
		panic("no certificate in PEM")
	}
	return p
}

// Forge forges the signature of a webhook; a return has none.
func (w *World) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	const header = "paypal-transmission-sig"
	if m.Method == http.MethodGet {
		return m
	}
	forged := m
	forged.Headers = map[string][]string{}
	for name, values := range m.Headers {
		forged.Headers[name] = values
	}
	signature := m.Header(header)
	switch f {
	case conformance.ForgedBad:
		flipped := "A"
		if strings.HasPrefix(signature, "A") {
			flipped = "B"
		}
		signature = flipped + signature[1:]
	case conformance.ForgedCut:
		signature = signature[:len(signature)-4]
	case conformance.ForgedForeign:
		signature = ForeignSignature(m.Header("paypal-transmission-id"), m.Header("paypal-transmission-time"), paypal.DemoWebhookID, m.Bytes())
	case conformance.ForgedContent:
		forged.Body = strings.Replace(m.Body, `"event_version":"1.0"`, `"event_version":"1.1"`, 1)
	}
	forged.Headers[header] = []string{signature}
	if f == conformance.ForgedMissing {
		delete(forged.Headers, header)
	}
	return forged
}
