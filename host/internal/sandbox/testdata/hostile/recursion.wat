;; A function that calls itself for ever.
;; Bites: go-sdk 1.7.1: the engine's own stack is outside of the memory limit and took
;; 57 to 141 MiB before "stack overflow", half a second of a core.
;; expect: fuel
;; within: 3s
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
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
    call $run
    i32.const 1
    i32.add))
