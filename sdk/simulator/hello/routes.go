package hello

import (
	_ "embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strconv"
)

// maxBody bounds what a shop may send, in bytes.
const maxBody = 64 << 10

func (p *Provider) mux() http.Handler {
	mux := http.NewServeMux()
	for pattern, serve := range map[string]func(r *http.Request) (int, any){
		"POST /payments":                          p.create,
		"GET /payments/{reference}":               p.show,
		"PUT /payments/{reference}/refunds/{key}": p.refund,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+DemoAPIKey {
				answer(w, http.StatusUnauthorized, problem("the key is wrong"))
				return
			}
			p.mu.Lock()
			defer p.mu.Unlock()
			status, v := serve(r)
			answer(w, status, v)
		})
	}
	mux.HandleFunc("GET /pay/{id}", p.page)
	mux.HandleFunc("POST /pay/{id}", p.decided)
	return mux
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the shop has gone, then
}

func problem(text string) map[string]string { return map[string]string{"error": text} }

// read reads the body of a request into v.
func read(r *http.Request, v any) error {
	return json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody)).Decode(v)
}

func (p *Provider) create(r *http.Request) (int, any) {
	var ask struct {
		Reference, Amount, Currency string
		ReturnURL                   string `json:"return_url"`
		NotifyURL                   string `json:"notify_url"`
	}
	if err := read(r, &ask); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	cents, ok := parse(ask.Amount, ask.Currency)
	if !ok || ask.Reference == "" || ask.ReturnURL == "" || ask.NotifyURL == "" {
		return http.StatusBadRequest, problem("an amount in EUR such as 49.99, a reference, a return_url and a notify_url are needed")
	}
	b := p.find(func(b *booked) bool { return b.Reference == ask.Reference })
	if b == nil {
		id := "hello-" + strconv.Itoa(len(p.payments)+1)
		b = &booked{
			Payment: Payment{ID: id, Reference: ask.Reference, Status: Open, Paid: decimal(0), Currency: ask.Currency, At: p.now()},
			asked:   cents, returnURL: ask.ReturnURL, notifyURL: ask.NotifyURL, refunds: map[string]int64{},
		}
		p.payments = append(p.payments, b)
	}
	return http.StatusCreated, map[string]string{"id": b.ID, "page": p.base + "/pay/" + b.ID}
}

func (p *Provider) show(r *http.Request) (int, any) {
	b := p.find(func(b *booked) bool { return b.Reference == r.PathValue("reference") })
	if b == nil {
		return http.StatusNotFound, problem(ErrUnknown.Error())
	}
	return http.StatusOK, b.Payment
}

func (p *Provider) refund(r *http.Request) (int, any) {
	var ask struct{ Amount, Currency string }
	if err := read(r, &ask); err != nil {
		return http.StatusBadRequest, problem(err.Error())
	}
	b := p.find(func(b *booked) bool { return b.Reference == r.PathValue("reference") })
	if b == nil {
		return http.StatusNotFound, problem(ErrUnknown.Error())
	}
	key := r.PathValue("key")
	if _, done := b.refunds[key]; !done {
		cents, ok := parse(ask.Amount, ask.Currency)
		left := b.asked
		for _, one := range b.refunds {
			left -= one
		}
		if !ok || b.Status != Paid || cents > left {
			return http.StatusUnprocessableEntity, problem("it is more than is left")
		}
		b.refunds[key] = cents
	}
	return http.StatusOK, map[string]string{"id": b.ID + "/" + key, "status": "done"}
}

//go:embed page.html
var pageText string

var pageTemplate = template.Must(template.New("page").Parse(pageText))

// opened gives a copy of the payment whose page is asked for.
func (p *Provider) opened(r *http.Request) (b booked, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found := p.find(func(b *booked) bool { return b.ID == r.PathValue("id") })
	if found == nil {
		return booked{}, false
	}
	return *found, true
}

func (p *Provider) page(w http.ResponseWriter, r *http.Request) {
	b, ok := p.opened(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	_ = pageTemplate.Execute(w, map[string]string{"Amount": decimal(b.asked), "Currency": b.Currency}) // the consumer has gone, then
}

// decided ends a payment as the consumer has chosen, and leads back.
func (p *Provider) decided(w http.ResponseWriter, r *http.Request) {
	b, ok := p.opened(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	outcome, ok := map[string]Status{"success": Paid, "cancelled": Cancelled}[r.FormValue("outcome")]
	if !ok {
		http.Error(w, "the outcome is success or cancelled", http.StatusBadRequest)
		return
	}
	if err := p.End(r.Context(), b.Reference, outcome); err != nil {
		w.Header().Set("Hello-Problem", err.Error()) // the shop may ask: the consumer goes back all the same
	}
	http.Redirect(w, r, b.returnURL, http.StatusSeeOther)
}
