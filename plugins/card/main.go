// Command card is the plugin for Mastercard, Visa, Maestro and V PAY on a Rabo OnlineKassa account.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(provider) }

func main() {}
