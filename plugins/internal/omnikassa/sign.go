package omnikassa

import (
	"encoding/hex"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// signatureDigits is the length of a signature: HMAC-SHA512 in hex.
const signatureDigits = 128

// check verifies a signature over values, joined by commas, with the account's
// signing key. The bank writes exactly 128 lower-case hex digits; anything
// else is refused (SDKs, signature validation).
func check(c *guest.Call, signature string, values ...string) error {
	if len(signature) != signatureDigits || !within(signature, digits+"abcdef", signatureDigits) {
		return &contract.Failure{Code: contract.BadSignature, Message: "a signature has 128 lower-case hexadecimal digits"}
	}
	sum, err := hex.DecodeString(signature)
	if err != nil {
		return internal("read signature: " + err.Error())
	}
	return c.CheckMAC(signing(strings.Join(values, ",")), sum)
}

// signing asks for the one signature of the protocol over data, which is
// passed on as bytes: a page is long, and a text is escaped and read again.
func signing(data string) contract.MACRequest {
	return contract.MACRequest{
		Algorithm: contract.SHA512, Key: contract.Parts{contract.Sec(signingKey)}, KeyEncoding: contract.KeyBase64,
		Data: contract.Parts{}, DataBase64: []byte(data),
	}
}
