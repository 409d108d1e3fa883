// Package pages is what consumers see: the choice of a method, the waiting
// page, the way back, and what to do when something went wrong.
//
// Every page is made on the server, works without script, loads nothing from
// anybody else, and is addressed by the order's pay link alone: there are no
// cookies. A GET never starts a payment.
package pages

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// Options are what Pages are made of.
type Options struct {
	Consumer checkout.Consumer
	// PublicURL is where consumers reach the host, without a slash at the end.
	// Its path is the prefix of every link.
	PublicURL string
	Logger    *slog.Logger
	Clock     checkout.Clock
	// HideUnavailable says that a shop wants methods that cannot be used now
	// left out; nil: they are shown with the reason.
	HideUnavailable func(shop string) bool
	// Seen hears of each page of an order that was shown; nil: nobody.
	Seen func(order, page string)
}

// Pages serves the consumer's pages. Make one with [New].
type Pages struct {
	Options
	base      string // the path of PublicURL
	templates *template.Template
	texts     *texts
	assets    map[string]asset
}

type asset struct {
	kind string
	data []byte
	link string
}

var assetTypes = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}

// New makes Pages. It fails if a template or a text is wrong.
func New(o Options) (*Pages, error) {
	u, err := url.Parse(o.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("public URL %q: %w", o.PublicURL, err)
	}
	p := &Pages{Options: o, base: strings.TrimRight(u.Path, "/"), assets: map[string]asset{}}
	if p.texts, err = loadTexts(); err != nil {
		return nil, err
	}
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	for _, e := range entries {
		data, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read assets: %w", err)
		}
		sum := sha256.Sum256(data)
		ext := e.Name()[strings.LastIndexByte(e.Name(), '.'):]
		p.assets[e.Name()] = asset{assetTypes[ext], data, p.base + "/pay/assets/" + e.Name() + "?v=" + hex.EncodeToString(sum[:6])}
	}
	p.templates, err = template.New("").ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	return p, nil
}

// Register adds the routes, relative to the prefix.
func (p *Pages) Register(r gin.IRouter) {
	r.GET("/pay/assets/:name", p.asset)
	r.HEAD("/pay/assets/:name", p.asset)
	r.GET("/pay/:token", p.show)
	r.HEAD("/pay/:token", p.show)
	r.POST("/pay/:token", p.choose)
	r.GET("/pay/:token/with/:method", p.showOptions)
	r.GET("/pay/:token/go/:payment", p.onward)
	r.GET("/pay/:token/receipt/:payment", p.receipt)
	r.GET("/pay/:token/status", p.status)
	r.POST("/pay/:token/abort/:payment", p.abort)
	r.GET("/pay/:token/return/:payment", p.back)
	r.POST("/pay/:token/return/:payment", p.back)
	r.GET("/return/:account", p.backToAccount)
	r.POST("/return/:account", p.backToAccount)
}

// asset serves styles and scripts; their link carries their digest, so they
// may be kept for a year.
func (p *Pages) asset(c *gin.Context) {
	if name, ok := strings.CutPrefix(c.Param("name"), "accent-"); ok {
		p.accent(c, strings.TrimSuffix(name, ".css"))
		return
	}
	a, ok := p.assets[c.Param("name")]
	if !ok {
		c.Status(http.StatusNotFound)
		return
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Header("X-Content-Type-Options", "nosniff")
	c.Data(http.StatusOK, a.kind, a.data)
}

// accent serves a shop's colour as a style sheet of its own: the pages' policy
// allows no style within them. In the dark it is for buttons alone.
func (p *Pages) accent(c *gin.Context, hex string) {
	if !readable(hex) {
		c.Status(http.StatusNotFound)
		return
	}
	c.Header("Cache-Control", "public, max-age=31536000, immutable")
	c.Data(http.StatusOK, assetTypes[".css"], []byte(":root{--accent:#"+hex+"}@media (prefers-color-scheme:light){:root{--link:#"+hex+"}}"))
}

// link is a page of an order below the prefix.
func (p *Pages) link(token string, rest ...string) string {
	return p.base + "/pay/" + token + strings.Join(rest, "")
}

// to sends the consumer on to a page of the order, in the language that they
// asked for.
func (p *Pages) to(c *gin.Context, token string, rest ...string) {
	at := p.link(token, rest...)
	if lang := c.Query("lang"); lang != "" {
		mark := "?"
		if strings.Contains(at, "?") {
			mark = "&"
		}
		at += mark + "lang=" + url.QueryEscape(lang)
	}
	c.Redirect(http.StatusSeeOther, at)
}

// requestTime is how long a page may take: a plugin's call is in it.
const requestTime = 45 * time.Second

func (p *Pages) context(c *gin.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Request.Context(), requestTime)
}
