package host

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/errgroup"

	"github.com/kassette-pay/kassette/host/internal/alarm"
	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/console"
	"github.com/kassette-pay/kassette/host/internal/directory"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/httpapi"
	"github.com/kassette-pay/kassette/host/internal/notice"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/pages"
	"github.com/kassette-pay/kassette/host/internal/probe"
	"github.com/kassette-pay/kassette/host/internal/registry"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/host/internal/store"
	"github.com/kassette-pay/kassette/host/internal/telemetry"
	"github.com/kassette-pay/kassette/host/internal/view"
)

// Host is a running gateway. It is safe for concurrent use.
type Host struct {
	log       *slog.Logger
	store     *store.Redis
	directory *directory.Directory
	engine    sandbox.Engine
	registry  *registry.Registry
	egress    *egress.Client
	checkout  *checkout.Service
	alarms    *alarm.Worker
	public    http.Handler
	admin     http.Handler
}

// New opens the state, loads the plugins and joins the rooms. Nothing is due
// or done until [Host.Run]. The error says what to do; nothing is left open.
func New(ctx context.Context, o Options) (*Host, error) {
	o = o.withDefaults()
	if err := o.Config.Validate(); err != nil {
		return nil, err
	}
	h := &Host{}
	if err := h.join(ctx, o); err != nil {
		return nil, errors.Join(err, h.Close(context.WithoutCancel(ctx)))
	}
	return h, nil
}

func (h *Host) join(ctx context.Context, o Options) error {
	cfg := o.Config
	secrets := telemetry.NewSecrets(secretsOf(cfg)...)
	h.log = secrets.Mask(o.Logger)
	var err error
	if h.store, err = openStore(ctx, o, h.log); err != nil {
		return err
	}
	if h.directory, err = directory.Load(ctx, directory.Options{Config: cfg, State: h.store, Clock: o.Clock, Logger: h.log, Learned: secrets.Add}); err != nil {
		return err
	}
	if h.engine, err = sandbox.New(sandbox.Limits{CacheDir: o.CacheDir, Logger: h.log}); err != nil {
		return fmt.Errorf("start the sandbox: %w", err)
	}
	node, metrics := checkout.NewSecret(), telemetry.NewMetrics()
	if h.registry, err = registry.Load(ctx, registry.Options{
		Dir: cfg.Plugins.Folder, Engine: h.engine, State: h.store, Node: node, Grants: cfg.Grants(), Accounts: h.directory.All, Logger: h.log,
		TrustedKeys: trustedKeys(cfg), AllowUnsigned: cfg.Plugins.AllowUnsigned, Clock: o.Clock, Observer: metrics,
	}); err != nil {
		return fmt.Errorf("load plugins from %s: %w", cfg.Plugins.Folder, err)
	}
	h.directory.Hold(h.registry)
	if g, ok := h.engine.(sandbox.Gauge); ok {
		metrics.Sandboxes(g.InUse)
		metrics.Unproven(g.Unproven)
	}
	story := telemetry.NewStory(telemetry.StoryOptions{Orders: o.StoryOrders, Clock: o.Clock, Mask: secrets})
	h.egress = egress.New(egress.Options{Logger: h.log, Clock: o.Clock, Roots: o.Roots, UserAgent: o.UserAgent})
	runner := call.New(call.Options{
		Journal: h.store, Vault: h.store, Sender: h.egress, Modules: h.registry, Accounts: h.directory,
		Observer: telemetry.Observers{story, metrics}, Trapped: h.registry.Trapped, Clock: o.Clock, Logger: h.log, Node: node,
	})
	h.checkout = checkout.New(checkout.Options{
		Store: h.store, Caller: runner, Registry: h.registry, Directory: h.directory, PublicURL: cfg.PublicURL, Clock: o.Clock, Logger: h.log,
		BreakerOpen: func(account string) bool { return h.egress.State(account) == "open" },
		Committed:   h.nudge, Booked: story.Attribute, Happened: func(e order.Event) {
			if status, ok := strings.CutPrefix(string(e.Type), "order."); ok {
				metrics.Order(status)
			}
		},
	})
	maker := view.Maker{PublicURL: cfg.PublicURL}
	teller := notice.New(notice.Options{
		Store: h.store, Directory: h.directory, Sender: h.egress, Clock: o.Clock, Logger: h.log,
		Encode: func(order order.Order, e order.Event) (json.RawMessage, json.RawMessage) {
			return encode(maker.Event(order.ID, e)), encode(maker.Order(order, o.Clock()))
		},
		Shops: h.checkout, View: maker.Tell,
		Delivered: func(d notice.Delivered) {
			story.Delivered(d.Order, string(d.Event.Type), cmp.Or(d.URL, "account "+d.Account), d.Status, d.Error, d.Took)
			metrics.Delivered(d.Error)
		},
	})
	h.alarms = alarm.New(alarm.Options{Store: h.store, Work: h.checkout.Work, Tell: teller.Tell, Logger: h.log, Observe: metrics.Alarm})
	shops := shops{h.directory, probe.New(probe.Options{Directory: h.directory, Methods: h.checkout, Plugins: h.registry, Notices: teller, Logger: h.log})}
	return h.routes(o, shops, metrics, story, maker)
}

func openStore(ctx context.Context, o Options, log *slog.Logger) (*store.Redis, error) {
	ring, err := ringOf(o.Config)
	if err != nil {
		return nil, err
	}
	so := store.Options{URL: o.Config.Redis.URL.Text(), Seal: ring, Clock: o.Clock, Log: log}
	if so.URL == "" {
		log.Warn("the state is kept in this process and LOST AT EXIT; set KASSETTE_REDIS_URL to keep it")
		s, err := store.OpenEmbedded(ctx, so)
		if err != nil {
			return nil, fmt.Errorf("open the embedded state: %w", err)
		}
		return s, nil
	}
	s, err := store.Open(ctx, so)
	if errors.Is(err, checkout.ErrUnavailable) {
		return nil, fmt.Errorf("%w; is Redis running there? Its address is redis.url, or KASSETTE_REDIS_URL", err)
	}
	if err != nil {
		return nil, err
	}
	warnings, err := s.Warnings(ctx)
	if err != nil {
		log.Warn("the state's settings were not read", "error", err)
	}
	for _, w := range warnings {
		log.Warn("redis: " + w)
	}
	return s, nil
}

// routes makes the two listeners' handlers.
func (h *Host) routes(o Options, shops shops, metrics *telemetry.Metrics, story *telemetry.Story, maker view.Maker) error {
	cfg := o.Config
	proxies, err := cfg.Proxies()
	if err != nil {
		return fmt.Errorf("trusted_proxies: %w", err)
	}
	base, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return fmt.Errorf("public_url: %w", err)
	}
	consumer, err := pages.New(pages.Options{Consumer: h.checkout, PublicURL: cfg.PublicURL, Logger: h.log, Clock: o.Clock, HideUnavailable: hidden(h.directory), Seen: story.Page})
	if err != nil {
		return fmt.Errorf("make the pages: %w", err)
	}
	api, err := httpapi.New(httpapi.Options{
		API: h.checkout, Webhooks: h.checkout, Shops: h.checkout, Directory: h.directory, Form: consumer.Form, PublicURL: cfg.PublicURL, TrustedProxies: proxies,
		Logo: h.logo, Logger: h.log, Clock: o.Clock,
		Observe: func(ob httpapi.Observation) { metrics.Request(ob.Method, ob.Route, ob.Status, ob.Took) },
	})
	if err != nil {
		return fmt.Errorf("make the API: %w", err)
	}
	engine := gin.New()
	engine.RedirectTrailingSlash, engine.RedirectFixedPath, engine.HandleMethodNotAllowed = false, false, false
	engine.Use(hurry(bodyTime))
	engine.RemoteIPHeaders = []string{"X-Forwarded-For"}
	if err := engine.SetTrustedProxies(cfg.TrustedProxies); err != nil { // Gin would believe everybody
		return fmt.Errorf("trusted_proxies: %w", err)
	}
	group := engine.Group(strings.TrimRight(base.Path, "/"))
	api.Register(group)
	consumer.Register(group)
	engine.NoRoute(api.NoRoute()...)
	h.public = engine
	h.admin = hurryAll(uploadTime, console.New(console.Options{
		Store: h.store, Plugins: h.registry, Shops: shops, View: maker, Story: story, Metrics: metrics.Handler(), Key: cfg.AdminKey.Text(), Clock: o.Clock, Logger: h.log,
	}))
	return nil
}

// logo is the sanitised logo of an active method.
func (h *Host) logo(method string) (string, bool) {
	for _, o := range h.registry.Methods() {
		if o.Method.ID == method && o.Method.Logo != "" {
			return o.Method.Logo, true
		}
	}
	return "", false
}

// nudge has what an order's commit made due looked at now.
func (h *Host) nudge(id string) {
	if p, err := checkout.PartitionOfID(id); err == nil && h.alarms != nil {
		h.alarms.Nudge(p)
	}
}

// Handler serves shops, consumers and providers, below the path of public_url.
func (h *Host) Handler() http.Handler { return h.public }

// AdminHandler serves operators: health, readiness, metrics and the timeline.
// It belongs on a listener of its own that only they reach.
func (h *Host) AdminHandler() http.Handler { return h.admin }

// Run does what is due until the context ends: telling shops, asking
// providers, asking shops what their webhooks lost, ending what expires, taking
// over what other nodes left, and following the plugins that other nodes and the
// folder bring, and the shops.
func (h *Host) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.alarms.Run(ctx) })
	group.Go(func() error { return h.registry.Run(ctx) })
	group.Go(func() error { return h.directory.Run(ctx) })
	group.Go(func() error { h.syncShops(ctx); return nil })
	return group.Wait()
}

// syncShops asks shops what their webhooks lost, now and again.
func (h *Host) syncShops(ctx context.Context) {
	tick := time.NewTicker(checkout.SyncEvery / 10)
	defer tick.Stop()
	for {
		h.checkout.SyncShops(ctx)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Close waits for calls in flight and lets go of everything. Stop serving and
// running first. Where the context ends before them their requests are broken
// off; what cannot be ended in time is taken over from its journal.
func (h *Host) Close(ctx context.Context) error {
	if h.checkout != nil && !h.idle(ctx) {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), lastTime)
		defer cancel()
	}
	var errs []error
	if h.registry != nil {
		errs = append(errs, h.registry.Close(ctx))
	}
	if h.engine != nil {
		errs = append(errs, h.engine.Close(ctx))
	}
	if h.egress != nil {
		h.egress.Close()
	}
	if h.store != nil {
		errs = append(errs, h.store.Close())
	}
	return errors.Join(errs...)
}

// lastTime is how long letting go may take where calls outlasted Close's context.
const lastTime = 5 * time.Second

// idle waits for the calls that go on by themselves. It is false if they were
// broken off since the context ended.
func (h *Host) idle(ctx context.Context) bool {
	ended := make(chan struct{})
	go func() { defer close(ended); h.checkout.Close() }()
	select {
	case <-ended:
		return true
	case <-ctx.Done():
		h.egress.Close() // what is under way ends as lost
		<-ended
		return false
	}
}

func encode(v any) json.RawMessage {
	b, err := view.JSON(v)
	if err != nil { // views always encode
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return b
}
