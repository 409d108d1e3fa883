package robokassa

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// invoice is a link that leads to a payment page.
type invoice struct {
	id, encoded string
	reusable    bool
	start       start
	off         bool
	created     time.Time
}

// invoiceRequest is the payload of all three calls.
type invoiceRequest struct {
	MerchantLogin  string
	InvoiceType    string
	Culture        string
	InvID          json.Number `json:"InvId"`
	OutSum         json.Number
	Description    string
	UserFields     map[string]string
	ExpirationDate string
	Success        invoiceAddress `json:"SuccessUrl2Data"`
	Fail           invoiceAddress `json:"FailUrl2Data"`
	Aliases        []string
	Additional     struct {
		Email, ResultURL2, StepByStep, Recurring, IsTest string
	} `json:"AdditionalParameters"`
	ID        string `json:"Id"`
	EncodedID string `json:"EncodedId"`
}

// invoiceAddress is a return address of an invoice's own.
type invoiceAddress struct {
	URL    string `json:"Url"`
	Method string
}

type invoiceAnswer struct {
	IsSuccess bool   `json:"isSuccess"`
	Message   string `json:"message,omitempty"`
	ID        string `json:"id,omitempty"`
	InvID     int64  `json:"invId,omitempty"`
	URL       string `json:"url,omitempty"`
}

// openInvoice reads and verifies the JWT of a call; the key is the shop's name
// and its first password. The answer to a wrong one is 200 with a message.
func (s *Simulator) openInvoice(w http.ResponseWriter, r *http.Request) (invoiceRequest, bool) {
	var in invoiceRequest
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return in, false
	}
	for _, password := range []string{s.cfg.Password1, s.cfg.TestPassword1} {
		payload, ok := openJWT(body, s.cfg.Login+":"+password, s.cfg.Hash)
		if ok && json.Unmarshal(payload, &in) == nil && in.MerchantLogin == s.cfg.Login && (password == s.cfg.Password1 || in.Additional.IsTest == "1") {
			return in, true
		}
	}
	return in, false
}

// createInvoice makes a link.
func (s *Simulator) createInvoice(w http.ResponseWriter, r *http.Request) {
	in, ok := s.openInvoice(w, r)
	if !ok {
		s.json(w, invoiceAnswer{Message: "Invalid signature"})
		return
	}
	st, message := s.fromInvoice(in)
	if message != "" {
		s.json(w, invoiceAnswer{Message: message})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.operations[st.invID]; st.invID != 0 && old != nil && !old.open() {
		s.json(w, invoiceAnswer{Message: "Invoice with this InvId is already paid"})
		return
	}
	if st.invID == 0 {
		s.serial++
		st.invID = s.serial
	}
	one := &invoice{id: newGUID(), encoded: rand.Text()[:12], reusable: in.InvoiceType == "Reusable", start: st, created: s.clock.Now()}
	s.invoices = append(s.invoices, one)
	s.json(w, invoiceAnswer{IsSuccess: true, ID: one.id, InvID: st.invID, URL: s.base(r) + "/merchant/Invoice/" + one.encoded})
}

// fromInvoice checks what the link is to start; a message says what is wrong.
func (s *Simulator) fromInvoice(in invoiceRequest) (start, string) {
	st := start{
		sumText: in.OutSum.String(), description: in.Description, culture: in.Culture, email: in.Additional.Email, result2: in.Additional.ResultURL2,
		hold: in.Additional.StepByStep == "true", series: in.Additional.Recurring == "true", test: in.Additional.IsTest == "1",
		only: in.Aliases,
		back: [2]string{in.Success.URL, in.Fail.URL}, backMethod: [2]string{in.Success.Method, in.Fail.Method},
	}
	for i, address := range st.back {
		if checkURL(address) != nil || address != "" && !isMethod(st.backMethod[i]) {
			return st, "SuccessUrl2Data or FailUrl2Data is invalid"
		}
	}
	var ok bool
	if st.sum, ok = parseSum(st.sumText); !ok {
		return st, "OutSum must be greater than 0"
	}
	if st.invID, ok = readInvID(in.InvID.String()); !ok {
		return st, "InvId is invalid"
	}
	switch {
	case in.InvoiceType != "OneTime" && in.InvoiceType != "Reusable":
		return st, "InvoiceType is invalid"
	case st.hold && (in.InvoiceType != "OneTime" || st.series):
		return st, "StepByStep is not allowed here"
	}
	if in.ExpirationDate != "" {
		if st.expires, ok = readTime(in.ExpirationDate); !ok {
			return st, "ExpirationDate is invalid"
		}
	}
	st.shop = []shopParam{{"shp_interface", "InvoiceService.WebApi"}} // nobody sent it, and it is signed
	for name, value := range in.UserFields {
		if !strings.HasPrefix(strings.ToLower(name), "shp_") {
			name = "Shp_" + name
		}
		st.shop = append(st.shop, shopParam{name, value})
	}
	sortShop(st.shop)
	return st, ""
}

// deactivateInvoice makes a link useless. It is named by any of its ids.
func (s *Simulator) deactivateInvoice(w http.ResponseWriter, r *http.Request) {
	in, ok := s.openInvoice(w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.invoices, func(one *invoice) bool {
		return one.id == in.ID || one.encoded == in.EncodedID || in.InvID != "" && strconv.FormatInt(one.start.invID, 10) == in.InvID.String()
	})
	if !ok || i < 0 {
		s.json(w, invoiceAnswer{Message: "Invoice not found"})
		return
	}
	s.invoices[i].off = true
	s.json(w, invoiceAnswer{IsSuccess: true})
}

// listInvoices tells all links (ours: pages and filters are not looked at).
func (s *Simulator) listInvoices(w http.ResponseWriter, r *http.Request) {
	_, ok := s.openInvoice(w, r)
	type info struct {
		ID     string      `json:"id"`
		InvID  int64       `json:"invId"`
		Status string      `json:"status"`
		OutSum json.Number `json:"outSum"`
	}
	answer := struct {
		IsSuccess bool   `json:"isSuccess"`
		Items     []info `json:"items"`
		Total     int    `json:"totalCount"`
	}{IsSuccess: ok, Items: []info{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range s.invoices {
		if !ok {
			break
		}
		status := "Notpaid"
		if o := s.either(one.start.invID); o != nil && o.state == StatePaid {
			status = "Paid"
		} else if one.off || !one.start.expires.IsZero() && !s.clock.Now().Before(one.start.expires) {
			status = "Expired"
		}
		answer.Items = append(answer.Items, info{one.id, one.start.invID, status, json.Number(two(one.start.sum))})
	}
	answer.Total = len(answer.Items)
	s.json(w, answer)
}

// showInvoice opens a link: it leads to a payment page.
func (s *Simulator) showInvoice(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	i := slices.IndexFunc(s.invoices, func(one *invoice) bool { return strings.EqualFold(one.encoded, r.PathValue("invoice")) })
	o, bad := s.follow(i)
	s.mu.Unlock()
	if bad != nil {
		s.render(w, errorView(r, bad))
		return
	}
	s.seeOther(w, "../Index/"+o.page)
}

// follow starts the payment of a link. The caller holds s.mu.
func (s *Simulator) follow(i int) (*operation, *pageError) {
	if i < 0 || s.invoices[i].off {
		return nil, fails(errLinkNone)
	}
	one := s.invoices[i]
	if !one.start.expires.IsZero() && !s.clock.Now().Before(one.start.expires) {
		return nil, fails(errLinkTime)
	}
	st := one.start
	if o := s.kept(st.test)[st.invID]; o != nil && !o.open() && o.state != StateCancelled {
		if !one.reusable {
			return nil, fails(errLinkPaid)
		}
		st.invID = 0
	}
	o := s.register(st)
	o.invoice = one.id
	return o, nil
}

// base is the address under which browsers reach the simulator.
func (s *Simulator) base(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}
