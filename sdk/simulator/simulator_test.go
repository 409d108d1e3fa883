package simulator_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/simulator"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

func start(t *testing.T, name string, o simulator.Options) simulator.Provider {
	t.Helper()
	p, err := simulator.New(name, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func status(h http.Handler, method, path string) (int, string) {
	r := httptest.NewRequest(method, path, strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+omnikassa.DemoRefreshToken)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestNew_refused(t *testing.T) {
	t.Parallel()
	if p, err := simulator.New("gold", simulator.Options{}); p != nil || err == nil || !strings.Contains(err.Error(), "omnikassa") {
		t.Errorf("unknown provider: got %v, %v, want an error that names the known ones", p, err)
	}
	if p, err := simulator.New("omnikassa", simulator.Options{PublicURL: "x"}); p != nil || err == nil {
		t.Errorf("bad public URL: got %v, %v", p, err)
	}
}

func TestAll_canBeMadeAndMounted(t *testing.T) {
	t.Parallel()
	for _, name := range simulator.All() {
		p := start(t, name, simulator.Options{})
		if p.Name() != name {
			t.Errorf("got name %q, want %q", p.Name(), name)
		}
		for mounted, h := range map[string]http.Handler{"mount": simulator.Mount(p), "root": simulator.Root(p)} {
			if code, body := status(h, "GET", "/_sim/"+name+"/books"); code != http.StatusOK {
				t.Errorf("%s, books of %s: got %d %s", mounted, name, code, body)
			}
			if code, body := status(h, "POST", "/_sim/"+name+"/faults"); code != http.StatusOK || !strings.Contains(body, `"known"`) {
				t.Errorf("%s, faults of %s: got %d %s", mounted, name, code, body)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	p := start(t, "omnikassa", simulator.Options{})
	mount, root := simulator.Mount(p), simulator.Root(p)
	const refresh = "/omnikassa-api/gatekeeper/refresh"
	for _, c := range []struct {
		h      http.Handler
		method string
		path   string
		status int
	}{
		{mount, "GET", "/omnikassa" + refresh, 200},
		{mount, "GET", "/omnikassa//omnikassa-api-sandbox/gatekeeper/refresh", 200},
		{mount, "GET", refresh, 404},
		{mount, "GET", "/", 404},
		{mount, "GET", "/_sim/gold/books", 404},
		{root, "GET", refresh, 200},
		{root, "GET", "/" + refresh, 200},
		{root, "GET", "/omnikassa" + refresh, 404},
		{root, "GET", "/_sim/omnikassa/next", 404},
		{root, "POST", "/" + "/omnikassa-api/order/server/api/v2/order", 401},
	} {
		if code, body := status(c.h, c.method, c.path); code != c.status {
			t.Errorf("%s %s: got %d %s, want %d", c.method, c.path, code, body, c.status)
		}
	}
}
