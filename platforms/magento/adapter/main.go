// Command adapter is the shop plugin for Magento 2 (Open Source, Adobe Commerce and
// Mage-OS): it reads what the shop's module sends, tells the shop over REST what
// becomes of its orders, and finds what the module's outbox lost. Numbers in
// comments are sections of the protocol document.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(provider{}) }

func main() {}
