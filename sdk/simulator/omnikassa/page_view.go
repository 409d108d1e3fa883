package omnikassa

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page's template and style
	"encoding/base64"
	"html/template"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"net/http"
	"strconv"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// contentPolicy lets nothing in but the page's own style. Forms may lead
// anywhere: browsers hold redirects after a form against form-action as well, and
// the way back goes through the shop's redirects.
var contentPolicy = func() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' http: https:"
}()

// view is what the template shows.
type view struct {
	CSS         template.CSS
	T           words
	Lang        string // as in the address, for links
	Token       string
	Step        string // choose, pay, result or gone
	Heading     string
	Note        string
	Alert       string
	Reference   string
	Description string
	Amount      string
	Brands      []choice
	Brand       choice
	Outcomes    []choice
	ByAmount    bool
	Others      string // address of the other brands, where there are any
	Back        string // the shop's address
	Languages   []language
}

// choice is a button.
type choice struct{ Value, Title, Help string }

// language is a link to the page in another language.
type language struct{ Code, Title, Address string }

func newView(r *http.Request, step, fallback string) *view {
	lang := strings.ToLower(r.FormValue("lang"))
	if _, ok := texts[lang]; !ok {
		lang = strings.ToLower(fallback)
	}
	if _, ok := texts[lang]; !ok {
		lang = strings.ToLower(defaultLanguage)
	}
	return &view{CSS: template.CSS(pageCSS), T: texts[lang], Lang: lang, Token: r.FormValue("token"), Step: step}
}

func goneView(r *http.Request) *view {
	v := newView(r, "gone", defaultLanguage)
	v.Heading, v.Note = v.T.GoneTitle, v.T.GoneNote
	return v
}

func (s *Simulator) orderView(r *http.Request, o *order, step string) *view {
	v := newView(r, step, o.Language)
	v.Reference, v.Description, v.Amount = o.MerchantOrderID, o.Description, formatAmount(o.Amount, v.Lang)
	path := pagePath
	if step == "result" {
		path = resultPath
	}
	for _, code := range []string{"nl", "en", "de", "fr"} {
		if code != v.Lang {
			v.Languages = append(v.Languages, language{code, texts[code].Name,
				strings.TrimPrefix(path, "/") + "?lang=" + code + "&token=" + o.page})
		}
	}
	if o.tried && !o.final() && !o.waiting() {
		v.Alert = v.T.Failed
	}
	return v
}

func (s *Simulator) chooseView(r *http.Request, o *order) *view {
	v := s.orderView(r, o, "choose")
	v.Heading = v.T.Choose
	for _, b := range s.choices(o) {
		v.Brands = append(v.Brands, choice{Value: b.name, Title: b.title})
	}
	if len(v.Brands) == 0 {
		v.Alert = v.T.NoBrands
	}
	return v
}

// payView shows a brand's page and begins the transaction.
func (s *Simulator) payView(r *http.Request, o *order, b brand) *view {
	v := s.orderView(r, o, "pay")
	s.begin(o, b, s.clock.Now())
	v.Heading, v.Brand = strings.ReplaceAll(v.T.PayWith, "{brand}", b.title), choice{Value: b.name, Title: b.title}
	if len(s.choices(o)) > 1 {
		v.Others = here(r, pagePath, "")
	}
	if _, known := OutcomeOf(o.Amount, b.card); s.byAmount && known {
		v.ByAmount, v.Note = true, v.T.ByAmount
		return v
	}
	v.Note = v.T.PickOutcome
	for i, outcome := range outcomes {
		v.Outcomes = append(v.Outcomes, choice{Value: string(outcome), Title: v.T.Outcomes[i][0], Help: v.T.Outcomes[i][1]})
	}
	return v
}

func (s *Simulator) resultView(r *http.Request, o *order) *view {
	v := s.orderView(r, o, "result")
	said := v.T.Results[o.status]
	v.Heading, v.Note = said[0], said[1]
	if v.Back = s.returnAddress(o); v.Back == "" {
		v.Alert = v.T.LostReturn
	}
	return v
}

func (s *Simulator) render(w http.ResponseWriter, status int, v *view) {
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, v); err != nil {
		s.cfg.Logger.Error("render the payment page", "error", err)
		http.Error(w, "the simulator could not show its page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		s.cfg.Logger.Debug("write the payment page", "error", err)
	}
}

// formatAmount writes cents as people of that language do.
func formatAmount(cents int64, lang string) string {
	whole, rest := strconv.FormatInt(cents/100, 10), strconv.FormatInt(100+cents%100, 10)[1:]
	group, point := ".", ","
	switch lang {
	case "en":
		group, point = ",", "."
	case "fr":
		group = "\u202f"
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + group + whole[i:]
	}
	switch lang {
	case "nl":
		return "€\u00a0" + whole + point + rest
	case "en":
		return "€" + whole + point + rest
	}
	return whole + point + rest + "\u00a0€"
}

// logo serves a plain tile as an issuer's logo: no bank's picture.
func (s *Simulator) logo(w http.ResponseWriter, _ *http.Request) {
	tile := image.NewRGBA(image.Rect(0, 0, 64, 40))
	draw.Draw(tile, tile.Bounds(), image.NewUniform(color.RGBA{R: 0x3b, G: 0x5b, B: 0xdb, A: 0xff}), image.Point{}, draw.Src)
	w.Header().Set("Content-Type", "image/png")
	if err := png.Encode(w, tile); err != nil {
		s.cfg.Logger.Debug("write a logo", "error", err)
	}
}
