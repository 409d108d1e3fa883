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
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/oklog/run"

	"github.com/kassette-pay/kassette/host"
)

type serveCmd struct {
	Log      string `help:"Least level that is logged: debug, info, warn or error." default:"info" enum:"debug,info,warn,error"`
	CacheDir string `help:"Folder for compiled plugins; only the gateway may write there." type:"path" placeholder:"DIR"`
}

// Help shows an example.
func (serveCmd) Help() string {
	return "Ends with status 0 on SIGTERM or Ctrl-C, once what is under way has ended. Logs go to standard error, a line of JSON each.\n\nExample:\n\n  kassette --config /etc/kassette/kassette.yaml serve"
}

// orUserCache is the folder for compiled plugins: dir, else one of the user's own.
func orUserCache(dir string) string {
	if user, err := os.UserCacheDir(); dir == "" && err == nil {
		return filepath.Join(user, "kassette")
	}
	return dir
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
	cfg, err := c.loadValid()
	if err != nil {
		return err
	}
	log := host.NewLogger(s.err, level)
	h, err := host.New(ctx, host.Options{Config: cfg, Logger: log, CacheDir: orUserCache(cmd.CacheDir)})
	if err != nil {
		return err
	}
	var g run.Group
	gateway, errGateway := listen(cfg.Listen.Gateway, "listen.gateway or KASSETTE_GATEWAY_ADDR")
	operators, errOperators := listen(cfg.Listen.Admin, "listen.admin or KASSETTE_ADMIN_ADDR")
	if err = errors.Join(errGateway, errOperators); err == nil {
		serve(&g, gateway, h.Handler())
		serve(&g, operators, h.AdminHandler())
		work, stop := context.WithCancel(ctx)
		g.Add(func() error { return h.Run(work) }, func(error) { stop() })
		g.Add(func() error { <-ctx.Done(); return nil }, func(error) {})
		log.Info("serving", "gateway", gateway.Addr().String(), "operators", operators.Addr().String(), "public_url", cfg.PublicURL)
		err = g.Run()
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(err, h.Close(closing))
}

// listen opens a listener; setting is what its address is chosen by.
func listen(addr, setting string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("listen on %s: another program has it; stop that, or choose another address with %s", addr, setting)
	case err != nil:
		return nil, fmt.Errorf("listen on %s: %w; choose another address with %s", addr, err, setting)
	}
	return l, nil
}

// serve adds a server to the group. It ends with the group and lets requests
// under way end.
func serve(g *run.Group, l net.Listener, h http.Handler) {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	g.Add(func() error {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
		return nil
	}, func(error) {
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		if s.Shutdown(ctx) != nil {
			_ = s.Close()
		}
	})
}
