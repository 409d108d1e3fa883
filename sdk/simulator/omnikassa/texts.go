package omnikassa

// words are the texts of the payment page in one language.
type words struct {
	Code, Name  string // of the language
	Test        string // the ribbon
	TestNote    string
	Order       string
	Choose      string
	PayWith     string
	PickOutcome string
	ByAmount    string
	Pay         string
	Other       string
	Leave       string
	Back        string
	Languages   string
	Failed      string
	NoBrands    string
	LostReturn  string
	GoneTitle   string
	GoneNote    string
	Outcomes    [5][2]string // title and help, in the order of outcomes
	Results     map[string][2]string
}

var texts = map[string]words{
	"nl": {
		Code: "nl", Name: "Nederlands", Test: "Test", TestNote: "Dit is een simulator. Er wordt niets betaald en niets afgeschreven.",
		Order: "Bestelling", Choose: "Hoe wilt u betalen?", PayWith: "Betalen met {brand}",
		PickOutcome: "Kies hoe deze testbetaling afloopt.", ByAmount: "Het bedrag bepaalt hoe deze testbetaling afloopt.",
		Pay: "Betalen", Other: "Andere betaalmethode", Leave: "Annuleren en terug naar de winkel", Back: "Terug naar de winkel", Languages: "Taal",
		Failed:     "De betaling is niet gelukt. Er is niets afgeschreven. Probeer het opnieuw.",
		NoBrands:   "Deze winkel heeft op dit moment geen betaalmethode die past.",
		LostReturn: "De verbinding met de winkel is weg: er is geen weg terug. Sluit dit venster.",
		GoneTitle:  "Deze betaling bestaat niet", GoneNote: "Ga terug naar de winkel en begin opnieuw.",
		Outcomes: [5][2]string{
			{"Betaald", "De betaling lukt."}, {"Geannuleerd", "De klant breekt de betaling af."}, {"Verlopen", "De klant wacht te lang."},
			{"Nog niet bekend", "De bank laat later weten of het gelukt is."}, {"Mislukt", "Deze poging mislukt; opnieuw proberen kan."},
		},
		Results: map[string][2]string{
			orderCompleted:  {"Betaald", "Bedankt. De winkel krijgt bericht."},
			orderCancelled:  {"Geannuleerd", "Er is niets betaald."},
			orderExpired:    {"Verlopen", "De tijd om te betalen is voorbij. Er is niets betaald."},
			orderInProgress: {"Nog niet bekend", "De bank heeft nog niet geantwoord. De winkel krijgt bericht zodra het bekend is."},
		},
	},
	"en": {
		Code: "en", Name: "English", Test: "Test", TestNote: "This is a simulator. Nothing is paid and nothing is charged.",
		Order: "Order", Choose: "How do you want to pay?", PayWith: "Pay with {brand}",
		PickOutcome: "Choose how this test payment ends.", ByAmount: "The amount decides how this test payment ends.",
		Pay: "Pay", Other: "Another way to pay", Leave: "Cancel and go back to the shop", Back: "Back to the shop", Languages: "Language",
		Failed:     "The payment did not succeed. Nothing was charged. Please try again.",
		NoBrands:   "This shop has no way to pay that fits at the moment.",
		LostReturn: "The connection to the shop is lost: there is no way back. Close this window.",
		GoneTitle:  "This payment does not exist", GoneNote: "Go back to the shop and start again.",
		Outcomes: [5][2]string{
			{"Paid", "The payment succeeds."}, {"Cancelled", "The customer breaks it off."}, {"Expired", "The customer waits too long."},
			{"Not known yet", "The bank tells later whether it succeeded."}, {"Failed", "This try fails; another is possible."},
		},
		Results: map[string][2]string{
			orderCompleted:  {"Paid", "Thank you. The shop will be told."},
			orderCancelled:  {"Cancelled", "Nothing was paid."},
			orderExpired:    {"Expired", "The time to pay is over. Nothing was paid."},
			orderInProgress: {"Not known yet", "The bank has not answered yet. The shop will be told as soon as it does."},
		},
	},
	"de": {
		Code: "de", Name: "Deutsch", Test: "Test", TestNote: "Dies ist ein Simulator. Es wird nichts bezahlt und nichts abgebucht.",
		Order: "Bestellung", Choose: "Wie möchten Sie bezahlen?", PayWith: "Mit {brand} bezahlen",
		PickOutcome: "Wählen Sie, wie diese Testzahlung ausgeht.", ByAmount: "Der Betrag entscheidet, wie diese Testzahlung ausgeht.",
		Pay: "Bezahlen", Other: "Andere Zahlungsart", Leave: "Abbrechen und zurück zum Shop", Back: "Zurück zum Shop", Languages: "Sprache",
		Failed:     "Die Zahlung ist fehlgeschlagen. Es wurde nichts abgebucht. Bitte versuchen Sie es erneut.",
		NoBrands:   "Dieser Shop hat zurzeit keine passende Zahlungsart.",
		LostReturn: "Die Verbindung zum Shop ist verloren: Es führt kein Weg zurück. Schließen Sie dieses Fenster.",
		GoneTitle:  "Diese Zahlung gibt es nicht", GoneNote: "Gehen Sie zurück zum Shop und beginnen Sie neu.",
		Outcomes: [5][2]string{
			{"Bezahlt", "Die Zahlung gelingt."}, {"Abgebrochen", "Der Kunde bricht ab."}, {"Abgelaufen", "Der Kunde wartet zu lange."},
			{"Noch nicht bekannt", "Die Bank meldet später, ob es gelungen ist."}, {"Fehlgeschlagen", "Dieser Versuch misslingt; ein neuer ist möglich."},
		},
		Results: map[string][2]string{
			orderCompleted:  {"Bezahlt", "Vielen Dank. Der Shop wird benachrichtigt."},
			orderCancelled:  {"Abgebrochen", "Es wurde nichts bezahlt."},
			orderExpired:    {"Abgelaufen", "Die Zeit zum Bezahlen ist vorbei. Es wurde nichts bezahlt."},
			orderInProgress: {"Noch nicht bekannt", "Die Bank hat noch nicht geantwortet. Der Shop wird dann benachrichtigt."},
		},
	},
	"fr": {
		Code: "fr", Name: "Français", Test: "Test", TestNote: "Ceci est un simulateur. Rien n’est payé ni débité.",
		Order: "Commande", Choose: "Comment voulez-vous payer ?", PayWith: "Payer avec {brand}",
		PickOutcome: "Choisissez comment ce paiement de test se termine.", ByAmount: "Le montant décide comment ce paiement de test se termine.",
		Pay: "Payer", Other: "Autre moyen de paiement", Leave: "Annuler et retourner à la boutique", Back: "Retour à la boutique", Languages: "Langue",
		Failed:     "Le paiement a échoué. Rien n’a été débité. Veuillez réessayer.",
		NoBrands:   "Cette boutique n’a pas de moyen de paiement adapté en ce moment.",
		LostReturn: "La connexion à la boutique est perdue : il n’y a pas de retour. Fermez cette fenêtre.",
		GoneTitle:  "Ce paiement n’existe pas", GoneNote: "Retournez à la boutique et recommencez.",
		Outcomes: [5][2]string{
			{"Payé", "Le paiement réussit."}, {"Annulé", "Le client interrompt le paiement."}, {"Expiré", "Le client attend trop longtemps."},
			{"Pas encore connu", "La banque dira plus tard s’il a réussi."}, {"Échoué", "Cet essai échoue ; un autre est possible."},
		},
		Results: map[string][2]string{
			orderCompleted:  {"Payé", "Merci. La boutique sera informée."},
			orderCancelled:  {"Annulé", "Rien n’a été payé."},
			orderExpired:    {"Expiré", "Le délai de paiement est dépassé. Rien n’a été payé."},
			orderInProgress: {"Pas encore connu", "La banque n’a pas encore répondu. La boutique sera informée."},
		},
	},
}
