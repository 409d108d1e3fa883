// JSON, as much as a plugin needs: a reader into a tree, and a writer.
import { digit } from "./bytes";

// The kinds of value.
export const enum Kind { Null, Bool, Number, Text, List, Object }

// maxDepth bounds lists and objects within each other.
const maxDepth = 64;

// What a value without members holds. Nobody adds to them.
const noNames: string[] = [];
const noItems: Json[] = [];

// Json is a value. One that is not there is Null, so that paths can be followed
// without asking at each step: input.at("payment").at("amount").text("decimal").
export class Json {
  // word is what a text says, and how a number, true or false is written.
  // Numbers stay text: nothing becomes a float near money.
  word: string = "";
  names: string[] = noNames;
  items: Json[] = noItems;
  constructor(public kind: Kind) {}

  // at is the member of an object with this name; of several, the last.
  at(name: string): Json {
    for (let i = this.names.length - 1; i >= 0; i--) {
      if (this.names[i] == name) return this.items[i];
    }
    return new Json(Kind.Null);
  }

  // text is the member of this name where it is a text, else "".
  text(name: string): string {
    const v = this.at(name);
    return v.kind == Kind.Text ? v.word : "";
  }

  // toString writes the value.
  toString(): string {
    if (this.kind == Kind.Null) return "null";
    if (this.kind == Kind.Text) return quote(this.word);
    if (this.kind == Kind.Bool || this.kind == Kind.Number) return this.word;
    const parts: string[] = [];
    for (let i = 0; i < this.items.length; i++) {
      const v = this.items[i].toString();
      parts.push(this.kind == Kind.List ? v : quote(this.names[i]) + ":" + v);
    }
    return this.kind == Kind.List ? list(parts) : "{" + parts.join(",") + "}";
  }

  // equals compares values, whatever the order of members.
  equals(other: Json): bool {
    if (this.kind != other.kind || this.word != other.word || this.items.length != other.items.length) return false;
    for (let i = 0; i < this.items.length; i++) {
      const mine = this.items[i];
      if (!mine.equals(this.kind == Kind.Object ? other.at(this.names[i]) : other.items[i])) return false;
    }
    return true;
  }
}

// parse reads a whole document. What is no JSON gives null.
export function parse(text: string): Json | null {
  const r = new Reader(text);
  const v = r.value(0);
  r.next();
  return r.bad || r.at < text.length ? null : v;
}

// unit is a character of a text, of which the caller knows that it is there.
// @ts-ignore: decorator
@inline
function unit(text: string, i: i32): i32 {
  return load<u16>(changetype<usize>(text) + (<usize>i << 1));
}

class Reader {
  at: i32 = 0;
  bad: bool = false;
  constructor(private s: string) {}

  // next skips white space and gives the character that follows, 0 at the end.
  next(): i32 {
    for (; this.at < this.s.length; this.at++) {
      const c = unit(this.s, this.at);
      if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return c;
    }
    return 0;
  }

  take(c: i32): bool {
    if (this.bad || this.next() != c) return false;
    this.at++;
    return true;
  }

  value(depth: i32): Json {
    const c = this.next();
    if (c == 0x22) {
      const v = new Json(Kind.Text);
      v.word = this.string();
      return v;
    }
    if (c != 0x7b && c != 0x5b) return this.plain();
    this.at++;
    const v = new Json(c == 0x7b ? Kind.Object : Kind.List);
    const end = c + 2; // } and ] stand two behind { and [
    if (depth == maxDepth) this.bad = true;
    if (this.take(end)) return v;
    v.items = [];
    if (v.kind == Kind.Object) v.names = [];
    while (!this.bad) {
      if (v.kind == Kind.Object) {
        this.next();
        v.names.push(this.string());
        if (!this.take(0x3a)) this.bad = true;
      }
      if (!this.bad) v.items.push(this.value(depth + 1));
      if (this.take(end)) break;
      if (!this.take(0x2c)) this.bad = true;
    }
    return v;
  }

  // plain reads null, true, false or a number.
  plain(): Json {
    const start = this.at;
    for (; this.at < this.s.length; this.at++) {
      const c = unit(this.s, this.at);
      const word = (c >= 0x61 && c <= 0x7a) || (c >= 0x30 && c <= 0x39);
      if (!word && c != 0x2d && c != 0x2b && c != 0x2e && c != 0x45) break;
    }
    const word = this.s.substring(start, this.at);
    if (word == "null") return new Json(Kind.Null);
    const first = word.length > 0 ? word.charCodeAt(0) : 0;
    const number = first == 0x2d || (first >= 0x30 && first <= 0x39);
    if (number ? !isNumber(word) : word != "true" && word != "false") this.bad = true;
    const v = new Json(number ? Kind.Number : Kind.Bool);
    v.word = word;
    return v;
  }

  // string reads a text. One without escapes is copied as it stands.
  string(): string {
    if (!this.take(0x22)) this.bad = true;
    const start = this.at;
    let escapes = false;
    for (; !this.bad && this.at < this.s.length; this.at++) {
      const c = unit(this.s, this.at);
      if (c == 0x22) {
        const end = this.at++;
        return escapes ? this.unescaped(start, end) : this.s.substring(start, end);
      }
      if (c < 0x20) break;
      if (c != 0x5c) continue;
      escapes = true;
      this.at++; // whatever is escaped, it is not the end
    }
    this.bad = true;
    return "";
  }

  // unescaped copies a text without its backslashes.
  unescaped(start: i32, end: i32): string {
    const out = new StaticArray<u16>(end - start); // it only gets shorter
    let n = 0;
    for (let i = start; i < end; i++) {
      let c = unit(this.s, i);
      if (c == 0x5c) {
        c = unit(this.s, ++i);
        if (c == 0x75) {
          c = this.unicode(i + 1, end);
          i += 4;
        } else {
          const from = escapable.indexOf(String.fromCharCode(c));
          if (from < 0) this.bad = true;
          else c = escaped.charCodeAt(from);
        }
      }
      if (this.bad) return "";
      unchecked((out[n++] = <u16>c));
    }
    return String.UTF16.decodeUnsafe(changetype<usize>(out), n << 1);
  }

  // unicode reads the four digits behind \\u.
  unicode(at: i32, end: i32): i32 {
    let code = 0;
    for (let i = at; i < at + 4; i++) {
      const d = i < end ? digit(this.s.charCodeAt(i)) : -1;
      if (d < 0) this.bad = true;
      code = (code << 4) | (d & 15);
    }
    return code;
  }
}

// What may stand behind a backslash, and what it means.
const escapable = "\"\\/bfnrt";
const escaped = "\"\\/\b\f\n\r\t";

// isNumber holds a word to the grammar of RFC 8259: -? digits (. digits)? (e [+-]? digits)?
function isNumber(word: string): bool {
  let at = word.startsWith("-") ? 1 : 0;
  const whole = digits(word, at);
  if (whole == at || (whole > at + 1 && word.charCodeAt(at) == 0x30)) return false;
  at = whole;
  if (at < word.length && word.charCodeAt(at) == 0x2e) {
    const end = digits(word, at + 1);
    if (end == at + 1) return false;
    at = end;
  }
  if (at < word.length && (word.charCodeAt(at) | 0x20) == 0x65) {
    at++;
    if (at < word.length && (word.charCodeAt(at) == 0x2b || word.charCodeAt(at) == 0x2d)) at++;
    const end = digits(word, at);
    if (end == at) return false;
    at = end;
  }
  return at == word.length;
}

// digits gives where the digits that begin at a place end.
function digits(word: string, at: i32): i32 {
  while (at < word.length && word.charCodeAt(at) >= 0x30 && word.charCodeAt(at) <= 0x39) at++;
  return at;
}

// quote writes a text with its quotes.
export function quote(text: string): string {
  let more = 0;
  for (let i = 0; i < text.length; i++) {
    const c = unit(text, i);
    if (c < 0x20) more += 5;
    else if (c == 0x22 || c == 0x5c) more++;
  }
  if (more == 0) return "\"" + text + "\"";
  const out = new StaticArray<u16>(text.length + more + 2);
  let n = 0;
  unchecked((out[n++] = 0x22));
  for (let i = 0; i < text.length; i++) {
    const c = unit(text, i);
    if (c < 0x20) {
      unchecked((out[n++] = 0x5c));
      unchecked((out[n++] = 0x75));
      unchecked((out[n++] = 0x30));
      unchecked((out[n++] = 0x30));
      unchecked((out[n++] = c < 16 ? 0x30 : 0x31));
      unchecked((out[n++] = <u16>"0123456789abcdef".charCodeAt(c & 15)));
      continue;
    }
    if (c == 0x22 || c == 0x5c) unchecked((out[n++] = 0x5c));
    unchecked((out[n++] = <u16>c));
  }
  unchecked((out[n++] = 0x22));
  return String.UTF16.decodeUnsafe(changetype<usize>(out), n << 1);
}

// list writes a list of values that are JSON already.
export function list(items: string[]): string {
  return "[" + items.join(",") + "]";
}

// Obj writes an object, member by member.
export class Obj {
  private members: string[] = [];

  // text adds a text; "" is left out.
  text(name: string, value: string): Obj {
    return this.json(name, value == "" ? "" : quote(value));
  }

  // json adds what is JSON already; "" is left out.
  json(name: string, value: string): Obj {
    if (value != "") this.members.push(quote(name) + ":" + value);
    return this;
  }

  toString(): string {
    return "{" + this.members.join(",") + "}";
  }
}
