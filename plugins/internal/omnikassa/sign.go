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
	if len(signature) != signatureDigits || strings.Trim(signature, "0123456789abcdef") != "" {
		return &contract.Failure{Code: contract.BadSignature, Message: "a signature has 128 lower-case hexadecimal digits"}
	}
	sum, err := hex.DecodeString(signature)
	if err != nil {
		return &contract.Failure{Code: contract.BadSignature, Message: "a signature has 128 lower-case hexadecimal digits"}
	}
	return c.CheckMAC(contract.MACRequest{
		Algorithm: contract.SHA512, Key: contract.Parts{contract.Sec(signingKey)}, KeyEncoding: "base64",
		Data: contract.Parts{contract.Lit(strings.Join(values, ","))},
	}, sum)
}
