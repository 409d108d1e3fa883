package omnikassa

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// vector is a signature from outside: key, signed text and expected signature.
type vector struct{ key, payload, expect string }

func readVectors(t *testing.T) map[string]vector {
	t.Helper()
	files, err := filepath.Glob("testdata/vectors/*.txt")
	if err != nil || len(files) != 6 {
		t.Fatalf("got %d vectors (%v), want 6", len(files), err)
	}
	all := map[string]vector{}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		head, payload, _ := strings.Cut(strings.TrimSuffix(string(b), "\n"), "\n\n")
		v := vector{payload: payload}
		for line := range strings.Lines(head) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch name {
			case "key":
				v.key = value
			case "expect":
				v.expect = value
			default:
				t.Fatalf("%s: unknown line %q", file, line)
			}
		}
		all[filepath.Base(file)] = v
	}
	return all
}

func TestSign_vectors(t *testing.T) {
	t.Parallel()
	for name, v := range readVectors(t) {
		t.Run(name, func(t *testing.T) {
			for _, form := range []string{v.key, strings.TrimRight(v.key, "="), " " + v.key + "\n"} {
				keys, err := decodeKeys([]string{form})
				if err != nil {
					t.Fatalf("decode key %q: %v", form, err)
				}
				if got := sign(keys[0], strings.Split(v.payload, ",")...); got != v.expect {
					t.Errorf("sign(%q): got %s, want %s", v.payload, got, v.expect)
				}
				if got := sign(keys[0], strings.Split(v.payload+"x", ",")...); got == v.expect {
					t.Errorf("another text has the same signature")
				}
			}
		})
	}
}

func TestSign_pullPageOfTheBank(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/pull-page.json")
	if err != nil {
		t.Fatal(err)
	}
	var p pullPage
	if err := json.Unmarshal(b, &p); err != nil {
		t.Fatal(err)
	}
	keys, err := decodeKeys([]string{readVectors(t)["4-pull-v2-unconfirmed.txt"].key})
	if err != nil {
		t.Fatal(err)
	}
	if got := sign(keys[0], p.values()...); got != p.Signature {
		t.Errorf("got %s, want the bank's %s over %q", got, p.Signature, p.values())
	}
	if got := pageSignature(t, keys[0], b); got != p.Signature {
		t.Errorf("the test's own code: got %s, want the bank's %s", got, p.Signature)
	}
}

func TestDecodeKeys_refused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"empty": "", "blank": "  ", "not base64": "geheim!", "URL alphabet": "_-_-"} {
		if keys, err := decodeKeys([]string{text}); err == nil {
			t.Errorf("%s: got key %x, want an error", name, keys)
		}
	}
}

// pageSignature computes a page's signature from the raw JSON, with none of the
// simulator's code.
func pageSignature(t *testing.T, key, body []byte) string {
	t.Helper()
	var page struct {
		More    bool             `json:"moreOrderResultsAvailable"`
		Results []map[string]any `json:"orderResults"`
	}
	d := json.NewDecoder(strings.NewReader(string(body)))
	d.UseNumber()
	if err := d.Decode(&page); err != nil {
		t.Fatalf("decode page %s: %v", body, err)
	}
	text := fmt.Sprint(page.More)
	add := func(m map[string]any, path ...string) {
		var v any = m
		for _, step := range path {
			inner, _ := v.(map[string]any)
			v = inner[step]
		}
		if text += ","; v != nil {
			text += fmt.Sprint(v)
		}
	}
	for _, r := range page.Results {
		for _, path := range []string{"merchantOrderId", "omnikassaOrderId", "poiId", "orderStatus", "orderStatusDateTime", "errorCode",
			"paidAmount.currency", "paidAmount.amount", "totalAmount.currency", "totalAmount.amount"} {
			add(r, strings.Split(path, ".")...)
		}
		list, _ := r["transactions"].([]any)
		for _, tx := range list {
			for _, path := range []string{"id", "paymentBrand", "type", "status", "amount.currency", "amount.amount",
				"confirmedAmount.currency", "confirmedAmount.amount", "startTime", "lastUpdateTime"} {
				add(tx.(map[string]any), strings.Split(path, ".")...)
			}
		}
	}
	return textSignature(key, text)
}

func textSignature(key []byte, text string) string {
	mac := hmac.New(sha512.New, key)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

func mustKey(text string) []byte {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return key
}
