package omnikassa

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxAnnounce      = 1 << 20          // bytes of an announce
	timestampWindow  = 10 * time.Minute // ours: the bank's is not published
	maxReturnURL     = 1024
	maxReference     = 24  // merchantOrderId and shopperBankstatementReference
	maxLongReference = 255 // merchantOrderId beside a shopperBankstatementReference
	maxDescription   = 35
	forceOnce        = "FORCE_ONCE"
	forceAlways      = "FORCE_ALWAYS"
	defaultLanguage  = "EN"
	maxIssuerID      = 11
)

// Announcement is an announce as the bank keeps it: checked and cut.
type Announcement struct {
	Timestamp              time.Time `json:"timestamp"`
	MerchantOrderID        string    `json:"merchantOrderId"`
	BankStatementReference string    `json:"shopperBankstatementReference,omitempty"`
	Amount                 int64     `json:"amount"` // cents
	ReturnURL              string    `json:"-"`      // may hold a shop's secrets, so the books leave it out
	Description            string    `json:"description,omitempty"`
	Language               string    `json:"language"` // NL, EN, FR or DE
	Items                  []Item    `json:"orderItems,omitempty"`
	ItemsDropped           bool      `json:"orderItemsDropped,omitempty"` // their sum was not the amount
	Shipping               *Address  `json:"shippingDetail,omitempty"`
	Billing                *Address  `json:"billingDetail,omitempty"`
	ShippingCost           int64     `json:"shippingCost,omitempty"` // cents, shown only
	Customer               *Customer `json:"customerInformation,omitempty"`
	Brand                  string    `json:"paymentBrand,omitempty"`
	Force                  string    `json:"paymentBrandForce,omitempty"`
	IssuerID               string    `json:"issuerId,omitempty"`
	FastCheckout           bool      `json:"fastCheckout,omitempty"`
	CheckoutFields         []string  `json:"requiredCheckoutFields,omitempty"`
	SkipResultPage         bool      `json:"skipHppResultPage"`
	InitiatingParty        string    `json:"initiatingParty,omitempty"`
	ShopperRef             string    `json:"shopperRef,omitempty"`
	CardOnFile             bool      `json:"enableCardOnFile,omitempty"`
}

// announce registers an order and answers with the address of its payment page.
func (s *Simulator) announce(w http.ResponseWriter, r *http.Request) {
	if _, e := s.authorise(r, callAnnounce, accessToken); e != nil {
		s.refuse(w, e)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxAnnounce))
	if err != nil {
		status := http.StatusBadRequest
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		s.refuse(w, &apiError{HTTP: status, ErrorCode: codeInvalid, ErrorMessage: "the order announcement could not be read"})
		return
	}
	a, e := decodeAnnouncement(body)
	if e == nil {
		e = s.judge(a)
	}
	if e != nil {
		s.refuse(w, e)
		return
	}
	o := s.open(a, r.Header.Get("X-Api-User-Agent"))
	s.write(w, http.StatusCreated, struct {
		RedirectURL      string `json:"redirectUrl"`
		OmnikassaOrderID string `json:"omnikassaOrderId"`
	}{s.publicURL(r) + pagePath + "?token=" + o.page + "&lang=" + strings.ToLower(o.Language), o.id})
}

// judge checks what depends on the shop and on the time. A client's clock may
// stand with the provider's moved clock or with the unmoved one.
func (s *Simulator) judge(a *Announcement) *apiError {
	fits := func(now time.Time) bool { return a.Timestamp.Sub(now).Abs() <= timestampWindow }
	if !fits(s.clock.Now()) && !fits(s.clock.Base()) {
		return errTimestamp()
	}
	if a.Brand == "" {
		return nil
	}
	if ok, list := s.restrictable(a.Brand); !ok {
		return &apiError{HTTP: http.StatusUnprocessableEntity, ErrorCode: codeBrand, ConsumerMessage: "order could not be restricted to " +
			a.Brand + ", POI with id " + strconv.FormatInt(s.cfg.POIID, 10) + " can only be restricted to payment brands: " + list}
	}
	return nil
}

// decodeAnnouncement reads, checks and cuts an announce (API manual, "Order
// announce"). Members may come in any order; the first wrong one is answered.
func decodeAnnouncement(body []byte) (*Announcement, *apiError) {
	f, ok := readFields(body)
	if !ok {
		return nil, &apiError{HTTP: http.StatusBadRequest, ErrorCode: codeInvalid, ErrorMessage: "the order announcement is not a JSON object"}
	}
	a := &Announcement{}
	for _, read := range []func(fields) *apiError{
		a.readTimestamp, a.readReferences, a.readAmounts, a.readReturnURL, a.readTexts, a.readPeople, a.readBrand, a.readFlags, a.readItems,
	} {
		if e := read(f); e != nil {
			return nil, e
		}
	}
	return a, nil
}

func (a *Announcement) readTimestamp(f fields) *apiError {
	text, e := f.text("timestamp")
	t, ok := readTime(text)
	if e != nil || !ok {
		return errTimestamp()
	}
	a.Timestamp = t
	return nil
}

func (a *Announcement) readReferences(f fields) (e *apiError) {
	if a.BankStatementReference, e = f.text("shopperBankstatementReference"); e != nil {
		return e
	}
	if a.MerchantOrderID, e = f.text("merchantOrderId"); e != nil {
		return e
	}
	bad := func(message string) *apiError {
		return &apiError{HTTP: http.StatusUnprocessableEntity, ErrorCode: codeMerchantOrderID, ConsumerMessage: message}
	}
	switch {
	case a.MerchantOrderID == "":
		return invalid("merchantOrderId is required")
	case !alphanumeric(a.BankStatementReference):
		return bad("shopperBankstatementReference should only contain alphanumeric characters")
	case a.BankStatementReference == "" && !alphanumeric(a.MerchantOrderID):
		return bad("merchantOrderId should only contain alphanumeric characters")
	case !printableASCII(a.MerchantOrderID):
		return bad("merchantOrderId should only contain ASCII characters")
	}
	longest := maxReference
	if a.BankStatementReference != "" {
		longest = maxLongReference
	}
	a.MerchantOrderID, a.BankStatementReference = cutText(a.MerchantOrderID, longest), cutText(a.BankStatementReference, maxReference)
	return nil
}

func (a *Announcement) readAmounts(f fields) (e *apiError) {
	if a.Amount, e = f.money("amount", "order amount"); e != nil {
		return e
	}
	if a.Amount <= 0 {
		return invalid("order amount must be greater than zero")
	}
	if a.Amount > maxAmount {
		return invalid("order amount must not be greater than 9999999")
	}
	if f.empty("shippingCost") {
		return nil
	}
	if a.ShippingCost, e = f.money("shippingCost", "shipping cost"); e != nil {
		return e
	}
	if a.ShippingCost < 0 || a.ShippingCost > maxAmount {
		return invalid("shipping cost must be between 0 and 9999999")
	}
	return nil
}

func (a *Announcement) readReturnURL(f fields) (e *apiError) {
	if a.ReturnURL, e = f.text("merchantReturnURL"); e != nil {
		return e
	}
	if a.ReturnURL == "" {
		return invalid("merchantReturnURL is required")
	}
	u, err := url.Parse(a.ReturnURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || u.User != nil ||
		strings.HasSuffix(strings.ToLower(u.Hostname()), ".test") || !printableASCII(a.ReturnURL) || strings.Contains(a.ReturnURL, " ") {
		return invalid("merchantReturnURL is not a valid web address")
	}
	if len(a.ReturnURL) > maxReturnURL {
		return invalid("merchantReturnURL is too long, maximum length is [1024]")
	}
	return nil
}

func (a *Announcement) readTexts(f fields) (e *apiError) {
	if a.Description, e = f.cut("description", maxDescription); e != nil {
		return e
	}
	if a.Language, e = f.text("language"); e != nil {
		return e
	}
	if a.Language = strings.ToUpper(a.Language); !slices.Contains([]string{"NL", "EN", "FR", "DE"}, a.Language) {
		a.Language = defaultLanguage
	}
	if a.InitiatingParty, e = f.text("initiatingParty"); e != nil {
		return e
	}
	a.ShopperRef, e = f.text("shopperRef")
	return e
}

func (a *Announcement) readFlags(f fields) (e *apiError) {
	if a.SkipResultPage, e = f.flag("skipHppResultPage"); e != nil {
		return e
	}
	a.CardOnFile, e = f.flag("enableCardOnFile")
	return e
}
