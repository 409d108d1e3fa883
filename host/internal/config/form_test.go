package config

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
)

// A form key comes from where secrets come from, says test or live, and shows
// nowhere.
func TestFormKeys(t *testing.T) {
	t.Parallel()
	text := strings.Replace(sound, "{id: donate, secret: "+formed+"}", "{id: donate, secret: {env: FORM}}, {id: live, live: true, secret: {file: form}}", 1)
	other := NewFormSecret()
	c, err := Load(write(t, text, map[string]string{"form": other + "\n"}), of(map[string]string{"FORM": formed}))
	if err != nil {
		t.Fatal(err)
	}
	d, err := NewDirectory(c)
	if err != nil {
		t.Fatal(err)
	}
	shop, err := d.Shop("shop")
	if err != nil {
		t.Fatal(err)
	}
	want, err := FormSecret(other)
	if err != nil {
		t.Fatal(err)
	}
	keys := shop.FormKeys
	if len(keys) != 2 || keys[0].ID != "donate" || keys[0].Live || string(keys[0].Secret) != "molen-en-maan-form-secret-01" || keys[1].ID != "live" || !keys[1].Live || string(keys[1].Secret) != string(want) {
		t.Errorf("got %+v", keys)
	}
	if _, err := checkout.SignForm(keys[1].Secret, "shop", map[string]string{"amount.value": "1"}); err != nil {
		t.Error(err)
	}
	if NewFormSecret() == other || len(want) != 32 {
		t.Errorf("secrets have %d bytes, or are the same each time", len(want))
	}
	if _, err := FormSecret(notice); err == nil || strings.Contains(err.Error(), notice) {
		t.Errorf("a notice secret signs forms, or is told: %v", err)
	}
}
