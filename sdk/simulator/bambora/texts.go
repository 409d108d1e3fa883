package bambora

import "strings"

// words are the window's texts.
type words struct {
	Code, Test, TestNote, Order, Pay, PayButton, Leave, CardNumber, Month, Year, CVC, Cards, Outcomes string
	Success, SuccessHelp, Cancelled, CancelledHelp, Failed, FailedHelp, Expired, ExpiredHelp          string
	StaysOpen, StaysOpenHelp                                                                          string
	Declined, BadCard, PaidTitle, PaidNote, EndTitle, EndNote, GoneTitle, GoneNote, Back              string
}

var texts = map[string]words{
	"en": {
		Code: "en", Test: "Test", TestNote: "No money moves here.", Order: "Order", Pay: "Pay by card", PayButton: "Pay", Leave: "Cancel and go back",
		CardNumber: "Card number", Month: "Expiry month", Year: "Expiry year", CVC: "Security code", Cards: "Cards", Outcomes: "Or choose how the payment ends",
		Success: "Success", SuccessHelp: "The payment is approved.", Cancelled: "Cancelled", CancelledHelp: "Back to the shop without paying.",
		Failed: "Failed", FailedHelp: "The issuer declines; you may try again.", Expired: "Expired", ExpiredHelp: "The time to pay is over.",
		StaysOpen: "Open", StaysOpenHelp: "Nothing is paid yet; the window stays open.",
		Declined: "The card was declined. Try another one.", BadCard: "The card number, expiry or security code is wrong.",
		PaidTitle: "Paid", PaidNote: "This order is paid. You can close this page.", EndTitle: "Time is over", EndNote: "This payment can no longer be made here.",
		GoneTitle: "There is no payment here", GoneNote: "The address is wrong, or the payment is no longer kept.", Back: "Back to the shop",
	},
	"sv": {
		Code: "sv", Test: "Test", TestNote: "Inga pengar flyttas här.", Order: "Order", Pay: "Betala med kort", PayButton: "Betala", Leave: "Avbryt och gå tillbaka",
		CardNumber: "Kortnummer", Month: "Giltigt till, månad", Year: "Giltigt till, år", CVC: "Säkerhetskod", Cards: "Kort", Outcomes: "Eller välj hur betalningen slutar",
		Success: "Godkänd", SuccessHelp: "Betalningen godkänns.", Cancelled: "Avbruten", CancelledHelp: "Tillbaka till butiken utan att betala.",
		Failed: "Nekad", FailedHelp: "Kortutgivaren nekar; du kan försöka igen.", Expired: "Utgången", ExpiredHelp: "Tiden att betala är slut.",
		StaysOpen: "Öppen", StaysOpenHelp: "Inget är betalt än; fönstret förblir öppet.",
		Declined: "Kortet nekades. Prova ett annat.", BadCard: "Kortnumret, giltighetstiden eller säkerhetskoden är fel.",
		PaidTitle: "Betalt", PaidNote: "Ordern är betald. Du kan stänga sidan.", EndTitle: "Tiden är slut", EndNote: "Betalningen kan inte längre göras här.",
		GoneTitle: "Här finns ingen betalning", GoneNote: "Adressen är fel, eller så finns betalningen inte kvar.", Back: "Tillbaka till butiken",
	},
}

// wordsFor gives the texts of a language such as sv-SE, English otherwise.
func wordsFor(language string) words {
	tag, _, _ := strings.Cut(strings.ToLower(language), "-")
	if t, ok := texts[tag]; ok {
		return t
	}
	return texts["en"]
}
