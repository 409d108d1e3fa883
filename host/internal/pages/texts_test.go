package pages

import (
	"encoding/json"
	"regexp"
	"slices"
	"testing"

	"golang.org/x/text/language"

	"github.com/kassette-pay/kassette/host/internal/order"
)

// same are the texts that may be equal to the English ones, by language and id.
var same = map[string]bool{}

// used are the texts' ids that the code puts together.
var used = regexp.MustCompile(`^(result_(paid|cancelled|expired)(_text)?)$`)

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

func TestTexts_everyLanguageHasAll(t *testing.T) {
	t.Parallel()
	place := regexp.MustCompile(`\{\{\.[A-Za-z]+\}\}`)
	english := messages(t, "en")
	l, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	for _, tag := range l.tags {
		lang := tag.String()
		if lang == "en" {
			continue
		}
		texts := messages(t, lang)
		for id, want := range english {
			got, ok := texts[id]
			switch {
			case !ok || got == "":
				t.Errorf("%s lacks %s", lang, id)
			case got == want && !same[lang+" "+id]:
				t.Errorf("%s says %s in English: %q", lang, id, got)
			case !slices.Equal(sorted(place.FindAllString(got, -1)), sorted(place.FindAllString(want, -1))):
				t.Errorf("%s: %s has other places than the English: %q", lang, id, got)
			}
		}
		for id := range texts {
			if _, ok := english[id]; !ok {
				t.Errorf("%s has %s, English has not", lang, id)
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
		{"", "nl-BE", "bg", "nl"},
		{"", "nl_NL", "", "nl"},
		{"", "bg-BG", "en", "bg"},
		{"en", "bg-BG", "nl", "en"},
		{"nl", "", "", "nl"},
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
	for lang, want := range map[string][2]string{
		"nl": {"Je hebt nog 1 minuut om te betalen.", "Je hebt nog 9 minuten om te betalen."},
		"en": {"You have 1 minute left to pay.", "You have 9 minutes left to pay."},
		"bg": {"Остава Ви 1 минута, за да платите.", "Остават Ви 9 минути, за да платите."},
	} {
		w := l.speak(lang, "", "")
		if one, many := w.T("time_left", "Count", 1), w.T("time_left", "Count", 9); one != want[0] || many != want[1] {
			t.Errorf("%s: got %q and %q", lang, one, many)
		}
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
		{"nl", "EUR", 5, "€ 0,05"}, {"nl", "EUR", -500, "-€ 5,00"}, {"bg", "EUR", -500, "-5,00 €"},
		{"nl", "EUR", 123456789, "€ 1.234.567,89"}, {"en", "EUR", 123456789, "€1,234,567.89"},
		{"nl", "JPY", 4999, "¥ 4.999"}, {"en", "JPY", 4999, "¥4,999"}, {"bg", "JPY", 4999, "4999 ¥"}, {"bg", "JPY", 49990, "49 990 ¥"},
		{"nl", "TND", 4999, "TND 4,999"}, {"en", "TND", 4999, "TND 4.999"}, {"bg", "TND", 4999, "4,999 TND"},
		{"nl", "BGN", 4999, "BGN 49,99"}, {"en", "BGN", 4999, "BGN 49.99"}, {"bg", "BGN", 4999, "49,99 лв."},
		{"nl", "RUB", 4999, "₽ 49,99"}, {"en", "RUB", 4999, "₽49.99"}, {"bg", "RUB", 4999, "49,99 ₽"},
		{"nl", "SEK", 4999, "kr 49,99"}, {"en", "SEK", 4999, "kr 49.99"}, {"bg", "SEK", 4999, "49,99 kr"},
		{"en", "EUR", order.MaxAmount, "€10,000,000,000,000.00"},
	} {
		got := amount(order.Money{Value: c.value, Currency: c.currency}, language.MustParse(c.lang))
		if plain := regexp.MustCompile("[\u00a0\u202f]").ReplaceAllString(got, " "); plain != c.want {
			t.Errorf("%d %s in %s: got %q, want %q", c.value, c.currency, c.lang, plain, c.want)
		}
	}
}
