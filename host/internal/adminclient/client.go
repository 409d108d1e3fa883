// Package adminclient speaks to the operators' listener of a gateway: it
// installs, activates, rolls back and retires plugins, reads what they do, and
// adds and tries shops.
// Whatever the gateway refuses is a [*Problem] that says what to do.
package adminclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
)

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 16 << 20

// DefaultURL is where a gateway of one's own machine listens for operators, and
// DemoKey the key of the demo's.
const (
	DefaultURL = "http://127.0.0.1:8081"
	DemoKey    = "demo"
)

// Client speaks to one gateway. It is safe for concurrent use.
type Client struct {
	base, key string
	http      *http.Client
}

// New makes a client of the gateway whose operators' listener is at base, such
// as [DefaultURL]. Without a key it takes [DemoKey], for a gateway of this
// machine.
func New(base, key string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is no address of a gateway: write it as %s", base, DefaultURL)
	}
	if key == "" && IsLoopback(base) {
		key = DemoKey
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // the key goes nowhere else
	return &Client{base: strings.TrimRight(base, "/"), key: key, http: &http.Client{CheckRedirect: stay}}, nil
}

// IsLoopback says whether an address is on this machine.
func IsLoopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// Plugins lists every plugin with its versions.
func (c *Client) Plugins(ctx context.Context) ([]Plugin, error) {
	var v struct {
		Plugins []Plugin `json:"plugins"`
	}
	err := c.get(ctx, "/admin/v1/plugins", &v)
	return v.Plugins, err
}

// Plugin gives one plugin. One that is not there has no versions.
func (c *Client) Plugin(ctx context.Context, name string) (Plugin, error) {
	all, err := c.Plugins(ctx)
	for _, p := range all {
		if p.Name == name {
			return p, err
		}
	}
	return Plugin{Name: name}, err
}

// Version gives one version, by its version or its digest.
func (c *Client) Version(ctx context.Context, name, ref string) (v Version, err error) {
	err = c.get(ctx, versionPath(name, ref), &v)
	return v, err
}

// Install brings a plugin's bytes, and its signature if there is one. It
// answers false where the gateway knew the bytes.
func (c *Client) Install(ctx context.Context, wasm, signature []byte) (v Version, fresh bool, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, file := range []struct {
		name, kind string
		content    []byte
	}{{"plugin", "application/wasm", wasm}, {"signature", "text/plain", signature}} {
		if file.content == nil {
			continue
		}
		part, err := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name=%q; filename=%q`, file.name, file.name)}, "Content-Type": {file.kind},
		})
		if err != nil {
			return v, false, err
		}
		_, _ = part.Write(file.content) // a buffer takes all
	}
	_ = form.Close()
	resp, err := c.send(ctx, http.MethodPost, "/admin/v1/plugins", form.FormDataContentType(), &body)
	if err != nil {
		return v, false, err
	}
	defer resp.Body.Close()
	return v, resp.StatusCode == http.StatusCreated, read(resp.Body, &v)
}

// Activate makes a version the one that takes new payments.
func (c *Client) Activate(ctx context.Context, name, ref string, a Activation) (Activated, error) {
	return c.change(ctx, versionPath(name, ref)+"/activate", a)
}

// ActivateAll makes versions of several plugins those that take new payments,
// all at once or none.
func (c *Client) ActivateAll(ctx context.Context, refs []Ref, a Activation) (Activated, error) {
	a.Versions = refs
	return c.change(ctx, "/admin/v1/plugins/activate", a)
}

// Rollback brings the version before the active one back.
func (c *Client) Rollback(ctx context.Context, name string, a Activation) (Activated, error) {
	return c.change(ctx, "/admin/v1/plugins/"+url.PathEscape(name)+"/rollback", a)
}

// Retire takes a version out of service. Open payments go on with its bytes.
func (c *Client) Retire(ctx context.Context, name, ref string) (Version, error) {
	return c.takeOut(ctx, versionPath(name, ref)+"/retire")
}

// Revoke has a version never take a provider's message again, nor be activated.
func (c *Client) Revoke(ctx context.Context, name, ref string) (Version, error) {
	return c.takeOut(ctx, versionPath(name, ref)+"/revoke")
}

func (c *Client) takeOut(ctx context.Context, path string) (v Version, err error) {
	resp, err := c.send(ctx, http.MethodPost, path, "application/json", strings.NewReader("{}"))
	if err != nil {
		return v, err
	}
	defer resp.Body.Close()
	return v, read(resp.Body, &v)
}

// change activates something and hears of its steps, a line each.
func (c *Client) change(ctx context.Context, path string, a Activation) (Activated, error) {
	body, err := json.Marshal(a)
	if err != nil {
		return Activated{}, err
	}
	resp, err := c.send(ctx, http.MethodPost, path, "application/json", bytes.NewReader(body))
	if err != nil {
		return Activated{}, err
	}
	defer resp.Body.Close()
	for lines := json.NewDecoder(io.LimitReader(resp.Body, maxAnswer)); ; {
		var line struct {
			Step
			Result  *Activated `json:"result"`
			Problem *Problem   `json:"problem"`
		}
		switch err := lines.Decode(&line); {
		case err != nil:
			return Activated{}, fmt.Errorf("the gateway did not say what came of it: %w; look with kassette plugin list", err)
		case line.Problem != nil:
			return Activated{}, line.Problem
		case line.Result != nil:
			return *line.Result, nil
		case a.Progress != nil:
			a.Progress(line.Step)
		}
	}
}

func versionPath(name, ref string) string {
	return "/admin/v1/plugins/" + url.PathEscape(name) + "/versions/" + url.PathEscape(ref)
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	resp, err := c.send(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return read(resp.Body, into)
}

func read(body io.Reader, into any) error {
	if err := json.NewDecoder(io.LimitReader(body, maxAnswer)).Decode(into); err != nil {
		return fmt.Errorf("read the gateway's answer: %w; is it the operators' listener of a gateway of this version?", err)
	}
	return nil
}

// send sends a request. Whatever is not 2xx is an error.
func (c *Client) send(ctx context.Context, method, path, kind string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	r.Header.Set("Accept", "application/x-ndjson, application/json")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		var cause *url.Error // names the address once more
		if errors.As(err, &cause) && ctx.Err() == nil {
			err = cause.Err
		}
		return nil, &unansweredError{fmt.Errorf("reach the gateway's operators at %s: %w; is it running, and is this its listen.admin? Set KASSETTE_ADMIN_URL", c.base, err)}
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	p := &Problem{}
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if json.Unmarshal(text, p) != nil || p.Detail == "" {
		return nil, fmt.Errorf("%s %s: %s answers %s, which is no gateway of this version", method, path, c.base, resp.Status)
	}
	p.Status, p.aboutShops = resp.StatusCode, strings.HasPrefix(path, strings.TrimSuffix(shopsPath, "/"))
	return nil, p
}

// unansweredError: nobody knows what became of a request.
type unansweredError struct{ error }

// Unwrap gives the cause.
func (e *unansweredError) Unwrap() error { return e.error }

// Calls tells what the calls of a plugin did on the gateway after the entry
// with an id, and waits some time for something to tell. With an id that is
// negative it tells nothing and gives the latest id, to begin with.
func (c *Client) Calls(ctx context.Context, plugin string, after int64) (list []Heard, last int64, err error) {
	query := url.Values{"plugin": {plugin}}
	if after >= 0 {
		query.Set("after", strconv.FormatInt(after, 10))
	}
	var v struct {
		Items []Heard `json:"items"`
		Last  int64   `json:"last"`
	}
	err = c.get(ctx, "/admin/v1/calls?"+query.Encode(), &v)
	return v.Items, v.Last, err
}
