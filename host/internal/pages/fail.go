package pages

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// fail shows what an error means to a consumer, in words.
func (p *Pages) fail(c *gin.Context, err error) {
	pg := p.bare(c)
	status := http.StatusInternalServerError
	a := alert{What: pg.T("error_internal"), Money: pg.T("nothing_charged_yet"), Next: pg.T("error_internal_next")}
	switch {
	case errors.Is(err, checkout.ErrNotFound):
		status, a = http.StatusNotFound, alert{What: pg.T("error_not_found"), Next: pg.T("error_not_found_next")}
	case errors.Is(err, checkout.ErrUnavailable):
		status, a = http.StatusServiceUnavailable, alert{What: pg.T("error_unavailable"), Money: pg.T("nothing_charged_yet"), Next: pg.T("error_unavailable_next")}
		c.Header("Retry-After", "5")
	case errors.Is(err, checkout.ErrFlood):
		status, a = http.StatusTooManyRequests, alert{What: pg.T("error_unavailable"), Next: pg.T("error_unavailable_next")}
		c.Header("Retry-After", "1")
	case errors.As(err, new(*http.MaxBytesError)):
		status, a = http.StatusRequestEntityTooLarge, alert{What: pg.T("error_too_large"), Money: pg.T("nothing_charged_yet"), Next: pg.T("error_not_found_next")}
	}
	if status >= 500 {
		p.Logger.Error("page failed", "path", c.FullPath(), "error", err)
	}
	pg.Alert, pg.Title, pg.Test = &a, a.What, false
	p.render(c, status, "error.html", pg)
}

// problem says what became of a choice that did not work out.
func (p *Pages) problem(w words, o order.Order, err error) *alert {
	var call *checkout.CallError
	var method *checkout.MethodError
	a := &alert{What: w.T("failed"), Money: w.T("nothing_charged"), Next: w.T("choose_again"), Reference: o.ID}
	switch {
	case errors.As(err, &call):
		if text := localized(call.Failure.UserMessage, w.Lang()); text != "" {
			a.What = text
		} else if call.Failure.Code == contract.ProviderUnavailable {
			a.What = w.T("provider_silent")
		}
		if call.Outcome == order.OutcomeUnknown {
			a.Money, a.Next = w.T("maybe_charged"), w.T("maybe_charged_next")
		}
	case errors.As(err, &method):
		a.What = w.T(unavailable(method.Reason))
	case errors.Is(err, order.ErrTooManyAttempts):
		a.What, a.Next = w.T("too_many"), w.T("too_many_next")
	case errors.Is(err, checkout.ErrUnavailable):
		a.What, a.Next = w.T("error_unavailable"), w.T("error_unavailable_next")
	}
	if unsure(o) {
		a.Money, a.Next = w.T("maybe_charged"), w.T("maybe_charged_next")
	}
	return a
}

// unsure says whether an attempt of the order may have been charged without
// our knowing.
func unsure(o order.Order) bool {
	return slices.ContainsFunc(o.Payments, func(p order.Payment) bool {
		return p.Outcome == order.OutcomeUnknown || p.Live() && !p.Started && p.Action == nil
	})
}
