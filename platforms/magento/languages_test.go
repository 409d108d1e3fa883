package magento

import (
	"encoding/csv"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// TestLanguages: each language has every text of the module, once, and no
// other, with the same places to fill in.
func TestLanguages(t *testing.T) {
	t.Parallel()
	shoptest.Need(t, "php")
	out, err := shoptest.Run(t, nil, "php", "tests/texts.php")
	if err != nil {
		t.Fatalf("list the texts: %s", out)
	}
	var want []string
	if err := json.Unmarshal([]byte(out), &want); err != nil {
		t.Fatalf("list the texts: %v", err)
	}
	if len(want) < 50 {
		t.Fatalf("the module has %d texts, want at least 50", len(want))
	}
	slices.Sort(want)
	places := regexp.MustCompile(`%\d`)
	for _, locale := range strings.Fields("en_US nl_NL de_DE fr_FR sv_SE bg_BG") {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			rows, err := csv.NewReader(strings.NewReader(shoptest.Read(t, "module/i18n/"+locale+".csv"))).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			same := 0
			for _, row := range rows {
				if len(row) != 2 || row[1] == "" {
					t.Fatalf("%q is no pair", row)
				}
				got = append(got, row[0])
				a, b := places.FindAllString(row[0], -1), places.FindAllString(row[1], -1)
				slices.Sort(a)
				slices.Sort(b)
				if !slices.Equal(a, b) {
					t.Errorf("%q and %q have other places to fill in", row[0], row[1])
				}
				if row[0] == row[1] {
					same++
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("the texts are\n%q,\nwant\n%q", got, want)
			}
			if locale != "en_US" && same > 6 {
				t.Errorf("%d texts are as in English", same)
			}
		})
	}
}
