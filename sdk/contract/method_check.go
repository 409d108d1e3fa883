package contract

import (
	"fmt"
	"slices"
	"strings"
)

func (m Manifest) checkMethods(p *problems) {
	p.when(len(m.Methods) == 0, "/methods", "a payment plugin offers at least one method")
	p.when(len(m.Methods) > maxMethods, "/methods", "%d methods, at most %d are allowed", len(m.Methods), maxMethods)
	m.Rules.check(p, "", m.Operations)
	ids := map[string]bool{}
	for i, method := range m.Methods {
		pointer := fmt.Sprintf("/methods/%d", i)
		p.when(ids[method.ID], pointer+"/id", "%q stands there twice", method.ID)
		ids[method.ID] = true
		method.check(p, pointer, m.Operations)
	}
}

func (m Method) check(p *problems, at string, operations []Export) {
	p.when(!isName(m.ID, "-_"), at+"/id", "%q is not [a-z][a-z0-9_-]{1,31}", m.ID)
	p.when(len(m.Title) == 0, at+"/title", "a title is needed")
	p.texts(at+"/title", m.Title, maxTitle)
	if m.Logo != "" {
		p.wrap(at+"/logo", checkLogo(m.Logo))
	}
	p.when(len(m.Currencies) == 0, at+"/currencies", "at least one currency is needed")
	for _, code := range sortedKeys(m.Currencies) {
		m.Currencies[code].check(p, at+"/currencies/"+escapePointer(code), code)
	}
	for i, c := range m.Countries {
		p.when(len(c) != 2 || !only(c, upper), fmt.Sprintf("%s/countries/%d", at, i), "%q is not two capital letters", c)
	}
	p.when(m.Rank < 0 || m.Rank > MaxRank, at+"/rank", "%d is not 0 to %d", m.Rank, MaxRank)
	oneOf(p, at+"/flow", m.Flow, FlowRedirect, FlowForm, FlowTerminal)
	for i, f := range m.RequiredFields {
		p.when(!strings.HasPrefix(f, "/"), fmt.Sprintf("%s/required_fields/%d", at, i), "%q is no JSON pointer", f)
	}
	p.when(m.Options && !slices.Contains(operations, ListOptions), at+"/options", "the plugin has no list_options")
	m.Rules.check(p, at, operations)
}

func (r Range) check(p *problems, at, currency string) {
	_, known := Exponent(currency)
	p.when(!known, at, "%q is no currency of ISO 4217", currency)
	p.when(r.Min < 0, at+"/min", "%d is negative", r.Min)
	p.when(r.Multiple < 0, at+"/multiple", "%d is negative", r.Multiple)
	p.when(r.Max < 0 || (r.Max > 0 && r.Max < r.Min), at+"/max", "%d is below the least amount", r.Max)
}

// check checks rules; a capture or refund rule that promises what the plugin
// has no operation for is wrong.
func (r Rules) check(p *problems, at string, operations []Export) {
	has := func(e Export) bool { return slices.Contains(operations, e) }
	if c := r.Capture; c != nil {
		p.when(!c.Automatic && !c.Manual, at+"/capture", "neither automatic nor manual: no money could be taken")
		p.when(c.Manual && !has(CapturePayment), at+"/capture/manual", "the plugin has no capture_payment")
		p.when(c.Multiple && !c.Partial, at+"/capture/multiple", "several captures need partial ones")
		p.when(c.WindowDays < 0, at+"/capture/window_days", "%d is negative", c.WindowDays)
	}
	if f := r.Refund; f != nil {
		p.when((f.Full || f.Partial) && !has(RefundPayment), at+"/refund", "the plugin has no refund_payment")
		p.when(!f.Full && !f.Partial && len(f.Elsewhere) == 0, at+"/refund", "neither full nor partial, and elsewhere does not say where; leave the rule out")
		p.when(f.Multiple && !f.Partial, at+"/refund/multiple", "several refunds need partial ones")
		p.when(f.WindowDays < 0, at+"/refund/window_days", "%d is negative", f.WindowDays)
		p.texts(at+"/refund/elsewhere", f.Elsewhere, MaxUserMessage)
	}
	if q := r.Polling; q != nil {
		p.when(!has(GetPayment), at+"/polling", "the plugin has no get_payment")
		p.when(q.FirstAfterS < 0, at+"/polling/first_after_s", "%d is negative", q.FirstAfterS)
		p.when(q.Factor < 0, at+"/polling/factor", "%d is negative", q.Factor)
		p.when(q.MaxIntervalS < 0, at+"/polling/max_interval_s", "%d is negative", q.MaxIntervalS)
		p.when(q.AtMost < 0, at+"/polling/at_most", "%d is negative", q.AtMost)
		p.when(q.FirstAfterS == 0 && !q.OnHint && !q.OnlyAfterExpiry, at+"/polling/first_after_s", "0 would ask without a pause")
	}
	if f := r.Reference; f != nil {
		p.when(f.MaxLength < 0, at+"/reference/max_length", "%d is negative", f.MaxLength)
		p.when(f.MaxLength > 0 && f.MaxLength < minReference && !f.Number, at+"/reference/max_length",
			"%d is less than the %d characters that keep references apart; ask for a number", f.MaxLength, minReference)
	}
}

// minReference is the shortest order number that stays unique: 12 characters
// of A-Z0-9 hold 62 bits.
const minReference = 12
