package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// jws signs a payload with RS256, by the test's own code.
func jws(t *testing.T, key *rsa.PrivateKey, payload string) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"typ":"JWT","alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(payload))
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// The notification is the document's own, for the demonstration shop.
func TestResultUrl2(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	const sample = `{"header":{"type":"PaymentStateNotification","version":"1.0.0","timestamp":"1690454980"},"data":{"shop":"kassette-demo","opKey":"0A1B2C3D-0000-4000-8000-00000000BEEF-TestKey001","invId":"1234829","paymentMethod":"BankCard","incSum":"10.00","state":"HOLD"}}`
	edited := func(old, text string) string { return jws(t, key, strings.Replace(sample, old, text, 1)) }
	true1 := jws(t, key, sample)
	head, rest, _ := strings.Cut(true1, ".")
	tests := []struct {
		name, body, query string
		want              contract.UpdateType
		trust             contract.Trust
		sum               int64
		failure           contract.FailureCode
	}{
		{"held", true1, "", contract.UpdateAuthorized, contract.Verified, 1000, ""},
		{"as a JSON string", `"` + true1 + `"` + "\n", "", contract.UpdateAuthorized, contract.Verified, 1000, ""},
		{"less was asked", true1, "asked=9.50", contract.UpdateAuthorized, contract.Verified, 950, ""},
		{"more was asked", true1, "a=1&asked=99.00", contract.UpdateAuthorized, contract.Verified, 1000, ""},
		{"asked what is no sum", true1, "asked=x&asked=%zz", contract.UpdateAuthorized, contract.Verified, 1000, ""},
		{"paid is a hint: ResultURL tells of it", edited(`"HOLD"`, `"OK"`), "", contract.UpdateCaptured, contract.Hint, 1000, ""},
		{"a state that is not known", edited(`"HOLD"`, `"MAYBE"`), "", "", "", 0, contract.Internal},
		{"another shop's", edited("kassette-demo", "someone"), "", "", "", 0, contract.BadSignature},
		{"no sum", edited(`"10.00"`, `""`), "", "", "", 0, contract.InvalidRequest},
		{"no number", edited(`"1234829"`, `"x"`), "", "", "", 0, contract.InvalidRequest},
		{"no JSON", jws(t, key, "HOLD"), "", "", "", 0, contract.InvalidRequest},
		{"altered", head + "." + base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(sample, "10.00", "99.00", 1))) + rest[strings.LastIndex(rest, "."):], "", "", "", 0, contract.BadSignature},
		{"cut", true1[:len(true1)-8], "", "", "", 0, contract.BadSignature},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := world.Account()
			a.Settings["result_key"] = string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}))
			m := posted(tt.body)
			m.Query = tt.query
			r, err := notify(t, a, m)
			if codeOf(err) != tt.failure {
				t.Fatalf("got %+v, %v, want %q", r, err, tt.failure)
			}
			if tt.failure != "" {
				return
			}
			u := r.Updates[0]
			if u.Type != tt.want || u.Trust != tt.trust || u.Amount != roublesOf(tt.sum) || u.Payment != (contract.PaymentKey{Number: 1234829, ProviderReference: "1234829"}) ||
				u.Type == contract.UpdateAuthorized && (!u.OccurredAt.Equal(time.Unix(1690454980, 0)) || len(u.Transactions) != 1) {
				t.Errorf("got %+v", u)
			}
		})
	}
	a := world.Account()
	delete(a.Settings, "result_key")
	if r, err := notify(t, a, posted(true1)); codeOf(err) != contract.InvalidSettings {
		t.Errorf("without a key: got %+v, %v", r, err)
	}
	if r, err := notify(t, world.Account(), posted(true1)); codeOf(err) != contract.BadSignature {
		t.Errorf("another key: got %+v, %v", r, err)
	}
}
