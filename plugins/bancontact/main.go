// Command bancontact is the plugin for Bancontact on a Rabo OnlineKassa account.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(provider) }

func main() {}
