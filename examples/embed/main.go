// Command embed is a Gin program with pages of its own that has the gateway
// mounted below a path of it: with the program's logger, the certificate
// authorities that the program trusts, and an end that leaves nothing running.
//
//	export KASSETTE_PUBLIC_URL=http://127.0.0.1:8080/kassette
//	go run ./examples/embed kassette.yaml
//
// The path of public_url is where the gateway is mounted; every link that it
// gives away begins with it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/oklog/run"

	"github.com/kassette-pay/kassette/host"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	gin.SetMode(gin.ReleaseMode)
	err := start(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// start reads the gateway's configuration, opens both listeners and serves.
func start(ctx context.Context, args []string) error {
	path := "" // KASSETTE_CONFIG
	if len(args) > 0 {
		path = args[0]
	}
	cfg, err := host.LoadConfig(path)
	if err != nil {
		return err
	}
	public, err := net.Listen("tcp", cfg.Listen.Gateway)
	if err != nil {
		return fmt.Errorf("listen for everybody: %w", err)
	}
	operators, err := net.Listen("tcp", cfg.Listen.Admin)
	if err != nil {
		return errors.Join(fmt.Errorf("listen for operators: %w", err), public.Close())
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("program", "embed")
	return serve(ctx, host.Options{Config: cfg, Logger: log, UserAgent: "OurShop/1.0"}, public, operators)
}

// stopTime is how long requests and payments under way may take to end.
const stopTime = 30 * time.Second

// serve runs the program until the context ends. What is opened here is closed
// here, in the opposite order: first nobody comes in any more, then what is due
// is left to the next start, then the gateway lets go.
func serve(ctx context.Context, o host.Options, public, operators net.Listener) error {
	gateway, err := host.New(ctx, o)
	if err != nil {
		return errors.Join(err, public.Close(), operators.Close())
	}
	own, err := routes(gateway.Handler(), o.Config.PublicURL)
	if err != nil {
		return errors.Join(err, gateway.Close(ctx), public.Close(), operators.Close())
	}
	var g run.Group
	add(&g, public, own)
	add(&g, operators, gateway.AdminHandler())
	work, stop := context.WithCancel(ctx)
	g.Add(func() error { return gateway.Run(work) }, func(error) { stop() })
	g.Add(func() error { <-ctx.Done(); return nil }, func(error) { stop() })
	err = g.Run()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(err, gateway.Close(closing))
}

// add has the group serve h. It lets requests under way end.
func add(g *run.Group, l net.Listener, h http.Handler) {
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
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
