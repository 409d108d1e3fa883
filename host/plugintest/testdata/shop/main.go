// Command shop is a plugin of the kind shop that reads nothing, for tests of
// who runs the kit.
package main

import (
	"encoding/json"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

type shop struct{}

func (shop) Describe() contract.Manifest {
	return contract.Manifest{
		Name: "shop", Version: "1.0.0", Kind: contract.KindShop, Provider: "woocommerce", Title: contract.Text{"en": "Shop"},
		Hosts: []string{"shop.example"}, SettingsSchema: json.RawMessage(`{"type":"object"}`),
	}
}

func (shop) ReadOrder(*guest.Call, contract.ReadOrderInput) (contract.ReadOrderResult, error) {
	return contract.ReadOrderResult{}, &contract.Failure{Code: contract.Unsupported, Message: "this plugin reads nothing"}
}

func init() { guest.Register(shop{}) }

func main() {}
