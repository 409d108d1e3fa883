package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/httpapi"
)

// A form comes to the pages as it was sent, without a key, and what they
// answer is what the document says.
func TestForm(t *testing.T) {
	const body = "key=donate&amount.value=1000&amount.currency=EUR&signature=0"
	form := []string{"Content-Type: -", "Content-Type: application/x-www-form-urlencoded"}
	var shop string
	h := newHouse(t, func(o *httpapi.Options) {
		o.Form = func(c *gin.Context) {
			shop = c.Param("shop")
			if err := c.Request.ParseForm(); err != nil {
				t.Error(err)
			}
			if c.Request.PostForm.Encode() == "amount.currency=EUR&amount.value=1000&key=donate&signature=0" {
				c.Redirect(http.StatusSeeOther, "/till/pay/x.y")
				return
			}
			c.Data(http.StatusForbidden, "text/html; charset=utf-8", []byte("<h1>no</h1>"))
		}
	})
	g := h.do(call{method: "POST", path: "/pay/form/bar", body: body, key: "none", headers: form})
	if g.status != http.StatusSeeOther || g.header.Get("Location") != "/till/pay/x.y" || shop != "bar" {
		t.Errorf("got %d %v of shop %q", g.status, g.header, shop)
	}
	for _, method := range []string{"POST", "GET"} {
		g := h.do(call{method: method, path: "/pay/form/bar", body: "", key: "none", headers: form})
		if g.status != http.StatusForbidden || string(g.body) != "<h1>no</h1>" {
			t.Errorf("%s: got %d %s", method, g.status, g.body)
		}
	}
	if p := h.do(call{method: "PUT", path: "/pay/form/bar", key: "none"}).problem(t); p.Status != http.StatusMethodNotAllowed {
		t.Errorf("PUT: got %+v", p)
	}
	if strings.Contains(h.log.String(), "donate") {
		t.Errorf("the log has the form: %s", h.log)
	}
	if p := newHouse(t).do(call{method: "POST", path: "/pay/form/bar", body: body, key: "none", headers: form}).problem(t); p.Status != http.StatusNotFound {
		t.Errorf("without pages: got %+v", p)
	}
}

// TestDocument_fieldsOfForms: what the document allows in a form is what is read.
func TestDocument_fieldsOfForms(t *testing.T) {
	schema := readDocument(t).Components.Schemas["PayForm"]
	if schema.AdditionalProperties != false || len(schema.Properties) != len(checkout.FormFields()) {
		t.Errorf("the document has %d fields, %d are read", len(schema.Properties), len(checkout.FormFields()))
	}
	for _, name := range checkout.FormFields() {
		if schema.Properties[name] == nil {
			t.Errorf("the document has no field %s", name)
		}
	}
}
