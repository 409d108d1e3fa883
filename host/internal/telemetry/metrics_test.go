package telemetry

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func aCall(id, orderID string) checkout.Call {
	return checkout.Call{
		ID: id, Order: orderID, Export: contract.CreatePayment, Plugin: order.Plugin{Name: "ideal", Version: "1.2.0"},
		Input: []byte(`{"payment":{"id":"pay_1","amount":{"value":1}}}`),
	}
}

func exchanged(request contract.Request, response *contract.Response, failed *contract.ExchangeError) call.Exchanged {
	return call.Exchanged{Round: 1, Exchange: contract.Exchange{Request: request, At: time.Unix(5, 0), Response: response, Error: failed}, Attempts: 1, Took: 2 * time.Millisecond}
}

// scrape reads the metrics as Prometheus does.
func scrape(t *testing.T, m *Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatalf("got %d: %s", w.Code, w.Body)
	}
	return w.Body.String()
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	c := aCall("call_1", "")
	m.Round(c, call.Round{Number: 1, Fuel: 50_000, Elapsed: time.Millisecond, Asked: 2})
	m.Round(c, call.Round{Number: 2, Fuel: 50_000, Elapsed: time.Millisecond})
	m.Round(c, call.Round{Number: 3, Error: "out of fuel"})
	get := contract.Request{Method: "GET", URL: "https://api.example:8443/x?token=" + canary}
	m.Exchanged(c, exchanged(get, &contract.Response{Status: 201}, nil))
	m.Exchanged(c, exchanged(get, nil, &contract.ExchangeError{Kind: contract.ErrorTimeout}))
	cached := exchanged(get, &contract.Response{Status: 200}, nil)
	cached.Cached = true
	m.Exchanged(c, cached)
	m.Finished(c, checkout.Ended{Outcome: order.OutcomeKnown}, time.Second)
	m.Finished(c, checkout.Ended{Outcome: order.OutcomeUnknown, Failure: &contract.Failure{Code: contract.ProviderUnavailable}}, time.Second)
	m.Finished(c, checkout.Ended{Failure: &contract.Failure{Code: contract.Declined}}, time.Second)
	m.Request("POST", "/v1/orders", 201, time.Millisecond)
	m.Alarm("tell", time.Millisecond, nil)
	m.Alarm("tell", time.Millisecond, errors.New("x"))
	m.Delivered("")
	m.Delivered("refused")
	m.Order("paid")
	m.Sandboxes(func() (int, int) { return 3, 7 })
	m.Unproven(func() int { return 2 })
	got := scrape(t, m)
	for _, want := range []string{
		`kassette_plugin_rounds_total{export="create_payment",plugin="ideal",result="asked",version="1.2.0"} 1`,
		`kassette_plugin_rounds_total{export="create_payment",plugin="ideal",result="done",version="1.2.0"} 1`,
		`kassette_plugin_rounds_total{export="create_payment",plugin="ideal",result="error",version="1.2.0"} 1`,
		`kassette_plugin_round_seconds_count{export="create_payment",plugin="ideal"} 3`,
		`kassette_plugin_round_fuel_sum{export="create_payment",plugin="ideal"} 100000`,
		`kassette_egress_requests_total{host="api.example:8443",kind="2xx",plugin="ideal"} 1`,
		`kassette_egress_requests_total{host="api.example:8443",kind="timeout",plugin="ideal"} 1`,
		`kassette_egress_requests_total{host="api.example:8443",kind="cached",plugin="ideal"} 1`,
		`kassette_plugin_calls_total{export="create_payment",plugin="ideal",result="ok",version="1.2.0"} 1`,
		`kassette_plugin_calls_total{export="create_payment",plugin="ideal",result="unknown",version="1.2.0"} 1`,
		`kassette_plugin_calls_total{export="create_payment",plugin="ideal",result="declined",version="1.2.0"} 1`,
		`kassette_http_requests_total{method="POST",route="/v1/orders",status="201"} 1`,
		`kassette_alarms_total{kind="tell",result="ok"} 1`, `kassette_alarms_total{kind="tell",result="error"} 1`,
		`kassette_deliveries_total{result="ok"} 1`, `kassette_deliveries_total{result="error"} 1`,
		`kassette_orders_total{status="paid"} 1`, `kassette_sandboxes_in_use 3`, `kassette_sandboxes_in_use_peak 7`, `kassette_plugins_unproven 2`, `go_goroutines`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("not there: %s", want)
		}
	}
	if strings.Contains(got, "canary") {
		t.Error("a metric holds a query")
	}
}

// TestMetrics_bounded: labels have an end, whatever is put into them.
func TestMetrics_bounded(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	for i := range 500 {
		c := aCall("call", "")
		c.Plugin = order.Plugin{Name: fmt.Sprintf("p%d\xff", i), Version: fmt.Sprint(i)}
		c.Export = contract.Export(fmt.Sprint(i))
		m.Round(c, call.Round{})
		m.Exchanged(c, exchanged(contract.Request{URL: fmt.Sprintf("https://h%d/", i)}, &contract.Response{Status: i}, nil))
		m.Finished(c, checkout.Ended{Failure: &contract.Failure{Code: contract.FailureCode(fmt.Sprint(i))}}, 0)
		m.Request(fmt.Sprint("M", i), fmt.Sprint("/", i), 200, 0)
		m.Alarm(fmt.Sprint(i), 0, nil)
		m.Order(fmt.Sprint(i))
	}
	if lines := strings.Count(scrape(t, m), "\n"); lines > 30_000 {
		t.Errorf("%d lines", lines)
	}
	for name, b := range map[string]*bounded{"routes": m.routes, "plugins": m.plugins, "versions": m.versions, "hosts": m.hosts, "kinds": m.kinds} {
		if len(b.seen) > b.max {
			t.Errorf("%s: %d values", name, len(b.seen))
		}
	}
	if !strings.Contains(scrape(t, m), `kassette_plugin_rounds_total{export="other",plugin="other",result="done",version="other"}`) {
		t.Error("what is too much is not counted as other")
	}
	m.Exchanged(aCall("c", ""), exchanged(contract.Request{URL: "http://[::1"}, nil, nil)) // a URL that cannot be read
}
