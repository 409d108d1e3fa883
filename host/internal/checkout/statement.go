package checkout

import (
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
)

// StatementQuery asks for what was booked from From until before To.
type StatementQuery struct {
	From, To time.Time
	// Cursor is the Next of the line to go on after; "" begins at From.
	Cursor string
}

// StatementLine is a booked line. Next is the cursor that goes on after it.
type StatementLine struct {
	order.BookLine
	Next string
}

// Statement gives what was captured, refunded and charged back on the orders
// of the key's shop, test or live as the key is, in the order of time. A day
// that is not over may still get lines. It ends with the first error, among
// them ErrCursor.
func (s *Service) Statement(ctx context.Context, k Key, q StatementQuery) iter.Seq2[StatementLine, error] {
	return func(yield func(StatementLine, error) bool) {
		day, skip, err := readPlace(q)
		if err != nil {
			yield(StatementLine{}, err)
			return
		}
		end := q.To
		if now := s.now(); end.After(now) {
			end = now.Add(time.Millisecond)
		}
		for ; day.Before(end); day, skip = day.AddDate(0, 0, 1), 0 {
			n := 0
			for line, err := range s.o.Store.Book(ctx, day) {
				if err != nil {
					yield(StatementLine{}, fmt.Errorf("statement of shop %s: %w", k.Shop, err))
					return
				}
				if line.Shop != k.Shop || line.Live != k.Live || line.At.Before(q.From) || !line.At.Before(q.To) {
					continue
				}
				if n++; n > skip && !yield(StatementLine{line, place(day, n)}, nil) {
					return
				}
			}
		}
	}
}

// place names the n-th line of a day among those that the query fits.
func place(day time.Time, n int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(day.Format(time.DateOnly) + " " + strconv.Itoa(n)))
}

// readPlace gives the first day to read and how many of its lines to leave out.
func readPlace(q StatementQuery) (day time.Time, skip int, err error) {
	first := dayOf(q.From)
	if q.Cursor == "" {
		return first, 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(q.Cursor)
	if err != nil {
		return first, 0, ErrCursor
	}
	date, n, _ := strings.Cut(string(b), " ")
	day, errDay := time.Parse(time.DateOnly, date)
	skip, errSkip := strconv.Atoi(n)
	if errDay != nil || errSkip != nil || skip < 1 || day.Before(first) || !day.Before(q.To) {
		return first, 0, ErrCursor
	}
	return day, skip, nil
}

// dayOf is the beginning of a time's day in UTC.
func dayOf(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
