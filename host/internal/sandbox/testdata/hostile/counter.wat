;; Counts its calls, in a global and in memory, and answers the count: a plugin that
;; does so would ask for something else in the next round.
;; Bites: pooled instances, where a payment meets what the one before left: another
;; answer each time.
;; expect: same
;; within: 3s
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (memory 1)
  (global $calls (mut i32) (i32.const 0))
  ;; A good answer: eight bytes, "good" in quotes and two spaces.
  (func $describe (export "describe") (result i32)
    (local $h i64)
    i64.const 8
    call $alloc
    local.tee $h
    i64.const 0x202022646f6f6722
    call $store
    local.get $h
    i64.const 8
    call $output
    i32.const 0)
  (func $run (export "run") (result i32)
    (local $h i64)
    global.get $calls
    i32.const 1
    i32.add
    global.set $calls
    i32.const 0
    i32.const 0
    i64.load
    i64.const 0x100000000
    i64.add
    i64.store
    i64.const 8
    call $alloc
    local.tee $h
    i32.const 0
    i64.load
    global.get $calls
    i64.extend_i32_u
    i64.add
    call $store
    local.get $h
    i64.const 8
    call $output
    i32.const 0))
