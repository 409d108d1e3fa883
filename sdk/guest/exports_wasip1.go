package guest

import "github.com/kassette-pay/kassette/sdk/contract"

// export runs one round of the registered plugin. It returns 0 always: what
// went wrong stands in the output.
func export(name contract.Export) int32 {
	writeOutput(Run(registered, name, readInput(), HostFuncs{Call: callHost, Log: logLine}))
	return 0
}

//go:wasmexport describe
func exportDescribe() int32 { return export(contract.Describe) }

//go:wasmexport create_payment
func exportCreatePayment() int32 { return export(contract.CreatePayment) }

//go:wasmexport complete_payment
func exportCompletePayment() int32 { return export(contract.CompletePayment) }

//go:wasmexport get_payment
func exportGetPayment() int32 { return export(contract.GetPayment) }

//go:wasmexport receive_webhook
func exportReceiveWebhook() int32 { return export(contract.ReceiveWebhook) }

//go:wasmexport capture_payment
func exportCapturePayment() int32 { return export(contract.CapturePayment) }

//go:wasmexport cancel_payment
func exportCancelPayment() int32 { return export(contract.CancelPayment) }

//go:wasmexport refund_payment
func exportRefundPayment() int32 { return export(contract.RefundPayment) }

//go:wasmexport get_refund
func exportGetRefund() int32 { return export(contract.GetRefund) }

//go:wasmexport list_options
func exportListOptions() int32 { return export(contract.ListOptions) }

//go:wasmexport check_settings
func exportCheckSettings() int32 { return export(contract.CheckSettings) }

//go:wasmexport read_order
func exportReadOrder() int32 { return export(contract.ReadOrder) }

//go:wasmexport tell_shop
func exportTellShop() int32 { return export(contract.TellShop) }

//go:wasmexport sync_shop
func exportSyncShop() int32 { return export(contract.SyncShop) }
