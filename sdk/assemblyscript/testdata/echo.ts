// A plugin for the tests of the SDK: it shows what it reads.
import { Call, Obj, base64, fromHex, list, log, manifest, parse, quote, run } from "../index";

export function describe(): i32 { return manifest("{}"); }
export function get_payment(): i32 { return run(read); }
export function create_payment(): i32 { return run(asks); }
export function list_options(): i32 { return run(beyond); }
export function check_settings(): i32 { return run(nothing); }

// read gives a document back as the SDK writes it, and bytes in base64.
function read(c: Call): void {
  log("read");
  const v = parse(c.input.text("document"));
  if (v === null) return c.fail("invalid_request", "no JSON");
  c.finish(new Obj()
    .json("document", v.toString())
    .json("quoted", quote(c.input.text("document")))
    .text("bytes", base64(fromHex(c.input.text("hex"))))
    .json("has_key", c.hasSecret("key") ? "true" : "false")
    .text("now", c.now)
    .toString());
}

// asks has the host run a function, and shows what came of it.
function asks(c: Call): void {
  const out = c.ask(c.input.text("function"), new Obj().text("algorithm", "sha256").json("data", list([quote("abcd")])));
  if (out !== null) c.finish(out.toString());
}

// beyond reads an item that is not there, which ends the call.
function beyond(c: Call): void {
  c.finish(c.input.items[1].word);
}

function nothing(c: Call): void {}
