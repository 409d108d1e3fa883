// Package paylink has the words by which a shop's adapter hands a shopper the
// link to pay an order.
package paylink

import "strings"

var texts = map[string]string{
	"en": "You can pay your order here:", "nl": "Hier kun je je bestelling betalen:", "de": "Hier können Sie Ihre Bestellung bezahlen:",
	"fr": "Vous pouvez payer votre commande ici :", "sv": "Här kan du betala din beställning:", "bg": "Можете да платите поръчката си тук:",
	"ru": "Оплатить заказ можно здесь:",
}

// Text asks the shopper to pay at a link, in the language of a locale (BCP 47)
// where that is known, else in English.
func Text(locale, link string) string {
	language, _, _ := strings.Cut(strings.ToLower(locale), "-")
	text, known := texts[language]
	if !known {
		text = texts["en"]
	}
	return text + " " + link
}
