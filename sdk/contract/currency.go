package contract

import "strings"

// Currencies of ISO 4217 (list one, January 2026) by their number of
// decimals, without funds, metals and test codes. Display rules, such as
// CLDR's, differ for a score of them and are not for money.
var currencies = parseCurrencies(map[int]string{
	0: `BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF`,
	2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY
	    COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
	    ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
	    MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
	    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER
	    ZAR ZMW ZWG`,
	3: `BHD IQD JOD KWD LYD OMR TND`,
	4: `CLF UYW`,
})

func parseCurrencies(byExponent map[int]string) map[string]int {
	m := map[string]int{}
	for exponent, codes := range byExponent {
		for _, code := range strings.Fields(codes) {
			m[code] = exponent
		}
	}
	return m
}

// Exponent is the number of decimals of an ISO 4217 currency: 2 for EUR, 0
// for JPY, 3 for TND; false for a code that the list lacks.
func Exponent(currency string) (int, bool) {
	e, ok := currencies[currency]
	return e, ok
}
