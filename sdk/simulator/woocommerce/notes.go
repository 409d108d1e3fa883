package woocommerce

import (
	"net/http"
	"slices"
	"time"
)

// note is a note of an order.
type note struct {
	id       int
	at       time.Time
	author   string
	text     string
	customer bool
}

// MailRecord is a mail that the shop sent.
type MailRecord struct {
	Order int       `json:"order"`
	At    time.Time `json:"at"`
	To    string    `json:"to"`
	Text  string    `json:"text"`
}

// comment adds a note; one for the customer is mailed (1.5). The caller holds s.mu.
func (s *Simulator) comment(o *order, text string, n note) note {
	s.comments++
	n.id, n.at, n.text, n.author = s.comments, s.second(), text, orElse(n.author, "WooCommerce")
	o.notes = append(o.notes, n)
	if n.customer {
		s.mails = append(s.mails, MailRecord{o.id, n.at, o.billing["email"], text})
	}
	return n
}

type noteView struct {
	ID       int     `json:"id"`
	Author   string  `json:"author"`
	Created  *string `json:"date_created"`
	GMT      *string `json:"date_created_gmt"`
	Note     string  `json:"note"`
	Customer bool    `json:"customer_note"`
}

func (s *Simulator) noteView(n note) noteView {
	return noteView{n.id, n.author, s.local(n.at), gmt(n.at), n.text, n.customer}
}

// listNotes lists an order's notes, newest first.
func (s *Simulator) listNotes(r *http.Request, _ http.Header) (int, any, *apiError) {
	o, refused := s.asked(r)
	if refused != nil {
		return 0, nil, refused
	}
	list := []noteView{}
	for _, n := range slices.Backward(o.notes) {
		list = append(list, s.noteView(n))
	}
	return http.StatusOK, list, nil
}

// postNote adds a note: its author is WooCommerce unless a person is said to have
// added it (1.5).
func (s *Simulator) postNote(r *http.Request, _ http.Header) (int, any, *apiError) {
	o, refused := s.asked(r)
	if refused != nil {
		return 0, nil, refused
	}
	var in struct {
		Note     string `json:"note"`
		Customer bool   `json:"customer_note"`
		ByUser   bool   `json:"added_by_user"`
	}
	if refused := readBody(r, &in); refused != nil {
		return 0, nil, refused
	}
	if in.Note == "" {
		return 0, nil, &apiError{http.StatusBadRequest, "rest_missing_callback_param", "Missing parameter(s): note"}
	}
	n := note{customer: in.Customer}
	if in.ByUser {
		n.author = "the key's owner"
	}
	return http.StatusCreated, s.noteView(s.comment(o, in.Note, n)), nil
}
