package contract

import "slices"

// Export is the name of one of a plugin's exported functions. It is the name
// of the operation everywhere: in Wasm, logs, metrics and JSON.
type Export string

// The exports of a plugin. Each takes nothing and returns an i32 that is 0;
// input and output cross through Extism's kernel as UTF-8 JSON.
const (
	Describe Export = "describe"

	CreatePayment   Export = "create_payment"
	CompletePayment Export = "complete_payment"
	GetPayment      Export = "get_payment"
	ReceiveWebhook  Export = "receive_webhook"
	CapturePayment  Export = "capture_payment"
	CancelPayment   Export = "cancel_payment"
	RefundPayment   Export = "refund_payment"
	GetRefund       Export = "get_refund"
	ListOptions     Export = "list_options"
	CheckSettings   Export = "check_settings"

	ReadOrder Export = "read_order"
	TellShop  Export = "tell_shop"
	SyncShop  Export = "sync_shop"
)

// Kind says what a plugin speaks to.
type Kind string

// The kinds of plugin.
const (
	KindPayment Kind = "payment" // a payment provider
	KindShop    Kind = "shop"    // a shop platform
)

// Exports of each kind, in the order of the contract, `describe` aside.
var exports = map[Kind][]Export{
	KindPayment: {CreatePayment, CompletePayment, GetPayment, ReceiveWebhook, CapturePayment, CancelPayment, RefundPayment, GetRefund, ListOptions, CheckSettings},
	KindShop:    {ReadOrder, TellShop, SyncShop, CheckSettings},
}

// Exports lists the operations that a plugin of this kind may have, in the
// order of the contract, without `describe`. It is nil for an unknown kind.
func Exports(k Kind) []Export { return slices.Clone(exports[k]) }

// Names of modules and functions on the Wasm boundary.
const (
	// ModuleKernel is Extism's own module.
	ModuleKernel = "extism:host/env"
	// ModuleUser holds the three pure host functions.
	ModuleUser = "extism:host/user"
	// ModuleWASI is the system interface that toolchains expect.
	ModuleWASI = "wasi_snapshot_preview1"
)

// HostFunction is the name of one of the host's pure functions. Each takes
// the handle of its JSON input (i64) and returns that of its output (i64).
type HostFunction string

// The host's functions on secrets and signatures, in module [ModuleUser].
const (
	SecretMAC       HostFunction = "secret_mac"
	SecretDigest    HostFunction = "secret_digest"
	VerifySignature HostFunction = "verify_signature"
)
