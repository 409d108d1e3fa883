package contract

import (
	"encoding/json"
	"fmt"
	"slices"
)

// checkResult reads a result as the type of its export and checks it.
func checkResult(p *problems, e Export, raw json.RawMessage) {
	const at = "/result"
	switch e {
	case CreatePayment:
		result(p, raw, func(r CreateResult) {
			r.Action.check(p, at+"/action")
			checkState(p, at+"/state", r.State)
			checkUpdates(p, at, r.Updates)
		})
	case CompletePayment, GetPayment:
		result(p, raw, func(r UpdatesResult) {
			checkUpdates(p, at, r.Updates)
			p.when(r.Action != nil && e == GetPayment, at+"/action", "only complete_payment sends the consumer on")
			if r.Action != nil {
				r.Action.check(p, at+"/action")
			}
		})
	case ReceiveWebhook:
		result(p, raw, func(r WebhookResult) { r.check(p, at) })
	case CapturePayment, CancelPayment, RefundPayment, GetRefund:
		result(p, raw, func(r OperationResult) { r.check(p, at) })
	case ListOptions:
		result(p, raw, func(r []Option) {
			for i, o := range r {
				p.when(o.ID == "" || o.Title == "", fmt.Sprintf("%s/%d", at, i), "an option has id and title")
				p.when(o.Lang != "" && !isLocale(o.Lang), fmt.Sprintf("%s/%d/lang", at, i), "%q is no BCP 47 locale such as nl or nl-BE", o.Lang)
			}
		})
	case CheckSettings:
		result(p, raw, func(r CheckResult) { checkFindings(p, at, r.Findings) })
	case ReadOrder:
		result(p, raw, func(r ReadOrderResult) {
			r.Response.check(p, at+"/response")
			p.when(r.Order != nil && r.Commands != nil, at, "either order or commands")
			if r.Order != nil {
				r.Order.check(p, at+"/order")
			}
			checkCommands(p, at, r.Commands)
		})
	case TellShop:
		result(p, raw, func(r TellResult) { p.when(!r.Delivered, at+"/delivered", "what was not delivered is a failure") })
	case SyncShop:
		result(p, raw, func(r SyncResult) {
			for i, o := range r.Orders {
				o.check(p, fmt.Sprintf("%s/orders/%d", at, i))
			}
			p.when(r.More && r.Next == "", at+"/more", "it needs a next")
			checkCommands(p, at, r.Commands)
			checkFindings(p, at, r.Findings)
			p.when(len(r.Next) > MaxCursor, at+"/next", "%d bytes, at most %d are allowed", len(r.Next), MaxCursor)
		})
	default:
		p.add(at, "%q has no result of this kind", e)
	}
}

// result reads strictly and, if that went well, checks.
func result[T any](p *problems, raw json.RawMessage, check func(T)) {
	var v T
	if string(raw) == "null" {
		p.add("/result", "it is null")
		return
	}
	if err := decodeStrict(raw, &v); err != nil {
		p.add("/result", "%v", err)
		return
	}
	check(v)
}

func (r WebhookResult) check(p *problems, at string) {
	r.Response.check(p, at+"/response")
	checkUpdates(p, at, r.Updates)
	oneOf(p, at+"/unknown", r.Unknown, "", UnknownRefuse, UnknownAccept)
	p.when(len(r.Next) > MaxCursor, at+"/next", "%d bytes, at most %d are allowed", len(r.Next), MaxCursor)
}

func (r WebhookResponse) check(p *problems, at string) {
	p.when(r.Status < 200 || r.Status > 599, at+"/status", "%d is not 200 to 599", r.Status)
	oneOf(p, at+"/content_type", r.ContentType, "", "text/plain", "application/json")
	p.when(r.Body != "" && r.ContentType == "", at+"/content_type", "a body needs one")
}

func (r OperationResult) check(p *problems, at string) {
	oneOf(p, at+"/status", r.Status, OperationSucceeded, OperationPending, OperationFailed)
	checkAmount(p, at+"/amount", r.Amount)
	checkState(p, at+"/state", r.State)
	checkUpdates(p, at, r.Updates)
	if r.Failure != nil {
		p.when(r.Status != OperationFailed, at+"/failure", "the status is %q", r.Status)
		r.Failure.check(p, at+"/failure")
	}
}

func (a Action) check(p *problems, at string) {
	oneOf(p, at+"/type", a.Type, ActionRedirect, ActionForm, ActionWait, ActionNone)
	if a.Type == ActionRedirect || a.Type == ActionForm {
		if err := checkURL(a.URL, true); err != nil {
			p.add(at+"/url", "%v", err)
		}
	} else {
		p.when(a.URL != "", at+"/url", "%q has none", a.Type)
	}
	p.when(len(a.Fields) > 0 && a.Type != ActionForm, at+"/fields", "%q has none", a.Type)
	p.texts(at+"/text", a.Text, MaxUserMessage)
}

func (f Failure) check(p *problems, at string) {
	oneOf(p, at+"/code", f.Code, FailureCodes()...)
	p.texts(at+"/user_message", f.UserMessage, MaxUserMessage)
	p.when(f.RetryAfterMS < 0, at+"/retry_after_ms", "%d is negative", f.RetryAfterMS)
}

func checkState(p *problems, at string, state json.RawMessage) {
	p.when(len(state) > MaxState, at, "%d bytes, at most %d are allowed", len(state), MaxState)
}

// checkAmount takes no amount at all, or one of a known currency.
func checkAmount(p *problems, at string, m Money) {
	_, known := Exponent(m.Currency)
	p.when(!known && !m.IsZero(), at+"/currency", "%q is no currency of ISO 4217", m.Currency)
	p.when(m.Value < 0, at+"/value", "%d is negative", m.Value)
}

// check looks at what the host cannot do without; the rest is for it to say.
func (o OrderRequest) check(p *problems, at string) {
	p.when(o.Reference == "", at+"/reference", "it is missing")
	checkAmount(p, at+"/amount", o.Amount)
	p.when(o.Amount.Value <= 0, at+"/amount", "an order is for more than nothing")
}

func checkCommands(p *problems, at string, commands []Command) {
	for i, c := range commands {
		pointer := fmt.Sprintf("%s/commands/%d", at, i)
		oneOf(p, pointer+"/type", c.Type, CommandCancel, CommandCapture)
		p.when(c.Reference == "", pointer+"/reference", "it is missing")
	}
}

func checkFindings(p *problems, at string, findings []Finding) {
	for i, f := range findings {
		p.when(!slices.Contains(FindingLevels(), f.Level), fmt.Sprintf("%s/findings/%d/level", at, i), "%q is none of %v", f.Level, FindingLevels())
	}
}
