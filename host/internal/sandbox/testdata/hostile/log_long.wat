;; Logs a hundred lines of 64 KiB and answers well: the first contract.MaxLogLines come
;; through, cut to contract.MaxLogLine.
;; Bites: go-sdk 1.7.1, which copies each message before it looks whether anybody wants
;; it.
;; expect: output
;; within: 3s
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "extism:host/env" "log_warn" (func $warn (param i64)))
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
    (local $i i32)
    loop $again
      i64.const 0x10000
      call $alloc
      call $warn
      local.get $i
      i32.const 1
      i32.add
      local.tee $i
      i32.const 100
      i32.lt_u
      br_if $again
    end
    call $describe))
