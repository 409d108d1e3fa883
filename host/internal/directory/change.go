package directory

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/config"
)

// subject is what a change is about: a shop, or one of its accounts or keys. Its
// members are what errors name.
type subject struct {
	what               string
	shop, account, key string
	by                 string
	// dry: nothing is written.
	dry bool
}

// change has f change the record in the state, and serves it. What f says is
// tried again on what another node wrote meanwhile; false leaves it as it is.
// On a dry run nothing is written. After checkout.ErrUnavailable it may have been.
func (d *Directory) change(ctx context.Context, about subject, f func(record) (record, bool, error)) (record, bool, error) {
	for {
		doc, version, err := d.o.State.ShopsRecord(ctx)
		if err != nil {
			return record{}, false, err
		}
		was, err := readRecord(doc)
		if err != nil {
			return record{}, false, err
		}
		next, changed, err := f(was)
		if err == nil && changed {
			err = d.check(next, about)
		}
		if err == nil && !changed && version != d.view.Load().version { // what was asked for is there: serve it
			err = d.look(ctx)
		}
		if err != nil || about.dry || !changed {
			return next, false, err
		}
		next = next.did(checkout.ShopChange{At: d.now(), What: about.what, Shop: about.shop, About: about.account + about.key, By: about.by})
		if doc, err = json.Marshal(next); err != nil {
			return record{}, false, fmt.Errorf("encode the record of shops: %w", err)
		}
		swapped, err := d.o.State.SwapShopsRecord(ctx, version, doc)
		if err != nil {
			return record{}, false, err
		}
		if swapped {
			d.o.Logger.WarnContext(ctx, "shops changed", "what", about.what, "shop", about.shop, "about", about.account+about.key, "by", about.by)
			if err := d.sync(ctx); err != nil { // it is written: this node follows by itself
				d.o.Logger.WarnContext(ctx, "a change of shops was written, and is not served yet", "error", err)
			}
			return next, true, nil
		}
		select { // another node was quicker: let it be
		case <-ctx.Done():
			return record{}, false, errors.Join(errors.New("the record of shops is changed all the time"), ctx.Err())
		case <-time.After(mathrand.N(20 * time.Millisecond)):
		}
	}
}

// check holds a record to the rules of a configuration. What is wrong names
// the members of what the change is about.
func (d *Directory) check(r record, about subject) error {
	c, _ := merge(d.o.Config, r, d.now(), false)
	err := c.Validate()
	if err == nil {
		return r.checkHashes(about.shop, hashesOf(d.o.Config))
	}
	prefixes := prefixesOf(c, about)
	var invalid checkout.InvalidError
	for _, p := range problemsOf(err) {
		m := checkout.MemberError{Member: p.Path, Text: p.Text}
		if before, _, confirm := strings.Cut(p.Text, ": if you mean it, add "); confirm { // that is for the file
			m.Text = before + ": if you mean it, say so with confirm_private"
		}
		for _, prefix := range prefixes {
			if rest, ok := strings.CutPrefix(p.Path, prefix); ok {
				m.Member = strings.TrimPrefix(rest, ".")
				break
			}
		}
		invalid.Members = append(invalid.Members, m)
	}
	return &invalid
}

// checkHashes holds a key to be one shop's also while it is an old one, and the
// keys of a shop to be none of the configuration's.
func (r record) checkHashes(shop string, file map[string]bool) error {
	of := map[string]string{}
	for _, s := range r.Shops {
		for _, k := range s.Keys {
			for _, h := range append([]secret{{Text: k.Hash}}, k.Old...) {
				id := s.ID + "/" + k.ID
				if was, ok := of[h.Text]; ok && was != id || s.ID == shop && file[h.Text] {
					return wrong("hash", "it is that of another key already")
				}
				of[h.Text] = id
			}
		}
	}
	return nil
}

func prefixesOf(c config.Config, about subject) (prefixes []string) {
	for i, s := range c.Shops {
		if s.ID != about.shop {
			continue
		}
		at := fmt.Sprintf("shops[%d]", i)
		if j := slices.IndexFunc(s.Keys, func(k config.Key) bool { return k.ID == about.key }); j >= 0 && about.key != "" {
			prefixes = append(prefixes, fmt.Sprintf("%s.keys[%d]", at, j))
		}
		if j := slices.IndexFunc(s.FormKeys, func(k config.FormKey) bool { return k.ID == about.key }); j >= 0 && about.key != "" {
			prefixes = append(prefixes, fmt.Sprintf("%s.form_keys[%d]", at, j))
		}
		prefixes = append(prefixes, at)
	}
	for i, a := range c.Accounts {
		if a.ID == about.account {
			prefixes = append(prefixes, fmt.Sprintf("accounts[%d]", i))
		}
	}
	return prefixes
}

// problemsOf takes the problems out of an error that joins them.
func problemsOf(err error) []config.Problem {
	var all []config.Problem
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			all = append(all, problemsOf(e)...)
		}
		return all
	}
	var p config.Problem
	if !errors.As(err, &p) {
		p.Text = err.Error()
	}
	return []config.Problem{p}
}

var place = regexp.MustCompile(`^(shops|accounts)\[(\d+)\]`)

// named tells problems by the ids of what they are about: what the state has
// stands in no file.
func named(c config.Config, err error) error {
	var all []error
	for _, p := range problemsOf(err) {
		path := place.ReplaceAllStringFunc(p.Path, func(at string) string {
			m := place.FindStringSubmatch(at)
			i, _ := strconv.Atoi(m[2]) // it is digits
			if m[1] == "shops" {
				return "shop " + c.Shops[i].ID
			}
			return "account " + c.Accounts[i].ID
		})
		all = append(all, fmt.Errorf("%s: %s", path, p.Text))
	}
	return errors.Join(all...)
}

// inFile refuses to change what the configuration has.
func (d *Directory) inFile(kind, id string, there bool) error {
	if !there {
		return nil
	}
	return fmt.Errorf("%s %s: %w, which wins: change it there and start the gateway anew, or take another id", kind, id, checkout.ErrInFile)
}

// newKey makes an API key of 256 random bits, with its hash.
func newKey(live bool) (text, hash string) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	text = keyPrefix(live) + base64.RawURLEncoding.EncodeToString(b)
	return text, hashOf(text)
}

// keyPrefix says in the key itself what it is for, so that a live one is seen
// in the wrong place.
func keyPrefix(live bool) string {
	if live {
		return "kas_live_"
	}
	return "kas_test_"
}

// newNoticeSecret makes a notice secret of 256 random bits.
func newNoticeSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return "whsec_" + base64.StdEncoding.EncodeToString(b)
}

// asked is the digest by which a request is known again.
func asked(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // it was JSON before
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
