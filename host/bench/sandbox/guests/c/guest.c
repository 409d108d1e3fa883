// The benchmark's guest in C: the work of ../../work, behind Extism's boundary
// and in its own memory. guest.wasm is made of it by
//
//	clang-14 --target=wasm32 -O2 -nostdlib -ffreestanding -fno-builtin \
//	  -Wl,--no-entry -Wl,-s -o guest.wasm guest.c
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define IMPORT(name) __attribute__((import_module("extism:host/env"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))

IMPORT("input_length") u64 input_length(void);
IMPORT("input_load_u64") u64 input_load(u64 offset);
IMPORT("alloc") u64 kernel_alloc(u64 n);
IMPORT("store_u64") void store(u64 offset, u64 value);
IMPORT("output_set") void output_set(u64 handle, u64 n);

enum { SIZE = 64 << 10, FIELDS = 256 };

static const u8 key[] = "0123456789abcdef0123456789abcdef";
static const u8 failure[] = "{\"failure\":{\"code\":\"unsupported\",\"message\":\"not a flat object\"}}";
static const u8 name[] = "{\"name\":\"guest\"}";

static u8 in[SIZE] __attribute__((aligned(8)));
static u8 out[2 * SIZE] __attribute__((aligned(8)));
static u8 text[SIZE]; // what is decoded, one after the other

// SHA-512.
static const u64 K[80] = {
	0x428a2f98d728ae22ull, 0x7137449123ef65cdull, 0xb5c0fbcfec4d3b2full, 0xe9b5dba58189dbbcull,
	0x3956c25bf348b538ull, 0x59f111f1b605d019ull, 0x923f82a4af194f9bull, 0xab1c5ed5da6d8118ull,
	0xd807aa98a3030242ull, 0x12835b0145706fbeull, 0x243185be4ee4b28cull, 0x550c7dc3d5ffb4e2ull,
	0x72be5d74f27b896full, 0x80deb1fe3b1696b1ull, 0x9bdc06a725c71235ull, 0xc19bf174cf692694ull,
	0xe49b69c19ef14ad2ull, 0xefbe4786384f25e3ull, 0x0fc19dc68b8cd5b5ull, 0x240ca1cc77ac9c65ull,
	0x2de92c6f592b0275ull, 0x4a7484aa6ea6e483ull, 0x5cb0a9dcbd41fbd4ull, 0x76f988da831153b5ull,
	0x983e5152ee66dfabull, 0xa831c66d2db43210ull, 0xb00327c898fb213full, 0xbf597fc7beef0ee4ull,
	0xc6e00bf33da88fc2ull, 0xd5a79147930aa725ull, 0x06ca6351e003826full, 0x142929670a0e6e70ull,
	0x27b70a8546d22ffcull, 0x2e1b21385c26c926ull, 0x4d2c6dfc5ac42aedull, 0x53380d139d95b3dfull,
	0x650a73548baf63deull, 0x766a0abb3c77b2a8ull, 0x81c2c92e47edaee6ull, 0x92722c851482353bull,
	0xa2bfe8a14cf10364ull, 0xa81a664bbc423001ull, 0xc24b8b70d0f89791ull, 0xc76c51a30654be30ull,
	0xd192e819d6ef5218ull, 0xd69906245565a910ull, 0xf40e35855771202aull, 0x106aa07032bbd1b8ull,
	0x19a4c116b8d2d0c8ull, 0x1e376c085141ab53ull, 0x2748774cdf8eeb99ull, 0x34b0bcb5e19b48a8ull,
	0x391c0cb3c5c95a63ull, 0x4ed8aa4ae3418acbull, 0x5b9cca4f7763e373ull, 0x682e6ff3d6b2b8a3ull,
	0x748f82ee5defb2fcull, 0x78a5636f43172f60ull, 0x84c87814a1f0ab72ull, 0x8cc702081a6439ecull,
	0x90befffa23631e28ull, 0xa4506cebde82bde9ull, 0xbef9a3f7b2c67915ull, 0xc67178f2e372532bull,
	0xca273eceea26619cull, 0xd186b8c721c0c207ull, 0xeada7dd6cde0eb1eull, 0xf57d4f7fee6ed178ull,
	0x06f067aa72176fbaull, 0x0a637dc5a2c898a6ull, 0x113f9804bef90daeull, 0x1b710b35131c471bull,
	0x28db77f523047d84ull, 0x32caab7b40c72493ull, 0x3c9ebe0a15c9bebcull, 0x431d67c49c100d4cull,
	0x4cc5d4becb3e42b6ull, 0x597f299cfc657e2aull, 0x5fcb6fab3ad6faecull, 0x6c44198c4a475817ull,
};

typedef struct {
	u64 h[8], total;
	u8 block[128];
} sha512;

static u64 rotr(u64 x, int n) { return x >> n | x << (64 - n); }

static void sha512_block(sha512 *s, const u8 *p) {
	u64 w[80];
	for (int i = 0; i < 16; i++) {
		u64 v;
		__builtin_memcpy(&v, p + 8 * i, 8);
		w[i] = __builtin_bswap64(v);
	}
	for (int i = 16; i < 80; i++) {
		u64 a = w[i - 15], b = w[i - 2];
		w[i] = w[i - 16] + w[i - 7] + (rotr(a, 1) ^ rotr(a, 8) ^ a >> 7) + (rotr(b, 19) ^ rotr(b, 61) ^ b >> 6);
	}
	u64 a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4], f = s->h[5], g = s->h[6], h = s->h[7];
	for (int i = 0; i < 80; i++) {
		u64 t = h + (rotr(e, 14) ^ rotr(e, 18) ^ rotr(e, 41)) + (g ^ (e & (f ^ g))) + K[i] + w[i];
		u64 m = (rotr(a, 28) ^ rotr(a, 34) ^ rotr(a, 39)) + ((a & b) | (c & (a | b)));
		h = g, g = f, f = e, e = d + t, d = c, c = b, b = a, a = t + m;
	}
	s->h[0] += a, s->h[1] += b, s->h[2] += c, s->h[3] += d, s->h[4] += e, s->h[5] += f, s->h[6] += g, s->h[7] += h;
}

static void sha512_init(sha512 *s) {
	static const u64 start[8] = {
		0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull, 0xa54ff53a5f1d36f1ull,
		0x510e527fade682d1ull, 0x9b05688c2b3e6c1full, 0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull,
	};
	for (int i = 0; i < 8; i++) s->h[i] = start[i];
	s->total = 0;
}

static void sha512_write(sha512 *s, const u8 *p, u32 n) {
	for (u32 i = 0; i < n; i++) {
		s->block[s->total++ & 127] = p[i];
		if ((s->total & 127) == 0) sha512_block(s, s->block);
	}
}

static void sha512_sum(sha512 *s, u8 *sum) {
	u64 bits = s->total * 8;
	u8 pad = 0x80;
	do {
		sha512_write(s, &pad, 1);
		pad = 0;
	} while ((s->total & 127) != 112);
	u8 length[16] = {0};
	for (int i = 0; i < 8; i++) length[15 - i] = bits >> 8 * i;
	sha512_write(s, length, 16);
	for (int i = 0; i < 64; i++) sum[i] = s->h[i / 8] >> (56 - 8 * (i % 8));
}

static void keyed(sha512 *s, u8 with) {
	u8 pad[128];
	for (u32 i = 0; i < 128; i++) pad[i] = (i < sizeof key - 1 ? key[i] : 0) ^ with;
	sha512_init(s);
	sha512_write(s, pad, 128);
}

// The document: see work.go.
typedef struct {
	const u8 *key, *value;
	u32 keys, values;
	int number;
} field;

static u32 at, length, decoded;

static int take(u8 c) {
	while (at < length && in[at] <= ' ') at++;
	if (at < length && in[at] == c) {
		at++;
		return 1;
	}
	return 0;
}

static int unicode(void) {
	if (at + 4 > length) return 0;
	u32 r = 0;
	for (int i = 0; i < 4; i++) {
		u8 c = in[at++];
		if (c >= '0' && c <= '9') r = r << 4 | (u32)(c - '0');
		else if (c >= 'a' && c <= 'f') r = r << 4 | (u32)(c - 'a' + 10);
		else return 0;
	}
	if (r >= 0xd800 && r < 0xe000) r = 0xfffd;
	if (r < 0x80) {
		text[decoded++] = r;
	} else if (r < 0x800) {
		text[decoded++] = 0xc0 | r >> 6;
		text[decoded++] = 0x80 | (r & 63);
	} else {
		text[decoded++] = 0xe0 | r >> 12;
		text[decoded++] = 0x80 | (r >> 6 & 63);
		text[decoded++] = 0x80 | (r & 63);
	}
	return 1;
}

static int string(const u8 **value, u32 *n) {
	if (!take('"')) return 0;
	*value = text + decoded;
	u32 from = decoded;
	while (at < length) {
		u8 c = in[at++];
		if (c == '"') {
			*n = decoded - from;
			return 1;
		}
		if (c < ' ') return 0;
		if (c == '\\') {
			if (at >= length) return 0;
			c = in[at++];
			if (c == 'u') {
				if (!unicode()) return 0;
				continue;
			}
			if (c != '"' && c != '\\' && c != '/') return 0;
		}
		text[decoded++] = c;
	}
	return 0;
}

static field fields[FIELDS];

static int parse(void) {
	int n = 0;
	at = decoded = 0;
	if (!take('{')) return -1;
	while (!take('}')) {
		if (n == FIELDS || (n > 0 && !take(','))) return -1;
		field *f = &fields[n++];
		f->number = 0;
		if (!string(&f->key, &f->keys) || !take(':')) return -1;
		if (string(&f->value, &f->values)) continue;
		f->number = 1;
		f->value = in + at;
		while (at < length && in[at] >= '0' && in[at] <= '9') at++;
		f->values = (u32)(in + at - f->value);
		if (f->values == 0) return -1;
	}
	return n;
}

static u8 *put(u8 *to, const u8 *from, u32 n) {
	for (u32 i = 0; i < n; i++) *to++ = from[i];
	return to;
}

static u8 *quote(u8 *to, const u8 *from, u32 n) {
	*to++ = '"';
	for (u32 i = 0; i < n; i++) {
		if (from[i] == '"' || from[i] == '\\') *to++ = '\\';
		*to++ = from[i];
	}
	*to++ = '"';
	return to;
}

#define PUT(to, s) put(to, (const u8 *)(s), sizeof(s) - 1)

static u32 answer(void) {
	int n = length <= SIZE ? parse() : -1;
	if (n < 0) return (u32)(put(out, failure, sizeof failure - 1) - out);
	sha512 s;
	u8 sum[64];
	keyed(&s, 0x36);
	for (int i = 0; i < n; i++) {
		if (i > 0) sha512_write(&s, (const u8 *)"|", 1);
		sha512_write(&s, fields[i].value, fields[i].values);
	}
	sha512_sum(&s, sum);
	keyed(&s, 0x5c);
	sha512_write(&s, sum, 64);
	sha512_sum(&s, sum);
	u8 *to = PUT(out, "{\"signature\":\"");
	for (int i = 0; i < 64; i++) {
		*to++ = "0123456789abcdef"[sum[i] >> 4];
		*to++ = "0123456789abcdef"[sum[i] & 15];
	}
	to = PUT(to, "\",\"payment\":{");
	int first = 1;
	for (int i = 0; i < n; i++) {
		const field *f = &fields[i];
		if (f->keys > 0 && f->key[0] == 'x') continue;
		if (!first) *to++ = ',';
		first = 0;
		to = quote(to, f->key, f->keys);
		*to++ = ':';
		to = f->number ? put(to, f->value, f->values) : quote(to, f->value, f->values);
	}
	return (u32)(PUT(to, "}}") - out);
}

static int output(u32 n) {
	u32 words = (n + 7) / 8;
	for (u32 i = n; i < 8 * words; i++) out[i] = ' ';
	u64 handle = kernel_alloc(8 * words);
	for (u32 i = 0; i < words; i++) store(handle + 8 * i, ((u64 *)out)[i]);
	output_set(handle, n);
	return 0;
}

EXPORT("describe") int describe(void) { return output((u32)(put(out, name, sizeof name - 1) - out)); }

EXPORT("create_payment") int create_payment(void) {
	u64 n = input_length();
	length = n <= SIZE ? (u32)n : SIZE + 1;
	for (u32 i = 0; i < length && length <= SIZE; i += 8) ((u64 *)in)[i / 8] = input_load(i);
	return output(answer());
}

EXPORT("raw_input") void *raw_input(void) { return in; }
EXPORT("raw_work") u32 raw_work(u32 n) {
	length = n;
	return answer();
}
EXPORT("raw_output") void *raw_output(void) { return out; }

void *memcpy(void *to, const void *from, unsigned long n) {
	put(to, from, n);
	return to;
}

void *memset(void *to, int c, unsigned long n) {
	for (unsigned long i = 0; i < n; i++) ((volatile u8 *)to)[i] = (u8)c;
	return to;
}
