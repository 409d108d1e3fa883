package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Plugins is what operators do with plugins. The registry has it.
type Plugins interface {
	Plugins(ctx context.Context) ([]checkout.PluginStatus, error)
	PluginVersion(ctx context.Context, plugin, ref string) (checkout.VersionStatus, error)
	PluginBytes(ctx context.Context, plugin, ref string) ([]byte, error)
	// Install is false where the bytes were known.
	Install(ctx context.Context, wasm, signature []byte, by string) (checkout.VersionStatus, bool, error)
	Activate(ctx context.Context, plugin, ref string, a checkout.Activation) (checkout.Activated, error)
	ActivateAll(ctx context.Context, refs []checkout.PluginRef, a checkout.Activation) (checkout.Activated, error)
	Rollback(ctx context.Context, plugin string, a checkout.Activation) (checkout.Activated, error)
	Retire(ctx context.Context, plugin, ref, by string) (checkout.VersionStatus, error)
	Revoke(ctx context.Context, plugin, ref, by string) (checkout.VersionStatus, error)
}

// maxUpload bounds an installation: a plugin, its signature, and what holds them.
const maxUpload = contract.MaxModule + 64<<10

func (c *console) pluginRoutes(mux *http.ServeMux) {
	const version = "/admin/v1/plugins/{name}/versions/{version}"
	mux.HandleFunc("GET /admin/v1/plugins", c.guard(c.listPlugins))
	mux.HandleFunc("POST /admin/v1/plugins", c.guard(c.installPlugin))
	mux.HandleFunc("GET "+version, c.guard(c.pluginVersion))
	mux.HandleFunc("GET "+version+"/bytes", c.guard(c.pluginBytes))
	mux.HandleFunc("POST "+version+"/activate", c.guard(c.activatePlugin))
	mux.HandleFunc("POST /admin/v1/plugins/activate", c.guard(c.activatePlugins))
	mux.HandleFunc("POST "+version+"/retire", c.guard(func(w http.ResponseWriter, r *http.Request) { c.takeOut(w, r, c.Plugins.Retire) }))
	mux.HandleFunc("POST "+version+"/revoke", c.guard(func(w http.ResponseWriter, r *http.Request) { c.takeOut(w, r, c.Plugins.Revoke) }))
	mux.HandleFunc("POST /admin/v1/plugins/{name}/rollback", c.guard(c.rollbackPlugin))
	mux.HandleFunc("GET /admin/v1/calls", c.guard(c.calls))
}

func (c *console) listPlugins(w http.ResponseWriter, r *http.Request) {
	list, err := c.Plugins.Plugins(r.Context())
	if err != nil {
		c.refuse(w, err)
		return
	}
	write(w, http.StatusOK, map[string]any{"plugins": list})
}

func (c *console) pluginVersion(w http.ResponseWriter, r *http.Request) {
	v, err := c.Plugins.PluginVersion(r.Context(), r.PathValue("name"), r.PathValue("version"))
	if err != nil {
		c.refuse(w, err)
		return
	}
	write(w, http.StatusOK, v)
}

func (c *console) pluginBytes(w http.ResponseWriter, r *http.Request) {
	b, err := c.Plugins.PluginBytes(r.Context(), r.PathValue("name"), r.PathValue("version"))
	if err != nil {
		c.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "application/wasm")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(b) // the operator hung up
}

func (c *console) installPlugin(w http.ResponseWriter, r *http.Request) {
	wasm, signature, err := upload(w, r)
	if err != nil {
		problem(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	v, fresh, err := c.Plugins.Install(r.Context(), wasm, signature, by(r))
	if err != nil {
		c.refuse(w, err)
		return
	}
	status := http.StatusOK
	if fresh {
		status = http.StatusCreated
	}
	write(w, status, v)
}

// upload reads the two files of an installation.
func upload(w http.ResponseWriter, r *http.Request) (wasm, signature []byte, err error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, nil, fmt.Errorf("send multipart/form-data with the file plugin and, if there is one, the file signature: %w", err)
	}
	for {
		part, err := parts.NextPart()
		switch {
		case errors.Is(err, io.EOF) && wasm == nil:
			return nil, nil, errors.New("the file plugin is missing: the .wasm file's bytes")
		case errors.Is(err, io.EOF):
			return wasm, signature, nil
		case err != nil:
			return nil, nil, fmt.Errorf("read the form: %w", err)
		}
		if err := take(part, map[string]*[]byte{"plugin": &wasm, "signature": &signature}); err != nil {
			return nil, nil, err
		}
	}
}

func take(part *multipart.Part, files map[string]*[]byte) error {
	into, ok := files[part.FormName()]
	switch {
	case !ok:
		return fmt.Errorf("%q is no file of an installation: there are plugin and signature", part.FormName())
	case *into != nil:
		return fmt.Errorf("the file %s is there twice", part.FormName())
	}
	b, err := io.ReadAll(part)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fmt.Errorf("a plugin has at most %d bytes: strip it (in Go: -ldflags \"-s -w\")", contract.MaxModule)
	}
	if err != nil {
		return fmt.Errorf("read the file %s: %w", part.FormName(), err)
	}
	*into = b
	return nil
}

// activation is what an operator sends along.
type activation struct {
	Force   bool   `json:"force"`
	Confirm string `json:"confirm"`
	// Versions are those of an activation of several plugins at once.
	Versions []checkout.PluginRef `json:"versions"`
}

// maxTogether is how many plugins may be activated at once.
const maxTogether = 16

func (c *console) activatePlugin(w http.ResponseWriter, r *http.Request) {
	c.change(w, r, alone, func(ctx context.Context, _ []checkout.PluginRef, a checkout.Activation) (checkout.Activated, error) {
		return c.Plugins.Activate(ctx, r.PathValue("name"), r.PathValue("version"), a)
	})
}

func (c *console) activatePlugins(w http.ResponseWriter, r *http.Request) {
	c.change(w, r, together, c.Plugins.ActivateAll)
}

// alone and together say whether a body names versions: so many are wrong.
func alone(n int) bool    { return n > 0 }
func together(n int) bool { return n == 0 || n > maxTogether }

func (c *console) rollbackPlugin(w http.ResponseWriter, r *http.Request) {
	c.change(w, r, alone, func(ctx context.Context, _ []checkout.PluginRef, a checkout.Activation) (checkout.Activated, error) {
		return c.Plugins.Rollback(ctx, r.PathValue("name"), a)
	})
}

// change runs an activation or a rollback: as one answer, or as lines of
// NDJSON that tell each step. The operator's going away ends nothing.
func (c *console) change(w http.ResponseWriter, r *http.Request, wrong func(int) bool, do func(context.Context, []checkout.PluginRef, checkout.Activation) (checkout.Activated, error)) {
	var body activation
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil && !errors.Is(err, io.EOF) {
		problem(w, http.StatusBadRequest, "invalid_request", "Send {\"force\": true or false, \"confirm\": \"the digest of the difference\"}, or nothing: "+err.Error())
		return
	}
	if wrong(len(body.Versions)) {
		problem(w, http.StatusBadRequest, "invalid_request", fmt.Sprintf("POST /admin/v1/plugins/activate takes \"versions\": [{\"name\", \"version\"}], one to %d; other activations name theirs in the path.", maxTogether))
		return
	}
	a := checkout.Activation{Force: body.Force, Confirm: body.Confirm, By: by(r)}
	lines := strings.Contains(r.Header.Get("Accept"), "application/x-ndjson")
	if lines {
		w.Header().Set("Content-Type", "application/x-ndjson")
		w.Header().Set("Cache-Control", "no-store")
		a.Progress = func(s checkout.ActivationStep) { line(w, s) }
	}
	done, err := do(context.WithoutCancel(r.Context()), body.Versions, a)
	switch {
	case lines && err != nil:
		line(w, map[string]any{"problem": c.problemOf(err)})
	case lines:
		line(w, map[string]any{"result": done})
	case err != nil:
		c.refuse(w, err)
	default:
		write(w, http.StatusOK, done)
	}
}

func line(w http.ResponseWriter, v any) {
	_ = json.NewEncoder(w).Encode(v) // the operator hung up
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
}

// takeOut retires or revokes a version. The operator's going away ends nothing.
func (c *console) takeOut(w http.ResponseWriter, r *http.Request, do func(ctx context.Context, plugin, ref, by string) (checkout.VersionStatus, error)) {
	v, err := do(context.WithoutCancel(r.Context()), r.PathValue("name"), r.PathValue("version"), by(r))
	if err != nil {
		c.refuse(w, err)
		return
	}
	write(w, http.StatusOK, v)
}

// pollTime is how long a question for calls waits for one.
const pollTime = 20 * time.Second

// calls tells what plugin calls on this node did after the entry with an id,
// and waits for something to tell. Without one it says where to begin.
func (c *console) calls(w http.ResponseWriter, r *http.Request) {
	after := int64(-1)
	if text := r.URL.Query().Get("after"); text != "" {
		var err error
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			problem(w, http.StatusBadRequest, "invalid_request", "after is the id of the last entry that you have, as \"last\" gave it.")
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), pollTime)
	defer cancel()
	found, last := c.Story.Calls(ctx, r.URL.Query().Get("plugin"), after)
	write(w, http.StatusOK, map[string]any{"items": found, "last": last})
}

// by names who asks, for the audit trail: there is one key, so it is the address.
func by(r *http.Request) string { return "operator at " + r.RemoteAddr }
