package telemetry

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
)

// Bounds of labels.
const (
	maxRoutes   = 200
	maxPlugins  = 64
	maxVersions = 256
	maxHosts    = 256
	maxKinds    = 32
)

// Metrics are the gateway's, on a registry of their own. They implement
// [call.Observer]; the other methods are called by whoever does the work.
type Metrics struct {
	registry *prometheus.Registry

	requests, rounds, calls, egress, alarms, deliveries, orders *prometheus.CounterVec
	traps, pluginChanges                                        *prometheus.CounterVec
	requestTime, roundTime, callTime, egressTime, alarmTime     *prometheus.HistogramVec
	roundFuel                                                   *prometheus.HistogramVec

	routes, plugins, versions, hosts, kinds *bounded
}

// NewMetrics makes metrics that are all zero.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		routes:   newBounded(maxRoutes), plugins: newBounded(maxPlugins), versions: newBounded(maxVersions),
		hosts: newBounded(maxHosts), kinds: newBounded(maxKinds),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kassette_" + name, Help: help}, labels)
		m.registry.MustRegister(v)
		return v
	}
	histogram := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "kassette_" + name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(v)
		return v
	}
	slow := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 150}
	fast := []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1}
	m.requests = counter("http_requests_total", "Requests that were answered.", "method", "route", "status")
	m.requestTime = histogram("http_request_seconds", "Time to answer a request.", slow, "method", "route")
	m.rounds = counter("plugin_rounds_total", "Rounds of plugins: done, asked for requests, or error.", "plugin", "version", "export", "result")
	m.roundTime = histogram("plugin_round_seconds", "Time in the sandbox of one round.", fast, "plugin", "export")
	m.roundFuel = histogram("plugin_round_fuel", "Instructions of one round.", prometheus.ExponentialBuckets(10_000, 4, 8), "plugin", "export")
	m.calls = counter("plugin_calls_total", "Plugin operations that ended: ok, the failure's code, or unknown.", "plugin", "version", "export", "result")
	m.callTime = histogram("plugin_call_seconds", "Time of one plugin operation, answers of providers included.", slow, "plugin", "export")
	m.traps = counter("plugin_traps_total", "Runs of plugins that failed: counted are those for which a version is quarantined.", "plugin", "version", "counted")
	m.pluginChanges = counter("plugin_changes_total", "What this node did to plugins: activate, rollback, quarantine, retire, revoke, or that nothing_left of one can serve.", "plugin", "what")
	m.egress = counter("egress_requests_total", "Requests to providers and shops: status class, kind of error, or cached.", "plugin", "host", "kind")
	m.egressTime = histogram("egress_request_seconds", "Time of one request, repeats included.", slow, "plugin", "host")
	m.alarms = counter("alarms_total", "Alarms that were run.", "kind", "result")
	m.alarmTime = histogram("alarm_seconds", "Time of one alarm.", slow, "kind")
	m.deliveries = counter("deliveries_total", "Deliveries of events to shops.", "result")
	m.orders = counter("orders_total", "Orders that reached a status.", "status")
	return m
}

// Handler serves the metrics in Prometheus's format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Request counts a request that was answered. Route is the pattern, not the path.
func (m *Metrics) Request(method, route string, status int, took time.Duration) {
	method, route = m.kinds.label(method), m.routes.label(route)
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.requestTime.WithLabelValues(method, route).Observe(took.Seconds())
}

// Round implements [call.Observer].
func (m *Metrics) Round(c checkout.Call, r call.Round) {
	result := "done"
	switch {
	case r.Error != "":
		result = "error"
	case r.Asked > 0:
		result = "asked"
	}
	plugin, export := m.plugins.label(c.Plugin.Name), m.kinds.label(string(c.Export))
	m.rounds.WithLabelValues(plugin, m.versions.label(c.Plugin.Version), export, result).Inc()
	m.roundTime.WithLabelValues(plugin, export).Observe(r.Elapsed.Seconds())
	m.roundFuel.WithLabelValues(plugin, export).Observe(float64(r.Fuel))
}

// Exchanged implements [call.Observer].
func (m *Metrics) Exchanged(c checkout.Call, x call.Exchanged) {
	kind := ""
	switch {
	case x.Cached:
		kind = "cached"
	case x.Exchange.Error != nil:
		kind = string(x.Exchange.Error.Kind)
	case x.Exchange.Response != nil:
		kind = class(x.Exchange.Response.Status)
	}
	host := ""
	if u, err := url.Parse(x.Exchange.Request.URL); err == nil {
		host = u.Host
	}
	m.sent(c.Plugin.Name, host, kind, x.Took)
}

func (m *Metrics) sent(plugin, host, kind string, took time.Duration) {
	plugin, host = m.plugins.label(plugin), m.hosts.label(host)
	m.egress.WithLabelValues(plugin, host, m.kinds.label(kind)).Inc()
	m.egressTime.WithLabelValues(plugin, host).Observe(took.Seconds())
}

// Finished implements [call.Observer].
func (m *Metrics) Finished(c checkout.Call, e checkout.Ended, took time.Duration) {
	result := "ok"
	if e.Failure != nil {
		result = string(e.Failure.Code)
	}
	if e.Outcome == order.OutcomeUnknown {
		result = string(e.Outcome)
	}
	plugin, export := m.plugins.label(c.Plugin.Name), m.kinds.label(string(c.Export))
	m.calls.WithLabelValues(plugin, m.versions.label(c.Plugin.Version), export, m.kinds.label(result)).Inc()
	m.callTime.WithLabelValues(plugin, export).Observe(took.Seconds())
}

// PluginTrapped counts a run of a plugin that failed.
func (m *Metrics) PluginTrapped(plugin, version string, counted bool) {
	m.traps.WithLabelValues(m.plugins.label(plugin), m.versions.label(version), strconv.FormatBool(counted)).Inc()
}

// PluginChanged counts what this node did to a plugin.
func (m *Metrics) PluginChanged(plugin, what string) {
	m.pluginChanges.WithLabelValues(m.plugins.label(plugin), m.kinds.label(what)).Inc()
}

// Alarm counts an alarm that was run.
func (m *Metrics) Alarm(kind string, took time.Duration, err error) {
	result := "ok"
	if err != nil {
		result = "error"
	}
	kind = m.kinds.label(kind)
	m.alarms.WithLabelValues(kind, result).Inc()
	m.alarmTime.WithLabelValues(kind).Observe(took.Seconds())
}

// Delivered counts a delivery to a shop: failed if there is an error.
func (m *Metrics) Delivered(failure string) {
	result := "ok"
	if failure != "" {
		result = "error"
	}
	m.deliveries.WithLabelValues(result).Inc()
}

// Order counts an order that reached a status.
func (m *Metrics) Order(status string) { m.orders.WithLabelValues(m.kinds.label(status)).Inc() }

// Sandboxes shows how many sandboxes are in use, now and at most, as read
// whenever the metrics are.
func (m *Metrics) Sandboxes(inUse func() (now, peak int)) {
	m.gauge("kassette_sandboxes_in_use", "Sandboxes that run a plugin.", func() int { now, _ := inUse(); return now })
	m.gauge("kassette_sandboxes_in_use_peak", "The most sandboxes that ran at a time.", func() int { _, peak := inUse(); return peak })
}

// Unproven shows how many plugins have a sandbox per call, since they have not
// proven that one can be used again.
func (m *Metrics) Unproven(read func() int) {
	m.gauge("kassette_plugins_unproven", "Plugins that run in a sandbox per call, which is slow: the log says why.", read)
}

func (m *Metrics) gauge(name, help string, read func() int) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return float64(read()) }))
}

// class is a status as 2xx; none is error.
func class(status int) string {
	if status < 100 || status > 599 {
		return "error"
	}
	return strconv.Itoa(status/100) + "xx"
}

var _ call.Observer = (*Metrics)(nil)
