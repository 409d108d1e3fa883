package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// keyPair writes a certificate for 127.0.0.1 and its key into files and gives
// the pool that trusts it.
func keyPair(t *testing.T, dir, name string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	write(t, dir, name+".pem", string(text))
	write(t, dir, name+".key", string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})))
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}

func TestSimulateTLS_bad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	keyPair(t, dir, "one")
	keyPair(t, dir, "two")
	write(t, dir, "not.pem", secret)
	for name, c := range map[string]struct {
		args   string
		status int
		err    []string
	}{
		"a certificate alone": {"--tls-cert one.pem", 2, []string{"--tls-cert and --tls-key must be used together"}},
		"a key alone":         {"--tls-key one.key", 2, []string{"--tls-cert and --tls-key must be used together"}},
		"no such certificate": {"--tls-cert none.pem --tls-key one.key", 1, []string{filepath.Join(dir, "none.pem"), "no such file", "--tls-cert"}},
		"no such key":         {"--tls-cert one.pem --tls-key none.key", 1, []string{filepath.Join(dir, "none.key"), "no such file", "--tls-key"}},
		"not PEM":             {"--tls-cert not.pem --tls-key one.key", 1, []string{"--tls-cert " + filepath.Join(dir, "not.pem"), "files in PEM"}},
		"another's key":       {"--tls-cert one.pem --tls-key two.key", 1, []string{"private key does not match", "of one and the same key"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := runIn(t, dir, nil, append([]string{"simulate", "terminal", "--addr", "127.0.0.1:0"}, strings.Fields(c.args)...)...)
			r.says(t, c.status, nil, append(c.err, "kassette: "))
		})
	}
	kassette(t, "simulate", "--help").says(t, 0, []string{"--tls-cert=FILE", "--tls-key=FILE"}, nil)
}

// Any provider is served over HTTPS with a key pair (protocol notes on nexo
// terminals, section 10), and over that alone.
func TestSimulateTLS(t *testing.T) {
	t.Parallel()
	at := regexp.MustCompile(`is simulated at (https://\S+), its control API at (https://\S+)\. `)
	for provider, path := range map[string]string{"terminal": "/?result", "omnikassa": "/"} {
		t.Run(provider, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			pool := keyPair(t, dir, "one")
			r := start(t, dir, nil, "simulate", provider, "--addr", "127.0.0.1:0", "--tls-cert", "one.pem", "--tls-key", "one.key")
			r.until("it says where it is", func() bool { return at.MatchString(r.out.String()) })
			where := at.FindStringSubmatch(r.out.String())
			client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
			t.Cleanup(client.CloseIdleConnections)
			get := func(url string) (int, string) {
				t.Helper()
				resp, err := client.Get(url)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if err != nil {
					t.Fatal(err)
				}
				return resp.StatusCode, string(body)
			}
			if status, body := get(where[2] + "books"); status != 200 || !strings.Contains(body, `"provider": "`+provider+`"`) {
				t.Errorf("its books: %d %s", status, body)
			}
			if status, body := get(where[1] + path); status >= 500 || body == "" {
				t.Errorf("its root: %d %s", status, body)
			}
			if status, body := get("http" + strings.TrimPrefix(where[1], "https") + path); status != 400 {
				t.Errorf("without TLS: %d %s", status, body)
			}
			client.CloseIdleConnections()
			if got := r.end(syscall.SIGTERM); got.status != 0 {
				t.Errorf("status: got %d, want 0\n%s", got.status, got.err)
			}
		})
	}
}
