package paypal

// words are the page's texts in one language.
type words struct {
	Code, Name, Test, TestNote, PayTo, Title, PickOutcome, Declined, Languages string
	LostTitle, LostNote, GoneTitle, GoneNote                                   string
	Outcomes                                                                   [5][2]string // as outcomes: title and what it does
}

// languages in the order of the links.
var languages = []string{"nl", "en", "de", "fr", "sv", "bg", "ru"}

var texts = map[string]words{
	"nl": {
		Code: "nl", Name: "Nederlands", Test: "Test", TestNote: "Dit is een simulator. Er wordt niets betaald of afgeschreven.",
		PayTo: "Betalen aan", Title: "Betalen met PayPal", PickOutcome: "Kies hoe deze testbetaling afloopt.", Languages: "Taal",
		Declined:  "De betaling is geweigerd. Er is niets afgeschreven. Kies opnieuw.",
		LostTitle: "De weg terug is kwijt", LostNote: "De verbinding met de winkel is verbroken. Sluit dit venster.",
		GoneTitle: "Deze bestelling bestaat niet", GoneNote: "Ga terug naar de winkel en begin opnieuw.",
		Outcomes: [5][2]string{
			{"Betalen", "De koper keurt de betaling goed."}, {"Annuleren", "De koper gaat terug naar de winkel."}, {"Verlopen", "Goedgekeurd, maar te laat afgehandeld."},
			{"Nog niet bekend", "Goedgekeurd; PayPal houdt het geld eerst vast."}, {"Geweigerd", "Goedgekeurd; de bank weigert bij het innen."},
		},
	},
	"en": {
		Code: "en", Name: "English", Test: "Test", TestNote: "This is a simulator. Nothing is paid or charged.",
		PayTo: "Pay to", Title: "Pay with PayPal", PickOutcome: "Choose how this test payment ends.", Languages: "Language",
		Declined:  "The payment was declined. Nothing was charged. Choose again.",
		LostTitle: "The way back is lost", LostNote: "The connection to the shop is broken. Close this window.",
		GoneTitle: "There is no such order", GoneNote: "Go back to the shop and start again.",
		Outcomes: [5][2]string{
			{"Pay", "The buyer approves the payment."}, {"Cancel", "The buyer goes back to the shop."}, {"Expired", "Approved, but carried out too late."},
			{"Not known yet", "Approved; PayPal holds the money back at first."}, {"Declined", "Approved; the bank refuses when the money is taken."},
		},
	},
	"de": {
		Code: "de", Name: "Deutsch", Test: "Test", TestNote: "Dies ist ein Simulator. Es wird nichts bezahlt und nichts abgebucht.",
		PayTo: "Zahlung an", Title: "Mit PayPal bezahlen", PickOutcome: "Wählen Sie, wie diese Testzahlung ausgeht.", Languages: "Sprache",
		Declined:  "Die Zahlung wurde abgelehnt. Es wurde nichts abgebucht. Wählen Sie erneut.",
		LostTitle: "Der Rückweg ist verloren", LostNote: "Die Verbindung zum Shop ist unterbrochen. Schließen Sie dieses Fenster.",
		GoneTitle: "Diese Bestellung gibt es nicht", GoneNote: "Gehen Sie zurück zum Shop und beginnen Sie neu.",
		Outcomes: [5][2]string{
			{"Bezahlen", "Der Käufer stimmt der Zahlung zu."}, {"Abbrechen", "Der Käufer geht zurück zum Shop."}, {"Abgelaufen", "Zugestimmt, aber zu spät ausgeführt."},
			{"Noch nicht bekannt", "Zugestimmt; PayPal hält das Geld zunächst zurück."}, {"Abgelehnt", "Zugestimmt; die Bank lehnt beim Einzug ab."},
		},
	},
	"fr": {
		Code: "fr", Name: "Français", Test: "Test", TestNote: "Ceci est un simulateur. Rien n’est payé ni débité.",
		PayTo: "Payer à", Title: "Payer avec PayPal", PickOutcome: "Choisissez comment ce paiement de test se termine.", Languages: "Langue",
		Declined:  "Le paiement a été refusé. Rien n’a été débité. Choisissez à nouveau.",
		LostTitle: "Le retour est perdu", LostNote: "La connexion à la boutique est coupée. Fermez cette fenêtre.",
		GoneTitle: "Cette commande n’existe pas", GoneNote: "Retournez à la boutique et recommencez.",
		Outcomes: [5][2]string{
			{"Payer", "L’acheteur approuve le paiement."}, {"Annuler", "L’acheteur retourne à la boutique."}, {"Expiré", "Approuvé, mais exécuté trop tard."},
			{"Pas encore connu", "Approuvé ; PayPal retient d’abord l’argent."}, {"Refusé", "Approuvé ; la banque refuse au moment du débit."},
		},
	},
	"sv": {
		Code: "sv", Name: "Svenska", Test: "Test", TestNote: "Detta är en simulator. Inget betalas eller dras.",
		PayTo: "Betala till", Title: "Betala med PayPal", PickOutcome: "Välj hur testbetalningen slutar.", Languages: "Språk",
		Declined:  "Betalningen nekades. Inget har dragits. Välj igen.",
		LostTitle: "Vägen tillbaka är borta", LostNote: "Förbindelsen till butiken är bruten. Stäng fönstret.",
		GoneTitle: "Beställningen finns inte", GoneNote: "Gå tillbaka till butiken och börja om.",
		Outcomes: [5][2]string{
			{"Betala", "Köparen godkänner betalningen."}, {"Avbryt", "Köparen går tillbaka till butiken."}, {"Förfallen", "Godkänd, men utförd för sent."},
			{"Inte känt än", "Godkänd; PayPal håller först kvar pengarna."}, {"Nekad", "Godkänd; banken nekar när pengarna tas."},
		},
	},
	"bg": {
		Code: "bg", Name: "Български", Test: "Тест", TestNote: "Това е симулатор. Нищо не се плаща и не се таксува.",
		PayTo: "Плащане към", Title: "Плащане с PayPal", PickOutcome: "Изберете как да завърши това тестово плащане.", Languages: "Език",
		Declined:  "Плащането беше отказано. Нищо не е таксувано. Изберете отново.",
		LostTitle: "Пътят обратно е изгубен", LostNote: "Връзката с магазина е прекъсната. Затворете този прозорец.",
		GoneTitle: "Няма такава поръчка", GoneNote: "Върнете се в магазина и започнете отново.",
		Outcomes: [5][2]string{
			{"Плащане", "Купувачът одобрява плащането."}, {"Отказ", "Купувачът се връща в магазина."}, {"Изтекла", "Одобрена, но изпълнена твърде късно."},
			{"Още не е известно", "Одобрена; PayPal първо задържа парите."}, {"Отхвърлена", "Одобрена; банката отказва при вземането на парите."},
		},
	},
	"ru": {
		Code: "ru", Name: "Русский", Test: "Тест", TestNote: "Это симулятор. Ничего не оплачивается и не списывается.",
		PayTo: "Оплата в пользу", Title: "Оплата через PayPal", PickOutcome: "Выберите, чем закончится этот тестовый платёж.", Languages: "Язык",
		Declined:  "Платёж отклонён. Ничего не списано. Выберите снова.",
		LostTitle: "Путь назад потерян", LostNote: "Связь с магазином прервана. Закройте это окно.",
		GoneTitle: "Такого заказа нет", GoneNote: "Вернитесь в магазин и начните заново.",
		Outcomes: [5][2]string{
			{"Оплатить", "Покупатель подтверждает платёж."}, {"Отменить", "Покупатель возвращается в магазин."}, {"Истёк", "Подтверждён, но выполнен слишком поздно."},
			{"Пока неизвестно", "Подтверждён; PayPal сначала удерживает деньги."}, {"Отклонён", "Подтверждён; банк отказывает при списании."},
		},
	},
}
