package host_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
)

// trapping is a later version of the plugin ideal, 1.1.0, that traps for the
// amount of 13.13; built once.
var (
	trappingOnce sync.Once
	trapping     []byte
)

func trappingPlugin(t testing.TB) []byte {
	t.Helper()
	trappingOnce.Do(func() {
		trapping = plugintest.Build(t, "github.com/kassette-pay/kassette/plugins/ideal/testdata/trapping")
	})
	return trapping
}

// operator speaks to a gateway's operators' listener.
type operator struct {
	t   testing.TB
	url string
}

func (o operator) do(method, path, contentType string, body io.Reader) (int, []byte) {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.url+path, body)
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer operators")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return resp.StatusCode, b
}

// answer is do, read as JSON.
func (o operator) answer(method, path string, body any) (int, map[string]any) {
	o.t.Helper()
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			o.t.Fatal(err)
		}
		r = bytes.NewReader(b)
	}
	status, b := o.do(method, path, "application/json", r)
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		o.t.Fatalf("%s %s: %d %s", method, path, status, b)
	}
	return status, v
}

func (o operator) install(wasm []byte) map[string]any {
	o.t.Helper()
	var form bytes.Buffer
	m := multipart.NewWriter(&form)
	part, err := m.CreateFormFile("plugin", "plugin.wasm")
	if err != nil {
		o.t.Fatal(err)
	}
	_, _ = part.Write(wasm) // a buffer takes all
	if err := m.Close(); err != nil {
		o.t.Fatal(err)
	}
	status, b := o.do("POST", "/admin/v1/plugins", m.FormDataContentType(), &form)
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil || status/100 != 2 {
		o.t.Fatalf("install: %d %s", status, b)
	}
	return v
}

func (o operator) activate(ref string) map[string]any {
	o.t.Helper()
	status, v := o.answer("POST", "/admin/v1/plugins/ideal/versions/"+ref+"/activate", map[string]any{"force": true})
	if status != http.StatusOK {
		o.t.Fatalf("activate %s: %d %v", ref, status, v)
	}
	return v
}

// plugin is how operators see the plugin ideal.
func (o operator) plugin() map[string]any {
	o.t.Helper()
	status, v := o.answer("GET", "/admin/v1/plugins", nil)
	if status != http.StatusOK {
		o.t.Fatalf("list: %d %v", status, v)
	}
	for _, p := range v["plugins"].([]any) {
		if p := p.(map[string]any); p["name"] == "ideal" {
			return p
		}
	}
	o.t.Fatalf("no plugin ideal: %v", v)
	return nil
}

// state is that of a version of the plugin ideal.
func (o operator) state(version string) string {
	o.t.Helper()
	for _, v := range o.plugin()["versions"].([]any) {
		if v := v.(map[string]any); v["version"] == version {
			return v["state"].(string)
		}
	}
	return "unknown"
}

func (h *house) operator() operator { return operator{h.t, h.admin} }

// made is the version of the plugin that made an order's last payment.
func made(o map[string]any) string {
	all := payments(o)
	return all[len(all)-1]["plugin"].(map[string]any)["version"].(string)
}

// atBank begins a payment and leaves its consumer at the bank.
func (h *house) atBank(reference string) (id string, b *browser) {
	h.t.Helper()
	o := h.create(reference)
	return o["id"].(string), newBrowser(h.t).open(o["checkout_url"].(string)).press("method", "ideal")
}

func TestAdmin_badRequests_changeNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	o := h.operator()
	before := o.plugin()["history"]
	for name, c := range map[string]struct {
		method, path, contentType, body string
		status                          int
		code                            string
	}{
		"no form":              {"POST", "/admin/v1/plugins", "application/wasm", "\x00asm", 400, "invalid_request"},
		"a form without file":  {"POST", "/admin/v1/plugins", "multipart/form-data; boundary=x", "--x--\r\n", 400, "invalid_request"},
		"a file of no name":    {"POST", "/admin/v1/plugins", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"colour\"\r\n\r\nred\r\n--x--\r\n", 400, "invalid_request"},
		"a file that is none":  {"POST", "/admin/v1/plugins", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"plugin\"\r\n\r\n<html>\r\n--x--\r\n", 422, "not_proven"},
		"unknown plugin":       {"POST", "/admin/v1/plugins/none/versions/1.0.0/activate", "", "", 404, "not_found"},
		"unknown version":      {"POST", "/admin/v1/plugins/ideal/versions/9.0.0/activate", "", "", 404, "not_found"},
		"unknown member":       {"POST", "/admin/v1/plugins/ideal/versions/1.0.0/activate", "application/json", `{"forse":true}`, 400, "invalid_request"},
		"several, none named":  {"POST", "/admin/v1/plugins/activate", "application/json", `{}`, 400, "invalid_request"},
		"several, one unknown": {"POST", "/admin/v1/plugins/activate", "application/json", `{"versions":[{"name":"ideal","version":"1.0.0"},{"name":"none","version":"1.0.0"}]}`, 404, "not_found"},
		"one, several named":   {"POST", "/admin/v1/plugins/ideal/versions/1.0.0/activate", "application/json", `{"versions":[{"name":"ideal","version":"1.0.0"}]}`, 400, "invalid_request"},
		"nothing to roll back": {"POST", "/admin/v1/plugins/ideal/rollback", "", "", 409, "nothing_to_roll_back_to"},
		"retire what is not":   {"POST", "/admin/v1/plugins/ideal/versions/9.0.0/retire", "", "", 404, "not_found"},
		"calls after nothing":  {"GET", "/admin/v1/calls?after=x", "", "", 400, "invalid_request"},
	} {
		status, b := o.do(c.method, c.path, c.contentType, strings.NewReader(c.body))
		var p struct{ Code, Detail string }
		if err := json.Unmarshal(b, &p); err != nil || status != c.status || p.Code != c.code || p.Detail == "" {
			t.Errorf("%s: %d %s, want %d %s", name, status, b, c.status, c.code)
		}
	}
	if status, _ := (operator{t, h.admin}).do("GET", "/admin/v1/plugins", "", nil); status != 200 {
		t.Errorf("list: %d", status)
	}
	resp, err := http.Post(h.admin+"/admin/v1/plugins/ideal/rollback", "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a key: %d", resp.StatusCode)
	}
	if after := o.plugin()["history"]; !jsonEqual(before, after) {
		t.Errorf("the history changed: %v", after)
	}
}

func jsonEqual(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}

// The steps of an activation come one by one, the result last.
func TestAdmin_activationTellsItsSteps(t *testing.T) {
	t.Parallel()
	h := newHouse(t, options{})
	v := h.operator().install(trappingPlugin(t))
	req, err := http.NewRequestWithContext(t.Context(), "POST", h.admin+"/admin/v1/plugins/ideal/versions/"+v["digest"].(string)+"/activate", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer operators")
	req.Header.Set("Accept", "application/x-ndjson")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var steps []string
	var result map[string]any
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		var l struct {
			Step, State string
			Result      map[string]any
		}
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatalf("%s: %v", lines.Text(), err)
		}
		if l.State == "done" {
			steps = append(steps, l.Step)
		}
		result = l.Result
	}
	if got := strings.Join(steps, " "); got != "build canned conformance settings grant spread swap drain" {
		t.Errorf("steps %q", got)
	}
	if result == nil || result["converged"] != 1.0 || result["version"].(map[string]any)["state"] != "active" {
		t.Errorf("the result: %v", result)
	}
}
