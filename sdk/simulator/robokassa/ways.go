package robokassa

import (
	_ "embed" // the ways to pay
	"slices"
	"strings"
)

// way is a way to pay, as GetCurrencies lists it.
type way struct {
	Label string `xml:"Label,attr"`
	Alias string `xml:"Alias,attr"`
	Name  string `xml:"Name,attr"`
	Min   string `xml:"MinValue,attr,omitempty"`
	Max   string `xml:"MaxValue,attr,omitempty"`
	// In other languages than Russian.
	english string
	group   string
}

type wayGroup struct {
	Code        string `xml:"Code,attr"`
	Description string `xml:"Description,attr"`
	Items       []way  `xml:"Items>Currency"`
	english     string
}

// waysText lists groups (code, Russian, English) and below each its ways
// (label, alias, Russian, English, least, most), separated by bars. Labels are
// those of real shops where they are known.
//
//go:embed ways.txt
var waysText string

var wayGroups = func() []wayGroup {
	var list []wayGroup
	for _, line := range strings.Split(strings.TrimSpace(waysText), "\n") {
		f := strings.Split(line, "|")
		for i := range f {
			f[i] = strings.TrimSpace(f[i])
		}
		if f[0] != "" {
			list = append(list, wayGroup{Code: f[0], Description: f[1], english: f[2]})
			continue
		}
		g := &list[len(list)-1]
		g.Items = append(g.Items, way{Label: f[1], Alias: f[2], Name: f[3], english: f[4], Min: f[5], Max: f[6], group: g.Code})
	}
	return list
}()

// wayOf is a way to pay by its label or alias, in any letter case; a bank card
// where there is none of this name.
func (s *Simulator) wayOf(label string) way {
	for _, g := range wayGroups {
		for _, w := range g.Items {
			if label != "" && (strings.EqualFold(w.Label, label) || strings.EqualFold(w.Alias, label)) {
				return w
			}
		}
	}
	return wayGroups[0].Items[0]
}

// fits says whether a way takes an amount of the shop's currency.
func (w way) fits(minor int64) bool {
	low, hasLow := parseSum(w.Min)
	high, hasHigh := parseSum(w.Max)
	return (!hasLow || minor >= low) && (!hasHigh || minor <= high)
}

// among leaves the ways that one of the names means: a label, an alias or a
// whole group's code, in any letter case. No names leave all, and so do names
// that mean nothing.
func among(groups []wayGroup, names []string) []wayGroup {
	var list []wayGroup
	for _, g := range groups {
		items := slices.Clone(g.Items)
		g.Items = slices.DeleteFunc(items, func(w way) bool {
			return !slices.ContainsFunc(names, func(name string) bool {
				return strings.EqualFold(name, w.Label) || strings.EqualFold(name, w.Alias) || strings.EqualFold(name, g.Code)
			})
		})
		if len(g.Items) > 0 {
			list = append(list, g)
		}
	}
	if len(list) == 0 {
		return groups
	}
	return list
}

// inLanguage names the groups that hold a way for this amount, in Russian or
// English; 0 stands for any amount.
func inLanguage(language string, minor int64) []wayGroup {
	var list []wayGroup
	for _, g := range wayGroups {
		items := g.Items
		g.Items = nil
		for _, w := range items {
			if minor > 0 && !w.fits(minor) {
				continue
			}
			if language != "ru" {
				w.Name = w.english
			}
			g.Items = append(g.Items, w)
		}
		if language != "ru" {
			g.Description = g.english
		}
		if len(g.Items) > 0 {
			list = append(list, g)
		}
	}
	return list
}
