package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"text/template"
	"time"

	"github.com/kassette-pay/kassette/examples/shop"
	"github.com/kassette-pay/kassette/host"
)

//go:embed kassette.yaml.tmpl
var configText string

// settings are where the demo's parts live and what they share.
type settings struct {
	Gateway, Admin, Simulator, Shop string
	Plugins, AdminKey, NoticeSecret string
	credentials
}

// variables name the demo's four addresses, in the order of its listeners.
var variables = []struct{ name, standard string }{
	{"KASSETTE_GATEWAY_ADDR", "127.0.0.1:8080"},
	{"KASSETTE_ADMIN_ADDR", "127.0.0.1:8081"},
	{"KASSETTE_SIMULATOR_ADDR", "127.0.0.1:8082"},
	{"KASSETTE_SHOP_ADDR", "127.0.0.1:8090"},
}

const apiKey = "demo"

func settingsOf(env func(string) string) settings {
	get := func(name, standard string) string {
		if v := env(name); v != "" {
			return v
		}
		return standard
	}
	plugins, err := filepath.Abs(get("KASSETTE_DEMO_PLUGINS", filepath.Join("build", "plugins")))
	if err != nil {
		plugins = filepath.Join("build", "plugins")
	}
	return settings{
		Gateway: get(variables[0].name, variables[0].standard), Admin: get(variables[1].name, variables[1].standard),
		Simulator: get(variables[2].name, variables[2].standard), Shop: get(variables[3].name, variables[3].standard),
		Plugins: plugins, AdminKey: get("KASSETTE_ADMIN_KEY", "demo"),
		NoticeSecret: "whsec_bW9sZW4tZW4tbWFhbi1kZW1vLXNlY3JldC0wMQ==",
		credentials:  demoCredentials(),
	}
}

// listen opens the four listeners before anything else is done, so that a port
// that is taken is said at once.
func (s settings) listen() ([]net.Listener, error) {
	var list []net.Listener
	for i, addr := range []string{s.Gateway, s.Admin, s.Simulator, s.Shop} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			for _, open := range list {
				_ = open.Close()
			}
			if errors.Is(err, syscall.EADDRINUSE) {
				return nil, fmt.Errorf("%s is taken by another program; choose another address: %s=127.0.0.1:PORT make run", addr, variables[i].name)
			}
			return nil, fmt.Errorf("listen on %s (%s): %w", addr, variables[i].name, err)
		}
		list = append(list, l)
	}
	return list, nil
}

// config writes the demo's configuration and reads it as any other.
func (s settings) config() (host.Config, error) {
	t, err := template.New("kassette.yaml").Parse(configText)
	if err != nil {
		return host.Config{}, fmt.Errorf("read the demo's configuration: %w", err)
	}
	var text strings.Builder
	if err := t.Execute(&text, s); err != nil {
		return host.Config{}, fmt.Errorf("write the demo's configuration: %w", err)
	}
	dir, err := os.MkdirTemp("", "kassette-demo-")
	if err != nil {
		return host.Config{}, fmt.Errorf("write the demo's configuration: %w", err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "kassette.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		return host.Config{}, fmt.Errorf("write the demo's configuration: %w", err)
	}
	return host.LoadConfig(path)
}

func (s settings) shop(shops *platforms) (http.Handler, error) {
	h, err := shop.New(shop.Config{
		Name: "Molen & Maan", PublicURL: "http://" + s.Shop, GatewayURL: "http://" + s.Gateway,
		Key: apiKey, NoticeSecret: s.NoticeSecret, StoryURL: "/story",
	})
	if err != nil {
		return nil, fmt.Errorf("open the shop: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", h)
	mux.Handle("/story", s.story())
	mux.Handle("/story/", s.story())
	mux.Handle("/platforms", shops.page())
	mux.Handle("/platforms/", shops.page())
	return mux, nil
}

func (s settings) welcome(out io.Writer, took time.Duration) {
	fmt.Fprintf(out, `
Kassette is running (started in %.1f s). No real money moves here.

  The shop                http://%s/
  The story of a payment  http://%s/story
  Shops on WooCommerce
  and Magento             http://%s/platforms
  API documents           http://%s/docs
  Operators               http://%s/ready   (key: %s)

  API key of the shop: %s. An order by hand:

    curl -s http://%s/v1/orders -H "Authorization: Bearer %s" -H "Content-Type: application/json" \
      -d '{"reference":"first-1","amount":{"value":4999,"currency":"EUR"},"description":"First order","return_url":"http://%s/","cancel_url":"http://%s/","country":"NL","locale":"nl-NL"}'

  Then open the checkout_url of the answer. Stop with Ctrl-C.
`, took.Seconds(), s.Shop, s.Shop, s.Shop, s.Gateway, s.Admin, s.AdminKey, apiKey, s.Gateway, apiKey, s.Shop, s.Shop)
}
