package pages

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// node is an element of a page, or a text where it has no name.
type node struct {
	name   string
	attr   map[string]string
	text   string
	parent *node
	kids   []*node
}

// parsePage reads the pages' own HTML, which is well-formed but for its void
// elements and attributes without a value.
func parsePage(page string) (*node, error) {
	d := xml.NewDecoder(strings.NewReader(page))
	d.Strict, d.AutoClose = false, xml.HTMLAutoClose
	root := &node{}
	at := root
	for {
		tok, err := d.Token()
		switch t := tok.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, attr: map[string]string{}, parent: at}
			for _, a := range t.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			at.kids, at = append(at.kids, n), n
		case xml.EndElement:
			at = at.parent
		case xml.CharData:
			at.kids = append(at.kids, &node{text: string(t), parent: at})
		}
		if errors.Is(err, io.EOF) && at == root {
			return root, closed(root, page)
		}
		if err != nil {
			return nil, fmt.Errorf("read the page in <%s>: %w", at.name, err)
		}
	}
}

// closed says which element has no end: the decoder would make one up.
func closed(root *node, page string) error {
	for _, n := range root.all() {
		begun := strings.Count(page, "<"+n.name+" ") + strings.Count(page, "<"+n.name+">")
		if slices.Contains(xml.HTMLAutoClose, n.name) || n.within("svg") {
			continue
		}
		if ended := strings.Count(page, "</"+n.name+">"); begun != ended {
			return fmt.Errorf("<%s> begins %d times and ends %d times", n.name, begun, ended)
		}
	}
	return nil
}

// all are the elements below n, in order, that are one of the names; none
// named are all.
func (n *node) all(names ...string) []*node {
	var list []*node
	for _, k := range n.kids {
		if k.name != "" && (len(names) == 0 || slices.Contains(names, k.name)) {
			list = append(list, k)
		}
		list = append(list, k.all(names...)...)
	}
	return list
}

// says is the text within n.
func (n *node) says() string {
	text := n.text
	for _, k := range n.kids {
		text += k.says()
	}
	return strings.Join(strings.Fields(text), " ")
}

func (n *node) within(names ...string) bool {
	for p := n.parent; p != nil; p = p.parent {
		if slices.Contains(names, p.name) {
			return true
		}
	}
	return false
}

func (n *node) String() string { return fmt.Sprintf("<%s %v> %q", n.name, n.attr, n.says()) }

// rules are what every page keeps; each gives what breaks it.
var rules = map[string]func(page *node) []*node{
	"one main landmark": func(page *node) []*node { return unless(len(page.all("main")) == 1, page) },
	"one h1": func(page *node) []*node {
		return unless(len(page.all("h1")) == 1 && page.all("h1")[0].says() != "", page)
	},
	"a title": func(page *node) []*node {
		return unless(len(page.all("title")) >= 1 && page.all("title")[0].says() != "", page)
	},
	"a language of ours": func(page *node) []*node {
		return where(page, func(n *node) bool {
			lang, ok := n.attr["lang"]
			return n.name == "html" && !ok || ok && !slices.Contains(languages, lang)
		})
	},
	"all content is in a landmark": func(page *node) []*node {
		var loose []*node
		for _, k := range page.all("body")[0].kids {
			if !slices.Contains([]string{"header", "main", "footer"}, k.name) && k.says() != "" {
				loose = append(loose, k)
			}
		}
		return loose
	},
	"one header and one footer at most, side by side with main": func(page *node) []*node {
		return where(page, func(n *node) bool { return n.name == "footer" && n.parent.name != "body" })
	},
	"navigation has a name": func(page *node) []*node {
		return where(page, func(n *node) bool { return n.name == "nav" && n.attr["aria-label"] == "" })
	},
	"headings skip no level": func(page *node) []*node {
		last := 0
		return where(page, func(n *node) bool {
			if len(n.name) != 2 || n.name[0] != 'h' || n.name[1] < '1' || n.name[1] > '6' {
				return false
			}
			level := int(n.name[1] - '0')
			skips := level > last+1
			last = level
			return skips || n.says() == ""
		})
	},
	"pictures have a text or are ornament, and keep their place": func(page *node) []*node {
		return where(page, func(n *node) bool {
			_, alt := n.attr["alt"]
			return n.name == "img" && (!alt || n.attr["width"] == "" || n.attr["height"] == "") || n.name == "svg" && n.attr["aria-hidden"] != "true"
		})
	},
	"links and buttons say what they do": func(page *node) []*node {
		return where(page, func(n *node) bool { return (n.name == "a" || n.name == "button") && n.says() == "" })
	},
	"links lead somewhere": func(page *node) []*node {
		return where(page, func(n *node) bool { return n.name == "a" && (n.attr["href"] == "" || n.attr["target"] != "") })
	},
	"fields have a label": func(page *node) []*node {
		labels := page.all("label")
		return where(page, func(n *node) bool {
			labelled := slices.ContainsFunc(labels, func(l *node) bool { return l.attr["for"] == n.attr["id"] && l.says() != "" })
			return (n.name == "input" || n.name == "select" || n.name == "textarea") && n.attr["type"] != "hidden" && !labelled && !n.within("label")
		})
	},
	"ids are there once, and what is named is there": func(page *node) []*node {
		ids := map[string]int{}
		for _, n := range page.all() {
			if id, ok := n.attr["id"]; ok {
				ids[id]++
			}
		}
		return where(page, func(n *node) bool {
			named := []string{n.attr["for"], n.attr["aria-labelledby"], n.attr["aria-describedby"]}
			if at, ok := strings.CutPrefix(n.attr["href"], "#"); ok {
				named = append(named, at)
			}
			return ids[n.attr["id"]] > 1 || slices.ContainsFunc(named, func(id string) bool { return id != "" && ids[id] == 0 })
		})
	},
	"nothing jumps the keyboard's queue": func(page *node) []*node {
		return where(page, func(n *node) bool {
			_, focus := n.attr["autofocus"]
			return n.attr["tabindex"] != "" && n.attr["tabindex"] != "-1" || focus && n.attr["role"] != "alert" || n.attr["accesskey"] != ""
		})
	},
	"news has the focus": func(page *node) []*node {
		return where(page, func(n *node) bool { return n.attr["role"] == "alert" && n.attr["tabindex"] != "-1" })
	},
	"tables name their rows": func(page *node) []*node {
		return where(page, func(n *node) bool {
			return n.name == "tr" && (len(n.all("th")) == 0 || n.all("th")[0].attr["scope"] == "")
		})
	},
	"lists hold their items alone": func(page *node) []*node {
		return where(page, func(n *node) bool {
			return n.name == "li" && n.parent.name != "ul" || n.parent.name == "ul" && n.name != "li"
		})
	},
	"details begin with a summary": func(page *node) []*node {
		return where(page, func(n *node) bool { return n.name == "details" && (len(n.all()) == 0 || n.all()[0].name != "summary") })
	},
	"nothing that can be pressed is within another": func(page *node) []*node {
		return where(page, func(n *node) bool { return (n.name == "a" || n.name == "button") && n.within("a", "button", "summary") })
	},
	"a page zooms": func(page *node) []*node {
		return where(page, func(n *node) bool {
			return n.attr["name"] == "viewport" && (strings.Contains(n.attr["content"], "maximum-scale") || strings.Contains(n.attr["content"], "user-scalable"))
		})
	},
}

func where(page *node, bad func(*node) bool) []*node {
	return slices.DeleteFunc(page.all(), func(n *node) bool { return !bad(n) })
}

func unless(ok bool, page *node) []*node {
	if ok {
		return nil
	}
	return []*node{page.all("body")[0]}
}

// maxWeight bounds a page with its styles and script, without logos, in bytes.
const maxWeight = 60_000

func TestEveryPage_structure(t *testing.T) {
	t.Parallel()
	logos := regexp.MustCompile(`data:image/[^"]+`)
	for name, show := range every {
		for _, lang := range languages {
			t.Run(name+"/"+lang, func(t *testing.T) {
				t.Parallel()
				text := show(newHouse(t, nil), lang).Body.String()
				page, err := parsePage(text)
				if err != nil {
					t.Fatal(err)
				}
				for rule, broken := range rules {
					for _, n := range broken(page) {
						t.Errorf("%s: broken by %.200s", rule, n)
					}
				}
				weight := len(logos.ReplaceAllString(text, ""))
				for _, n := range page.all("link", "script") {
					file := regexp.MustCompile(`/assets/([a-z]+\.(?:css|js))\?`).FindStringSubmatch(n.attr["href"] + n.attr["src"])
					if file == nil { // the shop's colour
						continue
					}
					b, err := assetFiles.ReadFile("assets/" + file[1])
					if err != nil {
						t.Fatal(err)
					}
					weight += len(b)
				}
				if weight > maxWeight {
					t.Errorf("the page weighs %d bytes, at most %d", weight, maxWeight)
				}
			})
		}
	}
}

// Each rule is broken once, so that none is kept for want of a look.
func TestRules_find(t *testing.T) {
	t.Parallel()
	const good = `<html lang="nl"><head><title>x</title></head><body><header><p>x</p></header><main><h1>x</h1>%s</main><footer>x</footer></body></html>`
	examples := map[string]string{
		"one main landmark": `<main>x</main>`, "one h1": `<h1>y</h1>`, "a language of ours": `<p lang="xx">x</p>`,
		"one header and one footer at most, side by side with main": `<footer>x</footer>`, "navigation has a name": `<nav>x</nav>`, "headings skip no level": `<h3>x</h3>`,
		"pictures have a text or are ornament, and keep their place": `<img src="x">`, "links and buttons say what they do": `<button><img alt=""></button>`, "links lead somewhere": `<a href="">x</a>`,
		"fields have a label": `<input name="q">`, "ids are there once, and what is named is there": `<p aria-labelledby="y">x</p>`, "nothing jumps the keyboard's queue": `<p tabindex="1">x</p>`,
		"news has the focus": `<p role="alert">x</p>`, "tables name their rows": `<table><tr><td>x</td></tr></table>`, "lists hold their items alone": `<ul><p>x</p></ul>`,
		"details begin with a summary": `<details><p>x</p></details>`, "nothing that can be pressed is within another": `<a href="x"><button>x</button></a>`,
		"a page zooms": `<meta name="viewport" content="user-scalable=no">`, "a title": "", "all content is in a landmark": "",
	}
	for rule, find := range rules {
		bad, ok := examples[rule]
		if !ok {
			t.Errorf("%q has no example", rule)
		}
		text := fmt.Sprintf(good, bad)
		switch rule {
		case "a title":
			text = strings.Replace(text, "<title>x</title>", "", 1)
		case "all content is in a landmark":
			text = strings.Replace(text, "<body>", "<body><p>x</p>", 1)
		}
		page, err := parsePage(text)
		if err != nil {
			t.Fatal(err)
		}
		if len(find(page)) == 0 {
			t.Errorf("%q does not find %s", rule, bad)
		}
		clean, err := parsePage(fmt.Sprintf(good, ""))
		if err != nil {
			t.Fatal(err)
		}
		if broken := find(clean); len(broken) > 0 {
			t.Errorf("%q finds fault with a page that has none: %v", rule, broken)
		}
	}
	if _, err := parsePage("<p><b>x</p>"); err == nil {
		t.Error("a page that is not well-formed was read")
	}
}

// Each pair of colours that stand on one another, light and dark: text and
// signs of focus.
func TestPalette_contrast(t *testing.T) {
	t.Parallel()
	b, err := assetFiles.ReadFile("assets/style.css")
	if err != nil {
		t.Fatal(err)
	}
	css := string(b)
	byDay, atNight, _ := strings.Cut(css, "@media (prefers-color-scheme: dark)")
	light, dark := colours(t, byDay), colours(t, atNight)
	for name, v := range light {
		if _, ok := dark[name]; !ok {
			dark[name] = v
		}
	}
	for scheme, of := range map[string]map[string]uint64{"light": light, "dark": dark} {
		for _, c := range []struct {
			on, under string
			least     float64
		}{
			{"text", "ground", 4.5}, {"text", "sheet", 4.5}, {"text", "alert", 4.5}, {"soft", "ground", 4.5}, {"soft", "sheet", 4.5}, {"soft", "alert", 4.5},
			{"link", "ground", 4.5}, {"link", "sheet", 4.5}, {"link", "alert", 4.5}, {"on-accent", "accent", 4.5}, {"text", "good-ground", 4.5}, {"soft", "good-ground", 4.5},
			{"good", "sheet", 3}, {"focus", "sheet", 3}, {"focus", "ground", 3}, {"focus", "alert", 3}, {"soft", "sheet", 3}, {"alert-line", "sheet", 3},
		} {
			on, under := of[c.on], of[c.under]
			if got := contrast(on, under); got < c.least {
				t.Errorf("%s: %s (#%06x) on %s (#%06x) is %.2f to 1, want %.1f", scheme, c.on, on, c.under, under, got, c.least)
			}
		}
	}
	for _, want := range []string{"prefers-color-scheme: dark", "prefers-reduced-motion: no-preference", "outline: 3px solid var(--focus)", "@media print"} {
		if !strings.Contains(css, want) {
			t.Errorf("the styles lack %q", want)
		}
	}
	still, _, _ := strings.Cut(css, "@media (prefers-reduced-motion: no-preference)")
	if strings.Contains(still, "animation:") || strings.Contains(css, "transition:") {
		t.Error("something moves for those who want no motion")
	}
}

func colours(t *testing.T, css string) map[string]uint64 {
	t.Helper()
	of := map[string]uint64{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		n, err := strconv.ParseUint(m[2], 16, 32)
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := of[m[1]]; !ok {
			of[m[1]] = n
		}
	}
	if len(of) < 10 {
		t.Fatalf("only %d colours found", len(of))
	}
	return of
}

func contrast(a, b uint64) float64 {
	x, y := light(a)+0.05, light(b)+0.05
	return math.Max(x, y) / math.Min(x, y)
}
