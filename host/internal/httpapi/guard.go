package httpapi

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// guard lets through who has a key with the scope, from an address that the
// key allows. It comes before anything of the request's body is read.
func (a *API) guard(scope checkout.Scope) gin.HandlerFunc {
	return func(c *gin.Context) {
		if p, ok := a.admit(c, scope); !ok {
			a.refuse(c, p)
		}
	}
}

func (a *API) admit(c *gin.Context, scope checkout.Scope) (problem, bool) {
	secret, ok := bearer(c.Request.Header.Values("Authorization"))
	if !ok {
		return a.problem(c, problemUnauthorized, "There is no API key: send one header `Authorization: Bearer` and the key."), false
	}
	x := of(c)
	key, err := a.Directory.Key(secret)
	switch {
	case errors.Is(err, checkout.ErrNotFound):
		return a.problem(c, problemUnauthorized, "There is no such API key."), false
	case err != nil:
		p := a.problemOf(c, err)
		p.Attempted = attemptedNo
		return p, false
	}
	x.key = key
	if !allowed(key.Networks, x.client) {
		return a.problem(c, problemAddress, "The key may not be used from "+x.client.String()+"."), false
	}
	if !slices.Contains(key.Scopes, scope) {
		return a.problem(c, problemScope, "The key lacks the scope "+string(scope)+"."), false
	}
	return problem{}, true
}

// bearer takes the key out of the one Authorization header.
func bearer(headers []string) (string, bool) {
	if len(headers) != 1 {
		return "", false
	}
	scheme, secret, ok := strings.Cut(headers[0], " ")
	secret = strings.TrimSpace(secret)
	return secret, ok && strings.EqualFold(scheme, "Bearer") && secret != ""
}

// allowed says whether an address is in the allow-list; an empty one allows all.
func allowed(networks []netip.Prefix, client netip.Addr) bool {
	return len(networks) == 0 || slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(client) })
}
