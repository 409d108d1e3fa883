package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/kassette-pay/kassette/sdk/simulator/magento"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// platform is a simulated shop of a platform, which an adapter serves over REST.
type platform struct {
	ID, Name, About string
	// orders lists what the shop has, the newest first.
	orders func() []placed
	// place has a consumer order something.
	place func() error
	// acts are what the shop's people do with an order, by name.
	acts map[string]func(ctx context.Context, order string) error
}

// placed is an order of a platform as its people see it.
type placed struct {
	ID, Number, Total, State string
	// Transaction is the provider's name for the payment, PayLink Kassette's page.
	Transaction, PayLink string
	Refunds, Notes       []string
	// Acts can be done now.
	Acts []string
}

// platforms are the simulated shops with what serves them.
type platforms struct {
	list    []platform
	woo     *woocommerce.Simulator
	magento *magento.Simulator
	// home is the page of the demo that shows them.
	home string
	log  *slog.Logger
}

// shops starts the simulated shops.
func (s settings) shops(log *slog.Logger) (*platforms, error) {
	p := &platforms{home: "http://" + s.Shop + "/platforms", log: log}
	var err error
	if p.woo, err = woocommerce.New(woocommerce.Config{PublicURL: "http://" + s.Simulator + "/woocommerce", Loose: true, Logger: log}); err != nil {
		return nil, err
	}
	if p.magento, err = magento.New(magento.Config{PublicURL: "http://" + s.Simulator + "/magento", WebhookURL: s.takesOrders("magento"), Logger: log}); err != nil {
		return nil, errors.Join(err, p.woo.Close())
	}
	link := payLinks("http://" + s.Gateway + "/pay/")
	p.list = []platform{p.wooShop(link), p.magentoShop(link)}
	return p, nil
}

// connect makes the webhooks of the shop that has some, which it does as soon as
// the gateway answers: the shop says hello to it.
func (p *platforms) connect(ctx context.Context, takes string) {
	for _, topic := range []string{"order.created", "order.updated", "order.deleted", "order.restored"} {
		if _, err := p.woo.AddHook(ctx, woocommerce.Hook{Name: "Kassette", Topic: topic, URL: takes, Secret: woocommerce.DemoWebhookSecret}); err != nil {
			p.log.Error("webhook of the simulated shop not made", "topic", topic, "error", err)
		}
	}
}

// takesOrders is where the gateway takes the orders of a platform.
func (s settings) takesOrders(account string) string {
	return "http://" + s.Gateway + "/v1/shops/demo/orders/" + account
}

func (p *platforms) close() error { return errors.Join(p.woo.Close(), p.magento.Close()) }

// payLinks finds a pay link in what people read.
func payLinks(prefix string) func(texts []string) string {
	return func(texts []string) string {
		for _, t := range texts {
			if i := strings.Index(t, prefix); i >= 0 {
				link := t[i:]
				if end := strings.IndexAny(link, " \n\t\"<)"); end >= 0 {
					link = link[:end]
				}
				return strings.TrimRight(link, ".,")
			}
		}
		return ""
	}
}

func (p *platforms) wooShop(link func([]string) string) platform {
	// Of a real shop WP-Cron runs the queue of webhooks; here each act does.
	act := func(do func(id int) error) func(context.Context, string) error {
		return func(ctx context.Context, order string) error {
			id, err := strconv.Atoi(order)
			if err == nil {
				err = do(id)
			}
			p.woo.RunQueue(context.WithoutCancel(ctx))
			return err
		}
	}
	return platform{
		ID: "woocommerce", Name: "WooCommerce",
		About: "Its webhooks tell Kassette of each order. Kassette writes the pay link, the payment and refunds into the order over WooCommerce's REST interface.",
		orders: func() (list []placed) {
			for _, o := range p.woo.Books().Orders {
				v := placed{ID: strconv.Itoa(o.ID), Number: o.Number, Total: o.Total + " " + o.Currency, State: o.Status, Transaction: o.TransactionID}
				for _, n := range o.Notes {
					v.Notes = append(v.Notes, n.Text)
				}
				for _, r := range o.Refunds {
					v.Refunds = append(v.Refunds, r.Amount+" "+o.Currency)
				}
				switch o.Status {
				case woocommerce.Pending, woocommerce.Failed:
					v.PayLink, v.Acts = link(v.Notes), []string{"cancel"}
				case woocommerce.OnHold:
					v.Acts = []string{"cancel", "complete"}
				case woocommerce.Processing:
					v.Acts = []string{"complete"}
				}
				list = append([]placed{v}, list...)
			}
			return list
		},
		place: func() error {
			_, err := p.woo.Place(woocommerce.Cart{
				Lines:    []woocommerce.CartLine{{Name: "Lamp", SKU: "lamp-1", Total: "33.06", Tax: "6.94"}, {Name: "Candle", SKU: "candle", Quantity: "2", Total: "4.13", Tax: "0.87"}},
				Shipping: []woocommerce.CartLine{{Name: "Parcel", Total: "4.12", Tax: "0.87"}},
			})
			p.woo.RunQueue(context.Background())
			return err
		},
		acts: map[string]func(context.Context, string) error{"cancel": act(p.woo.Cancel), "complete": act(p.woo.Complete)},
	}
}

func (p *platforms) magentoShop(link func([]string) string) platform {
	act := func(do func(increment string) (magento.OrderRecord, error)) func(context.Context, string) error {
		return func(_ context.Context, order string) error {
			_, err := do(order)
			return err
		}
	}
	return platform{
		ID: "magento", Name: "Magento",
		About: "Magento has no webhooks: here a signed message tells Kassette of each order, and where there is none its orders are read every few minutes. Kassette makes the invoice, comments and credit memos over Magento's REST interface.",
		orders: func() (list []placed) {
			for _, o := range p.magento.Books().Orders {
				v := placed{ID: o.Increment, Number: o.Increment, Total: strings.TrimSuffix(o.GrandTotal, "00") + " " + o.Currency, State: o.Status}
				for _, c := range o.Comments {
					v.Notes = append(v.Notes, c.Text)
				}
				for _, m := range o.CreditMemos {
					v.Refunds = append(v.Refunds, strings.TrimSuffix(m.Total, "00")+" "+o.Currency)
				}
				switch {
				case o.State == magento.StateNew || o.State == magento.StatePendingPayment:
					v.PayLink, v.Acts = link(v.Notes), []string{"cancel"}
				case o.State == magento.StateProcessing:
					v.Acts = []string{"ship"}
				}
				list = append([]placed{v}, list...)
			}
			return list
		},
		place: func() error {
			o, err := p.magento.Place(magento.Draft{Items: []magento.DraftItem{{SKU: "lamp-1", Name: "Lamp", Price: "40.00", TaxRate: "21"}}, Shipping: "9.99", Email: "jan@example.org"})
			if err != nil {
				return err
			}
			_, err = p.magento.SendOrder(context.Background(), o.Increment)
			return err
		},
		acts: map[string]func(context.Context, string) error{"cancel": act(p.magento.Cancel), "ship": act(p.magento.Ship)},
	}
}

// find gives a platform by its id.
func (p *platforms) find(id string) (platform, bool) {
	for _, one := range p.list {
		if one.ID == id {
			return one, true
		}
	}
	return platform{}, false
}

// serve answers as the simulated shops do; false: the path is none of theirs.
// Consumers who come back from paying are shown the page of the demo.
func (p *platforms) serve(w http.ResponseWriter, r *http.Request) bool {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/woocommerce/checkout/"):
		http.Redirect(w, r, p.home, http.StatusSeeOther)
	case strings.HasPrefix(path, "/woocommerce/"):
		http.StripPrefix("/woocommerce", p.woo).ServeHTTP(w, r)
	case strings.HasPrefix(path, "/magento/"):
		http.StripPrefix("/magento", p.magento).ServeHTTP(w, r)
	case strings.HasPrefix(path, "/_sim/woocommerce/"):
		http.StripPrefix("/_sim/woocommerce", p.woo.Control()).ServeHTTP(w, r)
	case strings.HasPrefix(path, "/_sim/magento/"):
		http.StripPrefix("/_sim/magento", p.magento.Control()).ServeHTTP(w, r)
	default:
		return false
	}
	return true
}
