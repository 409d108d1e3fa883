;; Takes pages until it is refused, writes into each, and gives up.
;; Bites: hosts without Memory in Extism's manifest: up to 4 GiB a module.
;; expect: memory
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
    (local $page i32)
    loop $again
      i32.const 16
      memory.grow
      local.tee $page
      i32.const -1
      i32.eq
      if
        unreachable
      end
      local.get $page
      i32.const 16
      i32.shl
      i32.const 1
      i32.store
      br $again
    end
    unreachable))
