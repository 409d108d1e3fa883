package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/directory"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/store"
)

// ErrEmbedded: a state that lives in another process cannot be looked at.
var ErrEmbedded = errors.New("the embedded state lives in the gateway's own process: set KASSETTE_REDIS_URL, or ask the operators' listener of the running gateway")

// state opens what a configuration keeps, for a command that only reads.
func state(ctx context.Context, cfg Config) (*store.Redis, error) {
	if cfg.Redis.URL.Text() == "" {
		return nil, ErrEmbedded
	}
	return openStore(ctx, Options{Config: cfg}.withDefaults(), slog.New(slog.DiscardHandler))
}

// ShowOrder writes an order, its payments and its timeline for people. It
// changes nothing.
func ShowOrder(ctx context.Context, cfg Config, id string, w io.Writer) error {
	s, err := state(ctx, cfg)
	if err != nil {
		return err
	}
	defer s.Close()
	rec, err := s.Load(ctx, id)
	if errors.Is(err, checkout.ErrNotFound) {
		return fmt.Errorf("there is no order %q", id)
	}
	if err != nil {
		return err
	}
	events, err := allEvents(ctx, s, id)
	if err != nil {
		return err
	}
	show(w, rec, events)
	return nil
}

func show(w io.Writer, rec checkout.Record, events []order.Event) {
	o, a := rec.Order, rec.Order.Amounts()
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	defer t.Flush()
	fmt.Fprintf(t, "order\t%s\treference %s of shop %s\n", o.ID, o.Reference, o.Shop)
	fmt.Fprintf(t, "status\t%s\tamount %s, due %s\n", o.Status(), o.Amount, o.Due())
	fmt.Fprintf(t, "amounts\tcaptured %s\trefunded %s, under way %s, released %s, charged back %s\n", a.Captured, a.Refunded, a.Reserved, a.Released, a.ChargedBack)
	fmt.Fprintf(t, "told\t%d of %d events\tversion %d\n", rec.Told, o.LastEvent, rec.Version)
	if b := rec.Busy; b != nil {
		fmt.Fprintf(t, "running\t%s\tcall %s, taken over at %s\n", b.Export, b.Call, b.Until.Format(time.RFC3339))
	}
	if due, ok := order.Next(o); ok {
		fmt.Fprintf(t, "due\t%s\tat %s\n", due.Work, due.At.Format(time.RFC3339))
	}
	for _, at := range o.Attention() {
		fmt.Fprintf(t, "ATTENTION\t%s\t%s %s\n", at.Code, at.Payment, at.Message)
	}
	for _, p := range o.Payments {
		fmt.Fprintf(t, "payment\t%s\t%s, %s (outcome %s) by %s@%s, bank's reference %s\n", p.ID, p.Method, p.Status(), p.Outcome, p.Plugin.Name, p.Plugin.Version, strings.Join(p.ProviderReferences, " "))
	}
	for _, e := range events {
		fmt.Fprintf(t, "%d\t%s\t%s %s %s\n", e.Number, e.At.Format("2006-01-02 15:04:05.000"), e.Type, e.Payment, e.Detail)
	}
}

const eventPage = 500

func allEvents(ctx context.Context, s *store.Redis, id string) ([]order.Event, error) {
	var all []order.Event
	for {
		page, err := s.Events(ctx, id, int64(len(all))+1, eventPage)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < eventPage {
			return all, nil
		}
	}
}

// Checked is what Check found.
type Checked struct {
	Orders int
	// Broken are the orders that break an invariant, each with which one.
	Broken []string
}

// shopIDs are the shops that a gateway of this configuration serves.
func shopIDs(ctx context.Context, cfg Config, s *store.Redis) ([]string, error) {
	d, err := directory.Load(ctx, directory.Options{Config: cfg, State: s, Clock: time.Now, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	all, err := d.Shops(ctx)
	var ids []string
	for _, one := range all {
		ids = append(ids, one.ID)
	}
	return ids, err
}

// Check holds every order of all shops, the configured and the added, to the invariants: amounts,
// statuses, events without gaps, and that what is not final is due for
// something. It changes nothing. Progress goes to w.
func Check(ctx context.Context, cfg Config, w io.Writer) (Checked, error) {
	s, err := state(ctx, cfg)
	if err != nil {
		return Checked{}, err
	}
	defer s.Close()
	shops, err := shopIDs(ctx, cfg, s)
	if err != nil {
		return Checked{}, err
	}
	var c Checked
	for _, shop := range shops {
		cursor := ""
		for {
			orders, next, err := s.List(ctx, shop, checkout.Filter{Cursor: cursor, Limit: 256})
			if err != nil {
				return c, fmt.Errorf("list orders of shop %s: %w", shop, err)
			}
			for _, o := range orders {
				if err := checkOrder(ctx, s, o.ID); err != nil {
					c.Broken = append(c.Broken, fmt.Sprintf("%s: %v", o.ID, err))
				}
			}
			c.Orders += len(orders)
			fmt.Fprintf(w, "shop %s: %d orders checked, %d broken\n", shop, c.Orders, len(c.Broken))
			if cursor = next; cursor == "" {
				break
			}
		}
	}
	return c, nil
}

// checkOrder reads an order and its events anew: the listing may be older.
func checkOrder(ctx context.Context, s *store.Redis, id string) error {
	rec, err := s.Load(ctx, id)
	if err != nil {
		return err
	}
	events, err := allEvents(ctx, s, id)
	if err != nil {
		return err
	}
	if int64(len(events)) != rec.Order.LastEvent { // it moved between the two reads
		if rec, err = s.Load(ctx, id); err != nil {
			return err
		}
		if events, err = allEvents(ctx, s, id); err != nil {
			return err
		}
	}
	return order.Check(rec.Order, events)
}
