// A guest that keeps something from call to call in each way that C has: each
// operation answers eight bytes, in which an earlier call can be seen.
//
//   clang-14 --target=wasm32 -O2 -nostdlib -ffreestanding -mmutable-globals \
//     -Wl,--no-entry -Wl,-s -o leaks_c.wasm leaks.c

typedef unsigned long long u64;

#define KERNEL(name) __attribute__((import_module("extism:host/env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name))) int name(void)

KERNEL(alloc) u64 alloc(u64 n);
KERNEL(load_u64) u64 load_u64(u64 at);
KERNEL(store_u64) void store_u64(u64 at, u64 v);
KERNEL(output_set) void output_set(u64 at, u64 n);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("random_get"))) int random_get(void *b, unsigned n);
__attribute__((import_module("wasi_snapshot_preview1"), import_name("clock_time_get"))) int clock_time_get(int id, u64 precision, u64 *at);

static int answer(u64 v) {
	u64 b = alloc(8);
	store_u64(b, v);
	output_set(b, 8);
	return 0;
}

// A variable.
static volatile u64 variable;
EXPORT(create_payment) { return answer(++variable); }

// A list on a heap of its own, which is never freed.
struct node { struct node *next; };
extern char __heap_base;
static char *top = &__heap_base;
static struct node *list;
EXPORT(complete_payment) {
	struct node *n = (struct node *)top;
	top += 16;
	n->next = list;
	list = n;
	u64 length = 0;
	for (n = list; n; n = n->next) length++;
	return answer(length);
}

// A global of Wasm.
__asm__(".globaltype counter, i32\n"
        "counter:\n");
EXPORT(get_payment) {
	int v;
	__asm__ volatile("global.get counter\n\ti32.const 1\n\ti32.add\n\tglobal.set counter\n\tglobal.get counter\n\tlocal.set %0" : "=r"(v));
	return answer(v);
}

// A block of the kernel, whose bytes are not set.
EXPORT(receive_webhook) {
	u64 b = alloc(64), seen = load_u64(b);
	store_u64(b, 42);
	return answer(seen);
}

// Randomness and time.
EXPORT(capture_payment) {
	u64 v, at;
	random_get(&v, sizeof v);
	clock_time_get(1, 0, &at);
	return answer(v ^ at);
}

// A seed that is drawn at start-up.
static u64 seed;
__attribute__((export_name("_initialize"))) void start(void) { random_get(&seed, sizeof seed); }
EXPORT(cancel_payment) { return answer(seed); }
