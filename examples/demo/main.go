// Command demo runs all of Kassette in one process: the gateway with its
// plugins, the simulated providers and a small shop. Nothing else is needed,
// no real money moves, and what it keeps is lost at exit unless
// KASSETTE_REDIS_URL says where to keep it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/oklog/run"

	"github.com/kassette-pay/kassette/host"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := demo(ctx, os.Getenv, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// demo runs until the context ends.
func demo(ctx context.Context, env func(string) string, out io.Writer) (err error) {
	began := time.Now()
	gin.SetMode(gin.ReleaseMode)
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	s := settingsOf(env)
	listeners, err := s.listen()
	if err != nil {
		return err
	}
	cfg, err := s.config()
	if err != nil {
		return err
	}
	providers, closeProviders, err := s.providers(log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeProviders()) }()
	shops, err := s.shops(log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, shops.close()) }()
	cache, err := os.UserCacheDir()
	if err == nil {
		cache = filepath.Join(cache, "kassette-demo")
	}
	fmt.Fprintln(out, "      Compiling the plugins for this machine (the first time takes a few seconds).")
	gateway, err := host.New(ctx, host.Options{Config: cfg, Logger: log, CacheDir: cache})
	if err != nil {
		return err
	}
	shopfront, err := s.shop(shops)
	if err != nil {
		return err
	}
	var g run.Group
	serve(&g, listeners[0], gateway.Handler())
	serve(&g, listeners[1], gateway.AdminHandler())
	serve(&g, listeners[2], s.simulators(providers, shops))
	serve(&g, listeners[3], shopfront)
	work, stopWork := context.WithCancel(ctx)
	g.Add(func() error { return gateway.Run(work) }, func(error) { stopWork() })
	g.Add(func() error { shops.connect(work, s.takesOrders("woocommerce")); <-ctx.Done(); return nil }, func(error) {})
	s.welcome(out, time.Since(began))
	err = g.Run()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, gateway.Close(closing))
}

// serve adds a server to the group. It ends with the group, and lets requests
// under way end first.
func serve(g *run.Group, l net.Listener, h http.Handler) {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	g.Add(func() error {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", l.Addr(), err)
		}
		return nil
	}, func(error) {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if s.Shutdown(ctx) != nil {
			_ = s.Close()
		}
	})
}
