// Package httpapi is the REST interface: shops come in through it, with a
// bearer key, and providers with their webhooks.
//
// It reads requests strictly, asks the use cases of checkout, and shows what
// came of it. It decides nothing about money; the one thing it decides is
// which HTTP status and which problem an error is (catalogue.go, errors.go).
//
// The document of the interface, OpenAPI 3.1, is in the package openapi and
// served at /v1/openapi.json; every answer in every test is held against it.
package httpapi

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi/forwarded"
	"github.com/kassette-pay/kassette/host/internal/view"
)

// How long a request may take. A read is answered before a caller gives up
// on a state that is down; a write goes on without its caller.
const (
	readTimeout    = 2 * time.Second
	optionsTimeout = 5 * time.Second
	writeTimeout   = 3 * time.Minute
	webhookTimeout = time.Minute
)

// Options say what an [API] is made of.
type Options struct {
	// API, Webhooks, Shops and Directory are the rooms behind the interface.
	API       checkout.API
	Webhooks  checkout.Webhooks
	Shops     checkout.Shops
	Directory checkout.Directory
	// Form is the consumer's page that takes a signed HTML form: it leads on to
	// the order's page, or says what is wrong. Nil: forms are not taken.
	Form gin.HandlerFunc
	// PublicURL is where consumers and shops reach the host. Where the host is
	// mounted below a path of another program it holds that path: every link
	// comes from here, none from the request.
	PublicURL string
	// TrustedProxies may say for whom they ask.
	TrustedProxies forwarded.Proxies
	// Logo gives the sanitised SVG of a method. Nil: there are no logos.
	Logo func(method string) (svg string, ok bool)
	// Observe, if set, hears of each request when it has been answered.
	Observe func(Observation)
	// Logger and Clock have defaults.
	Logger *slog.Logger
	Clock  checkout.Clock
}

// API serves the REST interface. It is safe for concurrent use.
type API struct {
	Options
	view     view.Maker
	document page
	docs     page
	problems page
}

// New makes an API and renders its documentation.
func New(o Options) (*API, error) {
	u, err := url.Parse(o.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("public URL %q: give http(s)://host[:port][/path]", o.PublicURL)
	}
	if o.API == nil || o.Webhooks == nil || o.Shops == nil || o.Directory == nil {
		return nil, errors.New("the REST interface needs API, Webhooks, Shops and Directory")
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Logo == nil {
		o.Logo = func(string) (string, bool) { return "", false }
	}
	a := &API{Options: o, view: view.Maker{PublicURL: o.PublicURL}}
	if err := a.renderDocuments(); err != nil {
		return nil, err
	}
	return a, nil
}

// route is one operation of the interface.
type route struct {
	method, path string
	// scope is what the key must have; "" is for everybody.
	scope checkout.Scope
	serve gin.HandlerFunc
}

func (a *API) routes() []route {
	return []route{
		{http.MethodPost, "/v1/orders", checkout.OrdersWrite, a.createOrder},
		{http.MethodGet, "/v1/orders", checkout.OrdersRead, a.listOrders},
		{http.MethodGet, "/v1/orders/:id", checkout.OrdersRead, a.getOrder},
		{http.MethodGet, "/v1/orders/:id/events", checkout.OrdersRead, a.listEvents},
		{http.MethodPost, "/v1/orders/:id/payments", checkout.OrdersWrite, a.startPayment},
		{http.MethodPost, "/v1/orders/:id/sync", checkout.OrdersWrite, a.syncOrder},
		{http.MethodPost, "/v1/orders/:id/cancel", checkout.OrdersWrite, a.cancelOrder},
		{http.MethodPost, "/v1/orders/:id/captures", checkout.OrdersWrite, a.capture},
		{http.MethodPost, "/v1/orders/:id/refunds", checkout.RefundsWrite, a.refund},
		{http.MethodGet, "/v1/orders/:id/refunds/:refund", checkout.OrdersRead, a.getRefund},
		{http.MethodPost, "/v1/orders/:id/control-reference", checkout.OrdersWrite, a.setControlReference},
		{http.MethodGet, "/v1/statement", checkout.StatementRead, a.statement},
		{http.MethodGet, "/v1/methods", checkout.OrdersRead, a.listMethods},
		{http.MethodGet, "/v1/methods/:method/logo.svg", "", a.logo},
		{http.MethodGet, "/v1/openapi.json", "", a.openAPI},
		{http.MethodGet, "/docs", "", a.showDocs},
		{http.MethodGet, "/docs/problems", "", a.showProblems},
		{http.MethodPost, "/v1/shops/:shop/orders", "", a.readOrder},
		{http.MethodPost, "/v1/shops/:shop/orders/:account", "", a.readOrder},
		{http.MethodPost, "/pay/form/:shop", "", a.payForm},
		{http.MethodGet, "/pay/form/:shop", "", a.payForm},
		{http.MethodGet, "/webhooks/:account", "", a.webhook},
		{http.MethodPost, "/webhooks/:account", "", a.webhook},
	}
}

// methods are those that a path answers: with what it offers, with its
// options, or with 405.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
	http.MethodDelete, http.MethodOptions, http.MethodConnect, http.MethodTrace}

// Register mounts the routes. It does not rely on settings of the engine: HEAD
// comes with every GET, OPTIONS and 405 are answered here. The engine's own
// redirects (RedirectTrailingSlash, RedirectFixedPath) are best turned off.
func (a *API) Register(r gin.IRouter) {
	g := r.Group("", a.around()...)
	offered := map[string][]string{}
	var paths []string
	for _, rt := range a.routes() {
		handlers := []gin.HandlerFunc{rt.serve}
		if rt.scope != "" {
			handlers = []gin.HandlerFunc{a.guard(rt.scope), rt.serve}
		}
		if offered[rt.path] == nil {
			paths = append(paths, rt.path)
		}
		g.Handle(rt.method, rt.path, handlers...)
		offered[rt.path] = append(offered[rt.path], rt.method)
		if rt.method == http.MethodGet && !strings.HasPrefix(rt.path, "/webhooks/") {
			g.Handle(http.MethodHead, rt.path, handlers...)
			offered[rt.path] = append(offered[rt.path], http.MethodHead)
		}
	}
	for _, path := range paths {
		a.refuseOthers(g, path, offered[path])
	}
}

// NoRoute answers what has no route, with 404 and a problem: for the engine's NoRoute.
func (a *API) NoRoute() []gin.HandlerFunc {
	return append(a.around(), func(c *gin.Context) {
		a.refuse(c, a.problem(c, problemNotFound, "There is nothing at this address. The interface is described at "+a.PublicURL+"/docs."))
	})
}

func (a *API) refuseOthers(g gin.IRoutes, path string, offered []string) {
	allow := strings.Join(append(offered, http.MethodOptions), ", ")
	has := map[string]bool{}
	for _, m := range offered {
		has[m] = true
	}
	for _, m := range methods {
		if has[m] {
			continue
		}
		g.Handle(m, path, func(c *gin.Context) {
			c.Header("Allow", allow)
			if c.Request.Method == http.MethodOptions {
				c.Status(http.StatusNoContent)
				return
			}
			a.refuse(c, a.problem(c, problemMethodNotAllowed, c.Request.Method+" does nothing here. Use "+allow+"."))
		})
	}
}
