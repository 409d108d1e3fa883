package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/oklog/run"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/sdk/simulator"
)

type serveCmd struct {
	Log      string `help:"Least level that is logged: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
	CacheDir string `help:"Folder for compiled plugins; only the gateway may write there." type:"path" placeholder:"DIR"`
}

// Help shows an example.
func (serveCmd) Help() string {
	return "Example:\n  kassette --config /etc/kassette/kassette.yaml serve"
}

// stopTime is how long requests and calls under way may take to end.
const stopTime = 30 * time.Second

// Run serves until the context ends.
func (cmd serveCmd) Run(ctx context.Context, c *cli, s streams) error {
	gin.SetMode(gin.ReleaseMode)
	var level slog.Level
	if err := level.UnmarshalText([]byte(cmd.Log)); err != nil {
		return err
	}
	cfg, err := host.LoadConfig(c.Config)
	if err != nil {
		return err
	}
	if cmd.CacheDir == "" {
		if dir, err := os.UserCacheDir(); err == nil {
			cmd.CacheDir = filepath.Join(dir, "kassette")
		}
	}
	log := host.NewLogger(s.err, level)
	h, err := host.New(ctx, host.Options{Config: cfg, Logger: log, CacheDir: cmd.CacheDir})
	if err != nil {
		return err
	}
	var g run.Group
	err = errors.Join(
		serve(&g, cfg.Listen.Gateway, "KASSETTE_GATEWAY_ADDR", h.Handler()),
		serve(&g, cfg.Listen.Admin, "KASSETTE_ADMIN_ADDR", h.AdminHandler()),
	)
	if err == nil {
		work, stop := context.WithCancel(ctx)
		g.Add(func() error { return h.Run(work) }, func(error) { stop() })
		g.Add(func() error { <-ctx.Done(); return nil }, func(error) {})
		log.Info("serving", "gateway", cfg.Listen.Gateway, "operators", cfg.Listen.Admin, "public_url", cfg.PublicURL)
		err = g.Run()
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(err, h.Close(closing))
}

// serve adds a server to the group. It ends with the group and lets requests
// under way end.
func serve(g *run.Group, addr, variable string, h http.Handler) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w; choose another address with %s", addr, err, variable)
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	g.Add(func() error {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", addr, err)
		}
		return nil
	}, func(error) {
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		if s.Shutdown(ctx) != nil {
			_ = s.Close()
		}
	})
	return nil
}

type simulateCmd struct {
	Provider   string `arg:"" help:"The provider: ${providers}."`
	Addr       string `help:"Address to listen on." default:"127.0.0.1:8082" env:"KASSETTE_SIMULATOR_ADDR"`
	PublicURL  string `help:"Base URL that the simulator hands out; by default its address." placeholder:"URL"`
	WebhookURL string `help:"Where the provider sends its webhooks." placeholder:"URL"`
}

// Help shows an example.
func (simulateCmd) Help() string {
	return "Example:\n  kassette simulate " + simulator.All()[0] + " --addr 127.0.0.1:9001 --webhook-url http://127.0.0.1:8080/webhooks/ACCOUNT"
}

// Run serves the provider at the root until the context ends.
func (cmd simulateCmd) Run(ctx context.Context, s streams) error {
	if cmd.PublicURL == "" {
		cmd.PublicURL = "http://" + cmd.Addr
	}
	p, err := simulator.New(cmd.Provider, simulator.Options{PublicURL: cmd.PublicURL, WebhookURL: cmd.WebhookURL, Logger: host.NewLogger(s.err, slog.LevelInfo)})
	if err != nil {
		return err
	}
	var g run.Group
	if err := serve(&g, cmd.Addr, "KASSETTE_SIMULATOR_ADDR", simulator.Root(p)); err != nil {
		return errors.Join(err, p.Close())
	}
	g.Add(func() error { <-ctx.Done(); return nil }, func(error) {})
	fmt.Fprintf(s.out, "%s is simulated at %s, its control API at %s/_sim/%s/. Stop with Ctrl-C.\n", p.Name(), cmd.PublicURL, cmd.PublicURL, p.Name())
	return errors.Join(g.Run(), p.Close())
}
