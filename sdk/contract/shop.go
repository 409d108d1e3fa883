package contract

// ReadOrderInput is the input of read_order: the shop's own document or webhook.
type ReadOrderInput struct {
	Message Message `json:"message"`
}

// ReadOrderResult is the result of read_order: an order, commands, or the
// response alone.
type ReadOrderResult struct {
	Response WebhookResponse `json:"response"`
	Order    *OrderRequest   `json:"order,omitempty"`
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

// TellInput is the input of tell_shop: an event and the whole order as it is
// now.
type TellInput struct {
	Event Event `json:"event"`
	Order Order `json:"order"`
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
	Orders   []OrderRequest `json:"orders,omitempty"`
	Commands []Command      `json:"commands,omitempty"`
	// Next is the cursor of the next run: where this one stopped, or where the
	// schedule goes on.
	Next string `json:"next,omitempty"`
	// More says that there is more to fetch now: the host books what it has and
	// runs the operation again with Next, at most [MaxTurns] times.
	More     bool      `json:"more,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}
