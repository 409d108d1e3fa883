package robokassa

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"time"
)

// space is the namespace of the XML interfaces.
const space = "http://merchant.roboxchange.com/WebService/"

// Codes of results of the XML interfaces.
const (
	resultOK        = 0
	resultSignature = 1
	resultShop      = 2
	resultNone      = 3
	resultInternal  = 1000
)

var resultTexts = map[int]string{
	resultSignature: "Неверная цифровая подпись запроса", resultShop: "Информация о магазине с таким MerchantLogin не найдена или магазин не активирован",
	resultNone: "Информация об операции с таким InvoiceID не найдена", resultInternal: "Внутренняя ошибка сервиса",
}

type xmlResult struct {
	Code        int    `xml:"Code"`
	Description string `xml:"Description,omitempty"`
}

func resultOf(code int) xmlResult { return xmlResult{code, resultTexts[code]} }

type stateAnswer struct {
	XMLName xml.Name   `xml:"OperationStateResponse"`
	Space   string     `xml:"xmlns,attr"`
	Result  xmlResult  `xml:"Result"`
	State   *xmlState  `xml:"State"`
	Info    *xmlInfo   `xml:"Info"`
	Fields  *xmlFields `xml:"UserField"`
}

type xmlState struct {
	Code        int    `xml:"Code"`
	RequestDate string `xml:"RequestDate"`
	StateDate   string `xml:"StateDate"`
}

type xmlInfo struct {
	Label   string    `xml:"IncCurrLabel"`
	IncSum  string    `xml:"IncSum"`
	Account string    `xml:"IncAccount"`
	Method  xmlMethod `xml:"PaymentMethod"`
	Out     string    `xml:"OutCurrLabel"`
	OutSum  string    `xml:"OutSum"`
	OpKey   string    `xml:"OpKey"`
	RRN     string    `xml:"BankCardRRN,omitempty"`
}

type xmlMethod struct {
	Code        string `xml:"Code"`
	Description string `xml:"Description"`
}

type xmlFields struct {
	Fields []xmlField `xml:"Field"`
}

type xmlField struct {
	Name  string `xml:"Name"`
	Value string `xml:"Value"`
}

// feePercent is what the provider keeps of a payment (ours), so that OutSum is
// not what the buyer paid.
const feePercent = 3

// stateDate writes times as the provider does: seven decimals and an offset.
func stateDate(t time.Time) string { return t.In(moscow).Format("2006-01-02T15:04:05.0000000-07:00") }

// opStateExt tells how a payment stands. One whose buyer has not chosen a way
// to pay is not found, nor is any test payment.
func (s *Simulator) opStateExt(w http.ResponseWriter, r *http.Request) {
	p, ok := readParams(w, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	answer := stateAnswer{Space: space}
	o := s.find(p.get("invid"))
	f, faulty := s.faults.Take(faultXMLCode, callState)
	switch {
	case faulty:
		answer.Result = resultOf(f.Count)
	case !ok:
		answer.Result = resultOf(resultInternal)
	case p.get("merchantlogin") != s.cfg.Login:
		answer.Result = resultOf(resultShop)
	case !equal(p.get("signaturevalue"), s.sign([]string{p.get("merchantlogin"), p.get("invid")}, s.cfg.Password2, nil)):
		answer.Result = resultOf(resultSignature)
	case o == nil || o.state == StateNone:
		answer.Result = resultOf(resultNone)
	default:
		s.fill(&answer, o)
	}
	s.xml(w, answer)
}

func (s *Simulator) fill(a *stateAnswer, o *operation) {
	a.State = &xmlState{Code: o.state, RequestDate: stateDate(s.clock.Now()), StateDate: stateDate(o.at)}
	if s.faults.On(faultUnknownState, callState) {
		a.State.Code = 777
	}
	paid := s.paid(o)
	a.Info = &xmlInfo{
		Label: o.method.Label, IncSum: six(paid), Method: xmlMethod{o.method.group, o.method.Name},
		Out: s.cfg.Currency, OutSum: six(paid - paid*feePercent/100), OpKey: o.opKey,
	}
	if o.method.group == "BankCard" {
		a.Info.Account, a.Info.RRN = "220220******1234", "410911234567"
	}
	if len(o.shop) > 0 {
		a.Fields = &xmlFields{}
		for _, p := range o.shop {
			a.Fields.Fields = append(a.Fields.Fields, xmlField(p))
		}
	}
}

// shopKnown answers what only needs the shop's name.
func (s *Simulator) shopKnown(w http.ResponseWriter, r *http.Request, call string) (params, xmlResult) {
	p, ok := readParams(w, r)
	if f, on := s.faults.Take(faultXMLCode, call); on {
		return p, resultOf(f.Count)
	}
	if !ok || p.get("merchantlogin") != s.cfg.Login {
		return p, resultOf(resultShop)
	}
	return p, xmlResult{}
}

func (s *Simulator) getCurrencies(w http.ResponseWriter, r *http.Request) {
	p, result := s.shopKnown(w, r, callCurrencies)
	answer := struct {
		XMLName xml.Name   `xml:"CurrenciesList"`
		Space   string     `xml:"xmlns,attr"`
		Result  xmlResult  `xml:"Result"`
		Groups  []wayGroup `xml:"Groups>Group"`
	}{Space: space, Result: result}
	if result.Code == resultOK {
		answer.Groups = inLanguage(p.get("language"), 0)
	}
	s.xml(w, answer)
}

func (s *Simulator) getPaymentMethods(w http.ResponseWriter, r *http.Request) {
	p, result := s.shopKnown(w, r, callMethods)
	type method struct {
		Code        string `xml:"Code,attr"`
		Description string `xml:"Description,attr"`
	}
	answer := struct {
		XMLName xml.Name  `xml:"PaymentMethodsList"`
		Space   string    `xml:"xmlns,attr"`
		Result  xmlResult `xml:"Result"`
		Methods []method  `xml:"Methods>Method"`
	}{Space: space, Result: result}
	if result.Code == resultOK {
		for _, g := range inLanguage(p.get("language"), 0) {
			answer.Methods = append(answer.Methods, method{g.Code, g.Description})
		}
	}
	s.xml(w, answer)
}

// calcOutSumm tells what the shop gets of what the buyer pays. The signature
// that one client adds is not looked at: no document has it.
func (s *Simulator) calcOutSumm(w http.ResponseWriter, r *http.Request) {
	p, result := s.shopKnown(w, r, callCalc)
	answer := struct {
		XMLName xml.Name  `xml:"CalcSummsResponseData"`
		Space   string    `xml:"xmlns,attr"`
		Result  xmlResult `xml:"Result"`
		OutSum  string    `xml:"OutSum,omitempty"`
	}{Space: space, Result: result}
	sum, ok := parseSum(p.get("incsum"))
	switch {
	case result.Code != resultOK:
	case !ok:
		answer.Result = resultOf(resultInternal)
	default:
		answer.OutSum = six(sum - sum*feePercent/100)
	}
	s.xml(w, answer)
}

// getRates tells what the buyer pays by each way: the sum itself, as the shop
// bears the fee.
func (s *Simulator) getRates(w http.ResponseWriter, r *http.Request) {
	p, result := s.shopKnown(w, r, callRates)
	type rate struct {
		IncSum string `xml:"IncSum,attr"`
	}
	type currency struct {
		way
		Rate rate `xml:"Rate"`
	}
	type group struct {
		Code        string     `xml:"Code,attr"`
		Description string     `xml:"Description,attr"`
		Items       []currency `xml:"Items>Currency"`
	}
	answer := struct {
		XMLName xml.Name  `xml:"RatesList"`
		Space   string    `xml:"xmlns,attr"`
		Result  xmlResult `xml:"Result"`
		Groups  []group   `xml:"Groups>Group"`
	}{Space: space, Result: result}
	sum, _ := parseSum(p.get("outsum"))
	if result.Code == resultOK && sum > 0 {
		for _, g := range inLanguage(p.get("language"), sum) {
			one := group{Code: g.Code, Description: g.Description}
			for _, way := range g.Items {
				if label := p.get("inccurrlabel"); label == "" || label == way.Label || label == way.Alias {
					one.Items = append(one.Items, currency{way, rate{two(sum)}})
				}
			}
			if len(one.Items) > 0 {
				answer.Groups = append(answer.Groups, one)
			}
		}
	}
	s.xml(w, answer)
}

func (s *Simulator) xml(w http.ResponseWriter, v any) {
	b, err := xml.MarshalIndent(v, "", "  ")
	if err != nil {
		s.cfg.Logger.Error("encode an answer", "error", err)
		http.Error(w, "the simulator could not encode its answer", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(xml.Header)+len(b)))
	s.write(w, append([]byte(xml.Header), b...))
}
