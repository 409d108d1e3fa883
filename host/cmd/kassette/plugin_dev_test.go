package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestPluginDev_bad(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	for args, want := range map[string][]string{
		"dev none":                                      {"none", "no such file"},
		"dev . --admin-url https://pay.example":         {"https://pay.example is another machine", "say --yes if you mean it"},
		"dev . --admin-url nowhere --yes":               {`"nowhere" is no address of a gateway`},
		"dev . --yes --admin-url http://" + freeAddr(t): {"reach the gateway's operators", "is it running"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			g.plugin(strings.Fields(args)...).says(t, 1, nil, append(want, "kassette: "))
		})
	}
}

// Each save is built and taken; what does not compile is shown with its line
// while the last good one goes on; what the plugin does is seen; Ctrl-C ends it.
func TestPluginDev(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	runIn(t, g.dir, []string{"KASSETTE_SOURCE=" + checkout(t)}, "plugin", "new", "hello").says(t, 0, []string{"hello is made"}, nil)
	source := filepath.Join(g.dir, "hello", "plugin.go")
	good, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile(source, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := start(t, g.dir, g.env, "plugin", "dev", "hello")
	active := func() int { return strings.Count(r.out.String(), " hello@1.0.0 is active, ") }
	r.until("the first build is active", func() bool { return active() == 1 })
	for _, want := range []string{"Following hello. Ctrl-C ends it.", "granted: secret api_key: bearer", " MB, built in "} {
		if !strings.Contains(r.out.String(), want) {
			t.Errorf("it does not say %q: %s", want, r.out)
		}
	}

	save(string(good) + "\nvar wrong int = \"text\"\n")
	r.until("the error is shown with its line", func() bool {
		return strings.Contains(r.err.String(), "hello/plugin.go:") && strings.Contains(r.err.String(), "var wrong int = \"text\"\n") &&
			strings.Contains(r.err.String(), "The last good one goes on: hello@1.0.0, ")
	})
	if got := g.states(); len(got) != 1 || got[0] != "active" {
		t.Errorf("got versions %v, want the first alone", got)
	}
	save(strings.Replace(string(good), `"thanks"`, `"many thanks"`, 1))
	r.until("the next good one is active", func() bool { return active() == 2 })

	g.webhook()
	r.until("its round is seen", func() bool {
		return strings.Contains(r.out.String(), "hello@1.0.0  receive_webhook, round 1  ") && strings.Contains(r.out.String(), "  fuel ") && strings.Contains(r.out.String(), `{"input":{`)
	})
	if got := r.end(syscall.SIGINT); got.status != 0 || !strings.Contains(got.out, "hello@1.0.0 stays active; kassette plugin rollback hello") || strings.Contains(got.out+got.err, secret) {
		t.Errorf("got %+v, want that it ends well", got)
	}
	if got := g.states(); len(got) != 2 {
		t.Errorf("got versions %v, want two", got)
	}
	if left, err := filepath.Glob(filepath.Join(g.dir, "hello", ".build-*")); err != nil || len(left) > 0 {
		t.Errorf("%v was left behind, %v", left, err)
	}
}

// A build that a Ctrl-C meets leaves nothing behind either.
func TestPluginDev_endsWhileBuilding(t *testing.T) {
	t.Parallel()
	g := openTill(t)
	runIn(t, g.dir, []string{"KASSETTE_SOURCE=" + checkout(t)}, "plugin", "new", "hello").says(t, 0, []string{"hello is made"}, nil)
	r := start(t, g.dir, g.env, "plugin", "dev", "hello")
	r.until("it builds", func() bool {
		drafts, err := filepath.Glob(filepath.Join(g.dir, "hello", ".build-*"))
		return err == nil && len(drafts) > 0
	})
	if got := r.end(syscall.SIGINT); got.status != 0 || got.err != "" {
		t.Errorf("got %+v, want that it ends well", got)
	}
	if files, err := filepath.Glob(filepath.Join(g.dir, "hello", ".build-*")); err != nil || len(files) > 0 {
		t.Errorf("%v was left behind, %v", files, err)
	}
}

// webhook sends the plugin's account a message that nobody signed.
func (g *till) webhook() {
	g.t.Helper()
	if status, text := ask(g.t, "POST", g.gateway+"/webhooks/hello", "{}"); status == 0 || status == http.StatusNotFound {
		g.t.Fatalf("the webhook: %d %s", status, text)
	}
}
