// The plugin of ../hello.go once more, in AssemblyScript.
import { Call, Json, Obj, Response, fromHex, list, manifest, parse, run } from "../../../sdk/assemblyscript/index";
import { text } from "./manifest";

export function describe(): i32 { return manifest(text); }
export function create_payment(): i32 { return run(create); }
export function complete_payment(): i32 { return run(get); } // the return itself says nothing
export function get_payment(): i32 { return run(get); }
export function receive_webhook(): i32 { return run(receive); }
export function refund_payment(): i32 { return run(refund); }
export function get_refund(): i32 { return run(refund); } // under its key it is the same one

// create registers the payment and sends the consumer to its page.
function create(c: Call): void {
  const p = c.input.at("payment");
  const got = ask(c, "POST", "/payments", "prepare", amount(p.at("amount"))
    .text("reference", p.text("reference"))
    .text("return_url", p.text("return_url"))
    .text("notify_url", p.text("webhook_url")));
  if (got === null) return;
  if (got.text("page") == "") return c.fail("provider_unavailable", "the answer names no page");
  c.finish(new Obj()
    .text("provider_reference", got.text("id"))
    .json("action", new Obj().text("type", "redirect").text("url", got.text("page")).toString())
    .toString());
}

// get asks how the payment stands.
function get(c: Call): void {
  const got = ask(c, "GET", "/payments/" + c.input.at("payment").text("reference"), "read", null);
  if (got === null) return;
  const u = update(c, got);
  if (u != "") c.finish(new Obj().json("updates", list([u])).toString());
}

// receive reads a notice, once its signature holds.
function receive(c: Call): void {
  const message = c.input.at("message");
  const signatures = message.at("headers").at("hello-signature").items;
  const signature = signatures.length > 0 ? signatures[0].word : "";
  if (!c.checkMAC("sha256", "signing_key", message, fromHex(signature))) return;
  const notice = parse(message.text("body"));
  if (notice === null) return c.fail("invalid_request", "the notice is no JSON");
  const u = update(c, notice);
  if (u == "") return;
  c.finish(new Obj()
    .json("response", new Obj().json("status", "200").text("content_type", "text/plain").text("body", "thanks").toString())
    .json("updates", list([u]))
    .text("unknown", "accept")
    .toString());
}

// refund gives money back. Where it is not certain what came of it, it is
// pending: the host asks again.
function refund(c: Call): void {
  const r = c.input.at("refund");
  const path = "/payments/" + c.input.at("payment").text("reference") + "/refunds/" + r.text("idempotency_key");
  const resp = send(c, "PUT", path, "write", amount(r.at("amount")));
  if (resp === null) return;
  const refusal = code(resp.status);
  if (!resp.ok && refusal != "provider_unavailable") return refuse(c, resp);
  const got = parse(resp.body);
  if (!resp.ok || got === null || got.text("status") != "done") return c.finish(new Obj().text("status", "pending").toString());
  c.finish(new Obj()
    .text("status", "succeeded")
    .text("provider_reference", got.text("id"))
    .json("amount", amount(r.at("amount"), "decimal").toString())
    .toString());
}

// update is how a payment stands, by the provider's word; "" is a failure.
function update(c: Call, standing: Json): string {
  const status = standing.text("status");
  const type = types(status);
  if (type == "") {
    c.fail("internal", "the status " + status + " is not known");
    return "";
  }
  const u = new Obj()
    .json("payment", new Obj().text("reference", standing.text("reference")).toString())
    .text("new_provider_reference", standing.text("id"))
    .text("type", type)
    .text("trust", "verified")
    .text("occurred_at", standing.text("at"));
  if (type == "captured") u.json("amount", new Obj().text("currency", standing.text("currency")).text("decimal", standing.text("paid")).toString());
  return u.toString();
}

function types(status: string): string {
  if (status == "open") return "pending";
  if (status == "paid") return "captured";
  return status == "cancelled" || status == "expired" ? status : "";
}

// amount writes money as text; the digits are the host's.
function amount(money: Json, name: string = "amount"): Obj {
  return new Obj().text(name, money.text("decimal")).text("currency", money.text("currency"));
}

// ask sends a request and reads the answer; null means that the call is over for now.
function ask(c: Call, method: string, path: string, effect: string, body: Obj | null): Json | null {
  const resp = send(c, method, path, effect, body);
  if (resp === null) return null;
  if (!resp.ok) {
    refuse(c, resp);
    return null;
  }
  const got = parse(resp.body);
  if (got === null) c.fail("provider_unavailable", "the answer is no JSON");
  return got;
}

// send sends a request with the shop's key.
function send(c: Call, method: string, path: string, effect: string, body: Obj | null): Response | null {
  const request = new Obj()
    .text("method", method)
    .text("url", c.settings.text("base_url") + path)
    .text("effect", effect)
    .json("repeat", "true") // all that it does can be asked for twice
    .json("auth", new Obj().text("bearer", "api_key").toString());
  if (body !== null) request.text("body", body.toString()).json("headers", new Obj().text("content-type", "application/json").toString());
  return c.do(request);
}

function refuse(c: Call, resp: Response): void {
  c.fail(code(resp.status), "the provider refused the request", resp.retryAfterMS);
}

// code is what a refusal means. All that are not listed say that the provider is out of order.
function code(status: i32): string {
  switch (status) {
    case 400: return "invalid_request";
    case 401: return "unauthorized";
    case 404: return "not_found";
    case 422: return "declined";
    case 429: return "rate_limited";
  }
  return "provider_unavailable";
}
