// Guests that mean harm, one an export: those of the sandbox's corpus
// (host/internal/sandbox/testdata/hostile) that take the host's time or memory.
// hostile.wasm is made of it by
//
//	clang-14 --target=wasm32 -O1 -mbulk-memory -nostdlib -ffreestanding \
//	  -Wl,--no-entry -Wl,-s -o hostile.wasm hostile.c
typedef unsigned int u32;
typedef unsigned long long u64;

#define IMPORT(name) __attribute__((import_module("extism:host/env"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(#name))) int name(void)

IMPORT("alloc") u64 kernel_alloc(u64 n);
IMPORT("store_u64") void store(u64 offset, u64 value);
IMPORT("output_set") void output_set(u64 handle, u64 n);
IMPORT("log_warn") void warn(u64 handle);

static volatile u32 sink;

// A good answer, so that the module can be proven.
EXPORT(describe) {
	u64 handle = kernel_alloc(8);
	store(handle, 0x202022646f6f6722ull);
	output_set(handle, 8);
	return 0;
}

EXPORT(loop) {
	for (;;) sink++;
}

#define TWICE(name, next) \
	__attribute__((noinline)) static void name(void) { next(); next(); }
__attribute__((noinline)) static void leaf(void) { sink++; }
TWICE(n1, leaf) TWICE(n2, n1) TWICE(n3, n2) TWICE(n4, n3) TWICE(n5, n4) TWICE(n6, n5) TWICE(n7, n6) TWICE(n8, n7) TWICE(n9, n8)
TWICE(n10, n9) TWICE(n11, n10) TWICE(n12, n11) TWICE(n13, n12) TWICE(n14, n13) TWICE(n15, n14) TWICE(n16, n15) TWICE(n17, n16)
TWICE(n18, n17) TWICE(n19, n18) TWICE(n20, n19) TWICE(n21, n20) TWICE(n22, n21) TWICE(n23, n22) TWICE(n24, n23) TWICE(n25, n24)
TWICE(n26, n25) TWICE(n27, n26) TWICE(n28, n27) TWICE(n29, n28) TWICE(n30, n29) TWICE(n31, n30) TWICE(n32, n31) TWICE(n33, n32)
TWICE(n34, n33) TWICE(n35, n34) TWICE(n36, n35)

// 2^36 calls without a loop.
EXPORT(nested_calls) {
	n36();
	return 0;
}

__attribute__((noinline)) static u32 deeper(u32 n) { return deeper(n + 1) + sink; }

EXPORT(recursion) { return (int)deeper(0); }

EXPORT(memory_bomb) {
	for (;;) {
		int page = __builtin_wasm_memory_grow(0, 16);
		if (page < 0) __builtin_trap();
		for (int i = 0; i < 16; i++) *(volatile u32 *)((u32)(page + i) << 16) = 1;
	}
}

EXPORT(memory_fill) {
	u32 at = 1 << 20;
	if (__builtin_wasm_memory_grow(0, 512) < 0) __builtin_trap();
	for (;;) __builtin_memset((void *)at, (int)sink++, 16 << 20);
}

EXPORT(kernel_allocations) {
	for (;;) kernel_alloc(1 << 20);
}

EXPORT(kernel_crumbs) {
	for (;;) kernel_alloc(1);
}

EXPORT(output_30mb) {
	output_set(kernel_alloc(30000000), 30000000);
	return 0;
}

EXPORT(log_flood) {
	for (;;) warn(kernel_alloc(64));
}

EXPORT(trap) {
	sink = 1;
	__builtin_trap();
}
