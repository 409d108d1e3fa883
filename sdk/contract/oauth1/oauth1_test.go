package oauth1

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// TestOAuth1_vectors holds the signature against published examples.
func TestOAuth1_vectors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, method, url, body string
		oauth                   []param
		consumer, token, want   string
	}{
		{"RFC 5849 section 1.2, token credentials", "POST", "https://photos.example.net/token", "", []param{
			{"oauth_consumer_key", "dpf43f3p2l4k3l03"}, {"oauth_token", "hh5s93j4hdidpola"}, {"oauth_signature_method", "HMAC-SHA1"},
			{"oauth_timestamp", "137131201"}, {"oauth_nonce", "walatlh"}, {"oauth_verifier", "hfdp7dh39dks9884"},
		}, "kd94hf93k423kf44", "hdhd0244k9j7ao03", "gKgrFCywp7rO0OXSjdot/IHF7IU="},
		{"RFC 5849 section 1.2, a photo", "GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", "", []param{
			{"oauth_consumer_key", "dpf43f3p2l4k3l03"}, {"oauth_token", "nnch734d00sl2jdk"}, {"oauth_signature_method", "HMAC-SHA1"},
			{"oauth_timestamp", "137131202"}, {"oauth_nonce", "chapoH"},
		}, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00", "MdpQcU8iPSUjWoN/UDMsK2sui9I="},
		{"Twitter, creating a signature", "POST", "https://api.twitter.com/1.1/statuses/update.json?include_entities=true",
			"status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21", []param{
				{"oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"}, {"oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"},
				{"oauth_signature_method", "HMAC-SHA1"}, {"oauth_timestamp", "1318622958"},
				{"oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"}, {"oauth_version", "1.0"},
			}, "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE", "hCtSmYh+iHYCEqBWrE7C7hYmtUk="},
	} {
		req := vectorRequest(t, tc.method, tc.url, tc.body)
		base, err := signatureBase(req, []byte(tc.body), tc.oauth)
		if err != nil {
			t.Fatal(err)
		}
		if got := oauthMAC(sha1.New, base, tc.consumer, tc.token); got != tc.want {
			t.Errorf("%s: got %s, want %s, base %s", tc.name, got, tc.want, base)
		}
	}
}

// TestOAuth1_baseString is section 3.4.1.1 of RFC 5849, with all its traps.
func TestOAuth1_baseString(t *testing.T) {
	t.Parallel()
	body := "c2&a3=2+q"
	req := vectorRequest(t, "POST", "http://example.com/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", body)
	got, err := signatureBase(req, []byte(body), []param{
		{"oauth_consumer_key", "9djdj82h48djs9d2"}, {"oauth_token", "kkk9d7dh3k39sjv7"}, {"oauth_signature_method", "HMAC-SHA1"},
		{"oauth_timestamp", "137131201"}, {"oauth_nonce", "7d8f3e4a"},
	})
	want := "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D%26c2%3D%26" +
		"oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26" +
		"oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
	if err != nil || got != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	req.URL.RawQuery = "a=%zz"
	if _, err := signatureBase(req, nil, nil); err == nil {
		t.Error("a query that cannot be decoded was signed")
	}
}

// TestOAuth1_bothPlaces checks the signature that is sent as a server does.
func TestOAuth1_bothPlaces(t *testing.T) {
	t.Parallel()
	for method, h := range map[string]func() hash.Hash{"HMAC-SHA1": sha1.New, "HMAC-SHA256": sha256.New} {
		req := vectorRequest(t, "GET", "https://shop.example/wp-json/wc/v3/orders?per_page=2", "")
		signer := Signer{
			Method: method, In: contract.OAuthQuery, ConsumerKey: "ck_1", ConsumerSecret: "consumer-secret", Token: "to/ken", TokenSecret: "token-secret",
			Nonce: "7d8f3e4a", Now: time.Unix(1700000000, 0),
		}
		if err := signer.Sign(req, nil); err != nil {
			t.Fatal(err)
		}
		q := req.URL.Query()
		signature := q.Get("oauth_signature")
		q.Del("oauth_signature")
		if q.Get("oauth_token") != "to/ken" || q.Get("oauth_timestamp") != "1700000000" || q.Get("oauth_nonce") != "7d8f3e4a" {
			t.Errorf("got %v", q)
		}
		req.URL.RawQuery = q.Encode()
		base, err := signatureBase(req, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(h, []byte("consumer-secret&token-secret"))
		mac.Write([]byte(base))
		if want := base64.StdEncoding.EncodeToString(mac.Sum(nil)); signature != want {
			t.Errorf("%s: got %s, want %s", method, signature, want)
		}
	}
}

func vectorRequest(t *testing.T, method, rawURL, body string) *http.Request {
	t.Helper()
	u, err := url.Parse(rawURL)
	if err != nil {
		t.Fatal(err)
	}
	req := &http.Request{Method: method, URL: u, Header: http.Header{}}
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
	return req
}
