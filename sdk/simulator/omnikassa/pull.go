package omnikassa

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// pageSize is how many results one page of a pull holds at most.
const pageSize = 100

// defaultFillers is how many made-up results the fault many_results adds.
const defaultFillers = 150

// eventName is the one event there is.
const eventName = "merchant.order.status.changed"

// result is an order's final state that waits to be pulled, or with no order one
// that only fills the page.
type result struct {
	order   *order
	finalAt time.Time
	taken   bool // handed out
}

// pullPage is a page of results (API manual, "Status pull").
type pullPage struct {
	Signature string       `json:"signature"`
	More      bool         `json:"moreOrderResultsAvailable"`
	Results   []pullResult `json:"orderResults"`
}

type pullResult struct {
	MerchantOrderID  string            `json:"merchantOrderId"`
	OmnikassaOrderID string            `json:"omnikassaOrderId"`
	POIID            string            `json:"poiId"`
	Status           string            `json:"orderStatus"`
	StatusAt         string            `json:"orderStatusDateTime"`
	ErrorCode        string            `json:"errorCode"`
	Paid             moneyText         `json:"paidAmount"`
	Total            moneyText         `json:"totalAmount"`
	Transactions     []pullTransaction `json:"transactions,omitzero"` // nil in v1, so left out
}

type pullTransaction struct {
	ID        string     `json:"id"`
	Brand     string     `json:"paymentBrand"`
	Type      string     `json:"type"`
	Status    string     `json:"status"`
	Amount    moneyText  `json:"amount"`
	Confirmed *moneyText `json:"confirmedAmount"` // null unless paid
	StartedAt string     `json:"startTime"`
	UpdatedAt string     `json:"lastUpdateTime"`
}

// enqueue has a result wait to be pulled, and notifications go out. The caller
// holds s.mu.
func (s *Simulator) enqueue(r *result) {
	s.queue = append(s.queue, r)
	s.post.At(r.finalAt, func(ctx context.Context, due time.Time) { s.announceResult(ctx, r, due) })
	s.repeatFrom(r.finalAt)
}

// pull hands out up to 100 results, once. v1 has no transactions, neither in the
// body nor in the signature.
func (s *Simulator) pull(version int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t, e := s.authorise(r, callPull, notificationToken)
		if e != nil {
			s.refuse(w, e)
			return
		}
		if name := r.PathValue("event"); name != eventName {
			s.refuse(w, notFound("there are no results for the event "+name))
			return
		}
		s.write(w, http.StatusOK, s.takePage(version, t.key))
	}
}

// takePage takes a page out of the queue and signs it.
func (s *Simulator) takePage(version, key int) *pullPage {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addFillers()
	n := min(pageSize, len(s.queue))
	taken := s.queue[:n]
	s.queue = s.queue[n:]
	p := &pullPage{More: len(s.queue) > 0, Results: []pullResult{}}
	note := PullRecord{At: s.clock.Now(), Version: version, Key: key, More: p.More}
	for _, r := range taken {
		r.taken = true
		if r.order == nil {
			p.Results = append(p.Results, s.filler())
			note.Fillers++
			continue
		}
		r.order.pulled++
		note.Orders = append(note.Orders, r.order.id)
		p.Results = append(p.Results, s.pullResult(r.order, version))
	}
	s.distort(p)
	p.Signature = sign(s.keys[key], p.values()...)
	s.falsify(p)
	s.pulls = append(s.pulls, note)
	return p
}

// addFillers carries out many_results, once for each series of pages.
func (s *Simulator) addFillers() {
	for _, r := range s.queue {
		if r.order == nil {
			return
		}
	}
	f, on := s.faults.Take(faultManyResults, callPull)
	if !on {
		return
	}
	if f.Count == 0 {
		f.Count = defaultFillers
	}
	filled := make([]*result, f.Count, f.Count+len(s.queue))
	for i := range filled {
		filled[i] = &result{finalAt: s.clock.Now()}
	}
	s.queue = append(filled, s.queue...)
}

// filler is a well-formed result of an order that no shop announced here.
func (s *Simulator) filler() pullResult {
	return pullResult{MerchantOrderID: "FILLER" + strconv.FormatInt(s.clock.Now().UnixNano()%1_000_000_000, 10),
		OmnikassaOrderID: uuid.NewString(), POIID: strconv.FormatInt(s.cfg.POIID, 10), Status: orderCancelled,
		StatusAt: writeResultTime(s.clock.Now()), Paid: centsText(0), Total: centsText(100)}
}

func (s *Simulator) pullResult(o *order, version int) pullResult {
	r := pullResult{MerchantOrderID: o.MerchantOrderID, OmnikassaOrderID: o.id, POIID: strconv.FormatInt(s.cfg.POIID, 10),
		Status: o.status, StatusAt: writeResultTime(o.changedAt()), Paid: centsText(0), Total: centsText(o.Amount)}
	if o.status == orderCompleted {
		r.Paid = r.Total
	}
	if version == 1 {
		return r
	}
	r.Transactions = make([]pullTransaction, 0, len(o.txs))
	for _, t := range o.txs {
		row := pullTransaction{ID: t.id, Brand: t.brand.name, Type: "PAYMENT", Status: t.status, Amount: r.Total,
			StartedAt: writeResultTime(t.startedAt), UpdatedAt: writeResultTime(t.updatedAt)}
		if t.paid() {
			row.Confirmed = &r.Total
		}
		r.Transactions = append(r.Transactions, row)
	}
	return r
}
