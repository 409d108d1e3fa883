package hostfn_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

var at = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// pki is a root, an intermediate and a leaf for certs.acme.example.
type pki struct {
	roots                 *x509.CertPool
	leaf, intermediate    string
	root                  string
	leafKey, intermediary *rsa.PrivateKey
}

func newPKI(t *testing.T) pki {
	t.Helper()
	p := pki{roots: x509.NewCertPool(), leafKey: rsaKey(t, 2048), intermediary: rsaKey(t, 2048)}
	rootKey := rsaKey(t, 2048)
	ca := func(name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
			NotBefore: at.AddDate(-1, 0, 0), NotAfter: at.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
		}
	}
	rootCert, rootPEM := issue(t, ca("root"), ca("root"), &rootKey.PublicKey, rootKey)
	interCert, interPEM := issue(t, ca("intermediate"), rootCert, &p.intermediary.PublicKey, rootKey)
	_, p.leaf = issue(t, &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: []string{"certs.acme.example"}, NotBefore: at.AddDate(0, -1, 0), NotAfter: at.AddDate(0, 1, 0),
	}, interCert, &p.leafKey.PublicKey, p.intermediary)
	p.intermediate, p.root = interPEM, rootPEM
	p.roots.AddCert(rootCert)
	return p
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func issue(t *testing.T, cert, parent *x509.Certificate, key any, signer crypto.Signer) (*x509.Certificate, string) {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, cert, parent, key, signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func publicPEM(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func verify(t *testing.T, in contract.VerifyRequest, v vault) contract.VerifyResult {
	t.Helper()
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := hostfn.Do(contract.VerifySignature, b, v)
	if err != nil {
		t.Fatal(err)
	}
	var res contract.VerifyResult
	if err := json.Unmarshal(out, &res); err != nil {
		t.Fatal(err)
	}
	return res
}

func sign(t *testing.T, key crypto.Signer, data string, opts crypto.SignerOpts) []byte {
	t.Helper()
	h := opts.HashFunc().New()
	h.Write([]byte(data))
	s, err := key.Sign(rand.Reader, h.Sum(nil), opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestVerify_keys(t *testing.T) {
	t.Parallel()
	key, other, short := rsaKey(t, 2048), rsaKey(t, 2048), rsaKey(t, 1024)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("data"))
	r, s, err := ecdsa.Sign(rand.Reader, curve, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	raw := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	pss := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	keyPEM, curvePEM := publicPEM(t, &key.PublicKey), publicPEM(t, &curve.PublicKey)
	tests := []struct {
		name string
		in   contract.VerifyRequest
		want string // of the error; "" for a signature that holds
	}{
		{"no key", contract.VerifyRequest{Algorithm: contract.RS256}, "either key_pem or chain_pem"},
		{"key and chain", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: keyPEM, ChainPEM: keyPEM}, "either key_pem or chain_pem"},
		{"no PEM", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: "MIIB"}, "not PEM"},
		{"private key", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"}, "use PUBLIC KEY"},
		{"no algorithm", contract.VerifyRequest{KeyPEM: keyPEM}, `algorithm ""`},
		{"none", contract.VerifyRequest{Algorithm: "none", KeyPEM: keyPEM}, `algorithm "none"`},
		{"HS256 with a public key", contract.VerifyRequest{Algorithm: "HS256", KeyPEM: keyPEM}, `algorithm "HS256"`},
		{"no signature", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: keyPEM, Data: []byte("data")}, "does not match"},
		{"other data", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: keyPEM, Data: []byte("Data"), Signature: sign(t, key, "data", crypto.SHA256)}, "does not match"},
		{"other key", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: keyPEM, Data: []byte("data"), Signature: sign(t, other, "data", crypto.SHA256)}, "does not match"},
		{"other hash", contract.VerifyRequest{Algorithm: contract.RS512, KeyPEM: keyPEM, Data: []byte("data"), Signature: sign(t, key, "data", crypto.SHA256)}, "does not match"},
		{"PKCS 1 for PSS", contract.VerifyRequest{Algorithm: contract.PS256, KeyPEM: keyPEM, Data: []byte("data"), Signature: sign(t, key, "data", crypto.SHA256)}, "does not match"},
		{"short key", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: publicPEM(t, &short.PublicKey), Data: []byte("data"), Signature: sign(t, short, "data", crypto.SHA256)}, "at least 2048 bits"},
		{"curve for RSA", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: curvePEM, Data: []byte("data"), Signature: raw}, "needs an RSA key"},
		{"RSA for a curve", contract.VerifyRequest{Algorithm: contract.ES256, KeyPEM: keyPEM, Data: []byte("data"), Signature: raw}, "P-256"},
		{"other curve", contract.VerifyRequest{Algorithm: contract.ES256, KeyPEM: publicPEM(t, &wide.PublicKey), Data: []byte("data"), Signature: raw}, "P-256"},
		{"ASN.1 for ES256", contract.VerifyRequest{Algorithm: contract.ES256, KeyPEM: curvePEM, Data: []byte("data"), Signature: sign(t, curve, "data", crypto.SHA256)}, "64 bytes"},
		{"zeros for ES256", contract.VerifyRequest{Algorithm: contract.ES256, KeyPEM: curvePEM, Data: []byte("data"), Signature: make([]byte, 64)}, "does not match"},
		{"RS256", contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: keyPEM, Data: []byte("data"), Signature: sign(t, key, "data", crypto.SHA256)}, ""},
		{"RS384", contract.VerifyRequest{Algorithm: contract.RS384, KeyPEM: keyPEM, Data: []byte("data"), Signature: sign(t, key, "data", crypto.SHA384)}, ""},
		{"RS512", contract.VerifyRequest{Algorithm: contract.RS512, KeyPEM: keyPEM, Data: []byte("data"), Signature: sign(t, key, "data", crypto.SHA512)}, ""},
		{"PS256", contract.VerifyRequest{Algorithm: contract.PS256, KeyPEM: keyPEM, Data: []byte("data"), Signature: sign(t, key, "data", pss)}, ""},
		{"ES256", contract.VerifyRequest{Algorithm: contract.ES256, KeyPEM: curvePEM, Data: []byte("data"), Signature: raw}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := verify(t, tt.in, vault{})
			if got.Valid != (tt.want == "") || !strings.Contains(got.Error, tt.want) {
				t.Errorf("got %+v, want an error with %q", got, tt.want)
			}
		})
	}
}

func TestVerify_chains(t *testing.T) {
	t.Parallel()
	p := newPKI(t)
	foreign := newPKI(t)
	signature := sign(t, p.leafKey, "data", crypto.SHA256)
	chain := p.leaf + p.intermediate
	good := contract.VerifyRequest{Algorithm: contract.RS256, ChainPEM: chain, Name: "certs.acme.example", Data: []byte("data"), Signature: signature, At: at}
	tests := []struct {
		name   string
		change func(in *contract.VerifyRequest, v *vault)
		want   string
	}{
		{"no name", func(in *contract.VerifyRequest, _ *vault) { in.Name = "" }, "needs name and at"},
		{"no time", func(in *contract.VerifyRequest, _ *vault) { in.At = time.Time{} }, "needs name and at"},
		{"other name", func(in *contract.VerifyRequest, _ *vault) { in.Name = "acme.example" }, "verify certificate chain"},
		{"too early", func(in *contract.VerifyRequest, _ *vault) { in.At = at.AddDate(0, -2, 0) }, "verify certificate chain"},
		{"too late", func(in *contract.VerifyRequest, _ *vault) { in.At = at.AddDate(0, 2, 0) }, "verify certificate chain"},
		{"no intermediate", func(in *contract.VerifyRequest, _ *vault) { in.ChainPEM = p.leaf }, "verify certificate chain"},
		{"its own root brought along", func(in *contract.VerifyRequest, v *vault) {
			in.ChainPEM, v.roots = chain+p.root, foreign.roots
		}, "verify certificate chain"},
		{"no roots", func(_ *contract.VerifyRequest, v *vault) { v.roots = x509.NewCertPool() }, "verify certificate chain"},
		{"intermediate first", func(in *contract.VerifyRequest, _ *vault) { in.ChainPEM = p.intermediate + p.leaf }, "verify certificate chain"},
		{"no certificate", func(in *contract.VerifyRequest, _ *vault) { in.ChainPEM = "x" }, "holds no certificate"},
		{"a key in the chain", func(in *contract.VerifyRequest, _ *vault) { in.ChainPEM = p.leaf + publicPEM(t, &p.leafKey.PublicKey) }, "PUBLIC KEY"},
		{"a long chain", func(in *contract.VerifyRequest, _ *vault) { in.ChainPEM = strings.Repeat(chain, 6) }, "up to 10"},
		{"broken certificate", func(in *contract.VerifyRequest, _ *vault) {
			in.ChainPEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
		}, "read certificate 1"},
		{"signed by the intermediate", func(in *contract.VerifyRequest, _ *vault) {
			in.Signature = sign(t, p.intermediary, "data", crypto.SHA256)
		}, "does not match"},
		{"good", func(*contract.VerifyRequest, *vault) {}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			in, v := good, vault{roots: p.roots}
			tt.change(&in, &v)
			got := verify(t, in, v)
			if got.Valid != (tt.want == "") || !strings.Contains(got.Error, tt.want) {
				t.Errorf("got %+v, want an error with %q", got, tt.want)
			}
		})
	}
}

var _ hostfn.Secrets = vault{}

// TestVerify_published checks the signature of a PayPal webhook as PayPal
// makes it, over transmission id, time, webhook id and the body's CRC-32.
func TestVerify_published(t *testing.T) {
	t.Parallel()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	signature, err := base64.StdEncoding.DecodeString("P7SDePNKKSU/Aj28LF3u8DnU6lpM884U+9QpEk3NXwjNXfk/FyfJ3Wx98ZrGoBAf9f2hD3Y+6l2HMhs9aoAXn6VMAokUZC7nVHzLgy6dgO8M1WBt4hJCiQ0IaZPyVE0Y" +
		"7WXJ5x2uO6h1oJ5t5Smkm/HfnFr7PO5PPriyyr7GBGq9DFipLRIA+OabTjTULDW9gprvUX/qFOaVx+/PzWRwmhItcq8sIS5/imffsgDkipBKW4yQgf4oLqOGL5LtbNduEYFGzXuQrFJA9bgirik7HY/viS2hFDHTsCPfMnvluyeRrPs/U5h1wgRzo3wdlikF6t0nlQKhFlPb7zTcBurOyA==")
	if err != nil {
		t.Fatal(err)
	}
	v := vault{roots: x509.NewCertPool()}
	v.roots.AppendCertsFromPEM(read("root.pem"))
	in := contract.VerifyRequest{
		Algorithm: contract.RS256, ChainPEM: string(read("chain.pem")), Name: "messageverificationcerts.sandbox.paypal.com", Signature: signature, At: at,
	}
	for data, want := range map[string]bool{
		"0a1b2c3d-1111-11f0-9999-0123456789ab|2026-03-02T10:15:59Z|8PT597110X687430L|3450585514": false,
		"0a1b2c3d-1111-11f0-9999-0123456789ab|2026-03-02T10:15:31Z|8PT597110X687430M|3450585514": false,
		"0a1b2c3d-1111-11f0-9999-0123456789ab|2026-03-02T10:15:31Z|8PT597110X687430L|3450585514": true,
	} {
		in.Data = []byte(data)
		if got := verify(t, in, v); got.Valid != want {
			t.Errorf("%s: got %+v, want %t", data, got, want)
		}
	}
}
