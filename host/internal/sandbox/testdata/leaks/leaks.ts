// A guest that keeps something from call to call in each way that
// AssemblyScript has, as leaks.c does for C.
//
//   asc leaks.ts -O3 --runtime stub --noAssert --use abort=leaks/abort \
//     --exportStart _initialize -o leaks_as.wasm

@external("extism:host/env", "alloc") declare function alloc(n: u64): u64
@external("extism:host/env", "load_u64") declare function load_u64(at: u64): u64
@external("extism:host/env", "store_u64") declare function store_u64(at: u64, v: u64): void
@external("extism:host/env", "output_set") declare function output_set(at: u64, n: u64): void
@external("wasi_snapshot_preview1", "random_get") declare function random_get(at: usize, n: u32): u32
@external("wasi_snapshot_preview1", "clock_time_get") declare function clock_time_get(id: u32, precision: u64, at: usize): u32

export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  unreachable()
}

function answer(v: u64): i32 {
  const b = alloc(8)
  store_u64(b, v)
  output_set(b, 8)
  return 0
}

// A variable is a global of Wasm.
let variable: u64 = 0
let fraction: f64 = 0
let half: f32 = 0
export function create_payment(): i32 {
  fraction += 0.25
  half += 0.5
  return answer(++variable + u64(fraction) + u64(half))
}

// A list on the heap.
class Node { constructor(public next: Node | null) {} }
let list: Node | null = null
export function complete_payment(): i32 {
  list = new Node(list)
  let length: u64 = 0
  let n = list
  while (n) {
    length++
    n = n.next
  }
  return answer(length)
}

// Memory that is not on the heap.
const place = memory.data(8)
export function get_payment(): i32 {
  store<u64>(place, load<u64>(place) + 1)
  return answer(load<u64>(place))
}

// A block of the kernel, whose bytes are not set.
export function receive_webhook(): i32 {
  const b = alloc(64)
  const seen = load_u64(b)
  store_u64(b, 42)
  return answer(seen)
}

// Randomness and time.
const scratch = memory.data(16)
export function capture_payment(): i32 {
  random_get(scratch, 8)
  clock_time_get(1, 0, scratch + 8)
  return answer(load<u64>(scratch) ^ load<u64>(scratch + 8))
}

// A seed that is drawn at start-up.
random_get(scratch, 8)
const seed = load<u64>(scratch)
export function cancel_payment(): i32 { return answer(seed) }
