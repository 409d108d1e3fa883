package hostfn_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// vault is an account's secrets in a map.
type vault struct {
	secrets map[string]hostfn.Secret
	roots   *x509.CertPool
}

func (v vault) Secret(name string) (hostfn.Secret, bool) {
	s, ok := v.secrets[name]
	return s, ok
}

func (v vault) Roots() *x509.CertPool { return v.roots }

// all may be used for every hash.
func all(value string) hostfn.Secret {
	s := hostfn.Secret{Value: value}
	for _, a := range contract.HashAlgorithms() {
		s.Uses = append(s.Uses, contract.UseMAC(a), contract.UseDigest(a))
	}
	return s
}

func sum(t *testing.T, name contract.HostFunction, in any, v vault) contract.SumResult {
	t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := hostfn.Do(name, b, v)
	if err != nil {
		t.Fatal(err)
	}
	var res contract.SumResult
	if err := json.Unmarshal(out, &res); err != nil {
		t.Fatal(err)
	}
	return res
}

func TestDo_noProperCall(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  contract.HostFunction
		input string
	}{
		{"secret_reveal", `{}`},
		{"", `{}`},
		{contract.SecretMAC, ``},
		{contract.SecretMAC, `[]`},
		{contract.SecretMAC, `{"algorithm":"sha256","key":[{"secret":"k"}],"data":["abcd"],"keyEncoding":"base64"}`},
		{contract.SecretMAC, `{"algorithm":"sha256"} {}`},
		{contract.SecretDigest, `{"algorithm":"md5","data":[{"secret":"k","text":"abcd"}]}`},
		{contract.SecretDigest, `{"algorithm":"md5","data":["abcd"],"expect":"not base64!"}`},
		{contract.VerifySignature, `{"jwk":{}}`},
	}
	for _, tt := range tests {
		out, err := hostfn.Do(tt.name, []byte(tt.input), vault{})
		if err == nil {
			t.Errorf("%s %s: got %s, want an error", tt.name, tt.input, out)
		}
	}
}

func TestSums_refused(t *testing.T) {
	t.Parallel()
	const value = "hunter2-hunter2"
	v := vault{secrets: map[string]hostfn.Secret{
		"any":    all(value),
		"empty":  all(""),
		"bearer": {Value: value, Uses: []string{contract.UseBearer}},
		"sha512": {Value: value, Uses: []string{"mac:sha512"}},
		"md5":    {Value: value, Uses: []string{"digest:md5"}},
	}}
	mac := func(key string, a contract.Algorithm, encoding string, data ...contract.Part) contract.MACRequest {
		return contract.MACRequest{Algorithm: a, Key: contract.Parts{contract.Sec(key)}, KeyEncoding: encoding, Data: data}
	}
	text := contract.Lit("abcd")
	tests := []struct {
		name string
		in   any
		want string
	}{
		{"mac: algorithm", mac("any", "sha3", "", text), `algorithm "sha3"`},
		{"mac: algorithm in capitals", mac("any", "SHA512", "", text), `algorithm "SHA512"`},
		{"mac: no algorithm", mac("any", "", "", text), `algorithm ""`},
		{"mac: not set", mac("none", contract.SHA512, "", text), `secret "none" is not set`},
		{"mac: kept token", mac("bearer", contract.SHA512, "", text), `may not be used for mac:sha512`},
		{"mac: other hash", mac("sha512", contract.SHA256, "", text), `may not be used for mac:sha256`},
		{"mac: digest only", mac("md5", contract.MD5, "", text), `may not be used for mac:md5`},
		{"mac: secret data of another use", mac("any", contract.SHA512, "", text, contract.Sec("md5")), `secret "md5" may not be used for mac:sha512`},
		{"mac: empty key", mac("empty", contract.SHA512, "", text), "the key is empty"},
		{"mac: public key", contract.MACRequest{Algorithm: contract.SHA512, Key: contract.Parts{text}, Data: contract.Parts{contract.Sec("any"), text}}, "the key names no secret"},
		{"mac: no key", contract.MACRequest{Algorithm: contract.SHA512, Data: contract.Parts{text}}, "the key names no secret"},
		{"mac: encoding", mac("any", contract.SHA512, "hex", text), `key_encoding "hex"`},
		{"mac: key is not base64", mac("any", contract.SHA512, contract.KeyBase64, text), "the key is not base64"},
		{"mac: no data", mac("any", contract.SHA512, ""), "at least 1 byte"},
		{"mac: secret data alone", mac("any", contract.SHA512, "", contract.Sec("any")), "at least 1 byte"},
		{"digest: three bytes", contract.DigestRequest{Algorithm: contract.MD5, Data: contract.Parts{contract.Lit("ab"), contract.Sec("md5"), contract.Lit("c")}}, "at least 4 byte"},
		{"digest: one and two", contract.DigestRequest{Algorithm: contract.MD5, Data: contract.Parts{contract.Lit("a"), contract.Sec("md5")}, DataBase64: []byte("bc")}, "at least 4 byte"},
		{"digest: mac only", contract.DigestRequest{Algorithm: contract.SHA512, Data: contract.Parts{text, contract.Sec("sha512")}}, "may not be used for digest:sha512"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			name := contract.SecretMAC
			if _, ok := tt.in.(contract.DigestRequest); ok {
				name = contract.SecretDigest
			}
			got := sum(t, name, tt.in, v)
			if !strings.Contains(got.Error, tt.want) || got.Sum != nil || got.Equal {
				t.Errorf("got %+v, want an error with %q and no sum", got, tt.want)
			}
			if strings.Contains(got.Error, "hunter2") {
				t.Errorf("the error holds the secret: %s", got.Error)
			}
		})
	}
}

// TestVectors runs testdata/vectors.txt: one vector a line, in columns.
func TestVectors(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/vectors.txt")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for i, line := range strings.Split(string(file), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		n++
		t.Run(fmt.Sprintf("line %d", i+1), func(t *testing.T) {
			t.Parallel()
			f := strings.Split(line, " | ")
			if len(f) != 5 {
				t.Fatalf("got %d columns, want 5", len(f))
			}
			function, a, key, data, want := f[0], contract.Algorithm(f[1]), f[2], bytesOf(t, f[3]), bytesOf(t, "hex:"+f[4])
			name, in := contract.SecretDigest, func(expect []byte) any {
				return contract.DigestRequest{Algorithm: a, DataBase64: data, Expect: expect}
			}
			v := vault{}
			if function == "mac" {
				encoding := contract.KeyText
				if rest, ok := strings.CutPrefix(key, "base64:"); ok {
					key, encoding = rest, contract.KeyBase64
				} else {
					key, encoding = base64.StdEncoding.EncodeToString(bytesOf(t, key)), contract.KeyBase64
				}
				v.secrets = map[string]hostfn.Secret{"key": all(key)}
				name, in = contract.SecretMAC, func(expect []byte) any {
					return contract.MACRequest{Algorithm: a, Key: contract.Parts{contract.Sec("key")}, KeyEncoding: encoding, DataBase64: data, Expect: expect}
				}
			}
			if got := sum(t, name, in(nil), v); !slices.Equal(got.Sum, want) || got.Error != "" {
				t.Errorf("got %x %s, want %x", got.Sum, got.Error, want)
			}
			if got := sum(t, name, in(want), v); !got.Equal || got.Sum != nil {
				t.Errorf("got %+v for the right sum, want equal alone", got)
			}
			wrong := slices.Clone(want)
			wrong[len(wrong)-1] ^= 1
			for _, w := range [][]byte{wrong, want[:len(want)-1], append(slices.Clone(want), 0)} {
				if got := sum(t, name, in(w), v); got.Equal || got.Sum != nil {
					t.Errorf("got %+v for the wrong sum %x", got, w)
				}
			}
		})
	}
	if n < 25 {
		t.Errorf("got %d vectors, want at least 25", n)
	}
}

// bytesOf reads text, "hex:…" or "repeat:COUNT:hex".
func bytesOf(t *testing.T, column string) []byte {
	t.Helper()
	times := 1
	if rest, ok := strings.CutPrefix(column, "repeat:"); ok {
		if _, err := fmt.Sscanf(rest, "%d:", &times); err != nil {
			t.Fatal(err)
		}
		column = "hex:" + rest[strings.Index(rest, ":")+1:]
	}
	rest, ok := strings.CutPrefix(column, "hex:")
	if !ok {
		return []byte(column)
	}
	b, err := hex.DecodeString(rest)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(strings.Repeat(string(b), times))
}

func TestMAC_parts(t *testing.T) {
	t.Parallel()
	v := vault{secrets: map[string]hostfn.Secret{"a": all("Je"), "b": all("fe"), "merchant": all("nothing?")}}
	in := contract.MACRequest{
		Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("a"), contract.Sec("b")},
		Data: contract.Parts{contract.Lit("what do ya want for "), contract.Sec("merchant")},
	}
	want := "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" // RFC 4231, 4.3
	if got := sum(t, contract.SecretMAC, in, v); hex.EncodeToString(got.Sum) != want {
		t.Errorf("got %x %s, want %s", got.Sum, got.Error, want)
	}
	in.Data, in.DataBase64 = in.Data[:1], []byte("nothing?")
	if got := sum(t, contract.SecretMAC, in, v); hex.EncodeToString(got.Sum) != want {
		t.Errorf("with data_base64: got %x %s, want %s", got.Sum, got.Error, want)
	}
}

func TestMAC_emptyExpect(t *testing.T) {
	t.Parallel()
	in := `{"algorithm":"md5","key":[{"secret":"k"}],"data":["a"],"expect":""}`
	out, err := hostfn.Do(contract.SecretMAC, []byte(in), vault{secrets: map[string]hostfn.Secret{"k": all("x")}})
	if err != nil || string(out) != `{}` {
		t.Errorf("got %s, %v; want neither a sum nor equal", out, err)
	}
}

func FuzzDo(f *testing.F) {
	f.Add("secret_mac", `{"algorithm":"sha512","key":[{"secret":"s"}],"key_encoding":"base64","data":["abcd"]}`)
	f.Add("secret_mac", `{"algorithm":"sha1","key":["x",{"secret":"s"}],"data":[{"secret":"s"},"y"],"expect":"AAAA"}`)
	f.Add("secret_digest", `{"algorithm":"ripemd160","data":["abcd",{"secret":"s"}],"data_base64":"AAAA"}`)
	f.Add("verify_signature", `{"algorithm":"RS256","chain_pem":"-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n","name":"a.example","data":"","signature":"","at":"2026-03-02T09:30:00Z"}`)
	const secret = "unguessable-secret-value"
	f.Fuzz(func(t *testing.T, name, input string) {
		if strings.Contains(input, secret) {
			return
		}
		out, err := hostfn.Do(contract.HostFunction(name), []byte(input), vault{secrets: map[string]hostfn.Secret{"s": all(secret)}})
		if err != nil {
			out = []byte(err.Error())
		} else if !json.Valid(out) {
			t.Fatalf("%s %s: got %q, no JSON", name, input, out)
		}
		if strings.Contains(string(out), secret) {
			t.Fatalf("%s %s: got %s, which holds the secret", name, input, out)
		}
	})
}
