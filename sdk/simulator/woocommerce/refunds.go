package woocommerce

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// refund is a refund of an order, positive.
type refund struct {
	id     int
	at     time.Time
	amount int64
	reason string
	paid   bool // the gateway paid it out
	meta   []meta
}

// PayoutRecord is money that a gateway of the shop was told to pay back.
type PayoutRecord struct {
	Order   int    `json:"order"`
	Gateway string `json:"gateway"`
	Amount  string `json:"amount"`
}

type refundView struct {
	ID       int     `json:"id"`
	Created  *string `json:"date_created"`
	GMT      *string `json:"date_created_gmt"`
	Amount   string  `json:"amount"`
	Reason   string  `json:"reason"`
	By       int     `json:"refunded_by"`
	Paid     bool    `json:"refunded_payment"`
	MetaData []meta  `json:"meta_data"`
	Items    []any   `json:"line_items"`
}

func (s *Simulator) refundView(o *order, f *refund) refundView {
	return refundView{f.id, s.local(f.at), gmt(f.at), o.text(f.amount), f.reason, 1, f.paid, append([]meta{}, f.meta...), []any{}}
}

// listRefunds lists an order's refunds, newest first.
func (s *Simulator) listRefunds(r *http.Request, h http.Header) (int, any, *apiError) {
	o, refused := s.asked(r)
	if refused != nil {
		return 0, nil, refused
	}
	list := []refundView{}
	for _, f := range slices.Backward(o.refunds) {
		list = append(list, s.refundView(o, f))
	}
	part, refused := paged(list, r.URL.Query(), h)
	return http.StatusOK, part, refused
}

// postRefund makes a refund: api_refund is true unless the body says otherwise (1.5).
func (s *Simulator) postRefund(r *http.Request, _ http.Header) (int, any, *apiError) {
	o, refused := s.asked(r)
	if refused != nil {
		return 0, nil, refused
	}
	var in struct {
		Amount   string          `json:"amount"`
		Reason   string          `json:"reason"`
		API      *bool           `json:"api_refund"`
		Restock  *bool           `json:"api_restock"`
		MetaData json.RawMessage `json:"meta_data"`
	}
	if refused := readBody(r, &in); refused != nil {
		return 0, nil, refused
	}
	rows, refused := s.metaOf(nil, in.MetaData)
	if refused != nil {
		return 0, nil, refused
	}
	f, refused := s.refund(o, in.Amount, in.Reason, in.API == nil || *in.API, rows)
	if refused != nil {
		return 0, nil, refused
	}
	s.touch(o, updated)
	return http.StatusCreated, s.refundView(o, f), nil
}

// refund makes a refund, and has the order's gateway pay it out where that is
// asked for. What is refused is a 500 (1.5). The caller holds s.mu.
func (s *Simulator) refund(o *order, amount, reason string, automatic bool, rows []meta) (*refund, *apiError) {
	n, err := units(amount, o.places)
	if err != nil || n <= 0 || n > o.total()-o.refunded() {
		return nil, noRefund("Invalid refund amount.")
	}
	if automatic {
		g, ok := s.cfg.gateway(o.gateway)
		if !ok || !g.Refunds {
			return nil, noRefund("The payment gateway for this order does not support automatic refunds.")
		}
		s.payouts = append(s.payouts, PayoutRecord{o.id, g.ID, o.text(n)})
	}
	s.serial++
	f := &refund{s.serial, s.second(), n, reason, automatic, rows}
	o.refunds = append(o.refunds, f)
	if o.refunded() == o.total() {
		s.move(o, Refunded)
	}
	return f, nil
}
