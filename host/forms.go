package host

import (
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/config"
)

// SignForm gives the signature of a shop's HTML form, for its field signature:
// hex HMAC-SHA512/256 with the secret, form_…, over form.v1, the shop, and the
// other fields as name=value by their names, joined by line feeds. The error
// says which field is wrong.
func SignForm(secret, shop string, fields map[string]string) (string, error) {
	key, err := config.FormSecret(secret)
	if err != nil {
		return "", err
	}
	return checkout.SignForm(key, shop, fields)
}

// NewFormSecret makes a secret that signs forms, form_….
func NewFormSecret() string { return config.NewFormSecret() }

// FormError is what is wrong with a form.
type FormError = checkout.FormError
