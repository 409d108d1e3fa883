package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// Shops is what operators do with shops. The directory has it, and who tries them.
type Shops interface {
	Shops(ctx context.Context) ([]checkout.ShopStatus, error)
	ShopStatus(ctx context.Context, id string) (checkout.ShopStatus, error)
	AddShop(ctx context.Context, s checkout.NewShop, by string, dry bool) (checkout.ShopAdded, error)
	AddKey(ctx context.Context, shop string, k checkout.NewKey, by string) (checkout.Rotated, error)
	AddFormKey(ctx context.Context, shop string, k checkout.NewFormKey, by string) (checkout.FormKeyAdded, error)
	EndFormKey(ctx context.Context, shop, key, by string) (checkout.ShopStatus, error)
	AddAccount(ctx context.Context, shop string, a checkout.NewAccount, by string, dry bool) (checkout.AccountAdded, error)
	RotateKey(ctx context.Context, shop, key string, r checkout.Rotation, by string) (checkout.Rotated, error)
	RotateNoticeSecret(ctx context.Context, shop string, r checkout.Rotation, by string) (checkout.Rotated, error)
	Test(ctx context.Context, shop string, spec checkout.ShopTestSpec) (checkout.ShopTest, error)
}

const (
	// maxShopBody bounds what is read of a request, in bytes: certificates may be in it.
	maxShopBody = 256 << 10
	// changeTime bounds a change, and testTime trying a shop.
	changeTime = 30 * time.Second
	testTime   = 3 * time.Minute
)

func (c *console) shopRoutes(mux *http.ServeMux) {
	const shop = "/admin/v1/shops/{shop}"
	mux.HandleFunc("GET /admin/v1/shops", c.guard(c.listShops))
	mux.HandleFunc("GET "+shop, c.guard(c.showShop))
	mux.HandleFunc("POST /admin/v1/shops", c.guard(changing(c, func(ctx context.Context, r *http.Request, s checkout.NewShop) (any, bool, error) {
		done, err := c.Shops.AddShop(ctx, s, by(r), dry(r))
		return done, done.Created, err
	})))
	mux.HandleFunc("POST "+shop+"/keys", c.guard(changing(c, func(ctx context.Context, r *http.Request, k checkout.NewKey) (any, bool, error) {
		done, err := c.Shops.AddKey(ctx, r.PathValue("shop"), k, by(r))
		return done, done.Changed, err
	})))
	mux.HandleFunc("POST "+shop+"/form-keys", c.guard(changing(c, func(ctx context.Context, r *http.Request, k checkout.NewFormKey) (any, bool, error) {
		done, err := c.Shops.AddFormKey(ctx, r.PathValue("shop"), k, by(r))
		return done, done.Created, err
	})))
	mux.HandleFunc("POST "+shop+"/form-keys/{key}/end", c.guard(changing(c, func(ctx context.Context, r *http.Request, _ struct{}) (any, bool, error) {
		done, err := c.Shops.EndFormKey(ctx, r.PathValue("shop"), r.PathValue("key"), by(r))
		return done, false, err
	})))
	mux.HandleFunc("POST "+shop+"/accounts", c.guard(changing(c, func(ctx context.Context, r *http.Request, a checkout.NewAccount) (any, bool, error) {
		done, err := c.Shops.AddAccount(ctx, r.PathValue("shop"), a, by(r), dry(r))
		return done, done.Created, err
	})))
	mux.HandleFunc("POST "+shop+"/keys/{key}/rotate", c.guard(changing(c, func(ctx context.Context, r *http.Request, b rotation) (any, bool, error) {
		spec, err := b.spec()
		if err != nil {
			return nil, false, err
		}
		done, err := c.Shops.RotateKey(ctx, r.PathValue("shop"), r.PathValue("key"), spec, by(r))
		return done, false, err
	})))
	mux.HandleFunc("POST "+shop+"/notice-secret/rotate", c.guard(changing(c, func(ctx context.Context, r *http.Request, b rotation) (any, bool, error) {
		spec, err := b.spec()
		if err != nil {
			return nil, false, err
		}
		done, err := c.Shops.RotateNoticeSecret(ctx, r.PathValue("shop"), spec, by(r))
		return done, false, err
	})))
	mux.HandleFunc("POST "+shop+"/test", c.guard(c.testShop))
}

func (c *console) listShops(w http.ResponseWriter, r *http.Request) {
	list, err := c.Shops.Shops(r.Context())
	if err != nil {
		c.refuse(w, err)
		return
	}
	write(w, http.StatusOK, map[string]any{"shops": list})
}

func (c *console) showShop(w http.ResponseWriter, r *http.Request) {
	s, err := c.Shops.ShopStatus(r.Context(), r.PathValue("shop"))
	if err != nil {
		c.refuse(w, err)
		return
	}
	write(w, http.StatusOK, s)
}

func (c *console) testShop(w http.ResponseWriter, r *http.Request) {
	var spec checkout.ShopTestSpec
	if err := decode(w, r, &spec); err != nil {
		problem(w, http.StatusBadRequest, "invalid_request", err.Error())
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), testTime)
	defer cancel()
	done, err := c.Shops.Test(ctx, r.PathValue("shop"), spec)
	if err != nil {
		c.refuse(w, err)
		return
	}
	write(w, http.StatusOK, done)
}

// rotation is what an operator sends along.
type rotation struct {
	// Overlap is how long the old one works on, as in "24h", which it is where
	// nothing is said.
	Overlap *string `json:"overlap"`
	Now     bool    `json:"now"`
	EndOld  bool    `json:"end_old"`
	Hash    string  `json:"hash"`
	Secret  string  `json:"secret"`
}

func (b rotation) spec() (checkout.Rotation, error) {
	r := checkout.Rotation{Overlap: checkout.DefaultOverlap, EndOld: b.EndOld, Hash: b.Hash, Secret: b.Secret}
	if b.Overlap != nil {
		var err error
		if r.Overlap, err = time.ParseDuration(*b.Overlap); err != nil {
			return r, &checkout.InvalidError{Members: []checkout.MemberError{{Member: "overlap", Text: "it is no time: write 24h or 30m"}}}
		}
	}
	if b.Now {
		r.Overlap = 0
	}
	return r, nil
}

func dry(r *http.Request) bool { return r.URL.Query().Get("dry_run") == "true" }

// changing serves a change: 201 where something came of it that was not there.
// The operator's going away ends nothing.
func changing[T any](c *console, do func(context.Context, *http.Request, T) (any, bool, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body T
		if err := decode(w, r, &body); err != nil {
			problem(w, http.StatusBadRequest, "invalid_request", err.Error())
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), changeTime)
		defer cancel()
		done, created, err := do(ctx, r, body)
		switch {
		case errors.Is(err, checkout.ErrUnavailable):
			c.Logger.Error("whether shops were changed is not known", "error", err)
			w.Header().Set("Retry-After", "2")
			problem(w, http.StatusServiceUnavailable, "not_confirmed", "The state did not answer, and whether it was done is not known. The same request again is safe, and tells.")
		case err != nil:
			c.refuse(w, err)
		case created:
			write(w, http.StatusCreated, done)
		default:
			write(w, http.StatusOK, done)
		}
	}
}

// decode reads a request's JSON; nothing is {}. The error quotes no value: it
// may be a secret.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxShopBody))
	d.DisallowUnknownFields()
	d.UseNumber()
	err := d.Decode(into)
	if errors.Is(err, io.EOF) {
		return nil
	}
	var kind *json.UnmarshalTypeError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("%s is of another kind than it should be", orThis(kind.Field))
	case errors.As(err, &large):
		return fmt.Errorf("it is larger than %d bytes", large.Limit)
	case err != nil && strings.Contains(err.Error(), "unknown field"):
		return fmt.Errorf("there is no such member: %s", strings.TrimPrefix(err.Error(), "json: unknown field "))
	case err != nil:
		return errors.New("it is no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the document")
	}
	return nil
}

func orThis(field string) string {
	if field == "" {
		return "the document"
	}
	return field
}
