// The Wasm boundary: Extism's kernel and the host's own functions. Handles,
// offsets and lengths are i64. The kernel's imports for config, variables, HTTP
// and errors are not bound: the host refuses a module that has them.

// @ts-ignore: decorator
@external("extism:host/env", "input_length")
declare function kernelInputLength(): u64;
// @ts-ignore: decorator
@external("extism:host/env", "input_load_u64")
declare function kernelInputLoad64(offset: u64): u64;
// @ts-ignore: decorator
@external("extism:host/env", "input_load_u8")
declare function kernelInputLoad8(offset: u64): u32;
// @ts-ignore: decorator
@external("extism:host/env", "alloc")
declare function kernelAlloc(n: u64): u64;
// @ts-ignore: decorator
@external("extism:host/env", "free")
declare function kernelFree(handle: u64): void;
// @ts-ignore: decorator
@external("extism:host/env", "length")
declare function kernelLength(handle: u64): u64;
// @ts-ignore: decorator
@external("extism:host/env", "load_u64")
declare function kernelLoad64(offset: u64): u64;
// @ts-ignore: decorator
@external("extism:host/env", "load_u8")
declare function kernelLoad8(offset: u64): u32;
// @ts-ignore: decorator
@external("extism:host/env", "store_u64")
declare function kernelStore64(offset: u64, value: u64): void;
// @ts-ignore: decorator
@external("extism:host/env", "store_u8")
declare function kernelStore8(offset: u64, value: u32): void;
// @ts-ignore: decorator
@external("extism:host/env", "output_set")
declare function kernelOutputSet(handle: u64, n: u64): void;
// @ts-ignore: decorator
@external("extism:host/env", "log_warn")
declare function kernelLogWarn(handle: u64): void;
// @ts-ignore: decorator
@external("extism:host/env", "log_error")
declare function kernelLogError(handle: u64): void;
// @ts-ignore: decorator
@external("extism:host/user", "secret_mac")
declare function hostSecretMAC(input: u64): u64;
// @ts-ignore: decorator
@external("extism:host/user", "secret_digest")
declare function hostSecretDigest(input: u64): u64;
// @ts-ignore: decorator
@external("extism:host/user", "verify_signature")
declare function hostVerifySignature(input: u64): u64;

// put copies a text into the kernel's memory and gives its handle, 0 where
// there is no room. A word is 8 bytes: what is left of one goes byte by byte.
function put(text: string, pad: bool): u64 {
  const bytes = String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE);
  const n = <u64>bytes.byteLength;
  const padded = pad ? (n + 7) & ~7 : n;
  const handle = kernelAlloc(padded);
  if (handle == 0) return 0;
  const at = changetype<usize>(bytes);
  let i: u64 = 0;
  for (; i + 8 <= n; i += 8) kernelStore64(handle + i, load<u64>(at + <usize>i));
  for (; i < n; i++) kernelStore8(handle + i, load<u8>(at + <usize>i));
  for (; i < padded; i++) kernelStore8(handle + i, 0x20);
  return handle;
}

// readInput is the round's input.
export function readInput(): string {
  const n = kernelInputLength();
  const bytes = new ArrayBuffer(<i32>n);
  const at = changetype<usize>(bytes);
  let i: u64 = 0;
  for (; i + 8 <= n; i += 8) store<u64>(at + <usize>i, kernelInputLoad64(i));
  for (; i < n; i++) store<u8>(at + <usize>i, kernelInputLoad8(i));
  return String.UTF8.decode(bytes);
}

// writeOutput sets the round's output. It stays empty where there is no room,
// which the host takes for a failure.
export function writeOutput(text: string): void {
  const handle = put(text, true);
  if (handle != 0) kernelOutputSet(handle, kernelLength(handle));
}

// hostFunction runs one of the host's functions on JSON, and gives JSON or "".
export function hostFunction(name: string, input: string): string {
  const asked = put(input, true);
  if (asked == 0) return "";
  let handle: u64 = 0;
  if (name == "secret_mac") handle = hostSecretMAC(asked);
  else if (name == "secret_digest") handle = hostSecretDigest(asked);
  else if (name == "verify_signature") handle = hostVerifySignature(asked);
  kernelFree(asked);
  if (handle == 0) return "";
  const n = kernelLength(handle);
  const bytes = new ArrayBuffer(<i32>n);
  const at = changetype<usize>(bytes);
  let i: u64 = 0;
  for (; i + 8 <= n; i += 8) store<u64>(at + <usize>i, kernelLoad64(handle + i));
  for (; i < n; i++) store<u8>(at + <usize>i, kernelLoad8(handle + i));
  kernelFree(handle);
  return String.UTF8.decode(bytes);
}

// log writes a line to the host's log. Never log bodies or headers.
export function log(text: string): void {
  const handle = put(text, false);
  if (handle == 0) return;
  kernelLogWarn(handle);
  kernelFree(handle);
}

// abort is what the compiler calls where a plugin cannot go on, such as on an
// index out of range. The host ends the call.
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  const what = message === null ? "abort" : message;
  const where = file === null ? "" : file;
  const handle = put(what + " at " + where + ":" + line.toString() + ":" + column.toString(), false);
  if (handle != 0) kernelLogError(handle);
  unreachable();
}
