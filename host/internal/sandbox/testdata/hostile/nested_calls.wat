;; 2^36 calls without a loop: each function calls the next twice.
;; Bites: wazero 1.12.0 with WithCloseOnContextDone, which checks loops alone (pull
;; request 2533): the deadline passed and the host hung at its next garbage collection.
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
  (func $f0
    call $f1
    call $f1)
  (func $f1
    call $f2
    call $f2)
  (func $f2
    call $f3
    call $f3)
  (func $f3
    call $f4
    call $f4)
  (func $f4
    call $f5
    call $f5)
  (func $f5
    call $f6
    call $f6)
  (func $f6
    call $f7
    call $f7)
  (func $f7
    call $f8
    call $f8)
  (func $f8
    call $f9
    call $f9)
  (func $f9
    call $f10
    call $f10)
  (func $f10
    call $f11
    call $f11)
  (func $f11
    call $f12
    call $f12)
  (func $f12
    call $f13
    call $f13)
  (func $f13
    call $f14
    call $f14)
  (func $f14
    call $f15
    call $f15)
  (func $f15
    call $f16
    call $f16)
  (func $f16
    call $f17
    call $f17)
  (func $f17
    call $f18
    call $f18)
  (func $f18
    call $f19
    call $f19)
  (func $f19
    call $f20
    call $f20)
  (func $f20
    call $f21
    call $f21)
  (func $f21
    call $f22
    call $f22)
  (func $f22
    call $f23
    call $f23)
  (func $f23
    call $f24
    call $f24)
  (func $f24
    call $f25
    call $f25)
  (func $f25
    call $f26
    call $f26)
  (func $f26
    call $f27
    call $f27)
  (func $f27
    call $f28
    call $f28)
  (func $f28
    call $f29
    call $f29)
  (func $f29
    call $f30
    call $f30)
  (func $f30
    call $f31
    call $f31)
  (func $f31
    call $f32
    call $f32)
  (func $f32
    call $f33
    call $f33)
  (func $f33
    call $f34
    call $f34)
  (func $f34
    call $f35
    call $f35)
  (func $f35
    call $f36
    call $f36)
  (func $f36)
  (func $run (export "run") (result i32)
    call $f0
    i32.const 0))
