package robokassa

// words are the texts of the payment page in one of the provider's two
// languages.
type words struct {
	Code, Test, TestNote, Order, Choose, PickOutcome, Way, Failed string
	Waiting, WaitingNote, Paid, PaidNote, Over, OverNote          string
	Error, ErrorCode, Back, Return                                string
	Outcomes                                                      [5][2]string // title and help, in the order of outcomes
}

var texts = map[string]words{
	"en": {
		Code: "en", Test: "Test", TestNote: "This is a simulator. Nothing is paid and nothing is charged.", Order: "Invoice",
		Choose: "Pay the order", PickOutcome: "Choose how this test payment ends.", Way: "Way to pay",
		Failed:  "The payment did not succeed. Nothing was charged. Please try again.",
		Waiting: "Waiting for your money", WaitingNote: "The bank has not answered yet. The shop will be told as soon as it does.",
		Paid: "Thank you", PaidNote: "The payment is made. The shop has been told.",
		Over: "Not paid", OverNote: "Nothing was charged.",
		Error: "The payment cannot be started", ErrorCode: "Error code", Back: "Back to the shop", Return: "Back to the shop",
		Outcomes: [5][2]string{
			{"Pay", "The payment succeeds."}, {"Leave", "Back to the shop without paying."}, {"Expire", "The time to pay is over."},
			{"Not known yet", "The bank tells later whether it succeeded."}, {"Fail", "This try fails; another is possible."},
		},
	},
	"ru": {
		Code: "ru", Test: "Тест", TestNote: "Это симулятор. Ничего не оплачивается и не списывается.", Order: "Счёт",
		Choose: "Оплата заказа", PickOutcome: "Выберите, чем закончится тестовый платёж.", Way: "Способ оплаты",
		Failed:  "Платёж не прошёл. Деньги не списаны. Попробуйте ещё раз.",
		Waiting: "Ожидаем поступления денег", WaitingNote: "Банк ещё не ответил. Магазин узнает, как только ответ придёт.",
		Paid: "Спасибо", PaidNote: "Платёж выполнен. Магазин уведомлён.",
		Over: "Не оплачено", OverNote: "Деньги не списаны.",
		Error: "Оплата невозможна", ErrorCode: "Код ошибки", Back: "Вернуться в магазин", Return: "Вернуться в магазин",
		Outcomes: [5][2]string{
			{"Оплатить", "Платёж проходит."}, {"Отказаться", "Назад в магазин без оплаты."}, {"Истечь", "Время на оплату вышло."},
			{"Пока неизвестно", "Банк сообщит позже, прошёл ли платёж."}, {"Ошибка", "Эта попытка не удалась; можно повторить."},
		},
	},
}
