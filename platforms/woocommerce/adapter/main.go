// Command adapter is the plugin for WooCommerce shops that have no extension
// installed: it reads their webhooks and tells them by REST what was paid.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(provider{}) }

func main() {}
