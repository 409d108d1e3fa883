package conformance_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// acmeAsk is what a request for money says.
type acmeAsk struct {
	Reference, Decimal, Currency, Capture string
	Final                                 bool
}

func (w *acmeWorld) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", func(rw http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != acmeClient {
			answer(rw, http.StatusUnauthorized, nil)
			return
		}
		w.tokens++
		answer(rw, http.StatusOK, map[string]string{"access_token": "access-token-of-acme-" + strconv.Itoa(w.tokens)})
	})
	for pattern, serve := range map[string]func(r *http.Request) (int, any){
		"GET /banks": func(*http.Request) (int, any) { return 200, []string{"North", "South"} },
		"GET /orders": func(r *http.Request) (int, any) {
			o := w.find(func(o *acmeBooked) bool { return o.Reference == r.FormValue("reference") })
			if o == nil {
				return http.StatusNotFound, nil
			}
			return 200, w.show(o.acmeOrder)
		},
		"POST /orders":               w.once(w.create),
		"POST /orders/{id}/take":     w.onOrder(w.take),
		"POST /orders/{id}/captures": w.onOrder(w.capture),
		"POST /orders/{id}/void":     w.onOrder(w.void),
		"POST /orders/{id}/refunds":  w.onOrder(w.refund),
		"GET /refunds/{id}":          w.refunded,
	} {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			if len(r.Header.Get("Authorization")) < len("Bearer access-token-of-acme-1") {
				answer(rw, http.StatusUnauthorized, nil)
				return
			}
			status, v := serve(r)
			answer(rw, status, v)
		})
	}
	mux.HandleFunc("GET /news", w.pull)
	return mux
}

// once answers a repeat under the same key as the first time.
func (w *acmeWorld) once(serve func(r *http.Request, ask acmeAsk) (int, map[string]string)) func(r *http.Request) (int, any) {
	return func(r *http.Request) (int, any) {
		key := r.URL.Path + " " + r.Header.Get("Idempotency-Key")
		if had, ok := w.done[key]; ok {
			return 200, had
		}
		var ask acmeAsk
		if err := json.NewDecoder(r.Body).Decode(&ask); err != nil {
			return http.StatusBadRequest, nil
		}
		status, v := serve(r, ask)
		if status < 300 {
			w.done[key] = v
		}
		return status, v
	}
}

func (w *acmeWorld) onOrder(serve func(o *acmeBooked, ask acmeAsk) (int, map[string]string)) func(r *http.Request) (int, any) {
	return w.once(func(r *http.Request, ask acmeAsk) (int, map[string]string) {
		o := w.find(func(o *acmeBooked) bool { return o.ID == r.PathValue("id") })
		if o == nil {
			return http.StatusNotFound, nil
		}
		return serve(o, ask)
	})
}

// money reads an amount, of which each decimal must be there.
func (a acmeAsk) money() (int64, bool) {
	m, err := contract.ParseDecimal(a.Decimal, a.Currency)
	return m.Value, err == nil && m.Decimal() == a.Decimal && m.Value > 0
}

func (w *acmeWorld) create(_ *http.Request, ask acmeAsk) (int, map[string]string) {
	value, ok := ask.money()
	if !ok || ask.Reference == "" {
		return http.StatusBadRequest, nil
	}
	o := &acmeBooked{asked: value}
	o.acmeOrder = acmeOrder{
		ID: "acme-" + strconv.Itoa(len(w.orders)+1), Reference: ask.Reference, Status: "open", Currency: ask.Currency, Capture: ask.Capture, At: w.now,
	}
	o.Asked, o.Authorized, o.Captured = o.decimal(value), o.decimal(0), o.decimal(0)
	w.orders = append(w.orders, o)
	return http.StatusCreated, map[string]string{"id": o.ID, "url": acmeBase + "/pay/" + o.ID}
}

func (w *acmeWorld) take(o *acmeBooked, _ acmeAsk) (int, map[string]string) {
	if o.Status != "approved" {
		return http.StatusConflict, nil
	}
	o.taken, o.captures = o.asked, 1
	w.becomes(o, "captured")
	var v map[string]string
	b, _ := json.Marshal(w.show(o.acmeOrder))
	_ = json.Unmarshal(b, &v) // all its members are texts
	return 200, v
}

func (w *acmeWorld) capture(o *acmeBooked, ask acmeAsk) (int, map[string]string) {
	value, ok := ask.money()
	if !ok || ask.Currency != o.Currency || value > o.held {
		return http.StatusUnprocessableEntity, nil
	}
	o.held, o.taken, o.captures = o.held-value, o.taken+value, o.captures+1
	if ask.Final {
		o.held = 0
	}
	w.becomes(o, "captured")
	return 200, map[string]string{"id": o.ID + "-c" + strconv.Itoa(o.captures), "status": "succeeded"}
}

func (w *acmeWorld) void(o *acmeBooked, _ acmeAsk) (int, map[string]string) {
	if o.Status != "authorized" {
		return http.StatusConflict, nil
	}
	o.held = 0
	w.becomes(o, "cancelled")
	return 200, map[string]string{"status": "succeeded"}
}

// refund takes a minute to be carried out.
func (w *acmeWorld) refund(o *acmeBooked, ask acmeAsk) (int, map[string]string) {
	value, ok := ask.money()
	if !ok || ask.Currency != o.Currency || value > o.taken-o.givenBack {
		return http.StatusUnprocessableEntity, nil
	}
	o.givenBack, o.refunds = o.givenBack+value, o.refunds+1
	id := o.ID + "-r" + strconv.Itoa(o.refunds)
	w.refunds[id] = &acmeRefund{at: w.now}
	return 200, map[string]string{"id": id, "status": "pending"}
}

func (w *acmeWorld) refunded(r *http.Request) (int, any) {
	f := w.refunds[r.PathValue("id")]
	if f == nil {
		return http.StatusNotFound, nil
	}
	status := "pending"
	if w.now.Sub(f.at) >= time.Minute {
		status = "succeeded"
	}
	return 200, map[string]string{"id": r.PathValue("id"), "status": status}
}

// pull hands out a page of news, signed.
func (w *acmeWorld) pull(rw http.ResponseWriter, r *http.Request) {
	n := map[string]int{}
	for _, name := range []string{"from", "to", "page"} {
		n[name], _ = strconv.Atoi(r.FormValue(name))
	}
	if n["to"] > len(w.news) || n["from"] > n["to"] {
		answer(rw, http.StatusNotFound, nil)
		return
	}
	at := min(n["from"]+n["page"]*acmePage, n["to"])
	end := min(at+acmePage, n["to"])
	orders := []acmeOrder{}
	for _, o := range w.news[at:end] {
		orders = append(orders, w.show(o))
	}
	b, _ := json.Marshal(map[string]any{"orders": orders, "more": end < n["to"]})
	sum := acmeSign(acmeKey, string(b))
	if f := w.forge; f != "" {
		w.forge = ""
		sum = forgedSum(f, sum, string(b))
		if f == conformance.ForgedContent {
			orders[0].Status, orders[0].Captured = "captured", orders[0].Asked
			b, _ = json.Marshal(map[string]any{"orders": orders, "more": end < n["to"]})
		}
	}
	rw.Header().Set("X-Signature", sum)
	_, _ = rw.Write(b)
}
