// Command terminal is the plugin for card terminals that speak nexo Retailer
// 3.1 in JSON over HTTPS, as those of Westpay do.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(provider) }

func main() {}
