package conformance_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// stallAsk is what a request to the shop's interface says.
type stallAsk struct {
	Status, Transaction, Text, Amount, Mark string
	// Own has the shop pay back itself. It is what the shop does unless it is told not to.
	Own     *bool
	Enabled bool
}

func (w *stallWorld) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /token", func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Key") != stallKey {
			answer(rw, http.StatusUnauthorized, stallRefusal("key"))
			return
		}
		answer(rw, http.StatusOK, map[string]string{"token": "access-token-of-the-stall"})
	})
	for pattern, serve := range map[string]func(r *http.Request, ask stallAsk) (int, any){
		"GET /sender": func(*http.Request, stallAsk) (int, any) { return 200, map[string]bool{"enabled": !w.off} },
		"PUT /sender": func(_ *http.Request, ask stallAsk) (int, any) {
			w.off = !ask.Enabled
			return 200, map[string]bool{"enabled": !w.off}
		},
		"GET /orders":               w.list,
		"GET /orders/{id}":          w.onOrder(func(o *stallBooked, _ stallAsk) (int, any) { return 200, o.stallOrder }),
		"PUT /orders/{id}":          w.onOrder(w.put),
		"POST /orders/{id}/notes":   w.onOrder(w.note),
		"POST /orders/{id}/refunds": w.onOrder(w.refund),
	} {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			if r.Header.Get("X-Key") != stallKey && r.Header.Get("Authorization") != "Bearer access-token-of-the-stall" {
				answer(rw, http.StatusUnauthorized, stallRefusal("key"))
				return
			}
			var ask stallAsk
			if r.Method != http.MethodGet && json.NewDecoder(r.Body).Decode(&ask) != nil {
				answer(rw, http.StatusBadRequest, stallRefusal("body"))
				return
			}
			status, v := serve(r, ask)
			answer(rw, status, v)
		})
	}
	return mux
}

func stallRefusal(code string) map[string]string { return map[string]string{"code": code} }

// list gives a page of what has changed since, the oldest change first.
func (w *stallWorld) list(r *http.Request, _ stallAsk) (int, any) {
	since, _ := strconv.Atoi(r.FormValue("since")) // none is 0
	var changed []*stallBooked
	for _, o := range w.orders {
		if o.changed > since {
			changed = append(changed, o)
		}
	}
	slices.SortFunc(changed, func(a, b *stallBooked) int { return a.changed - b.changed })
	page := stallList{Orders: []stallOrder{}, More: len(changed) > stallPage, Last: since}
	for _, o := range changed[:min(len(changed), stallPage)] {
		page.Orders, page.Last = append(page.Orders, o.stallOrder), o.changed
	}
	return 200, page
}

func (w *stallWorld) onOrder(serve func(o *stallBooked, ask stallAsk) (int, any)) func(r *http.Request, ask stallAsk) (int, any) {
	return func(r *http.Request, ask stallAsk) (int, any) {
		o := w.find(r.PathValue("id"))
		if o == nil || o.Deleted {
			return http.StatusNotFound, stallRefusal("order")
		}
		status, v := serve(o, ask)
		if r.Method != http.MethodGet && status < 300 {
			w.touched(o)
		}
		return status, v
	}
}

// put writes a status. There is no rule of what may follow what, except that
// what was cancelled is not paid: it keeps the transaction alone.
func (w *stallWorld) put(o *stallBooked, ask stallAsk) (int, any) {
	switch {
	case ask.Status == "paid" && o.Status == "cancelled":
		o.Transaction = ask.Transaction
	case ask.Status == "paid":
		o.pay(ask.Transaction)
	default:
		o.Status = ask.Status
	}
	return 200, o.stallOrder
}

func (w *stallWorld) note(o *stallBooked, ask stallAsk) (int, any) {
	o.Notes = append(o.Notes, ask.Text)
	return 201, o.stallOrder
}

// refund records one, and answers 500 to one above what is left.
func (w *stallWorld) refund(o *stallBooked, ask stallAsk) (int, any) {
	left := o.paid.Value
	for _, r := range o.Refunds {
		left -= o.value(r.Amount)
	}
	value := o.value(ask.Amount)
	if value <= 0 || value > left {
		return http.StatusInternalServerError, stallRefusal("refund_amount")
	}
	if ask.Own == nil || *ask.Own {
		o.charged++
	}
	o.Refunds = append(o.Refunds, stallRefund{Amount: ask.Amount, Mark: ask.Mark})
	if value == left {
		o.Status = "refunded"
	}
	return 201, o.stallOrder
}
