// Command bambora is the plugin for cards by Bambora's European online checkout,
// now Worldline.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(provider{}) }

func main() {}
