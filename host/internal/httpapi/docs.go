package httpapi

import "github.com/gin-gonic/gin"

// page is a document that is rendered once.
type page struct {
	body   []byte
	digest string
	policy string
}

func (a *API) renderDocuments() error { return nil }

func (a *API) openAPI(c *gin.Context)      {}
func (a *API) showDocs(c *gin.Context)     {}
func (a *API) showProblems(c *gin.Context) {}
