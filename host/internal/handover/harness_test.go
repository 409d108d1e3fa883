package handover_test

import (
	"bytes"
	"testing"
	"time"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/kassette-pay/kassette/host/internal/handover"
)

// canary is in every document of these tests, and in no output.
const canary = "never-to-be-seen-anywhere"

var now = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// installer makes an identity, with its lock and its key.
func installer(t testing.TB) (handover.Identity, handover.Lock, handover.Key) {
	t.Helper()
	id, err := handover.NewIdentity(now)
	if err != nil {
		t.Fatal(err)
	}
	l, err := handover.LockFor(id.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	k, err := handover.ReadIdentity(id.Text)
	if err != nil {
		t.Fatal(err)
	}
	return id, l, k
}

func document() handover.Document {
	return handover.Document{
		Account: "cheese_rabo", Provider: "omnikassa", Environment: handover.Live, MadeBy: "Jo, Cheese & Co",
		MadeAt: now, ExpiresAt: now.Add(7 * 24 * time.Hour),
		Secrets: map[string]handover.Value{"signing_key": canary + "==", "refresh_token": "eyJ." + canary},
	}
}

// good is what document is sealed as, in clear.
const good = `{
  "kassette": "handover",
  "version": 1,
  "account": "cheese_rabo",
  "provider": "omnikassa",
  "environment": "live",
  "made_by": "Jo, Cheese & Co",
  "made_at": "2026-11-27T12:00:00Z",
  "expires_at": "2026-12-04T12:00:00Z",
  "salt": "000102030405060708090a0b0c0d0e0f",
  "secrets": {
    "refresh_token": "eyJ.never-to-be-seen-anywhere",
    "signing_key": "never-to-be-seen-anywhere=="
  }
}
`

// encrypt seals any text, as a merchant with the age tool could.
func encrypt(t testing.TB, text string, to age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	a := armor.NewWriter(&b)
	w, err := age.Encrypt(a, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []interface{ Close() error }{w, a} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func recipient(t testing.TB, id handover.Identity) age.Recipient {
	t.Helper()
	r, err := age.ParseX25519Recipient(id.Recipient)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
