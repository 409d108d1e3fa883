package contract

import "encoding/json"

// ReadOrderInput is the input of read_order: the shop's own document or webhook.
type ReadOrderInput struct {
	Message Message `json:"message"`
}

// ReadOrderResult is the result of read_order: an order, commands, or the
// response alone.
type ReadOrderResult struct {
	Response WebhookResponse `json:"response"`
	// Order is an order request as POST /v1/orders takes it.
	Order    json.RawMessage `json:"order,omitempty"`
	Commands []Command       `json:"commands,omitempty"`
}

// The types of command.
const (
	CommandCancel  = "cancel"
	CommandCapture = "capture"
)

// Command is what a shop wants done with the order of this reference. Type is
// [CommandCancel] or [CommandCapture].
type Command struct {
	Type      string `json:"type"`
	Reference string `json:"reference"`
}

// TellInput is the input of tell_shop: an event and the whole order, as the
// API shows them.
type TellInput struct {
	Event json.RawMessage `json:"event"`
	Order json.RawMessage `json:"order"`
}

// TellResult is the result of tell_shop.
type TellResult struct {
	Delivered     bool   `json:"delivered"`
	ShopReference string `json:"shop_reference,omitempty"`
}

// SyncInput is the input of sync_shop.
type SyncInput struct {
	Cursor string `json:"cursor,omitempty"`
}

// SyncResult is the result of sync_shop: what the shop's webhooks lost.
type SyncResult struct {
	Orders   []json.RawMessage `json:"orders,omitempty"`
	Commands []Command         `json:"commands,omitempty"`
	Next     string            `json:"next,omitempty"`
	Findings []Finding         `json:"findings,omitempty"`
}
