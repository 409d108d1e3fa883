package pages

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

const (
	// maxPosted bounds the body of a shop's form, in bytes.
	maxPosted = 16 << 10
	// typeForm is how browsers send forms; it cannot be sent as anything else.
	typeForm = "application/x-www-form-urlencoded"
)

// Form takes a shop's signed HTML form: it leads on to the order's page, or
// says which field is wrong and what to do. There is nothing of the consumer's
// that a page of somebody else's could make use of by posting it: no cookie is
// read, and no payment begins before a method is chosen.
func (p *Pages) Form(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	if c.Request.Method != http.MethodPost {
		c.Header("Allow", http.MethodPost)
		p.refuseForm(c, http.StatusMethodNotAllowed, "", nil)
		return
	}
	if kind, params, err := mime.ParseMediaType(c.GetHeader("Content-Type")); err != nil || kind != typeForm || !strings.EqualFold(orUTF8(params["charset"]), "utf-8") {
		p.refuseForm(c, http.StatusUnsupportedMediaType, "", nil)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(c.Writer, c.Request.Body, maxPosted))
	if err != nil {
		p.failForm(c, "", err)
		return
	}
	fields, ok := posted(string(body))
	if !ok {
		p.refuseForm(c, http.StatusBadRequest, "", nil)
		return
	}
	o, err := p.Consumer.PayForm(ctx, checkout.PostedForm{Shop: c.Param("shop"), Fields: fields, RemoteIP: c.ClientIP()})
	if err != nil {
		locale := ""
		for _, f := range fields {
			if f[0] == "locale" {
				locale = f[1]
			}
		}
		p.failForm(c, locale, err)
		return
	}
	p.to(c, checkout.Token(o))
}

func orUTF8(charset string) string {
	if charset == "" {
		return "utf-8"
	}
	return charset
}

// posted reads the fields of a form in their order, each as often as it is there.
func posted(body string) (fields [][2]string, ok bool) {
	if body == "" {
		return nil, true
	}
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		n, errName := url.QueryUnescape(name)
		v, errValue := url.QueryUnescape(value)
		if errName != nil || errValue != nil {
			return nil, false
		}
		fields = append(fields, [2]string{n, v})
	}
	return fields, true
}

// refusals say what each reason means to a consumer, with the status of the page.
// Those that are for the shop's owner to mend say so.
var refusals = map[checkout.FormReason]struct {
	status     int
	what, next string
}{
	checkout.FormUnsigned: {http.StatusForbidden, "form_signature", "form_mend"},
	checkout.FormMissing:  {http.StatusUnprocessableEntity, "form_missing", "form_mend"},
	checkout.FormTwice:    {http.StatusUnprocessableEntity, "form_twice", "form_mend"},
	checkout.FormUnknown:  {http.StatusUnprocessableEntity, "form_unknown", "form_mend"},
	checkout.FormValue:    {http.StatusUnprocessableEntity, "form_value", "form_mend"},
	checkout.FormExpired:  {http.StatusGone, "form_expired", "form_again"},
	checkout.FormTaken:    {http.StatusConflict, "form_taken", "form_again"},
}

// failForm says why a form was refused, in the form's language or the browser's.
func (p *Pages) failForm(c *gin.Context, locale string, err error) {
	var wrong *checkout.FormError
	if !errors.As(err, &wrong) {
		p.fail(c, err)
		return
	}
	p.Logger.Info("form refused", "shop", c.Param("shop"), "reason", wrong.Reason, "field", wrong.Field)
	p.refuseForm(c, refusals[wrong.Reason].status, locale, wrong)
}

// refuseForm shows why; with nothing known of the form, that it was not one.
func (p *Pages) refuseForm(c *gin.Context, status int, locale string, wrong *checkout.FormError) {
	pg := p.bare(c)
	pg.words = p.texts.speak(c.Query("lang"), locale, c.GetHeader("Accept-Language"))
	a := alert{What: pg.T("form_unreadable"), Money: pg.T("nothing_charged_yet"), Next: pg.T("form_again")}
	if wrong != nil {
		says := refusals[wrong.Reason]
		a.What, a.Next, a.Detail = pg.T(says.what, "Field", wrong.Field), pg.T(says.next), wrong.Detail
	}
	pg.Alert, pg.Title = &a, a.What
	p.render(c, status, "error.html", pg)
}
