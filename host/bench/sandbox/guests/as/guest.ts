// The benchmark's guest in AssemblyScript: the work of ../../work behind
// Extism's boundary. guest.wasm is made of it by
//
//	asc guest.ts -O3 --runtime incremental --noAssert --exportStart _initialize --use abort=guest/stop -o guest.wasm

// @ts-ignore: decorator
@external("extism:host/env", "input_length")
declare function inputLength(): u64;
// @ts-ignore: decorator
@external("extism:host/env", "input_load_u64")
declare function inputLoad(offset: u64): u64;
// @ts-ignore: decorator
@external("extism:host/env", "alloc")
declare function kernelAlloc(n: u64): u64;
// @ts-ignore: decorator
@external("extism:host/env", "store_u64")
declare function kernelStore(offset: u64, value: u64): void;
// @ts-ignore: decorator
@external("extism:host/env", "output_set")
declare function outputSet(handle: u64, n: u64): void;

function stop(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable();
}

// SHA-512.
const K: StaticArray<u64> = [
  0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
  0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
  0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
  0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
  0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
  0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
  0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
  0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
  0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
  0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
  0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
  0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
  0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
  0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
  0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
  0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
  0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
  0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
  0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
  0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
];
const H: StaticArray<u64> = [
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
];

class SHA512 {
  h: StaticArray<u64> = StaticArray.slice<u64>(H);
  w: StaticArray<u64> = new StaticArray<u64>(80);
  block: StaticArray<u8> = new StaticArray<u8>(128);
  total: u64 = 0;

  writeByte(c: u8): void {
    this.block[<i32>(this.total++ & 127)] = c;
    if ((this.total & 127) == 0) this.compress();
  }

  write(p: Uint8Array): void {
    for (let i = 0; i < p.length; i++) this.writeByte(unchecked(p[i]));
  }

  compress(): void {
    const w = this.w, s = this.h, at = changetype<usize>(this.block);
    for (let i = 0; i < 16; i++) unchecked((w[i] = bswap(load<u64>(at + (<usize>i << 3)))));
    for (let i = 16; i < 80; i++) {
      const a = unchecked(w[i - 15]), b = unchecked(w[i - 2]);
      unchecked((w[i] = w[i - 16] + w[i - 7] + (rotr(a, 1) ^ rotr(a, 8) ^ (a >> 7)) + (rotr(b, 19) ^ rotr(b, 61) ^ (b >> 6))));
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 80; i++) {
      const t = h + (rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41)) + (g ^ (e & (f ^ g))) + unchecked(K[i]) + unchecked(w[i]);
      const m = (rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39)) + ((a & b) | (c & (a | b)));
      h = g; g = f; f = e; e = d + t; d = c; c = b; b = a; a = t + m;
    }
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  }

  sum(): Uint8Array {
    const bits = this.total * 8;
    this.writeByte(0x80);
    while ((this.total & 127) != 112) this.writeByte(0);
    for (let i = 0; i < 8; i++) this.writeByte(0);
    for (let i = 56; i >= 0; i -= 8) this.writeByte(<u8>(bits >> <u64>i));
    const out = new Uint8Array(64);
    for (let i = 0; i < 64; i++) out[i] = <u8>(this.h[i >> 3] >> <u64>(56 - 8 * (i & 7)));
    return out;
  }
}

const key = "0123456789abcdef0123456789abcdef";

function keyed(pad: u8): SHA512 {
  const s = new SHA512();
  for (let i = 0; i < 128; i++) s.writeByte((i < key.length ? <u8>key.charCodeAt(i) : 0) ^ pad);
  return s;
}

// The document: see work.go.
class Field {
  key: Uint8Array = new Uint8Array(0);
  value: Uint8Array = new Uint8Array(0);
  number: bool = false;
}

class Scanner {
  at: i32 = 0;
  decoded: i32 = 0;
  text: Uint8Array;
  constructor(public b: Uint8Array) {
    this.text = new Uint8Array(b.length);
  }

  take(c: u8): bool {
    while (this.at < this.b.length && unchecked(this.b[this.at]) <= 0x20) this.at++;
    if (this.at >= this.b.length || unchecked(this.b[this.at]) != c) return false;
    this.at++;
    return true;
  }

  digits(): Uint8Array {
    const from = this.at;
    while (this.at < this.b.length && unchecked(this.b[this.at]) >= 0x30 && unchecked(this.b[this.at]) <= 0x39) this.at++;
    return this.b.subarray(from, this.at);
  }

  put(c: u32): void {
    unchecked((this.text[this.decoded++] = <u8>c));
  }

  string(): Uint8Array | null {
    if (!this.take(0x22)) return null;
    const from = this.decoded;
    while (this.at < this.b.length) {
      let c = unchecked(this.b[this.at++]);
      if (c == 0x22) return this.text.subarray(from, this.decoded);
      if (c < 0x20) return null;
      if (c == 0x5c) {
        if (this.at >= this.b.length) return null;
        c = unchecked(this.b[this.at++]);
        if (c == 0x75) {
          if (!this.unicode()) return null;
          continue;
        }
        if (c != 0x22 && c != 0x5c && c != 0x2f) return null;
      }
      this.put(c);
    }
    return null;
  }

  unicode(): bool {
    if (this.at + 4 > this.b.length) return false;
    let r: u32 = 0;
    for (let i = 0; i < 4; i++) {
      const c = unchecked(this.b[this.at++]);
      if (c >= 0x30 && c <= 0x39) r = (r << 4) | (c - 0x30);
      else if (c >= 0x61 && c <= 0x66) r = (r << 4) | (c - 0x61 + 10);
      else return false;
    }
    if (r >= 0xd800 && r < 0xe000) r = 0xfffd;
    if (r < 0x80) {
      this.put(r);
    } else if (r < 0x800) {
      this.put(0xc0 | (r >> 6));
      this.put(0x80 | (r & 63));
    } else {
      this.put(0xe0 | (r >> 12));
      this.put(0x80 | ((r >> 6) & 63));
      this.put(0x80 | (r & 63));
    }
    return true;
  }
}

function parse(b: Uint8Array): Field[] | null {
  const s = new Scanner(b);
  const fields = new Array<Field>();
  if (!s.take(0x7b)) return null;
  while (!s.take(0x7d)) {
    if (fields.length > 0 && !s.take(0x2c)) return null;
    const f = new Field();
    const key = s.string();
    if (key === null || !s.take(0x3a)) return null;
    f.key = key;
    let value = s.string();
    if (value === null) {
      f.number = true;
      value = s.digits();
      if (value.length == 0) return null;
    }
    f.value = value;
    fields.push(f);
  }
  return fields;
}

// Writer has room for what it is given.
class Writer {
  b: StaticArray<u8>;
  n: i32 = 0;
  constructor(room: i32) {
    this.b = new StaticArray<u8>(room);
  }

  put(c: u8): void {
    this.b[this.n++] = c;
  }

  text(s: string): void {
    for (let i = 0; i < s.length; i++) this.put(<u8>s.charCodeAt(i));
  }

  bytes(p: Uint8Array): void {
    memory.copy(changetype<usize>(this.b) + <usize>this.n, p.dataStart, <usize>p.length);
    this.n += p.length;
  }

  quote(p: Uint8Array): void {
    this.put(0x22);
    for (let i = 0; i < p.length; i++) {
      const c = unchecked(p[i]);
      if (c == 0x22 || c == 0x5c) this.put(0x5c);
      this.put(c);
    }
    this.put(0x22);
  }
}

const digits = "0123456789abcdef";

function answer(b: Uint8Array): Writer {
  const out = new Writer(2 * b.length + 512);
  const fields = parse(b);
  if (fields === null) {
    out.text('{"failure":{"code":"unsupported","message":"not a flat object"}}');
    return out;
  }
  const inner = keyed(0x36);
  for (let i = 0; i < fields.length; i++) {
    if (i > 0) inner.writeByte(0x7c);
    inner.write(fields[i].value);
  }
  const outer = keyed(0x5c);
  outer.write(inner.sum());
  const sum = outer.sum();
  out.text('{"signature":"');
  for (let i = 0; i < 64; i++) {
    out.put(<u8>digits.charCodeAt(sum[i] >> 4));
    out.put(<u8>digits.charCodeAt(sum[i] & 15));
  }
  out.text('","payment":{');
  let first = true;
  for (let i = 0; i < fields.length; i++) {
    const f = fields[i];
    if (f.key.length > 0 && f.key[0] == 0x78) continue;
    if (!first) out.put(0x2c);
    first = false;
    out.quote(f.key);
    out.put(0x3a);
    if (f.number) out.bytes(f.value);
    else out.quote(f.value);
  }
  out.text("}}");
  return out;
}

function output(w: Writer): i32 {
  const n = w.n;
  while ((w.n & 7) != 0) w.put(0x20);
  const handle = kernelAlloc(<u64>w.n);
  for (let i = 0; i < w.n; i += 8) kernelStore(handle + <u64>i, load<u64>(changetype<usize>(w.b) + <usize>i));
  outputSet(handle, <u64>n);
  return 0;
}

export function describe(): i32 {
  const w = new Writer(64);
  w.text('{"name":"guest"}');
  return output(w);
}

export function create_payment(): i32 {
  const n = <i32>inputLength();
  const b = new Uint8Array((n + 7) & ~7);
  for (let i = 0; i < n; i += 8) store<u64>(b.dataStart + <usize>i, inputLoad(<u64>i));
  return output(answer(b.subarray(0, n)));
}
