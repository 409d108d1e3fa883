package adminclient

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
)

// gateway answers every request in one way, and keeps the last.
type gateway struct {
	*httptest.Server
	status       int
	answer       string
	method, path string
	header       http.Header
	body         []byte
	form         map[string]string
}

func newGateway(t *testing.T, status int, answer string) *gateway {
	t.Helper()
	g := &gateway{status: status, answer: answer}
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.method, g.path, g.header, g.form = r.Method, r.URL.EscapedPath(), r.Header, map[string]string{}
		if parts, err := r.MultipartReader(); err == nil {
			for part, err := parts.NextPart(); err == nil; part, err = parts.NextPart() {
				text, _ := io.ReadAll(part)
				g.form[part.FormName()+" "+part.Header.Get("Content-Type")] = string(text)
			}
		} else {
			g.body, _ = io.ReadAll(r.Body)
		}
		if g.status/100 == 3 {
			w.Header().Set("Location", "http://127.0.0.1:1/")
		}
		w.WriteHeader(g.status)
		_, _ = io.WriteString(w, g.answer)
	}))
	t.Cleanup(g.Close)
	return g
}

func (g *gateway) client(t *testing.T, key string) *Client {
	t.Helper()
	c, err := New(g.URL+"/", key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew_bad(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "127.0.0.1:8081", "ftp://127.0.0.1", "http://", "http://a b"} {
		if _, err := New(base, ""); err == nil || !strings.Contains(err.Error(), DefaultURL) {
			t.Errorf("%q: got %v, want how an address is written", base, err)
		}
	}
}

// The demo's key goes to this machine and nowhere else, and a redirect takes
// no key along.
func TestKey(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]bool{
		"http://127.0.0.1:8081": true, "http://localhost": true, "https://[::1]:8081": true,
		"https://pay.example": false, "http://127.0.0.1.example": false, "http://10.0.0.1": false, "://": false,
	} {
		if got := IsLoopback(base); got != want {
			t.Errorf("%s: got %v, want %v", base, got, want)
		}
	}
	if c, err := New("https://pay.example", ""); err != nil || c.key != "" {
		t.Errorf("got %v, %v, want no key", c, err)
	}
	g := newGateway(t, http.StatusTemporaryRedirect, "")
	if _, err := g.client(t, "").Plugins(t.Context()); err == nil || !strings.Contains(err.Error(), "no gateway of this version") {
		t.Errorf("got %v, want that it is no gateway", err)
	}
	if got := g.header.Get("Authorization"); got != "Bearer demo" {
		t.Errorf("got %q, want the demo's key", got)
	}
	if _, err := g.client(t, "mine").Plugins(t.Context()); err == nil || g.header.Get("Authorization") != "Bearer mine" {
		t.Errorf("got %v with %q, want the key that was given", err, g.header.Get("Authorization"))
	}
}

// Whatever goes wrong is said with what to do.
func TestErrors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		answer string
		want   []string
	}{
		"wrong key":        {401, `{"status":401,"code":"unauthorized","detail":"Send the operators' key as a bearer token: KASSETTE_ADMIN_KEY."}`, []string{"KASSETTE_ADMIN_KEY", "admin_key of the gateway's configuration"}},
		"unknown":          {404, `{"code":"not_found","detail":"there is no plugin tulip"}`, []string{"no plugin tulip", "kassette plugin list"}},
		"older":            {409, `{"code":"older_version","detail":"it is older"}`, []string{"it is older (--force does it)"}},
		"not proven":       {422, `{"code":"not_proven","step":"canned","detail":"no output"}`, []string{"step canned: no output"}},
		"state is away":    {503, `{"code":"unavailable","detail":"Try again shortly."}`, []string{"Try again shortly (nothing was changed)"}},
		"not answered":     {503, `{"code":"unsure","detail":"kassette plugin list shows it."}`, []string{"kassette plugin list shows it."}},
		"another server":   {404, "404 page not found\n", []string{"answers 404 Not Found, which is no gateway"}},
		"another document": {200, "<html>", []string{"read the gateway's answer", "operators' listener"}},
		"half an answer":   {200, `{"plugins":[`, []string{"read the gateway's answer"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newGateway(t, c.status, c.answer).client(t, "").Plugins(t.Context())
			for _, want := range c.want {
				if err == nil || !strings.Contains(err.Error(), want) || name == "not answered" && strings.Contains(err.Error(), "nothing was changed") {
					t.Errorf("got %v, want %q in it", err, want)
				}
			}
		})
	}
	g := newGateway(t, 200, "")
	c := g.client(t, "")
	g.Close()
	if _, err := c.Plugins(t.Context()); err == nil || !strings.Contains(err.Error(), "is it running") || strings.Count(err.Error(), g.URL) != 1 {
		t.Errorf("got %v, want that nobody is there", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Plugins(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestPlugins(t *testing.T) {
	t.Parallel()
	c := newGateway(t, 200, `{"plugins":[{"name":"tulip","active":"ab12","versions":[{"version":"1.1.0","digest":"cd34"},{"version":"1.0.0","digest":"ab12","state":"active","reason":"x"}]}]}`).client(t, "")
	p, err := c.Plugin(t.Context(), "tulip")
	if err != nil || p.Find(p.Active).Version != "1.0.0" || p.Find("").Version != "" || p.Find("ef").Version != "" {
		t.Errorf("got %+v, %v", p, err)
	}
	if p, err := c.Plugin(t.Context(), "rose"); err != nil || p.Name != "rose" || len(p.Versions) > 0 {
		t.Errorf("got %+v, %v, want none", p, err)
	}
}

func TestInstall(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusCreated, http.StatusOK} {
		g := newGateway(t, status, `{"name":"tulip","version":"1.0.0","state":"checked"}`)
		v, fresh, err := g.client(t, "").Install(t.Context(), []byte("\x00asm"), []byte("untrusted comment: x\n"))
		if err != nil || v.State != "checked" || fresh != (status == http.StatusCreated) {
			t.Errorf("got %+v, %v, %v", v, fresh, err)
		}
		want := map[string]string{"plugin application/wasm": "\x00asm", "signature text/plain": "untrusted comment: x\n"}
		if g.method+" "+g.path != "POST /admin/v1/plugins" || !reflect.DeepEqual(g.form, want) {
			t.Errorf("got %s %s with %q", g.method, g.path, g.form)
		}
	}
	g := newGateway(t, 422, `{"code":"refused","detail":"not a Wasm module"}`)
	var p *Problem
	if _, _, err := g.client(t, "").Install(t.Context(), []byte("hello"), nil); !errors.As(err, &p) || p.Status != 422 || len(g.form) != 1 {
		t.Errorf("got %v with %q, want a problem, and no signature sent", err, g.form)
	}
}

const (
	built    = `{"step":"build","state":"started"}` + "\n" + `{"step":"build","state":"done","ms":12}` + "\n"
	gone     = `{"problem":{"status":409,"code":"asks_unconfirmed","detail":"it asks for more","difference":{"hosts":["a.example"],"secrets":{"key":["bearer"]},"digest":"d1"}}}` + "\n"
	replaced = `{"result":{"version":{"name":"tulip","version":"1.0.0"},"converged":1,"total":2}}` + "\n"
)

// Each step is heard of as it comes, and the last line says what came of it.
func TestChange(t *testing.T) {
	t.Parallel()
	changes := map[string]func(c *Client, a Activation) (Activated, error){
		"/admin/v1/plugins/tulip/versions/1.0.0+x/activate": func(c *Client, a Activation) (Activated, error) {
			return c.Activate(context.Background(), "tulip", "1.0.0+x", a)
		},
		"/admin/v1/plugins/tulip/rollback": func(c *Client, a Activation) (Activated, error) {
			return c.Rollback(context.Background(), "tulip", a)
		},
	}
	for path, change := range changes {
		g := newGateway(t, 200, built+replaced)
		var steps []Step
		got, err := change(g.client(t, ""), Activation{Force: true, Confirm: "d1", Progress: func(s Step) { steps = append(steps, s) }})
		if err != nil || got.Version.Version != "1.0.0" || got.Converged != 1 || got.Total != 2 {
			t.Errorf("got %+v, %v", got, err)
		}
		if want := []Step{{Step: "build", State: "started"}, {Step: "build", State: "done", Millis: 12}}; !reflect.DeepEqual(steps, want) {
			t.Errorf("got steps %v, want %v", steps, want)
		}
		if path != g.path {
			t.Errorf("got path %s, want %s", g.path, path)
		}
		var said map[string]any
		if err := json.Unmarshal(g.body, &said); err != nil || !reflect.DeepEqual(said, map[string]any{"force": true, "confirm": "d1"}) {
			t.Errorf("got %s, %v", g.body, err)
		}
		if !strings.Contains(g.header.Get("Accept"), "application/x-ndjson") {
			t.Errorf("got Accept %q", g.header.Get("Accept"))
		}
	}
}

func TestChange_bad(t *testing.T) {
	t.Parallel()
	var p *Problem
	_, err := newGateway(t, 200, built+gone).client(t, "").Activate(t.Context(), "tulip", "1.0.0", Activation{})
	if !errors.As(err, &p) || p.Code != CodeUnconfirmed || p.Difference == nil || p.Difference.Digest != "d1" {
		t.Fatalf("got %v, want what is to be confirmed", err)
	}
	want := []Ask{{"host", "a.example"}, {"secret", "key: bearer"}}
	if got := p.Difference.List(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for name, answer := range map[string]string{"no last line": built, "half a line": built + `{"result":`, "nothing": ""} {
		if _, err := newGateway(t, 200, answer).client(t, "").Rollback(t.Context(), "tulip", Activation{}); err == nil || !strings.Contains(err.Error(), "kassette plugin list") {
			t.Errorf("%s: got %v, want that nobody knows what came of it", name, err)
		}
	}
	if _, err := newGateway(t, 409, `{"code":"nothing_to_roll_back_to","detail":"no earlier version can serve"}`).client(t, "").Rollback(t.Context(), "tulip", Activation{}); !errors.As(err, &p) || p.Status != 409 {
		t.Errorf("got %v, want a problem", err)
	}
}

func TestRetireAndVersion(t *testing.T) {
	t.Parallel()
	g := newGateway(t, 200, `{"name":"tulip","version":"1.0.0","state":"retired","asks":{"hosts":[],"secrets":{},"operations":["get_payment"],"host_settings":["base_url"]}}`)
	v, err := g.client(t, "").Retire(t.Context(), "tulip", "1.0.0")
	if err != nil || v.State != "retired" || g.method+" "+g.path != "POST /admin/v1/plugins/tulip/versions/1.0.0/retire" {
		t.Errorf("got %+v, %v of %s %s", v, err, g.method, g.path)
	}
	if v, err = g.client(t, "").Version(t.Context(), "tulip", "1.0.0"); err != nil || g.method+" "+g.path != "GET /admin/v1/plugins/tulip/versions/1.0.0" {
		t.Errorf("got %+v, %v of %s %s", v, err, g.method, g.path)
	}
	want := []Ask{{"host", "that of the setting base_url, of each account"}, {"operation", "get_payment"}}
	if got := v.Asks.List(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestCalls(t *testing.T) {
	t.Parallel()
	var query string
	g := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query = r.URL.RequestURI()
		_, _ = io.WriteString(w, `{"items":[{"id":8,"call":"c1","order":"o1","number":3,"kind":"round","title":"create_payment, round 1","plugin":"tulip@1.0.0","fuel":5,"micros":7,"detail":{"round":1}}],"last":8}`)
	}))
	t.Cleanup(g.Close)
	c, err := New(g.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[int64]string{-1: "/admin/v1/calls?plugin=tulip", 7: "/admin/v1/calls?after=7&plugin=tulip"} {
		list, last, err := c.Calls(t.Context(), "tulip", after)
		if err != nil || last != 8 || len(list) != 1 || list[0].Fuel != 5 || list[0].Micros != 7 || string(list[0].Detail) != `{"round":1}` || query != want {
			t.Errorf("got %+v, %d, %v by %s, want %s", list, last, err, query, want)
		}
	}
}
