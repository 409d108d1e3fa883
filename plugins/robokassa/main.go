// Command robokassa is the plugin for Robokassa: signed payment forms, holds,
// receipts, refunds and the many ways to pay of a shop in roubles or tenge.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(provider) }

func main() {}
