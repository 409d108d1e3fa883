package main

import "github.com/kassette-pay/kassette/sdk/contract"

// What consumers read.
var (
	title = contract.Text{
		"nl": "Pinnen aan de kassa", "en": "Card at the counter", "de": "Karte an der Kasse", "fr": "Carte en caisse",
		"sv": "Kort i kassan", "bg": "Карта на касата", "ru": "Картой на кассе",
	}
	providerTitle = contract.Text{
		"nl": "Betaalterminal", "en": "Card terminal", "de": "Kartenterminal", "fr": "Terminal de paiement",
		"sv": "Kortterminal", "bg": "Картов терминал", "ru": "Платёжный терминал",
	}
	lookAtTerminal = contract.Text{
		"nl": "Kijk op de betaalterminal: houd je kaart ertegen of steek hem erin.",
		"en": "Look at the card terminal: tap or insert your card.",
		"de": "Bitte auf das Kartenterminal schauen: Karte davorhalten oder einstecken.",
		"fr": "Regardez le terminal : approchez ou insérez votre carte.",
		"sv": "Titta på kortterminalen: blippa eller sätt i kortet.",
		"bg": "Погледнете терминала: доближете или поставете картата си.",
		"ru": "Посмотрите на терминал: приложите или вставьте карту.",
	}
	cardDeclined = contract.Text{
		"nl": "De kaart is geweigerd. Probeer een andere kaart.",
		"en": "The card was declined. Please try another card.",
		"de": "Die Karte wurde abgelehnt. Bitte eine andere Karte versuchen.",
		"fr": "La carte a été refusée. Essayez une autre carte.",
		"sv": "Kortet nekades. Försök med ett annat kort.",
		"bg": "Картата беше отказана. Опитайте с друга карта.",
		"ru": "Карта отклонена. Попробуйте другую карту.",
	}
	wrongPIN = contract.Text{
		"nl": "De pincode klopte niet. Probeer het opnieuw.",
		"en": "The PIN was not right. Please try again.",
		"de": "Die PIN war falsch. Bitte noch einmal versuchen.",
		"fr": "Le code était incorrect. Veuillez réessayer.",
		"sv": "Fel PIN-kod. Försök igen.",
		"bg": "ПИН кодът не беше верен. Опитайте отново.",
		"ru": "Неверный ПИН-код. Попробуйте ещё раз.",
	}
	terminalAway = contract.Text{
		"nl": "De terminal kan nu niet betalen. Er is niets afgeschreven; vraag het personeel.",
		"en": "The terminal cannot take payments now. Nothing was charged; please ask the staff.",
		"de": "Das Terminal kann gerade keine Zahlung annehmen. Es wurde nichts abgebucht; bitte das Personal fragen.",
		"fr": "Le terminal ne peut pas encaisser pour le moment. Rien n'a été débité ; adressez-vous au personnel.",
		"sv": "Terminalen kan inte ta betalt just nu. Inget har dragits; fråga personalen.",
		"bg": "Терминалът не може да приеме плащане сега. Нищо не е удържано; попитайте персонала.",
		"ru": "Терминал сейчас не принимает оплату. Деньги не списаны; обратитесь к персоналу.",
	}
)
