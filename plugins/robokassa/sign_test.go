package main

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/robokassa"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// Credentials of the protocol's vectors (section 13).
var vectorSecrets = map[string]string{"password1": "Adm1n-pass-one", "password2": "Adm1n-pass-two", "password3": "Adm1n-pass-three"}

func vectorAccount(hash string, secrets map[string]string) *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"environment": "live", "merchant_login": "plughost-demo", "hash_algorithm": hash},
		Secrets:  secrets,
	}
}

// probe is the plugin with its inside turned out: create_payment gives what f
// makes of the shop.
type probe struct {
	plugin
	f func(s shop) (string, error)
}

func (p probe) CreatePayment(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
	s, err := newShop(c)
	if err != nil {
		return contract.CreateResult{}, err
	}
	text, err := p.f(s)
	return contract.CreateResult{ProviderReference: text, Action: contract.Action{Type: contract.ActionNone}}, err
}

// ask runs f on a shop of this account.
func ask(t *testing.T, a *conformance.Account, f func(s shop) (string, error)) string {
	t.Helper()
	tr, err := conformance.Drive(t.Context(), guesttest.New(probe{f: f}), conformance.Call{
		Export: contract.CreatePayment, Account: a, Input: contract.PaymentInput{Payment: contract.CannedPayment()},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := conformance.Result[contract.CreateResult](tr)
	if err != nil {
		t.Fatal(err)
	}
	return r.ProviderReference
}

// teaReceipt is the receipt of vector R3.
const teaReceipt = "%7B%22sno%22%3A%22osn%22%2C%22items%22%3A%5B%7B%22name%22%3A%22%D0%A7%D0%B0%D0%B9+%D0%B7%D0%B5%D0%BB%D1%91%D0%BD%D1%8B%D0%B9%22%2C%22quantity%22%3A2%2C%22sum%22%3A300.00%2C%22tax%22%3A%22vat10%22%2C%22payment_method%22%3A%22full_payment%22%2C%22payment_object%22%3A%22commodity%22%7D%5D%7D"

func TestSign_vectors(t *testing.T) {
	t.Parallel()
	parts := func(text string) []string { return strings.Split(text, "|") }
	link := map[string]string{"password1": "my_password1", "password2": "my_password2"}
	tests := []struct {
		name, hash, password string
		secrets              map[string]string
		parts, shp           []string
		want                 string
	}{
		{"R1 start", "md5", password1, vectorSecrets, parts("plughost-demo|1234.50|1001"), nil, "c91e5e0a46328541611b35489fe7d4cf"},
		{"R2 start, no InvId", "md5", password1, vectorSecrets, parts("plughost-demo|1234.50|"), nil, "c2df950b5862f3b0efafe2d134d0c7f4"},
		{"R3 receipt and Shp", "sha256", password1, vectorSecrets, parts("plughost-demo|300.00|1002|" + teaReceipt), parts("Shp_shop=north|Shp_order=A-77"), "548a647f99354ef32d1196a4183aaa02593c5061487f9e772eb133bab9f17436"},
		{"R4 hold", "md5", password1, vectorSecrets, append(parts("plughost-demo|90.00|1003|true"), encode("https://shop.example/result2")), nil, "6ca903c0b6a9cc9fad2b038a099e4e95"},
		{"R5 ResultURL", "md5", password2, vectorSecrets, parts("300.000000|1002"), parts("Shp_order=A-77|Shp_shop=north"), "9dfc4b7709ab7684709ccf847c96aed8"},
		{"R6 SuccessURL", "sha256", password1, vectorSecrets, parts("300.00|1002"), parts("Shp_order=A-77|Shp_shop=north"), "511b6a8870b9114816521583782ae9d7afd294614600e4d40b581369ce73e639"},
		{"R7 OpStateExt", "md5", password2, vectorSecrets, parts("plughost-demo|1002"), nil, "9aaa887b9c923183364dac06eb8223c4"},
		{"confirm", "md5", password1, vectorSecrets, parts("plughost-demo|60.00|1003"), nil, "0546a7de22910a7cdbb14d98d89375d6"},
		{"cancel, with an empty sum", "md5", password1, vectorSecrets, parts("plughost-demo||1003"), nil, "c011d2b252cd5952e4f5f20c83a5fb11"},
		{"third party, start with a plain receipt", "md5", password1, link,
			parts(`test-socionom.org|200.00|0|{"items":[{"name":"test","quantity":1,"sum":200,"payment_method":"full_payment","payment_object":"service","tax":"vat20"}]}`),
			parts("shp_interface=link"), "888f7275e88d20ead0fc62cdf5b69f72"},
		{"third party, ResultURL", "md5", password2, link, parts("200.00|84"), parts("shp_interface=link"), "95286fdc8024655ceb9034539bac1180"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, vectorAccount(tt.hash, tt.secrets), func(s shop) (string, error) {
				if err := s.check(tt.password, strings.ToUpper(tt.want), tt.parts, tt.shp); err != nil {
					return "", err // of any case
				}
				return s.sign(tt.password, tt.parts, tt.shp)
			})
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

// Each algorithm that a shop may choose, by digests of another program
// (openssl) over the text of R1.
func TestSign_sixHashes(t *testing.T) {
	t.Parallel()
	for hash, want := range map[string]string{
		"md5":       "c91e5e0a46328541611b35489fe7d4cf",
		"ripemd160": "07f1d1ea7c9b7f5d9002d4f06e9c2a33b385093f",
		"sha1":      "31d8150118f878c5c3d19457a7a24710aad1f354",
		"sha256":    "c771f331ef3928bf790d28d0bc136eea9e39661176a654e1b501e5595ce942f1",
		"sha384":    "4020a14629d1a83fc80f0af551286aa0f0c5963caa731513c638e61843385c0cbfce6a720fcb443b828232e232ebba47",
		"sha512":    "1c56925431bbba0f9a0b1e8edd2aa439d08b82d64d3dc155f9458152222ef6e522a02820f4566e482d0b1058cf6c1d553dff9f2f8513e73c6f7d21e7b163dbb8",
	} {
		t.Run(hash, func(t *testing.T) {
			t.Parallel()
			got := ask(t, vectorAccount(hash, vectorSecrets), func(s shop) (string, error) {
				return s.sign(password1, []string{"plughost-demo", "1234.50", "1001"}, nil)
			})
			if got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// The official WordPress module's own fields come in this order, whatever the
// letter case of their prefix.
func TestSorted_shpIgnoresCase(t *testing.T) {
	t.Parallel()
	got := strings.Join(sorted(strings.Fields("Shp_order_id=1 Shp_result_url=x shp_label=y Shp_merchant_id=z")), " ")
	if want := "shp_label=y Shp_merchant_id=z Shp_order_id=1 Shp_result_url=x"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Vector R8b.
func TestRefundToken_vector(t *testing.T) {
	t.Parallel()
	const want = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJPcEtleSI6IjBBMUIyQzNELTAwMDAtNDAwMC04MDAwLTAwMDAwMDAwQkVFRi1UZXN0S2V5MDAxIiwiUmVmdW5kU3VtIjoxMC4yNX0.KWTY6VMeSzfaI6hqhmIcxU92LzOOUwlCmFA_ajoe7fE"
	got := ask(t, vectorAccount("md5", vectorSecrets), func(s shop) (string, error) {
		payload, err := compact(refundRequest{OpKey: "0A1B2C3D-0000-4000-8000-00000000BEEF-TestKey001", Sum: "10.25"})
		if err != nil {
			return "", err
		}
		return s.refundToken([]byte(payload))
	})
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestForm_encodings(t *testing.T) {
	t.Parallel()
	if got := encode("a b+c/ё~._-%"); got != "a+b%2Bc%2F%D1%91~._-%25" {
		t.Errorf("got %s", got)
	}
	for _, bad := range []string{"%", "%4", "a=%zz", "%4&b"} {
		if got, err := decodeForm(bad); err == nil {
			t.Errorf("%s: got %v, want an error", bad, got)
		}
	}
	got, err := decodeForm("&a=1&Shp_x=%D1%91+%2B&b&&a=2")
	if err != nil || len(got) != 4 || got[1] != [2]string{"Shp_x", "ё +"} || got[2] != [2]string{"b", ""} || got[3] != [2]string{"a", "2"} {
		t.Errorf("got %q, %v", got, err)
	}
}

// FuzzForm holds decoding to encoding.
func FuzzForm(f *testing.F) {
	f.Add("OutSum", "10.000000")
	f.Add("Shp_ё", "a b&=%+\x00\xff")
	f.Fuzz(func(t *testing.T, name, value string) {
		got, err := decodeForm(encodeForm([][2]string{{name, value}, {"b", ""}}))
		if err != nil || len(got) != 2 || got[0] != [2]string{name, value} {
			t.Errorf("%q=%q came back as %q, %v", name, value, got, err)
		}
	})
}

// A JWS is taken with RS256 alone, over the bytes as they came.
func TestOpenToken_refused(t *testing.T) {
	t.Parallel()
	b64 := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	body := b64(`{"data":{"state":"HOLD"}}`)
	tests := map[string]string{
		"none":           b64(`{"alg":"none"}`) + "." + body + ".",
		"HS256":          b64(`{"alg":"HS256"}`) + "." + body + "." + b64("sum"),
		"RS512":          b64(`{"alg":"RS512"}`) + "." + body + "." + b64("sum"),
		"no alg":         b64(`{}`) + "." + body + "." + b64("sum"),
		"no header":      "." + body + "." + b64("sum"),
		"no base64":      "a*." + body + "." + b64("sum"),
		"wrong":          b64(`{"alg":"RS256"}`) + "." + body + "." + b64("sum"),
		"two parts only": body + "." + body,
	}
	for name, token := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ask(t, world.Account(), func(s shop) (string, error) {
				_, err := s.openToken(token)
				var f *contract.Failure
				if err == nil {
					return "taken", nil
				}
				f, _ = err.(*contract.Failure) //nolint:errorlint // it is its own
				return string(f.Code), nil
			})
			if got != string(contract.BadSignature) {
				t.Errorf("got %s, want %s", got, contract.BadSignature)
			}
		})
	}
}
