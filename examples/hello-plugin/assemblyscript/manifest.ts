// What the plugin is and what it asks for.
export const text = `{
  "contract": "1", "name": "hello", "version": "1.0.0", "kind": "payment",
  "title": {"en": "Hello"}, "provider_title": {"en": "Hello"}, "provider": "hello",
  "operations": ["create_payment", "complete_payment", "get_payment", "receive_webhook", "refund_payment", "get_refund"],
  "settings_schema": {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "additionalProperties": false,
    "required": ["base_url", "api_key", "signing_key"],
    "properties": {
      "base_url": {"type": "string", "format": "uri", "x-host": true, "x-label": {"en": "Address of the API"}},
      "api_key": {"type": "string", "minLength": 1, "x-secret-use": ["bearer"], "x-label": {"en": "Key of the API"}},
      "signing_key": {"type": "string", "minLength": 1, "x-secret-use": ["mac:sha256"], "x-label": {"en": "Signing key"}}
    }
  },
  "methods": [{"id": "hello", "title": {"en": "Hello"}, "flow": "redirect", "rank": 50, "currencies": {"EUR": {"min": 1}}}],
  "lacks": {
    "pages": "Notices: one is of one payment",
    "signs_answers": "Payments: an answer bears no signature",
    "signs_returns": "Returns: nothing is added to the address"
  },
  "refund": {"full": true, "partial": true, "multiple": true},
  "polling": {"first_after_s": 60, "factor": 2, "max_interval_s": 3600, "on_hint": true}
}`;
