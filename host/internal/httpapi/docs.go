package httpapi

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/httpapi/openapi"
)

//go:embed pages/docs.html
var pageFiles embed.FS

//go:embed pages/docs.css
var docsStyle string

var docsTemplate = template.Must(template.New("docs").Funcs(template.FuncMap{"text": prose, "inline": inline}).ParseFS(pageFiles, "pages/*.html"))

// page is a document that is rendered once, at the start.
type page struct {
	kind   string
	body   []byte
	digest string
	// policy is its Content-Security-Policy, "" for the usual one.
	policy string
}

func newPage(kind string, body []byte, policy string) page {
	sum := sha256.Sum256(body)
	return page{kind: kind, body: body, digest: hex.EncodeToString(sum[:8]), policy: policy}
}

// Document is the document of the interface for a gateway at a public URL:
// OpenAPI 3.1, as JSON.
func Document(publicURL string) ([]byte, error) {
	doc, err := buildDocument(publicURL)
	if err != nil {
		return nil, err
	}
	return json.Marshal(doc)
}

func buildDocument(publicURL string) (openapi.Object, error) {
	doc, err := openapi.Build(publicURL, problemList())
	if err != nil {
		return nil, fmt.Errorf("the document of the interface: %w", err)
	}
	return doc, nil
}

func problemList() []openapi.Problem {
	list := make([]openapi.Problem, 0, len(catalogue))
	for _, e := range catalogue {
		list = append(list, openapi.Problem{Name: string(e.Kind), Status: e.Status, Title: e.Title, Do: e.Do, Retry: e.Retry > 0})
	}
	return list
}

// renderDocuments makes the document and its pages.
func (a *API) renderDocuments() error {
	doc, err := buildDocument(a.PublicURL)
	if err != nil {
		return err
	}
	body, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("write the document of the interface: %w", err)
	}
	a.document = newPage(typeJSON, body, "")
	style := sha256.Sum256([]byte(docsStyle))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(style[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	for _, p := range []struct {
		name string
		data any
		to   *page
	}{
		{"docs", describe(doc, a.PublicURL), &a.docs},
		{"problems", problemsPage{Style: template.CSS(docsStyle), Server: a.PublicURL, Problems: problemList()}, &a.problems},
	} {
		var b bytes.Buffer
		if err := docsTemplate.ExecuteTemplate(&b, p.name, p.data); err != nil {
			return fmt.Errorf("render page %s: %w", p.name, err)
		}
		*p.to = newPage("text/html; charset=utf-8", b.Bytes(), policy)
	}
	return nil
}

type problemsPage struct {
	Style    template.CSS
	Server   string
	Problems []openapi.Problem
}

func (a *API) openAPI(c *gin.Context)      { a.sendPage(c, a.document) }
func (a *API) showDocs(c *gin.Context)     { a.sendPage(c, a.docs) }
func (a *API) showProblems(c *gin.Context) { a.sendPage(c, a.problems) }

func (a *API) sendPage(c *gin.Context, p page) {
	if p.policy != "" {
		c.Header("Content-Security-Policy", p.policy)
	}
	c.Header("Cache-Control", "public, no-cache")
	sendTagged(c, p.kind, p.digest, p.body)
}

// sendTagged sends a body with its entity tag, or 304 to who has it.
func sendTagged(c *gin.Context, kind, digest string, body []byte) {
	tag := `"` + digest + `"`
	c.Header("ETag", tag)
	if hasTag(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		return
	}
	c.Data(http.StatusOK, kind, body)
}
