// Command paypal is the plugin for PayPal: Orders v2 and Payments v2, with
// webhooks.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(provider{}) }

func main() {}
