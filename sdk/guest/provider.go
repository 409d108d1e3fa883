package guest

import "github.com/kassette-pay/kassette/sdk/contract"

// Provider is what every plugin registers. What it can do is said by the
// interfaces below that its type implements, one for each export.
type Provider interface {
	// Describe gives the manifest. Contract and Operations are filled in by
	// the SDK, the latter from the interfaces, so it cannot lie.
	Describe() contract.Manifest
}

// The operations of a payment plugin. An error that is or wraps a
// [contract.Failure] becomes the call's failure; a [contract.ExchangeError] becomes
// provider_unavailable, any other error internal.
type (
	// Creator starts a payment at the provider.
	Creator interface {
		CreatePayment(c *Call, in contract.PaymentInput) (contract.CreateResult, error)
	}
	// Completer goes on when the consumer is back or has approved.
	Completer interface {
		CompletePayment(c *Call, in contract.CompleteInput) (contract.UpdatesResult, error)
	}
	// Getter asks the provider how a payment stands.
	Getter interface {
		GetPayment(c *Call, in contract.PaymentInput) (contract.UpdatesResult, error)
	}
	// WebhookReceiver reads what the provider sends by itself.
	WebhookReceiver interface {
		ReceiveWebhook(c *Call, in contract.WebhookInput) (contract.WebhookResult, error)
	}
	// Capturer takes authorised money.
	Capturer interface {
		CapturePayment(c *Call, in contract.CaptureInput) (contract.OperationResult, error)
	}
	// Canceller gives up a payment or an authorisation.
	Canceller interface {
		CancelPayment(c *Call, in contract.PaymentInput) (contract.OperationResult, error)
	}
	// Refunder gives money back.
	Refunder interface {
		RefundPayment(c *Call, in contract.RefundInput) (contract.OperationResult, error)
	}
	// RefundGetter asks how a refund stands.
	RefundGetter interface {
		GetRefund(c *Call, in contract.RefundInput) (contract.OperationResult, error)
	}
	// OptionLister lists the ways to pay within a method.
	OptionLister interface {
		ListOptions(c *Call, in contract.OptionsInput) ([]contract.Option, error)
	}
	// SettingsChecker tries the account's credentials without moving money.
	// Plugins of both kinds may have it.
	SettingsChecker interface {
		CheckSettings(c *Call, in contract.CheckInput) (contract.CheckResult, error)
	}
)

// The operations of a shop plugin.
type (
	// OrderReader reads the shop's own order documents and webhooks.
	OrderReader interface {
		ReadOrder(c *Call, in contract.ReadOrderInput) (contract.ReadOrderResult, error)
	}
	// ShopTeller tells the shop what happened to an order.
	ShopTeller interface {
		TellShop(c *Call, in contract.TellInput) (contract.TellResult, error)
	}
	// ShopSyncer fetches what the shop's webhooks lost.
	ShopSyncer interface {
		SyncShop(c *Call, in contract.SyncInput) (contract.SyncResult, error)
	}
)

var registered Provider

// Register makes p the plugin of this module. Call it in init, once.
func Register(p Provider) {
	if registered != nil {
		panic("guest: Register called twice")
	}
	registered = p
}
