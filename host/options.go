// Package host is the payment gateway as a library: it joins the rooms below
// internal/ and can be served by itself (cmd/kassette) or mounted below a path
// of another Gin program.
//
//	h, err := host.New(ctx, host.Options{Config: cfg})
//	router.Any("/till/*path", gin.WrapH(h.Handler())) // public_url ends in /till
//	go h.Run(ctx)
//	defer h.Close(ctx)
package host

import (
	"crypto/x509"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/kassette-pay/kassette/host/internal/config"
	"github.com/kassette-pay/kassette/host/internal/telemetry"
)

// Config is the configuration: see examples/deploy/kassette.yaml.
type Config = config.Config

// LoadConfig reads the configuration file, "" for none, and the environment.
// The error lists every problem with its line and what to do.
func LoadConfig(path string) (Config, error) { return config.Load(path, os.Getenv) }

// NewLogger makes the gateway's logger: JSON lines, without attributes whose
// names promise a secret.
func NewLogger(w io.Writer, level slog.Leveler) *slog.Logger { return telemetry.NewLogger(w, level) }

// Options are what a Host is made of. Config alone is needed.
type Options struct {
	Config Config
	// Logger is where the host writes. Values of secrets are masked before they
	// reach it. Default: JSON on standard error.
	Logger *slog.Logger
	// Roots are the certificate authorities that are trusted towards providers
	// and shops. Default: the system's. The host has an HTTP client of its own,
	// shared with nobody: it checks each address when it is dialled.
	Roots *x509.CertPool
	// UserAgent is how the host names itself to providers and shops. Default: Kassette.
	UserAgent string
	// Clock tells the time. Default: time.Now.
	Clock func() time.Time
	// CacheDir holds compiled plugins between starts; "" keeps none. It holds
	// machine code that is trusted when read: nobody else may write there.
	CacheDir string
	// StoryOrders is how many of the latest orders' stories are kept in memory for
	// the operators' timeline. Default: 200.
	StoryOrders int
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = telemetry.NewLogger(os.Stderr, slog.LevelInfo)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	return o
}
