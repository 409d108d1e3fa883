// One call of the plugin: one operation, over all its rounds.
import { hostFunction, readInput, writeOutput } from "./abi";
import { base64 } from "./bytes";
import { Json, Kind, Obj, list, parse, quote } from "./json";
import { Response } from "./response";

// version is the contract's, which the host names in each input.
const version = "1";

// manifest is the body of the export describe.
export function manifest(text: string): i32 {
  writeOutput(text);
  return 0;
}

// run is the body of every other export. The operation ends with one of finish,
// fail, or a request that has no answer yet. It returns 0 always: what went
// wrong stands in the output.
export function run(operation: (c: Call) => void): i32 {
  const envelope = parse(readInput());
  const c = new Call(envelope === null ? new Json(Kind.Null) : envelope);
  if (envelope === null) c.fail("internal", "read envelope: it is no valid JSON");
  else if (envelope.text("contract") != version) c.fail("internal", "the host speaks another contract than " + version);
  else operation(c);
  writeOutput(c.output());
  return 0;
}

export class Call {
  // input is the operation's, settings are the account's without its secrets.
  input: Json;
  settings: Json;
  private exchanges: Json[];
  private next: i32 = 0;
  private need: string = "";
  private failure: string = "";
  private broken: string = "";
  private result: string = "";

  constructor(private envelope: Json) {
    this.input = envelope.at("input");
    this.settings = envelope.at("settings");
    this.exchanges = envelope.at("exchanges").items;
  }

  // now is when the call began, RFC 3339.
  get now(): string {
    return this.envelope.text("now");
  }

  // hasSecret says whether a secret or a kept token of this name is there.
  hasSecret(name: string): bool {
    const names = this.envelope.at("secrets").items;
    for (let i = 0; i < names.length; i++) {
      if (names[i].word == name) return true;
    }
    return false;
  }

  // do asks for a request, written as the contract has it. Null means that the operation just returns: there is
  // no answer yet, and the plugin is run again when there is one; or there will
  // be none, which is a failure provider_unavailable unless another was told.
  do(request: Obj): Response | null {
    if (this.need != "" || this.broken != "") return null;
    const text = request.toString();
    if (this.next == this.exchanges.length) {
      this.need = text;
      return null;
    }
    const x = this.exchanges[this.next++];
    const mine = parse(text);
    if (mine === null || !mine.equals(x.at("request"))) {
      this.broken = "request " + this.next.toString() + " is not what it was";
      return null;
    }
    const response = x.at("response");
    if (response.kind == Kind.Object) return new Response(response);
    this.fail("provider_unavailable", x.at("error").text("kind") + ": " + x.at("error").text("message"));
    return null;
  }

  // checkMAC has the host compare an HMAC over a message's body with what was
  // received, in constant time. False means that it was told as a failure.
  checkMAC(algorithm: string, secret: string, message: Json, received: Uint8Array): bool {
    if (received.length == 0) { // an empty one would ask for the sum
      this.fail("bad_signature", "there is no signature");
      return false;
    }
    const bytes = message.text("body_base64");
    const text = message.text("body");
    const out = this.ask("secret_mac", new Obj()
      .text("algorithm", algorithm)
      .json("key", list([new Obj().text("secret", secret).toString()]))
      .json("data", text == "" ? "[]" : list([quote(text)]))
      .text("data_base64", bytes)
      .text("expect", base64(received)));
    if (out === null) return false;
    if (out.at("equal").word == "true") return true;
    this.fail("bad_signature", "the signature does not match");
    return false;
  }

  // ask has the host run one of its functions: secret_mac, secret_digest or
  // verify_signature. Null means that it could not, which was told as a failure.
  ask(name: string, input: Obj): Json | null {
    const out = parse(hostFunction(name, input.toString()));
    if (out === null) {
      this.fail("internal", name + ": the host gave no output");
      return null;
    }
    const why = out.text("error");
    if (why == "" || name == "verify_signature") return out; // there it says why a signature is not valid
    this.fail("invalid_settings", name + ": " + why);
    return null;
  }

  // finish ends the call with a result, as JSON.
  finish(result: string): void {
    this.result = result;
  }

  // fail ends the call with a failure.
  fail(code: string, message: string, retryAfterMS: i64 = 0): void {
    this.failure = new Obj()
      .text("code", code)
      .text("message", message)
      .json("retry_after_ms", retryAfterMS == 0 ? "" : retryAfterMS.toString())
      .toString();
  }

  // output is the answer: exactly one of need, result and failure.
  output(): string {
    if (this.broken == "" && this.need != "") {
      return new Obj().json("need", new Obj().json("requests", list([this.need])).toString()).toString();
    }
    if (this.broken == "" && this.failure == "" && this.next < this.exchanges.length) this.broken = "it asked for fewer requests than before";
    if (this.broken != "") this.fail("internal", "the plugin is not deterministic: " + this.broken);
    else if (this.failure == "" && this.result == "") this.fail("internal", "the plugin gave no result");
    if (this.failure != "") return new Obj().json("failure", this.failure).toString();
    return new Obj().json("result", this.result).toString();
  }
}
