// Command hello-plugin is the smallest useful plugin: one method at the
// made-up provider of package provider. docs/tutorial.md walks through it.
package main

import "github.com/kassette-pay/kassette/sdk/guest"

func init() { guest.Register(hello{}) }

func main() {}
