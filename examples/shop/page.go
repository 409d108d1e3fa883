package shop

import (
	"bytes"
	"embed"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// page is what every template is given.
type page struct {
	words
	Shop, Title string
	Languages   []link
	Currencies  []link
	Count       int64
	Sum         string
	Refresh     bool
	View        any
}

// link is a choice of a language or a currency. Lang is empty for the latter.
type link struct {
	Lang, Name, URL string
	Current         bool
}

func (s *shop) pageOf(r *http.Request, title string, view any) page {
	b := s.basketOf(r)
	wd := s.words.speak(r)
	pg := page{words: wd, Shop: s.Name, Title: title, Count: b.count(), Sum: wd.Price(b.total()), View: view}
	path, q := r.URL.EscapedPath(), r.URL.Query()
	if r.Method == http.MethodPost { // what a form led to has no address of its own
		path, q = "/", url.Values{}
	}
	for _, x := range languages {
		q.Set("lang", x.lang)
		pg.Languages = append(pg.Languages, link{x.lang, x.name, path + "?" + q.Encode(), x.lang == wd.lang})
	}
	for _, m := range markets {
		pg.Currencies = append(pg.Currencies, link{"", m.sign + " " + m.Currency, "/?" + url.Values{"lang": {wd.lang}, marketCookie: {m.Currency}}.Encode(), m.Currency == wd.market.Currency})
	}
	return pg
}

func (s *shop) render(w http.ResponseWriter, status int, name string, pg page) {
	var b bytes.Buffer
	if err := s.templates.ExecuteTemplate(&b, name, pg); err != nil {
		slog.Error("page not made", "page", name, "error", err)
		http.Error(w, "this page cannot be shown right now", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", s.policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader hung up
}

// homeView is the shop window with the basket.
type homeView struct {
	Goods    []item
	Items    []item
	Shipping string
	Free     string // how much more makes shipping free
	Total    string
	Once     string
	Who      customer
	Wrong    string
	Earlier  *earlier
}

// earlier is the order that was made of this basket, and is not paid.
type earlier struct{ Text, PayURL string }

func (s *shop) home(w http.ResponseWriter, r *http.Request) {
	s.homePage(w, r, http.StatusOK, homeView{Who: customer{"J. Jansen", "j.jansen@example.org"}})
}

func (s *shop) homePage(w http.ResponseWriter, r *http.Request, status int, v homeView) {
	b, wd := s.basketOf(r), s.words.speak(r)
	for _, p := range b.market.goods() {
		v.Goods = append(v.Goods, item{p, b.quantity(p)})
	}
	v.Items, v.Total, v.Once = b.items, wd.Price(b.total()), once()
	v.Shipping = wd.Price(b.shipping())
	if b.shipping() == 0 {
		v.Shipping = wd.T("free")
	} else {
		v.Free = wd.T("free_from", "amount", wd.Price(b.market.freeFrom-b.goods()))
	}
	if p, ok := s.book.find(b.reference); ok && p.ID != "" {
		v.Earlier = &earlier{Text: wd.T("earlier_"+p.Status, "number", p.Reference)}
		if waiting(p.Status) {
			v.Earlier.PayURL = p.CheckoutURL
		}
	}
	s.keepMarket(w, r)
	s.render(w, status, "home.html", s.pageOf(r, s.Name, v))
}

// orderView is an order with what is known of it.
type orderView struct {
	purchase
	Back          bool
	Heading, Text string
	Good, Watch   bool
	PayURL        string
	StoryURL      string
	StatusURL     string
	Told          []told
}

type told struct{ Number, Type, Clock, Effect string }

// mark changes when there is something new to show.
func (p purchase) mark() string {
	return p.Status + "." + strconv.FormatInt(p.version, 10) + "." + strconv.Itoa(len(p.Notices))
}

// Mark is what the page's script compares.
func (p purchase) Mark() string { return p.mark() }

func (s *shop) orderView(r *http.Request, p purchase, back bool) orderView {
	wd, state := s.words.speak(r), p.Status
	if state == "" {
		state = "unknown"
	}
	v := orderView{
		purchase: p, Back: back, Heading: wd.T("order_" + state), Text: wd.T("order_" + state + "_text"),
		Good: paid(p.Status), Watch: waiting(p.Status) || len(p.Notices) == 0, StatusURL: "/orders/" + p.Reference + "/status",
	}
	if waiting(p.Status) {
		v.PayURL = p.CheckoutURL
	}
	if s.StoryURL != "" && p.ID != "" {
		v.StoryURL = s.StoryURL + "?order=" + url.QueryEscape(p.ID)
	}
	for _, h := range p.Notices {
		effect := wd.T("effect_" + strings.ReplaceAll(h.Type, ".", "_"))
		switch {
		case h.Ignored:
			effect = wd.T("effect_ignored")
		case strings.HasPrefix(effect, "effect_"):
			effect = wd.T("effect_noted")
		}
		v.Told = append(v.Told, told{strconv.FormatInt(h.Number, 10), h.Type, h.At.Format("15:04:05"), effect})
	}
	return v
}

// noteView is a page of a few words.
type noteView struct {
	Title, Text, Said, Detail, Small string
	Again                            bool
}

func (s *shop) problemPage(w http.ResponseWriter, r *http.Request, status int, title, text string) {
	wd := s.words.speak(r)
	s.render(w, status, "note.html", s.pageOf(r, wd.T(title), noteView{Title: wd.T(title), Text: wd.T(text)}))
}

func (s *shop) missing(w http.ResponseWriter, r *http.Request) {
	s.problemPage(w, r, http.StatusNotFound, "no_page", "no_page_text")
}

func (s *shop) terms(w http.ResponseWriter, r *http.Request) {
	s.render(w, http.StatusOK, "terms.html", s.pageOf(r, s.words.speak(r).T("terms"), nil))
}

func assets() http.Handler {
	files := http.FileServerFS(assetFiles)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") { // no lists of files
			http.NotFound(w, r)
			return
		}
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Cache-Control", "max-age=300")
		files.ServeHTTP(w, r)
	})
}
