package directory

import (
	"context"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// RotateKey puts a new key in place of one.
func (d *Directory) RotateKey(ctx context.Context, id, keyID string, rot checkout.Rotation, by string) (checkout.Rotated, error) {
	now, until, err := d.span(id, rot)
	if err != nil {
		return checkout.Rotated{}, err
	}
	var text string
	about := subject{what: "rotate_key", shop: id, key: keyID, by: by}
	if rot.EndOld {
		about.what = "end_old_keys"
	}
	r, changed, err := d.change(ctx, about, func(r record) (record, bool, error) {
		s, _ := r.findShop(id)
		hash := strings.ToLower(rot.Hash)
		for _, k := range s.Keys {
			switch {
			case k.ID != keyID:
			case rot.EndOld:
				hash = k.Hash
			case hash == "":
				text, hash = newKey(k.Live)
			}
		}
		d.o.Learned(text)
		return r.rotateKey(id, keyID, hash, now, until)
	})
	if err != nil {
		return checkout.Rotated{}, err
	}
	done := checkout.Rotated{Key: text, Changed: changed, Shop: d.statusOf(r, id)}
	for _, k := range done.Shop.Keys {
		if k.ID == keyID {
			done.OldUntil = lastOf(k.Old)
		}
	}
	return done, nil
}

// RotateNoticeSecret puts a new notice secret in place of one. Notices are
// signed with both until the old one ends.
func (d *Directory) RotateNoticeSecret(ctx context.Context, id string, rot checkout.Rotation, by string) (checkout.Rotated, error) {
	d.o.Learned(rot.Secret)
	now, until, err := d.span(id, rot)
	if err != nil {
		return checkout.Rotated{}, err
	}
	about := subject{what: "rotate_notice_secret", shop: id, by: by}
	made := ""
	if rot.EndOld {
		about.what = "end_old_notice_secrets"
	} else if rot.Secret == "" {
		made = newNoticeSecret()
	}
	d.o.Learned(made)
	r, changed, err := d.change(ctx, about, func(r record) (record, bool, error) {
		text := rot.Secret + made
		if s, ok := r.findShop(id); ok && rot.EndOld && len(s.NoticeSecrets) > 0 {
			text = s.NoticeSecrets[0].Text
		}
		return r.rotateNotice(id, text, now, until)
	})
	if err != nil {
		return checkout.Rotated{}, err
	}
	done := checkout.Rotated{NoticeSecret: made, Changed: changed, Shop: d.statusOf(r, id)}
	done.OldUntil = lastOf(done.Shop.NoticeSecrets)
	return done, nil
}

// span says from when until when those work that another takes the place of.
func (d *Directory) span(id string, rot checkout.Rotation) (now, until time.Time, err error) {
	now = d.now()
	if err := d.inFile("shop", id, hasShop(d.o.Config, id)); err != nil {
		return now, now, err
	}
	if rot.Overlap < 0 || rot.Overlap > checkout.MaxOverlap {
		return now, now, wrong("overlap", "%s is not between 0 and %s", rot.Overlap, checkout.MaxOverlap)
	}
	if rot.EndOld {
		rot.Overlap = 0
	}
	return now, now.Add(rot.Overlap), nil
}

func lastOf(old []checkout.SecretStatus) (last *time.Time) {
	for _, o := range old {
		if o.Until != nil && (last == nil || o.Until.After(*last)) {
			last = o.Until
		}
	}
	return last
}
