package console_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/console"
	"github.com/kassette-pay/kassette/host/internal/telemetry"
)

// shops keeps what it was asked, and fails with err.
type shops struct {
	err      error
	created  bool
	by       string
	dry      bool
	shop     checkout.NewShop
	account  checkout.NewAccount
	rotation checkout.Rotation
	spec     checkout.ShopTestSpec
}

func (s *shops) Shops(context.Context) ([]checkout.ShopStatus, error) {
	return []checkout.ShopStatus{{ID: "a"}}, s.err
}

func (s *shops) ShopStatus(_ context.Context, id string) (checkout.ShopStatus, error) {
	return checkout.ShopStatus{ID: id}, s.err
}

func (s *shops) AddShop(_ context.Context, n checkout.NewShop, by string, dry bool) (checkout.ShopAdded, error) {
	s.shop, s.by, s.dry = n, by, dry
	return checkout.ShopAdded{Created: s.created, NoticeSecret: "whsec_shown"}, s.err
}

func (s *shops) AddKey(_ context.Context, _ string, k checkout.NewKey, _ string) (checkout.Rotated, error) {
	return checkout.Rotated{Changed: s.created, Key: "of " + k.ID}, s.err
}

func (s *shops) AddFormKey(_ context.Context, _ string, k checkout.NewFormKey, _ string) (checkout.FormKeyAdded, error) {
	return checkout.FormKeyAdded{Created: s.created, Secret: "of " + k.ID}, s.err
}

func (s *shops) EndFormKey(_ context.Context, shop, _, _ string) (checkout.ShopStatus, error) {
	return checkout.ShopStatus{ID: shop}, s.err
}

func (s *shops) AddAccount(_ context.Context, _ string, a checkout.NewAccount, _ string, dry bool) (checkout.AccountAdded, error) {
	s.account, s.dry = a, dry
	return checkout.AccountAdded{Created: s.created}, s.err
}

func (s *shops) RotateKey(_ context.Context, _, key string, r checkout.Rotation, _ string) (checkout.Rotated, error) {
	s.rotation = r
	return checkout.Rotated{Changed: true, Key: "of " + key}, s.err
}

func (s *shops) RotateNoticeSecret(_ context.Context, _ string, r checkout.Rotation, _ string) (checkout.Rotated, error) {
	s.rotation = r
	return checkout.Rotated{Changed: true}, s.err
}

func (s *shops) Test(_ context.Context, _ string, spec checkout.ShopTestSpec) (checkout.ShopTest, error) {
	s.spec = spec
	return checkout.ShopTest{Checks: []checkout.ShopCheck{{Name: "x", State: "ok"}}}, s.err
}

func shopConsole(t *testing.T, s *shops) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(console.New(console.Options{
		Shops: s, Story: telemetry.NewStory(telemetry.StoryOptions{}), Metrics: http.NotFoundHandler(), Key: "operators-key", Clock: time.Now, Logger: slog.New(slog.DiscardHandler),
	}))
	t.Cleanup(srv.Close)
	return srv
}

func send(t *testing.T, srv *httptest.Server, method, path, key, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(b)
}

var shopRoutes = []string{
	"GET /admin/v1/shops", "GET /admin/v1/shops/a", "POST /admin/v1/shops", "POST /admin/v1/shops/a/keys", "POST /admin/v1/shops/a/accounts",
	"POST /admin/v1/shops/a/form-keys", "POST /admin/v1/shops/a/form-keys/k/end", "POST /admin/v1/shops/a/keys/k/rotate", "POST /admin/v1/shops/a/notice-secret/rotate", "POST /admin/v1/shops/a/test",
}

// Nobody but an operator is let in, and whatever goes wrong has its problem.
func TestShops_refused(t *testing.T) {
	t.Parallel()
	invalid := &checkout.InvalidError{Members: []checkout.MemberError{{Member: "origins[0]", Text: "is without TLS"}}}
	for _, route := range shopRoutes {
		method, path, _ := strings.Cut(route, " ")
		if status, _, _ := send(t, shopConsole(t, &shops{}), method, path, "wrong", "{}"); status != http.StatusUnauthorized {
			t.Errorf("%s with a wrong key: %d", route, status)
		}
		down := "not_confirmed"
		if method == "GET" || strings.HasSuffix(path, "/test") {
			down = "unavailable"
		}
		for _, c := range []struct {
			err    error
			status int
			code   string
		}{
			{checkout.ErrNotFound, 404, "not_found"}, {checkout.ErrInFile, 409, "in_file"}, {checkout.ErrExists, 409, "exists"},
			{checkout.ErrSchema, 409, "newer_record"}, {invalid, 422, "invalid"}, {errors.New("no more are kept"), 422, "refused"},
			{errors.Join(checkout.ErrUnavailable, errors.New("dial 10.0.0.1")), 503, down},
		} {
			status, header, body := send(t, shopConsole(t, &shops{err: c.err}), method, path, "operators-key", "{}")
			var p struct {
				Code, Detail string
				Errors       []checkout.MemberError
			}
			if err := json.Unmarshal([]byte(body), &p); err != nil || status != c.status || p.Code != c.code || p.Detail == "" {
				t.Errorf("%s, %v: %d %s, want %d %s", route, c.err, status, body, c.status, c.code)
			}
			if status == 503 && (header.Get("Retry-After") == "" || strings.Contains(body, "10.0.0.1")) {
				t.Errorf("%s: %v %s", route, header, body)
			}
			if (c.code == "invalid") != (len(p.Errors) == 1 && p.Errors[0].Member == "origins[0]") {
				t.Errorf("%s: errors %v", route, p.Errors)
			}
		}
	}
}

// What is not understood is refused before anything is done, and quoted nowhere.
func TestShops_badRequests(t *testing.T) {
	t.Parallel()
	const canary = "canary-of-a-request"
	for body, want := range map[string]string{
		`{"id":"a","secret":"` + canary + `"}`:                "there is no such member: \\\"secret\\\"",
		`{"id":["` + canary + `"]}`:                           "id is of another kind",
		`["` + canary + `"]`:                                  "the document is of another kind",
		`{"id":"` + canary:                                    "it is no JSON",
		canary:                                                "it is no JSON",
		`{"id":"a"} {"id":"` + canary + `"}`:                  "there is more behind the document",
		`{"id":"` + strings.Repeat("x", 300<<10) + `"}`:       "it is larger than",
		`{"keys":[{"id":"k","hash":{"x":"` + canary + `"}}]}`: "is of another kind",
	} {
		s := &shops{}
		status, _, answer := send(t, shopConsole(t, s), "POST", "/admin/v1/shops", "operators-key", body)
		if status != 400 || !strings.Contains(answer, want) || strings.Contains(answer, canary) || s.by != "" {
			t.Errorf("%.60s: %d %s, want %s", body, status, answer, want)
		}
	}
	for body, want := range map[string]string{`{"overlap":"a day"}`: "overlap", `{"overlap":3}`: "overlap", `{"for":"24h"}`: "for"} {
		if status, _, answer := send(t, shopConsole(t, &shops{}), "POST", "/admin/v1/shops/a/keys/k/rotate", "operators-key", body); status/100 != 4 || !strings.Contains(answer, want) {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

func TestShops(t *testing.T) {
	t.Parallel()
	s := &shops{created: true}
	srv := shopConsole(t, s)
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/admin/v1/shops", "", 200, `"shops":[{"id":"a"`},
		{"GET", "/admin/v1/shops/b", "", 200, `{"id":"b"`},
		{"POST", "/admin/v1/shops", `{"id":"a","origins":["https://a"]}`, 201, "whsec_shown"},
		{"POST", "/admin/v1/shops/a/keys", `{"id":"k"}`, 201, `"key":"of k"`},
		{"POST", "/admin/v1/shops/a/form-keys", `{"id":"f"}`, 201, `"secret":"of f"`},
		{"POST", "/admin/v1/shops/a/form-keys/f/end", "", 200, `{"id":"a"`},
		{"POST", "/admin/v1/shops/a/accounts?dry_run=true", `{"id":"acc","settings":{"n":12345678901234567890}}`, 201, `"created":true`},
		{"POST", "/admin/v1/shops/a/keys/k/rotate", "", 200, `"key":"of k"`},
		{"POST", "/admin/v1/shops/a/test", `{"platform":"magento"}`, 200, `"state":"ok"`},
	} {
		status, _, body := send(t, srv, c.method, c.path, "operators-key", c.body)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s: %d %s, want %d %s", c.method, c.path, status, body, c.status, c.want)
		}
	}
	if s.shop.ID != "a" || len(s.shop.Origins) != 1 || !strings.HasPrefix(s.by, "operator at 127.0.0.1:") || !s.dry || s.spec.Platform != "magento" {
		t.Errorf("asked %+v", s)
	}
	if n, ok := s.account.Settings["n"].(json.Number); !ok || n.String() != "12345678901234567890" {
		t.Errorf("a large number became %v", s.account.Settings["n"])
	}
	s.created = false
	if status, _, _ := send(t, srv, "POST", "/admin/v1/shops", "operators-key", `{"id":"a"}`); status != 200 {
		t.Errorf("the same again: %d", status)
	}
	for body, want := range map[string]checkout.Rotation{
		`{}`:                  {Overlap: 24 * time.Hour},
		`{"overlap":"90m"}`:   {Overlap: 90 * time.Minute},
		`{"overlap":"0s"}`:    {},
		`{"now":true}`:        {},
		`{"end_old":true}`:    {Overlap: 24 * time.Hour, EndOld: true},
		`{"secret":"whsec_"}`: {Overlap: 24 * time.Hour, Secret: "whsec_"},
	} {
		if status, _, answer := send(t, srv, "POST", "/admin/v1/shops/a/notice-secret/rotate", "operators-key", body); status != 200 || s.rotation != want {
			t.Errorf("%s: %d %s, asked %+v", body, status, answer, s.rotation)
		}
	}
}
