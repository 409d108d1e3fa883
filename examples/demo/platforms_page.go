package main

import (
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

//go:embed platforms.html platforms.js platforms.css
var platformFiles embed.FS

var platformTemplate = template.Must(template.New("").Funcs(template.FuncMap{"title": title}).ParseFS(platformFiles, "platforms.html"))

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// page shows the simulated shops' orders, and has their consumers and people act.
func (p *platforms) page() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /platforms", func(w http.ResponseWriter, _ *http.Request) { p.show(w, "platforms.html", http.StatusOK, "") })
	mux.HandleFunc("GET /platforms/orders", func(w http.ResponseWriter, _ *http.Request) { p.show(w, "orders", http.StatusOK, "") })
	mux.HandleFunc("POST /platforms/{platform}/orders", p.order)
	mux.HandleFunc("POST /platforms/{platform}/orders/{order}/{act}", p.act)
	for _, name := range []string{"platforms.css", "platforms.js"} {
		mux.HandleFunc("GET /platforms/"+name, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Content-Type-Options", "nosniff")
			http.ServeFileFS(w, r, platformFiles, name)
		})
	}
	return http.NewCrossOriginProtection().Handler(mux)
}

// platformView is what the page shows.
type platformView struct {
	Problem   string
	Platforms []platformOrders
}

type platformOrders struct {
	platform
	Orders []placed
}

func (p *platforms) show(w http.ResponseWriter, name string, status int, problem string) {
	v := platformView{Problem: problem}
	for _, one := range p.list {
		v.Platforms = append(v.Platforms, platformOrders{one, one.orders()})
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = platformTemplate.ExecuteTemplate(w, name, v) // the browser hung up
}

func (p *platforms) order(w http.ResponseWriter, r *http.Request) {
	one, ok := p.find(r.PathValue("platform"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	p.done(w, r, one.place())
}

func (p *platforms) act(w http.ResponseWriter, r *http.Request) {
	one, ok := p.find(r.PathValue("platform"))
	act := one.acts[r.PathValue("act")]
	if !ok || act == nil || !slices.ContainsFunc(one.orders(), func(o placed) bool { return o.ID == r.PathValue("order") }) {
		http.NotFound(w, r)
		return
	}
	p.done(w, r, act(r.Context(), r.PathValue("order")))
}

// done leads back to the page, or shows there what went wrong.
func (p *platforms) done(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil {
		p.show(w, "platforms.html", http.StatusConflict, err.Error())
		return
	}
	http.Redirect(w, r, p.home, http.StatusSeeOther)
}
