package httpapi

import (
	"bufio"
	"encoding/csv"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/view"
)

const (
	// maxStatement is how many days one statement may cover: a leap year.
	maxStatement = 366
	// statementTimeout bounds the reading of a page, tableTimeout of a table.
	statementTimeout = 30 * time.Second
	tableTimeout     = 10 * time.Minute
)

// statement gives what was captured, refunded and charged back: as JSON in
// pages, as a table whole.
func (a *API) statement(c *gin.Context) {
	q := readQuery(c)
	format := q.text("format")
	s := checkout.StatementQuery{From: q.time("from"), To: q.time("to"), Cursor: q.text("cursor")}
	limit := int(q.integer("limit", 1, maxPage, defaultPage))
	if format != "" && format != "json" && format != "csv" {
		q.refuse("format", "is %q, json or csv is asked for", clip(format))
	}
	q.span(s)
	if format == "csv" {
		for _, name := range []string{"cursor", "limit"} {
			if q.values.Has(name) {
				q.refuse(name, "does not go with csv, which is given whole")
			}
		}
	}
	switch {
	case !q.end(a, c):
	case format == "csv":
		a.sendTable(c, s)
	default:
		a.sendStatement(c, s, limit)
	}
}

// span refuses what is no time to make a statement of.
func (q *query) span(s checkout.StatementQuery) {
	for _, name := range []string{"from", "to"} {
		if q.values.Get(name) == "" {
			q.refuse(name, "is missing: send a time, or a day in UTC such as 2026-11-22")
		}
	}
	switch {
	case s.From.IsZero() || s.To.IsZero():
	case !s.From.Before(s.To):
		q.refuse("to", "is not after from; what was booked before to is given")
	case s.To.After(s.From.AddDate(0, 0, maxStatement)):
		q.refuse("to", "is more than %d days after from: ask in parts", maxStatement)
	}
}

// sendStatement sends a page.
func (a *API) sendStatement(c *gin.Context, q checkout.StatementQuery, limit int) {
	ctx, cancel := reading(c, statementTimeout)
	defer cancel()
	page := list[view.StatementLine]{Items: []view.StatementLine{}}
	next := ""
	for line, err := range a.API.Statement(ctx, of(c).key, q) {
		if err != nil {
			a.refuse(c, a.problemOf(c, err))
			return
		}
		if len(page.Items) == limit {
			page.NextCursor = &next
			break
		}
		page.Items, next = append(page.Items, a.view.StatementLine(line.BookLine)), line.Next
	}
	a.send(c, a.answer(c, http.StatusOK, page, ""))
}

// sendTable sends the lines as they are read, as RFC 4180 writes a table. What
// breaks after its beginning breaks the connection, so that nobody takes a
// part for the whole.
func (a *API) sendTable(c *gin.Context, q checkout.StatementQuery) {
	ctx, cancel := reading(c, tableTimeout)
	defer cancel()
	t := newTable(c.Writer, "statement-"+q.From.Format(time.DateOnly)+"-"+q.To.Format(time.DateOnly), view.StatementColumns)
	for line, err := range a.API.Statement(ctx, of(c).key, q) {
		if err == nil {
			err = t.add(a.view.StatementLine(line.BookLine).Cells())
		}
		switch {
		case err == nil:
			continue
		case !t.begun:
			a.refuse(c, a.problemOf(c, err))
			return
		}
		a.breakOff(c, err)
	}
	if err := t.end(); err != nil {
		a.breakOff(c, err)
	}
}

func (a *API) breakOff(c *gin.Context, err error) {
	a.Logger.ErrorContext(c.Request.Context(), "table broke off", "request_id", of(c).id, "shop", of(c).key.Shop, "error", err)
	panic(http.ErrAbortHandler)
}

// table writes an answer as CSV, beginning with the first row.
type table struct {
	to      http.ResponseWriter
	name    string
	columns []string
	out     *bufio.Writer
	rows    *csv.Writer
	begun   bool
}

func newTable(to http.ResponseWriter, name string, columns []string) *table {
	out := bufio.NewWriterSize(to, 1<<15)
	rows := csv.NewWriter(out)
	rows.UseCRLF = true
	return &table{to: to, name: name, columns: columns, out: out, rows: rows}
}

func (t *table) begin() error {
	if t.begun {
		return nil
	}
	t.begun = true
	t.to.Header().Set("Content-Type", "text/csv; charset=utf-8; header=present")
	t.to.Header().Set("Content-Disposition", `attachment; filename="`+t.name+`.csv"`)
	t.to.WriteHeader(http.StatusOK)
	return t.rows.Write(t.columns)
}

func (t *table) add(row []string) error {
	if err := t.begin(); err != nil {
		return err
	}
	return t.rows.Write(row)
}

func (t *table) end() error {
	if err := t.begin(); err != nil {
		return err
	}
	if t.rows.Flush(); t.rows.Error() != nil {
		return t.rows.Error()
	}
	return t.out.Flush()
}
