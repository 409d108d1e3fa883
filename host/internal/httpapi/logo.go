package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/gin-gonic/gin"
)

// logoDigest names the bytes of a logo.
func logoDigest(svg string) string {
	sum := sha256.Sum256([]byte(svg))
	return hex.EncodeToString(sum[:8])
}

// logo serves the logo of a method to anybody: for ever under its digest,
// else as long as it stays the same.
func (a *API) logo(c *gin.Context) {
	q := readQuery(c)
	asked := q.text("v")
	if !q.end(a, c) {
		return
	}
	svg, ok := a.Logo(c.Param("method"))
	if !ok {
		a.refuse(c, a.problem(c, problemNotFound, "There is no method with a logo by this name."))
		return
	}
	digest := logoDigest(svg)
	c.Header("Cache-Control", "public, no-cache")
	if asked == digest {
		c.Header("Cache-Control", "public, max-age=31536000, immutable")
	}
	c.Header("Cross-Origin-Resource-Policy", "cross-origin")
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	sendTagged(c, "image/svg+xml", digest, []byte(svg))
}

// hasTag says whether an If-None-Match names the tag.
func hasTag(header, tag string) bool {
	for known := range strings.SplitSeq(header, ",") {
		if known = strings.TrimPrefix(strings.TrimSpace(known), "W/"); known == tag || known == "*" {
			return true
		}
	}
	return false
}
