package pages

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/unicode/norm"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Bounds of the ways within a method.
const (
	// manyOptions is how many of them call for a field to search them.
	manyOptions = 12
	// maxOption bounds the id of one, in bytes.
	maxOption = 256
	// maxOptionLogo bounds the logo of one, in bytes: a list may hold many.
	maxOptionLogo = 8 << 10
)

// ways is the body of the page of a method's options.
type ways struct {
	Action   string
	Attempts int
	Method   method
	Groups   []group
	// Logos says that some have one: then all have the box.
	Logos    bool
	Search   *search
	ChoseURL string
}

// search narrows a long list, without script as well.
type search struct{ URL, Query, AllURL, Lang string }

// group is the ways within a method that belong together.
type group struct {
	Title   string
	Lang    string // of the title, where it is not the page's
	Options []option
}

type option struct {
	ID, Title string
	Lang      string // of the title, where it is not the page's
	Logo      template.URL
}

// showOptions shows the ways within a method, each a button that starts the
// payment. It starts nothing.
func (p *Pages) showOptions(c *gin.Context) {
	ctx, cancel := p.context(c)
	defer cancel()
	token := c.Param("token")
	o, shop, err := p.Consumer.Open(ctx, token)
	if err != nil {
		p.fail(c, err)
		return
	}
	offers, err := p.Consumer.Offers(ctx, o)
	if err != nil {
		p.fail(c, err)
		return
	}
	i := slices.IndexFunc(offers, func(m checkout.MethodOffer) bool { return m.ID == c.Param("method") && m.HasOptions && m.Available })
	if s := o.Status(); i < 0 || s != order.Open && s != order.Pending {
		p.to(c, token)
		return
	}
	pg := p.pageOf(c, o, shop)
	asked := o
	if pg.Lang() != base(parse(o.Locale)) {
		asked.Locale = pg.Lang()
	}
	options, err := p.Consumer.OptionsFor(ctx, asked, offers[i].ID)
	if err != nil || len(options) == 0 {
		p.Logger.Warn("options not read", "method", offers[i].ID, "order", o.ID, "error", err)
		a := alert{What: pg.T("provider_silent"), Money: pg.T("nothing_charged"), Next: pg.T("choose_another")}
		p.showChoice(c, o, shop, http.StatusServiceUnavailable, &a)
		return
	}
	body := p.ways(pg.words, o, offers[i], options, strings.TrimSpace(c.Query("q")))
	pg.Leads, pg.Title, pg.Script, pg.Body = leadsOn(pg.Test), pg.T("pay_with", "Method", body.Method.Title), p.assets["choose.js"].link, body
	p.seen(o, "options")
	p.render(c, http.StatusOK, "options.html", pg)
}

func (p *Pages) ways(w words, o order.Order, m checkout.MethodOffer, options []contract.Option, query string) ways {
	token, lang := checkout.Token(o), "?lang="+w.Lang()
	here := p.link(token, "/with/", m.ID)
	body := ways{Action: p.link(token, lang), Attempts: len(o.Payments), Method: p.row(w, m), ChoseURL: p.link(token, lang)}
	if len(options) > manyOptions {
		body.Search = &search{URL: here, Query: query, AllURL: here + lang, Lang: w.Lang()}
		options = matching(options, query)
	}
	body.Groups = grouped(options, w.Lang())
	body.Logos = slices.ContainsFunc(options, func(o contract.Option) bool { return optionLogo(o.Logo) != "" })
	return body
}

// matching keeps the options in whose title or group each word of the query is.
func matching(options []contract.Option, query string) []contract.Option {
	words := strings.Fields(fold(query))
	return slices.DeleteFunc(slices.Clone(options), func(o contract.Option) bool {
		text := fold(o.Title + " " + o.Group)
		return slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
	})
}

// fold makes texts comparable: small letters without accents. The script does
// the same.
func fold(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// grouped puts options together by their group, in the order in which they
// come, on a page in a language.
func grouped(options []contract.Option, page string) []group {
	var list []group
	for _, o := range options {
		lang := o.Lang
		if base(parse(lang)) == page {
			lang = ""
		}
		i := slices.IndexFunc(list, func(g group) bool { return g.Title == o.Group })
		if i < 0 {
			i, list = len(list), append(list, group{Title: o.Group, Lang: lang})
		}
		list[i].Options = append(list[i].Options, option{o.ID, o.Title, lang, optionLogo(o.Logo)})
	}
	return list
}

// optionLogo makes a logo part of the page. One that is elsewhere is left out:
// no page asks anybody else for anything.
func optionLogo(logo string) template.URL {
	if len(logo) > maxOptionLogo {
		return ""
	}
	if strings.HasPrefix(logo, "<svg") {
		return logoURL(logo)
	}
	for _, kind := range []string{"svg+xml", "png", "webp", "jpeg"} {
		data, ok := strings.CutPrefix(logo, "data:image/"+kind+";base64,")
		if ok && !strings.ContainsFunc(data, notBase64) {
			return template.URL(logo)
		}
	}
	return ""
}

func notBase64(r rune) bool {
	return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+/=", r)
}
