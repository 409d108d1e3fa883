package bambora

// currency as transactions name it (document, 7.1).
type currency struct {
	Code       string `json:"code"`
	MinorUnits int    `json:"minorunits"`
	Name       string `json:"name"`
	Number     string `json:"number"`
}

// currencies that the simulated merchant takes (ISO 4217): those on which the
// provider's table and ISO agree, and that matter here (document, 11).
var currencies = map[string]currency{
	"SEK": {"SEK", 2, "Swedish krona", "752"},
	"NOK": {"NOK", 2, "Norwegian krone", "578"},
	"DKK": {"DKK", 2, "Danish krone", "208"},
	"EUR": {"EUR", 2, "Euro", "978"},
	"GBP": {"GBP", 2, "Pound sterling", "826"},
	"USD": {"USD", 2, "US dollar", "840"},
	"PLN": {"PLN", 2, "Polish złoty", "985"},
	"CHF": {"CHF", 2, "Swiss franc", "756"},
	"ISK": {"ISK", 0, "Icelandic króna", "352"},
	"JPY": {"JPY", 0, "Japanese yen", "392"},
}
