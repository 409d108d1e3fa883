package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
)

// routes are the program's own, with the gateway beside them. Whatever is
// below the gateway's path is the gateway's, what it does not know included;
// everything else stays the program's.
func routes(gateway http.Handler, publicURL string) (http.Handler, error) {
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("public_url: %w", err)
	}
	below := strings.TrimRight(u.Path, "/")
	if below == "" {
		return nil, fmt.Errorf("public_url %s has no path to mount the gateway below, such as %s/kassette", publicURL, strings.TrimRight(publicURL, "/"))
	}
	r := gin.New()
	r.Use(gin.Recovery())
	r.GET("/", func(c *gin.Context) { c.String(http.StatusOK, "Our shop.") })
	r.GET("/docs", func(c *gin.Context) { c.String(http.StatusOK, "How our shop works.") })
	r.GET("/pay/:way", func(c *gin.Context) { c.String(http.StatusOK, "About paying by "+c.Param("way")+".") })
	r.Any(below+"/*path", gin.WrapH(gateway))
	r.NoRoute(func(c *gin.Context) { c.String(http.StatusNotFound, "Our shop has no such page.") })
	return r, nil
}
