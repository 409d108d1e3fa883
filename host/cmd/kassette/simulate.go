package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/oklog/run"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/sdk/simulator"
)

type simulateCmd struct {
	Provider   string `arg:"" optional:"" help:"The provider: ${providers}. Without one they are listed."`
	Addr       string `help:"Address to listen on; port 0 takes a free one." default:"127.0.0.1:8082" env:"KASSETTE_SIMULATOR_ADDR"`
	PublicURL  string `help:"Base URL that the simulator hands out; by default its address." placeholder:"URL"`
	WebhookURL string `help:"Where the provider sends its webhooks." placeholder:"URL"`
	TLSCert    string `name:"tls-cert" and:"tls" help:"Certificate (PEM) to serve HTTPS with, and nothing else; wants --tls-key." type:"path" placeholder:"FILE"`
	TLSKey     string `name:"tls-key" and:"tls" help:"The certificate's private key (PEM)." type:"path" placeholder:"FILE"`
}

// Help shows an example.
func (simulateCmd) Help() string {
	return "It keeps its books in memory, and its control API has no password: for tests.\n\nExample:\n\n  kassette simulate " + simulator.All()[0] + " --addr 127.0.0.1:9001 --webhook-url http://127.0.0.1:8080/webhooks/ACCOUNT\n\nA card terminal over HTTPS, as a till meets one:\n\n  kassette simulate terminal --addr 127.0.0.1:8443 --tls-cert terminal.pem --tls-key terminal.key"
}

// Validate refuses a provider that nobody simulates.
func (cmd simulateCmd) Validate() error {
	if all := simulator.All(); cmd.Provider != "" && !slices.Contains(all, cmd.Provider) {
		return fmt.Errorf("there is no simulator of %q; there are %s", cmd.Provider, strings.Join(all, ", "))
	}
	return nil
}

// Run serves the provider at the root until the context ends.
func (cmd simulateCmd) Run(ctx context.Context, s streams) error {
	if cmd.Provider == "" {
		for _, name := range simulator.All() {
			fmt.Fprintln(s.out, name)
		}
		return nil
	}
	l, err := cmd.listen()
	if err != nil {
		return err
	}
	p, err := simulator.New(cmd.Provider, simulator.Options{PublicURL: cmd.PublicURL, WebhookURL: cmd.WebhookURL, Logger: host.NewLogger(s.err, slog.LevelInfo)})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	var g run.Group
	serve(&g, l, simulator.Root(p))
	g.Add(func() error { <-ctx.Done(); return nil }, func(error) {})
	fmt.Fprintf(s.out, "%s is simulated at %s, its control API at %s/_sim/%s/. Stop with Ctrl-C.\n", p.Name(), cmd.PublicURL, cmd.PublicURL, p.Name())
	return errors.Join(g.Run(), p.Close())
}

// listen opens the listener, with TLS where there is a key pair, and fills in
// PublicURL.
func (cmd *simulateCmd) listen() (net.Listener, error) {
	var secure *tls.Config
	if cmd.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(cmd.TLSCert, cmd.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("load the key pair of --tls-cert %s and --tls-key %s: %w; both are files in PEM, of one and the same key", cmd.TLSCert, cmd.TLSKey, err)
		}
		secure = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	l, err := listen(cmd.Addr, "--addr or KASSETTE_SIMULATOR_ADDR")
	if err != nil {
		return nil, err
	}
	base := baseURL(l.Addr())
	if secure != nil {
		l, base = tls.NewListener(l, secure), "https"+strings.TrimPrefix(base, "http")
	}
	if cmd.PublicURL == "" {
		cmd.PublicURL = base
	}
	return l, nil
}

// baseURL is where this machine reaches a listener.
func baseURL(a net.Addr) string {
	t, ok := a.(*net.TCPAddr)
	if !ok {
		return "http://" + a.String()
	}
	host := t.IP.String()
	if t.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(t.Port))
}
