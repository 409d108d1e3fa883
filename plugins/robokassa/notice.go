package main

import (
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// notice is what ResultURL, SuccessURL and FailURL have in common.
type notice struct {
	sum, invoice, signature string
	shp                     []string // Name=value, as received
	currency, reference     string   // our own two of them
}

// noticeNames are the parameters by their name in lower case, the old names
// that come beside the new ones included (protocol, 6.1).
var noticeNames = map[string]func(n *notice) *string{
	"outsum": noticeSum, "out_summ": noticeSum,
	"invid": noticeInvoice, "inv_id": noticeInvoice,
	"signaturevalue": noticeSignature, "crc": noticeSignature,
	strings.ToLower(shpCurrency):  func(n *notice) *string { return &n.currency },
	strings.ToLower(shpReference): func(n *notice) *string { return &n.reference },
}

func noticeSum(n *notice) *string       { return &n.sum }
func noticeInvoice(n *notice) *string   { return &n.invoice }
func noticeSignature(n *notice) *string { return &n.signature }

// readNotice reads a form's body, or the query where there is none. Names are
// taken in any case; a parameter that comes twice must say the same.
func readNotice(m contract.Message) (notice, error) {
	var n notice
	text := string(m.Bytes())
	if text == "" {
		text = m.Query
	}
	fields, err := decodeForm(text)
	if err != nil {
		return n, malformed(err.Error())
	}
	for _, f := range fields {
		name := strings.ToLower(f[0])
		if strings.HasPrefix(name, "shp_") {
			n.shp = append(n.shp, f[0]+"="+f[1])
		}
		get := noticeNames[name]
		if get == nil {
			continue
		}
		into := get(&n)
		if *into != "" && !strings.EqualFold(*into, f[1]) {
			return n, malformed(name + " says two things")
		}
		*into = f[1]
	}
	if n.invoice != "" && !isNumber(n.invoice) {
		return n, malformed("InvId is no number")
	}
	return n, nil
}

// isNumber takes what an InvId can be: 1 to 19 digits.
func isNumber(s string) bool {
	const most = 19
	return s != "" && len(s) <= most && strings.Trim(s, digits) == ""
}

// isReference takes what the host's references look like; anything else in
// Shp_ref is not ours.
func isReference(s string) bool {
	const least, most = 12, 64
	return len(s) >= least && len(s) <= most && strings.Trim(s, digits+letters) == ""
}

// key names the payment: by our own reference, which nobody can guess, where
// it came back. A payment without one was started elsewhere, and its InvId may
// be the number of one of ours.
func (n notice) key() contract.PaymentKey {
	if isReference(n.reference) {
		return contract.PaymentKey{Reference: n.reference}
	}
	return contract.PaymentKey{ProviderReference: "elsewhere-" + n.invoice}
}

// money is OutSum, which comes with six decimals.
func (n notice) money(s shop) (contract.Money, error) {
	return contract.ParseDecimal(n.sum, first(n.currency, s.Currency))
}

// ReceiveWebhook takes three kinds of news: ResultURL (a payment was made),
// ResultUrl2 (money is on hold), and the browser's return at SuccessURL or
// FailURL, whose fixed addresses the host serves below /return/.
func (plugin) ReceiveWebhook(c *guest.Call, in contract.WebhookInput) (contract.WebhookResult, error) {
	s, err := newShop(c)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	m := in.Message
	if strings.Contains(m.Path, "/return/") {
		return s.cameBack(m)
	}
	if len(s.Senders) > 0 && !slices.Contains(s.Senders, m.RemoteIP) {
		return contract.WebhookResult{}, &contract.Failure{Code: contract.Unauthorized, Message: "the sender is not among the account's senders"}
	}
	if token := strings.Trim(string(m.Bytes()), "\" \t\r\n"); strings.Count(token, ".") == 2 && !strings.ContainsAny(token, "=&") {
		return s.held(token, m.Query)
	}
	return s.paid(m)
}

// paid reads ResultURL. Its answer is OK and the InvId, to repeats as well.
func (s shop) paid(m contract.Message) (contract.WebhookResult, error) {
	n, err := readNotice(m)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	if err := s.check(password2, n.signature, []string{n.sum, n.invoice}, n.shp); err != nil {
		return contract.WebhookResult{}, err
	}
	amount, err := n.money(s)
	if err != nil || n.invoice == "" {
		return contract.WebhookResult{}, malformed("ResultURL lacks an OutSum or InvId that can be read")
	}
	u := contract.Update{Payment: n.key(), Type: contract.UpdateCaptured, Amount: amount, Trust: contract.Verified}
	return received("OK"+n.invoice, u), nil
}

// cameBack reads the browser's return, a hint whatever it says.
func (s shop) cameBack(m contract.Message) (contract.WebhookResult, error) {
	n, err := readNotice(m)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	u, err := s.hint(n)
	if err != nil {
		return contract.WebhookResult{}, err
	}
	return received("", u), nil
}

// hint checks a return. SuccessURL is signed with the first password. FailURL
// is not signed: only our reference, which nobody can guess, names a payment
// there, so that a stranger's InvId leads to no order.
func (s shop) hint(n notice) (contract.Update, error) {
	u := contract.Update{Payment: n.key(), Type: contract.UpdateCaptured, Trust: contract.Hint}
	if n.signature == "" {
		u.Type = contract.UpdateCancelled
		if !isReference(n.reference) {
			return u, &contract.Failure{Code: contract.BadSignature, Message: "the return is not signed and bears no reference of ours"}
		}
		return u, nil
	}
	if _, err := n.money(s); err != nil { // else the start's own signature would do, with the shop's name in OutSum
		return u, &contract.Failure{Code: contract.BadSignature, Message: "OutSum of the return is no amount"}
	}
	return u, s.check(password1, n.signature, []string{n.sum, n.invoice}, n.shp)
}

// CompletePayment reads what the browser brought back. It is a hint: the
// buyer may be faster than ResultURL, and FailURL is not final.
func (plugin) CompletePayment(c *guest.Call, in contract.CompleteInput) (contract.UpdatesResult, error) {
	if in.Message == nil {
		return contract.UpdatesResult{}, nil
	}
	s, err := newShop(c)
	if err != nil {
		return contract.UpdatesResult{}, err
	}
	n, err := readNotice(*in.Message)
	if err != nil || n.invoice == "" {
		return contract.UpdatesResult{}, err // without an InvId the browser came by another way
	}
	u, err := s.hint(n)
	if err != nil {
		return contract.UpdatesResult{}, err
	}
	if n.invoice != invoice(in.Payment) || n.reference != in.Payment.Reference {
		return contract.UpdatesResult{}, &contract.Failure{Code: contract.BadSignature, Message: "the return is of another payment"}
	}
	u.Payment = contract.PaymentKey{ID: in.Payment.ID}
	return contract.UpdatesResult{Updates: []contract.Update{u}}, nil
}

// received is the answer to news. What matches no payment is kept by the host,
// and a repeat would not change that.
func received(body string, u contract.Update) contract.WebhookResult {
	return contract.WebhookResult{
		Response: contract.WebhookResponse{Status: 200, ContentType: "text/plain", Body: body},
		Updates:  []contract.Update{u}, Unknown: contract.UnknownAccept,
	}
}

func malformed(why string) error {
	return &contract.Failure{Code: contract.InvalidRequest, Message: "read notice: " + why}
}
