package pages

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"

	"github.com/kassette-pay/kassette/host/internal/order"
)

// languages are those of the pages, in the order in which the switch lists them.
var languages = []string{"bg", "de", "en", "fr", "nl", "ru", "sv"}

// same are the texts that may be equal to the English ones, by language and
// id: names, and words that the languages share.
var same = map[string]bool{"fr fact_date": true, "fr signature": true}

// used are the texts' ids that the code puts together.
var used = regexp.MustCompile(`^(result_(paid|cancelled|expired)(_text)?)$`)

// forms are the plural forms that each language has for whole numbers below a
// million (CLDR); two are the rule.
var forms = map[string][]string{"ru": {"few", "many", "one", "other"}}

// messages are a language's texts by id; a plural's stand at id/form.
func messages(t *testing.T, lang string) map[string]string {
	t.Helper()
	b, err := textFiles.ReadFile("texts/" + lang + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(b, &raw); err != nil {
		t.Fatalf("%s: %v", lang, err)
	}
	out := map[string]string{}
	for id, v := range raw {
		switch v := v.(type) {
		case string:
			out[id] = v
		case map[string]any:
			for form, text := range v {
				out[id+"/"+form], _ = text.(string)
			}
		}
	}
	return out
}

// wanted are the ids that a language must have, each with the English text
// that it says.
func wanted(lang string, english map[string]string) map[string]string {
	out := map[string]string{}
	for id, text := range english {
		name, form, plural := strings.Cut(id, "/")
		switch own := forms[lang]; {
		case !plural || own == nil:
			out[id] = text
		case form == "other":
			for _, f := range own {
				out[name+"/"+f] = text
			}
		}
	}
	return out
}

func TestTexts_everyLanguageHasAll(t *testing.T) {
	t.Parallel()
	place := regexp.MustCompile(`\{\{\.[A-Za-z]+\}\}`)
	english := messages(t, "en")
	l, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, tag := range l.tags {
		have = append(have, tag.String())
	}
	if !slices.Equal(sorted(have), languages) {
		t.Errorf("the pages speak %v, want %v", have, languages)
	}
	for _, lang := range languages {
		if lang == "en" {
			continue
		}
		texts, want := messages(t, lang), wanted(lang, english)
		for id, in := range want {
			got, ok := texts[id]
			switch {
			case !ok || got == "":
				t.Errorf("%s lacks %s", lang, id)
			case got == in && !same[lang+" "+id]:
				t.Errorf("%s says %s in English: %q", lang, id, got)
			case !slices.Equal(sorted(place.FindAllString(got, -1)), sorted(place.FindAllString(in, -1))):
				t.Errorf("%s: %s has other places than the English: %q", lang, id, got)
			}
		}
		for id := range texts {
			if _, ok := want[id]; !ok {
				t.Errorf("%s has %s, English has not", lang, id)
			}
		}
	}
}

func TestTexts_sameIsNeeded(t *testing.T) {
	t.Parallel()
	english := messages(t, "en")
	for key := range same {
		lang, id, _ := strings.Cut(key, " ")
		if messages(t, lang)[id] != english[id] {
			t.Errorf("%q may be English, and is not: take it off the list", key)
		}
	}
}

// Letters of another script than the language's are slips of the keyboard: a
// Latin "o" in a Bulgarian word looks right and is read out wrong.
func TestTexts_oneScriptAWord(t *testing.T) {
	t.Parallel()
	mixed := regexp.MustCompile(`\p{Latin}\p{Cyrillic}|\p{Cyrillic}\p{Latin}`)
	for _, lang := range languages {
		cyrillic := lang == "bg" || lang == "ru"
		for id, text := range messages(t, lang) {
			if mixed.MatchString(text) || cyrillic != regexp.MustCompile(`\p{Cyrillic}`).MatchString(text) {
				t.Errorf("%s: %s mixes scripts: %q", lang, id, text)
			}
			if strings.TrimSpace(text) != text || strings.Contains(text, "  ") || strings.Contains(text, "...") {
				t.Errorf("%s: %s has odd spaces or dots: %q", lang, id, text)
			}
		}
	}
}

func sorted(s []string) []string {
	slices.Sort(s)
	return s
}

func TestTexts_everyOneIsUsed(t *testing.T) {
	t.Parallel()
	sources := sourceTexts(t)
	for id := range messages(t, "en") {
		name := regexp.MustCompile(`/.*`).ReplaceAllString(id, "")
		if !used.MatchString(name) && !regexp.MustCompile(`"`+name+`"`).MatchString(sources) {
			t.Errorf("nothing uses the text %s", id)
		}
	}
	for _, m := range regexp.MustCompile(`\bT\(?\s*"([a-z_]+)"`).FindAllStringSubmatch(sources, -1) {
		if _, ok := messages(t, "en")[m[1]]; !ok && m[1] != "time_left" && m[1] != "result_" {
			t.Errorf("there is no text %s", m[1])
		}
	}
}

func TestSpeak(t *testing.T) {
	t.Parallel()
	l, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ asked, locale, accept, want string }{
		{"", "", "", "en"},
		{"xx", "??", ";;;", "en"},
		{"<script>", "", "", "en"},
		{"", "", "ja", "en"},
		{"", "", "ja,bg;q=0.5", "bg"},
		{"", "", "uk,de;q=0.8,ru;q=0.7", "de"},
		{"", "uk-UA", "", "en"},
		{"", "", "nb,sv;q=0.5", "sv"},
		{"", "", "ja-JP;q=0.9, fr-CA;q=0.8", "fr"},
		{"", "nl-BE", "bg", "nl"},
		{"", "nl_NL", "", "nl"},
		{"", "bg-BG", "en", "bg"},
		{"", "de-AT", "", "de"},
		{"", "fr-BE", "nl", "fr"},
		{"", "sv-FI", "", "sv"},
		{"", "ru-KZ", "", "ru"},
		{"", "zh-Hant-TW", "ru", "ru"},
		{"en", "bg-BG", "nl", "en"},
		{"nl", "", "", "nl"},
		{"xx", "fr-FR", "nl", "fr"},
		{"", "en-US", "nl", "en"},
	} {
		if got := l.speak(c.asked, c.locale, c.accept).Lang(); got != c.want {
			t.Errorf("asked %q, order in %q, browser %q: got %s, want %s", c.asked, c.locale, c.accept, got, c.want)
		}
	}
}

func TestTimeLeft_plural(t *testing.T) {
	t.Parallel()
	l, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][3]string{
		"nl": {"Je hebt nog 1 minuut om te betalen.", "Je hebt nog 3 minuten om te betalen.", "Je hebt nog 9 minuten om te betalen."},
		"en": {"You have 1 minute left to pay.", "You have 3 minutes left to pay.", "You have 9 minutes left to pay."},
		"de": {"Sie haben noch 1 Minute, um zu bezahlen.", "Sie haben noch 3 Minuten, um zu bezahlen.", "Sie haben noch 9 Minuten, um zu bezahlen."},
		"fr": {"Il vous reste 1 minute pour payer.", "Il vous reste 3 minutes pour payer.", "Il vous reste 9 minutes pour payer."},
		"sv": {"Du har 1 minut kvar att betala.", "Du har 3 minuter kvar att betala.", "Du har 9 minuter kvar att betala."},
		"bg": {"Остава Ви 1 минута, за да платите.", "Остават Ви 3 минути, за да платите.", "Остават Ви 9 минути, за да платите."},
		"ru": {"У вас осталась 1 минута, чтобы заплатить.", "У вас осталось 3 минуты, чтобы заплатить.", "У вас осталось 9 минут, чтобы заплатить."},
	} {
		w := l.speak(lang, "", "")
		for i, n := range []int{1, 3, 9} {
			if got := w.T("time_left", "Count", n); got != want[i] {
				t.Errorf("%s, %d: got %q, want %q", lang, n, got, want[i])
			}
		}
	}
}

func TestLanguages_byTheirOwnNames(t *testing.T) {
	t.Parallel()
	l, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, link := range l.languages(l.speak("fr", "", ""), map[string][]string{"wait": {"pay_1"}, "lang": {"nl"}, "x": {"1"}}) {
		names = append(names, link.Name)
		if want := "?lang=" + link.Lang + "&wait=pay_1"; link.URL != want || link.Current != (link.Lang == "fr") {
			t.Errorf("got %+v, want %q", link, want)
		}
	}
	if got := strings.Join(names, " "); got != "Български Deutsch English Français Nederlands Русский Svenska" {
		t.Errorf("got %s", got)
	}
}

func TestAmount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lang, currency string
		value          int64
		want           string
	}{
		{"nl", "EUR", 4999, "€ 49,99"}, {"en", "EUR", 4999, "€49.99"}, {"bg", "EUR", 4999, "49,99 €"},
		{"de", "EUR", 4999, "49,99 €"}, {"fr", "EUR", 4999, "49,99 €"}, {"sv", "EUR", 4999, "49,99 €"}, {"ru", "EUR", 4999, "49,99 €"},
		{"nl", "EUR", 5, "€ 0,05"}, {"nl", "EUR", -500, "-€ 5,00"}, {"bg", "EUR", -500, "-5,00 €"}, {"de", "EUR", -500, "-5,00 €"},
		{"nl", "EUR", 123456789, "€ 1.234.567,89"}, {"en", "EUR", 123456789, "€1,234,567.89"}, {"de", "EUR", 123456789, "1.234.567,89 €"},
		{"fr", "EUR", 123456789, "1 234 567,89 €"}, {"sv", "SEK", 123456789, "1 234 567,89 kr"}, {"ru", "RUB", 123456789, "1 234 567,89 ₽"},
		{"nl", "JPY", 4999, "¥ 4.999"}, {"en", "JPY", 4999, "¥4,999"}, {"bg", "JPY", 4999, "4999 ¥"}, {"bg", "JPY", 49990, "49 990 ¥"},
		{"de", "JPY", 4999, "4.999 ¥"}, {"fr", "JPY", 4999, "4 999 ¥"}, {"sv", "JPY", 4999, "4 999 ¥"}, {"ru", "JPY", 4999, "4 999 ¥"},
		{"nl", "TND", 4999, "TND 4,999"}, {"en", "TND", 4999, "TND 4.999"}, {"bg", "TND", 4999, "4,999 TND"}, {"fr", "TND", 4999, "4,999 TND"},
		{"nl", "BGN", 4999, "BGN 49,99"}, {"en", "BGN", 4999, "BGN 49.99"}, {"bg", "BGN", 4999, "49,99 лв."},
		{"nl", "RUB", 4999, "₽ 49,99"}, {"en", "RUB", 4999, "₽49.99"}, {"bg", "RUB", 4999, "49,99 ₽"},
		{"nl", "SEK", 4999, "kr 49,99"}, {"en", "SEK", 4999, "kr 49.99"}, {"bg", "SEK", 4999, "49,99 kr"}, {"sv", "SEK", 4999, "49,99 kr"},
		{"en", "EUR", order.MaxAmount, "€10,000,000,000,000.00"},
	} {
		got := amount(order.Money{Value: c.value, Currency: c.currency}, language.MustParse(c.lang))
		if plain := regexp.MustCompile("[\u00a0\u202f]").ReplaceAllString(got, " "); plain != c.want {
			t.Errorf("%d %s in %s: got %q, want %q", c.value, c.currency, c.lang, plain, c.want)
		}
	}
}
