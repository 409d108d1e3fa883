package registry

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Bounds of a logo.
const (
	maxLogo      = 64 << 10 // once cleaned
	maxLogoDepth = 32
	maxLogoNodes = 4000
)

const svgSpace = "http://www.w3.org/2000/svg"

// What a logo may hold: shapes, paint and a title. No script, no style, no
// text with fonts, no image, no link, nothing that is fetched or repeated.
var (
	logoElements = words(`svg g defs title desc path rect circle ellipse line polyline polygon linearGradient radialGradient stop clipPath mask`)
	logoTexts    = words(`title desc`)
	logoNames    = words(`id viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points transform opacity role
		aria-label fill fill-opacity fill-rule clip-path clip-rule mask stroke stroke-width stroke-opacity stroke-linecap
		stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset offset stop-color stop-opacity gradientUnits
		gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits preserveAspectRatio`)
)

func words(list string) []string { return strings.Fields(list) }

// cleanLogo writes a logo anew with what is allowed in it. What is not is left
// out, with all it holds; what is no well-formed SVG is an error.
func cleanLogo(svg string) (string, error) {
	if svg == "" {
		return "", nil
	}
	c := cleaner{d: xml.NewDecoder(strings.NewReader(svg))}
	if err := c.run(); err != nil {
		return "", err
	}
	if c.out.Len() == 0 || c.out.Len() > maxLogo {
		return "", fmt.Errorf("the logo has %d bytes once cleaned: 1 to %d are allowed", c.out.Len(), maxLogo)
	}
	return c.out.String(), nil
}

// cleaner copies what is allowed.
type cleaner struct {
	d     *xml.Decoder
	out   strings.Builder
	open  []string
	nodes int
}

func (c *cleaner) run() error {
	for {
		t, err := c.d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("the logo is no SVG document: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := c.start(t); err != nil {
				return err
			}
		case xml.EndElement:
			last := len(c.open) - 1
			c.out.WriteString("</" + c.open[last] + ">")
			c.open = c.open[:last]
		case xml.CharData:
			if n := len(c.open); n > 0 && slices.Contains(logoTexts, c.open[n-1]) {
				c.escape(string(t))
			}
		}
	}
}

func (c *cleaner) start(e xml.StartElement) error {
	root := len(c.open) == 0
	if root && (e.Name.Local != "svg" || e.Name.Space != svgSpace || c.out.Len() > 0) {
		return fmt.Errorf("the logo's root is not one svg of %s", svgSpace)
	}
	if c.nodes++; c.nodes > maxLogoNodes || len(c.open) >= maxLogoDepth {
		return fmt.Errorf("the logo is too complex: at most %d elements, %d deep", maxLogoNodes, maxLogoDepth)
	}
	if e.Name.Space != svgSpace || !slices.Contains(logoElements, e.Name.Local) || (!root && e.Name.Local == "svg") {
		return c.d.Skip()
	}
	c.out.WriteString("<" + e.Name.Local)
	if root {
		c.out.WriteString(` xmlns="` + svgSpace + `"`)
	}
	var seen []string
	for _, a := range e.Attr {
		if a.Name.Space != "" || !slices.Contains(logoNames, a.Name.Local) || slices.Contains(seen, a.Name.Local) || !harmless(a.Value) {
			continue
		}
		seen = append(seen, a.Name.Local)
		c.out.WriteString(" " + a.Name.Local + `="`)
		c.escape(a.Value)
		c.out.WriteString(`"`)
	}
	c.out.WriteString(">")
	c.open = append(c.open, e.Name.Local)
	return nil
}

func (c *cleaner) escape(s string) {
	_ = xml.EscapeText(&c.out, []byte(s)) // a strings.Builder takes everything
}

// harmless takes references within the document alone: url(#name).
func harmless(value string) bool {
	v := strings.ToLower(strings.Join(strings.Fields(value), ""))
	if strings.ContainsAny(v, `\@`) || strings.Contains(v, "/*") || strings.Contains(v, "script:") || strings.Contains(v, "data:") {
		return false
	}
	return strings.Count(v, "url(") == strings.Count(v, "url(#") && !strings.Contains(v, "//")
}
