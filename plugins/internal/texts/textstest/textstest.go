// Package textstest holds what plugins say to people to the seven languages of
// the pages.
package textstest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// languages are those of the pages beside English.
var languages = []string{"nl", "de", "fr", "sv", "bg", "ru"}

// Check fails for each text of a plugin's manifest, and each of the others, that
// a language lacks, or that says the English words. Names are the English texts
// that may stand in any language; one that no text needs fails as well.
func Check(t *testing.T, p guest.Provider, others map[string]contract.Text, names ...string) {
	t.Helper()
	m, err := conformance.Describe(t.Context(), guesttest.New(p))
	if err != nil {
		t.Fatal(err)
	}
	all, err := of(m)
	if err != nil {
		t.Fatal(err)
	}
	for what, text := range others {
		all[what] = text
	}
	for _, wrong := range faults(all, names) {
		t.Error(wrong)
	}
}

// of gathers a manifest's texts.
func of(m contract.Manifest) (map[string]contract.Text, error) {
	all := map[string]contract.Text{"title": m.Title, "provider_title": m.ProviderTitle}
	rules := func(whose string, r contract.Rules) {
		if r.Refund != nil && len(r.Refund.Elsewhere) > 0 {
			all["refunds of "+whose] = r.Refund.Elsewhere
		}
	}
	rules("all methods", m.Rules)
	for _, one := range m.Methods {
		all["method "+one.ID] = one.Title
		rules(one.ID, one.Rules)
	}
	info, err := contract.ReadSettings(m.SettingsSchema)
	for name, label := range info.Labels {
		all["setting "+name] = label
	}
	return all, err
}

// faults says what is wrong with texts.
func faults(all map[string]contract.Text, names []string) []string {
	var list []string
	needed := map[string]bool{}
	for what, text := range all {
		english := text["en"]
		if english == "" {
			list = append(list, what+" has no text in en")
			continue
		}
		for _, lang := range languages {
			switch {
			case text[lang] == "":
				list = append(list, what+" has no text in "+lang)
			case text[lang] == english && !slices.Contains(names, english):
				list = append(list, fmt.Sprintf("%s is the English %q in %s", what, english, lang))
			case text[lang] == english:
				needed[english] = true
			}
		}
	}
	for _, name := range names {
		if !needed[name] {
			list = append(list, fmt.Sprintf("no text needs the name %q", name))
		}
	}
	slices.Sort(list)
	return list
}
