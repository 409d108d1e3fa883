package omnikassa

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Forge changes a notification or a return.
func (w *World) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	if m.Method == http.MethodGet {
		q, _ := url.ParseQuery(m.Query)
		old := q.Get("signature")
		if m.Query = strings.Replace(m.Query, old, forged(f, old, q.Get("order_id")+","+q.Get("status")), 1); f == conformance.ForgedContent {
			m.Query = strings.Replace(m.Query, "status="+q.Get("status"), "status=COMPLETED", 1)
		}
		return m
	}
	var n struct {
		Authentication, Expiry, EventName, Signature string
		POIID                                        json.Number `json:"poiId"`
	}
	_ = json.Unmarshal([]byte(m.Body), &n)
	data := strings.Join([]string{n.Authentication, n.Expiry, n.EventName, n.POIID.String()}, ",")
	if m.Body = strings.Replace(m.Body, n.Signature, forged(f, n.Signature, data), 1); f == conformance.ForgedContent {
		m.Body = strings.Replace(m.Body, `"poiId":5000`, `"poiId":5001`, 1)
	}
	return m
}

// forged makes another signature of one over data.
func forged(f conformance.Forgery, signature, data string) string {
	const foreign = "YW5vdGhlciBzaG9wJ3Mgc2lnbmluZyBrZXkh"
	switch f {
	case conformance.ForgedBad:
		if strings.HasPrefix(signature, "0") {
			return "1" + signature[1:]
		}
		return "0" + signature[1:]
	case conformance.ForgedMissing:
		return ""
	case conformance.ForgedCut:
		return signature[:len(signature)-1]
	case conformance.ForgedForeign:
		return Sign(foreign, data)
	}
	return signature
}

// PageValues are the signed values of a page, in order.
func PageValues(page map[string]any) []string {
	values := []string{fmt.Sprint(page["moreOrderResultsAvailable"])}
	add := func(from map[string]any, names ...string) {
		for _, path := range names {
			name, inner, _ := strings.Cut(path, ".")
			v := from[name]
			if m, ok := v.(map[string]any); ok || inner != "" {
				v = m[inner]
			}
			if v == nil {
				v = ""
			}
			values = append(values, fmt.Sprint(v))
		}
	}
	for _, r := range page["orderResults"].([]any) {
		r := r.(map[string]any)
		add(r, "merchantOrderId", "omnikassaOrderId", "poiId", "orderStatus", "orderStatusDateTime", "errorCode",
			"paidAmount.currency", "paidAmount.amount", "totalAmount.currency", "totalAmount.amount")
		list, _ := r["transactions"].([]any)
		for _, t := range list {
			add(t.(map[string]any), "id", "paymentBrand", "type", "status", "amount.currency", "amount.amount",
				"confirmedAmount.currency", "confirmedAmount.amount", "startTime", "lastUpdateTime")
		}
	}
	return values
}

// Sign is the bank's signature, by the test's own code.
func Sign(key, data string) string {
	secret, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha512.New, secret)
	mac.Write([]byte(data))
	return hex.EncodeToString(mac.Sum(nil))
}
