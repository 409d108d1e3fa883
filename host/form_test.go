package host_test

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
)

// formSecret is what the page in examples/form is signed with.
const formSecret = "form_bW9sZW4tZW4tbWFhbi1mb3JtLXNlY3JldC0wMQ=="

// takesForms gives the shop of a house a form key.
func takesForms(yaml string) string {
	return strings.Replace(yaml, "    keys:\n", "    form_keys: [{id: donate, secret: "+formSecret+"}]\n    keys:\n", 1)
}

// page is a page with a form of these fields, signed, as the command makes it.
func (h *house) page(fields map[string]string) string {
	h.t.Helper()
	signature, err := host.SignForm(formSecret, "demo", fields)
	if err != nil {
		h.t.Fatal(err)
	}
	text := `<form method="post" action="` + h.gateway + `/pay/form/demo">`
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		text += fmt.Sprintf(`<input type="hidden" name="%s" value="%s">`, name, html.EscapeString(fields[name]))
	}
	return text + `<input type="hidden" name="signature" value="` + signature + `"></form>`
}

// sends is a browser that pressed the button of a form.
func (h *house) sends(page string) *browser {
	h.t.Helper()
	b := newBrowser(h.t)
	b.at, _ = url.Parse("https://shop.example/gift")
	return b.submit(formPattern.FindString(page), url.Values{})
}

// The page in examples/form, which is a file and nothing else, takes a gift:
// from its button to the bank and back to a page that says paid.
func TestForm_staticPage(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "examples", "form", "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	redis := redistest.Server(t)
	h := newHouse(t, options{redis: redis.URL(), stateKey: seal.NewKey().Secret(), edit: takesForms})
	page := strings.ReplaceAll(string(text), "http://127.0.0.1:8080", h.gateway)
	b := h.sends(page)
	if b.code != http.StatusOK || !strings.HasPrefix(b.at.Path, "/pay/ord_") || !strings.Contains(b.text, "10,00") || !strings.Contains(b.text, "Een gift voor de molen") {
		t.Fatalf("got %d at %s:\n%s", b.code, b.at, b.text)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(b.at.Path, "/pay/"), ".")
	link := b.at.String()
	b.press("method", "ideal").press("outcome", "success")
	o := h.wait(id, "paid") // the consumer may be back before the bank's word is
	if b.open(link); !strings.Contains(b.text, "Betaald") {
		t.Errorf("the result does not say paid, at %s:\n%s", b.at, b.text)
	}
	if reference, _ := o["reference"].(string); !strings.HasPrefix(reference, "F-") || !same(o["captured"], 1000, "EUR") {
		t.Errorf("got order %v of %v", o["reference"], o["captured"])
	}
	if again := h.sends(page); again.code != http.StatusOK || strings.Contains(again.at.Path, id) {
		t.Errorf("a second gift: got %d at %s", again.code, again.at)
	}
	if strings.Contains(h.logs.String(), formSecret) {
		t.Error("the log has the secret")
	}
}

// The PHP in the document signs as the gateway does.
func TestForm_documentSigns(t *testing.T) {
	t.Parallel()
	php, err := exec.LookPath("php")
	if err != nil {
		t.Skip("php not found: run `make tools`")
	}
	text, err := os.ReadFile(filepath.Join("..", "docs", "forms.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, code, _ := strings.Cut(string(text), "```php\n")
	code, _, _ = strings.Cut(code, "```")
	out, err := exec.Command(php, "-r", "$secret = '"+formSecret+"';"+code+"echo json_encode($fields);").CombinedOutput()
	var fields map[string]string
	if err != nil || json.Unmarshal(out, &fields) != nil {
		t.Fatalf("got %s, %v", out, err)
	}
	if want, err := host.SignForm(formSecret, "cheese", fields); err != nil || fields["signature"] != want || fields["reference"] != "1001" {
		t.Errorf("got %v, %v, want signature %s", fields, err, want)
	}
}

// A form with a reference is one order: on another node too, with the shop
// told, and its result for whoever sends it again. What is not as it was
// signed changes nothing, and is said in the consumer's language.
func TestForm_reference(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	opt := options{redis: redis.URL(), stateKey: seal.NewKey().Secret(), edit: takesForms}
	h := newHouse(t, opt)
	opt.bankAs = h
	other := newHouse(t, opt)
	fields := map[string]string{
		"key": "donate", "reference": "r-1", "amount.value": "4999", "amount.currency": "EUR", "locale": "bg-BG", "country": "NL",
		"return_url": h.shop.URL + "/thanks", "notify_url": h.shop.URL + "/notices", "customer.name": "J. Jansen",
		"expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	}
	page := h.page(fields)
	for name, c := range map[string]struct {
		page   string
		status int
		says   []string
	}{
		"another amount":   {strings.Replace(page, "4999", "1", 1), 403, []string{`lang="bg"`, "не е подписан", "не е взета"}},
		"another shop":     {strings.Replace(page, "form/demo", "form/other", 1), 404, []string{`role="alert"`}},
		"a field more":     {strings.Replace(page, "<input", `<input type="hidden" name="capture" value="manual"><input`, 1), 422, []string{"capture"}},
		"a foreign return": {h.page(map[string]string{"key": "donate", "amount.value": "1", "amount.currency": "EUR", "return_url": "https://evil.example/"}), 422, []string{"return_url"}},
	} {
		b := h.sends(c.page)
		if b.code != c.status || b.header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: got %d %s, want %d", name, b.code, b.header.Get("Content-Type"), c.status)
		}
		for _, text := range c.says {
			if !strings.Contains(b.text, text) {
				t.Errorf("%s: the page lacks %q:\n%s", name, text, b.text)
			}
		}
	}
	if status, list := h.api("GET", "/v1/orders", nil); status != http.StatusOK || len(list["items"].([]any)) > 0 {
		t.Fatalf("got %d %v, want no orders", status, list)
	}
	first := h.sends(page)
	second := other.sends(strings.Replace(page, h.gateway, other.gateway, 1))
	if first.code != http.StatusOK || first.at.Path != second.at.Path {
		t.Fatalf("got %s and, on another node, %s", first.at, second.at)
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(first.at.Path, "/pay/"), ".")
	first.press("method", "ideal").press("outcome", "success")
	h.wait(id, "paid")
	h.until("the shop is told", func() bool { return slices.Contains(h.shop.types(), "order.paid") })
	if paid := other.sends(strings.Replace(page, h.gateway, other.gateway, 1)); paid.at.Path != second.at.Path || !strings.Contains(paid.text, "Платено") {
		t.Errorf("the form of a paid order: got %d at %s:\n%s", paid.code, paid.at, paid.text)
	}
	_, list := h.api("GET", "/v1/orders", nil)
	if items := list["items"].([]any); len(items) != 1 {
		t.Errorf("got %d orders, want one", len(items))
	}
}
