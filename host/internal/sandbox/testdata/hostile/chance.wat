;; Answers by chance and by the clock: random bytes, mixed with the time and with the
;; place of a block.
;; Bites: go-sdk 1.7.1, whose default gives every instance the same "random" bytes; and
;; every host with real ones, where a call cannot be run again.
;; expect: same
;; within: 3s
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (memory 1)
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
    i32.const 0
    i32.const 8
    call $random
    drop
    i32.const 1
    i64.const 0
    i32.const 8
    call $clock
    drop
    i64.const 8
    call $alloc
    local.tee $h
    i32.const 0
    i64.load
    i32.const 8
    i64.load
    i64.add
    local.get $h
    i64.add
    call $store
    local.get $h
    i64.const 8
    call $output
    i32.const 0))
