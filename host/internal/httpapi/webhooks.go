package httpapi

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// webhook hands a provider's news on, byte for byte, and sends the plugin's
// response once everything is committed. A provider that hangs up early does
// not stop what it began.
func (a *API) webhook(c *gin.Context) {
	body, p := a.readBody(c, contract.MaxWebhook)
	if p != nil {
		a.refuse(c, *p)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request.Context()), webhookTimeout)
	defer cancel()
	response, err := a.Webhooks.Webhook(ctx, c.Param("account"), a.message(c, body))
	if err != nil {
		a.refuse(c, a.newsProblem(c, err))
		return
	}
	a.respond(c, response)
}

// payForm has the consumer's pages take a signed form.
func (a *API) payForm(c *gin.Context) {
	if a.Form == nil {
		a.refuse(c, a.problem(c, problemNotFound, "This gateway takes no forms."))
		return
	}
	a.Form(c)
}

// message keeps a request as it came, without cookies.
func (a *API) message(c *gin.Context, body []byte) contract.Message {
	r := c.Request
	m := contract.Message{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Headers: map[string][]string{}}
	for name, values := range r.Header {
		if name = strings.ToLower(name); name != "cookie" {
			m.Headers[name] = values
		}
	}
	m.Headers["host"] = []string{r.Host}
	if client := of(c).client; client.IsValid() {
		m.RemoteIP = client.String()
	}
	if utf8.Valid(body) {
		m.Body = string(body)
	} else {
		m.BodyBase64 = body
	}
	return m
}

// respond sends what the plugin answers, as text or JSON only: whatever it
// says, no browser takes it for a page.
func (a *API) respond(c *gin.Context, r contract.WebhookResponse) {
	status := r.Status
	switch {
	case status == 0:
		status = http.StatusOK
	case status < 200 || status > 599:
		p := a.problem(c, problemInternal, "The plugin's answer is none. The log of the gateway has the cause under the request_id.")
		p.cause, p.Attempted = fmt.Errorf("webhook of account %s: the plugin answers with status %d", c.Param("account"), status), attemptedNo
		a.refuse(c, p)
		return
	}
	if status == http.StatusNoContent || status == http.StatusNotModified {
		c.Status(status)
		return
	}
	c.Data(status, responseType(r.ContentType), []byte(r.Body))
}

func responseType(given string) string {
	if kind, _, err := mime.ParseMediaType(given); err == nil && kind == typeJSON {
		return typeJSON
	}
	return "text/plain; charset=utf-8"
}
