;; Opens files by the first numbers there could be, and traps if it is given one. What
;; Go's runtime imports is there and answers that it is not supported.
;; Bites: hosts with AllowedPaths or a preopened folder, which is every guest's then.
;; expect: output
;; within: 3s
(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
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
    (local $fd i32)
    loop $again
      local.get $fd
      i32.const 0
      i32.const 0
      i32.const 1
      i32.const 0
      i64.const -1
      i64.const -1
      i32.const 0
      i32.const 8
      call $open
      i32.const 0
      i32.eq
      if
        unreachable
      end
      local.get $fd
      i32.const 1
      i32.add
      local.tee $fd
      i32.const 100
      i32.lt_u
      br_if $again
    end
    call $describe))
