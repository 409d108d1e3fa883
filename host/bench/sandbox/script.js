// The work of work.go for goja. The host signs: sign(text) is HMAC-SHA512 in hex.
function answer(text) {
  var fields = JSON.parse(text), values = [], payment = {};
  for (var key in fields) {
    values.push(fields[key]);
    if (key[0] !== "x") payment[key] = fields[key];
  }
  return JSON.stringify({ signature: sign(values.join("|")), payment: payment });
}
