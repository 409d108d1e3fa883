// Package simulator brings the payment providers' simulators together: it lists
// them, makes them by name, and mounts any number of them on one address.
//
// Each simulator is a package of its own with a configuration of its own; this
// package is for programs that want "a simulator of provider p" without knowing
// more of it, such as a demonstration or the command line. What the simulators
// share is in package control. Simulators are for tests and demonstrations: they
// keep their books in memory, and their control API has no password, so they
// belong on loopback.
package simulator

import (
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/bambora"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
	"github.com/kassette-pay/kassette/sdk/simulator/terminal"
)

// Provider is a running simulator of a payment provider.
type Provider interface {
	// Name is the name in [All] and the path it is mounted below.
	Name() string
	// ServeHTTP serves the provider's API and its consumer pages, for the root of
	// its mount point.
	http.Handler
	// Control serves the control API: POST /next, /faults, /clock and /notify, GET
	// /books.
	Control() http.Handler
	// Close ends what the simulator does by itself, and waits for it.
	Close() error
}

// Options are what every simulator takes; the zero value is the demonstration
// account without a webhook.
type Options struct {
	// PublicURL is the base under which browsers and shops reach the simulator,
	// mount point included: "http://127.0.0.1:8082/omnikassa".
	PublicURL  string
	WebhookURL string           // where the provider's notifications go
	Now        func() time.Time // base of the provider's clock; time.Now unless given
	Client     *http.Client     // sends the notifications
	Logger     *slog.Logger     // none unless given
}

// constructors makes each provider's simulator.
var constructors = map[string]func(Options) (Provider, error){
	bambora.Name: func(o Options) (Provider, error) {
		s, err := bambora.New(bambora.Config{PublicURL: o.PublicURL, WebhookURL: o.WebhookURL, Now: o.Now, Client: o.Client, Logger: o.Logger})
		if err != nil {
			return nil, err // and no Provider that holds a nil
		}
		return s, nil
	},
	omnikassa.Name: func(o Options) (Provider, error) {
		s, err := omnikassa.New(omnikassa.Config{PublicURL: o.PublicURL, WebhookURL: o.WebhookURL, Now: o.Now, Client: o.Client, Logger: o.Logger})
		if err != nil {
			return nil, err // and no Provider that holds a nil
		}
		return s, nil
	},
	paypal.Name: func(o Options) (Provider, error) {
		s, err := paypal.New(paypal.Config{PublicURL: o.PublicURL, WebhookURL: o.WebhookURL, Now: o.Now, Client: o.Client, Logger: o.Logger})
		if err != nil {
			return nil, err
		}
		return s, nil
	},
	robokassa.Name: func(o Options) (Provider, error) {
		s, err := robokassa.New(robokassa.Config{PublicURL: o.PublicURL, ResultURL: o.WebhookURL, Now: o.Now, Client: o.Client, Logger: o.Logger})
		if err != nil {
			return nil, err
		}
		return s, nil
	},
	terminal.Name: func(o Options) (Provider, error) {
		s, err := terminal.New(terminal.Config{Now: o.Now, Client: o.Client})
		if err != nil {
			return nil, err // and no Provider that holds a nil
		}
		return s, nil
	},
}

// All lists the providers that can be simulated, in alphabetical order.
func All() []string { return slices.Sorted(maps.Keys(constructors)) }

// New starts the simulator of a provider; its owner must Close it.
func New(name string, o Options) (Provider, error) {
	construct, ok := constructors[name]
	if !ok {
		return nil, fmt.Errorf("there is no simulator of %q; there are %s", name, strings.Join(All(), ", "))
	}
	return construct(o)
}

// Mount serves simulators below their names, /{provider}/…, and their control
// APIs below /_sim/{provider}/….
func Mount(providers ...Provider) http.Handler {
	under := map[string]http.Handler{}
	var names []string
	for _, p := range providers {
		names = append(names, p.Name())
		under["/"+p.Name()+"/"] = p
		under["/_sim/"+p.Name()+"/"] = p.Control()
	}
	return mount(under, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Simulators of payment providers. There are /{provider}/ and /_sim/{provider}/ for: "+strings.Join(names, ", "), http.StatusNotFound)
	}))
}

// Root serves one simulator at the root, and its control API below
// /_sim/{provider}/….
func Root(p Provider) http.Handler {
	return mount(map[string]http.Handler{"/_sim/" + p.Name() + "/": p.Control()}, p)
}

// mount leaves paths as they are apart from the prefix. An http.ServeMux would
// redirect those with double slashes, which clients make by joining a base and a
// path, and a redirected POST is lost.
func mount(under map[string]http.Handler, rest http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for prefix, h := range under {
			if strings.HasPrefix(r.URL.Path, prefix) {
				http.StripPrefix(strings.TrimSuffix(prefix, "/"), h).ServeHTTP(w, r)
				return
			}
		}
		rest.ServeHTTP(w, r)
	})
}

var _ Provider = (*omnikassa.Simulator)(nil)
