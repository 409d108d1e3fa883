package adminclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Shops lists every shop.
func (c *Client) Shops(ctx context.Context) ([]Shop, error) {
	var v struct {
		Shops []Shop `json:"shops"`
	}
	err := c.get(ctx, "/admin/v1/shops", &v)
	return v.Shops, err
}

// Shop gives one shop.
func (c *Client) Shop(ctx context.Context, id string) (s Shop, err error) {
	err = c.get(ctx, shopPath(id), &s)
	return s, err
}

// AddShop adds a shop. An answer that is lost is asked for again: bring keys and
// a notice secret of your own, so that the same request says the same. On a dry
// run nothing is added.
func (c *Client) AddShop(ctx context.Context, s NewShop, dry bool) (done ShopAdded, err error) {
	err = c.post(ctx, "/admin/v1/shops"+dryQuery(dry), s, &done)
	return done, err
}

// AddKey gives a shop a further key, as AddShop does.
func (c *Client) AddKey(ctx context.Context, shop string, k NewKey) (done Rotated, err error) {
	err = c.post(ctx, shopPath(shop)+"/keys", k, &done)
	return done, err
}

// AddFormKey gives a shop a key that signs its HTML forms, as AddShop does.
func (c *Client) AddFormKey(ctx context.Context, shop string, k NewFormKey) (done FormKeyAdded, err error) {
	err = c.post(ctx, shopPath(shop)+"/form-keys", k, &done)
	return done, err
}

// EndFormKey takes a form key away.
func (c *Client) EndFormKey(ctx context.Context, shop, key string) (s Shop, err error) {
	err = c.post(ctx, shopPath(shop)+"/form-keys/"+url.PathEscape(key)+"/end", struct{}{}, &s)
	return s, err
}

// AddAccount gives a shop an account, as AddShop does.
func (c *Client) AddAccount(ctx context.Context, shop string, a NewAccount, dry bool) (done AccountAdded, err error) {
	err = c.post(ctx, shopPath(shop)+"/accounts"+dryQuery(dry), a, &done)
	return done, err
}

// RotateKey puts a new key in place of one, as AddShop does.
func (c *Client) RotateKey(ctx context.Context, shop, key string, r Rotation) (done Rotated, err error) {
	err = c.post(ctx, shopPath(shop)+"/keys/"+url.PathEscape(key)+"/rotate", r, &done)
	return done, err
}

// RotateNoticeSecret puts a new notice secret in place of one, as AddShop does.
func (c *Client) RotateNoticeSecret(ctx context.Context, shop string, r Rotation) (done Rotated, err error) {
	err = c.post(ctx, shopPath(shop)+"/notice-secret/rotate", r, &done)
	return done, err
}

// TestShop has the gateway try a shop.
func (c *Client) TestShop(ctx context.Context, shop string, spec ShopTestSpec) (done ShopTest, err error) {
	body, err := json.Marshal(spec)
	if err != nil {
		return done, err
	}
	resp, err := c.send(ctx, http.MethodPost, shopPath(shop)+"/test", "application/json", bytes.NewReader(body))
	if err != nil {
		return done, err
	}
	defer resp.Body.Close()
	return done, read(resp.Body, &done)
}

const shopsPath = "/admin/v1/shops/"

func shopPath(id string) string { return shopsPath + url.PathEscape(id) }

func dryQuery(dry bool) string {
	if dry {
		return "?dry_run=true"
	}
	return ""
}

// pauses before a request is sent again of which it is not known whether it
// was done.
var pauses = []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}

// post sends a change, and sends it again while nobody knows whether it was done.
func (c *Client) post(ctx context.Context, path string, v, into any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	for try := 0; ; try++ {
		lost := false
		resp, err := c.send(ctx, http.MethodPost, path, "application/json", bytes.NewReader(body))
		if err == nil {
			err = read(resp.Body, into)
			lost = err != nil
			_ = resp.Body.Close() // it is read
		}
		if !(lost || inDoubt(err)) || try == len(pauses) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pauses[try]):
		}
	}
}

// inDoubt says whether a request may have been done though its answer is missing.
func inDoubt(err error) bool {
	var p *Problem
	var none *unansweredError
	var op *net.OpError
	switch {
	case errors.As(err, &p):
		return p.Status == http.StatusServiceUnavailable
	case errors.As(err, &op) && op.Op == "dial":
		return false
	}
	return errors.As(err, &none)
}
