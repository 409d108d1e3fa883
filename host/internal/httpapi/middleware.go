package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/oklog/ulid/v2"
)

// around stands before every route, the outermost first.
func (a *API) around() []gin.HandlerFunc {
	return []gin.HandlerFunc{a.begin, a.recoverPanic}
}

// begin gives the request its id, its headers and, when it has been answered,
// its line in the log. The line holds no body, no query and no header.
func (a *API) begin(c *gin.Context) {
	start := a.Clock()
	x := &exchange{id: requestID(c.GetHeader("X-Request-Id"), start), began: start, client: a.TrustedProxies.Client(c.Request)}
	c.Set(exchangeKey, x)
	secure(c.Writer.Header())
	c.Header("X-Request-Id", x.id)
	c.Next()
	took, status := a.Clock().Sub(start), c.Writer.Status()
	a.log(c, x, status, took)
	if a.Observe != nil {
		a.Observe(Observation{Method: c.Request.Method, Route: c.FullPath(), Status: status, Problem: string(x.problem), Took: took})
	}
}

func (a *API) log(c *gin.Context, x *exchange, status int, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request_id", x.id), slog.String("method", c.Request.Method), slog.String("route", c.FullPath()),
		slog.Int("status", status), slog.Int("bytes", max(0, c.Writer.Size())), slog.Duration("took", took),
		slog.String("client", x.client.String()),
	}
	for _, name := range []string{"id", "refund", "method", "account"} {
		if v := c.Param(name); v != "" {
			attrs = append(attrs, slog.String("path_"+name, clip(v)))
		}
	}
	if x.key.ID != "" { // not as "key": the logger hides what has such a name
		attrs = append(attrs, slog.String("shop", x.key.Shop), slog.String("caller", x.key.ID))
	}
	if x.problem != "" {
		attrs = append(attrs, slog.String("problem", string(x.problem)))
	}
	if x.cause != nil {
		attrs = append(attrs, slog.String("cause", x.cause.Error()))
	}
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if x.stack != nil {
		attrs = append(attrs, slog.String("stack", string(x.stack)))
	}
	a.Logger.LogAttrs(c.Request.Context(), level, "request", attrs...)
}

// recoverPanic answers 500 where a handler panics; the stack goes to the log alone.
func (a *API) recoverPanic(c *gin.Context) {
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		if err, ok := r.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(r)
		}
		x := of(c)
		x.stack = debug.Stack()
		p := a.problem(c, problemInternal, "The log of the gateway has the cause under the request_id.")
		p.cause = fmt.Errorf("panic: %v", r)
		if c.Writer.Written() {
			x.problem, x.cause = p.kind, p.cause
			c.Abort()
			return
		}
		a.refuse(c, p)
	}()
	c.Next()
}

// secure sets the headers that fit every answer; a page or a logo loosens
// what it must.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// requestID takes the caller's id where it is harmless, else mints one.
func requestID(given string, now time.Time) string {
	if plainName(given, 64) {
		return given
	}
	id, err := ulid.New(ulid.Timestamp(now), ulid.DefaultEntropy())
	if err != nil { // a clock beyond the year 10889
		return "req_" + ulid.ULID{}.String()
	}
	return "req_" + id.String()
}

// plainName says whether s is made of letters, digits, point, dash and
// underscore, and no longer than n.
func plainName(s string, n int) bool {
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
		default:
			return false
		}
	}
	return s != "" && len(s) <= n
}

func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}

// reading bounds what a read may take.
func reading(c *gin.Context, more time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.Request.Context(), readTimeout+more)
}
