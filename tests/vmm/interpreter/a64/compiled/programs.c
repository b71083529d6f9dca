/* What compilers make SVE instructions of: linear algebra, strings, a sort, a hash, an FFT, an image filter.
 * Each writes its results to standard output; what they are depends on the vector length where sums of floats
 * are taken in another order. No C library: the same file runs under QEMU and in the interpreter. */

#include <arm_sve.h>
#include <stddef.h>
#include <stdint.h>

enum { WRITE = 64, EXIT = 93 };

static long call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number, x0 __asm__("x0") = a, x1 __asm__("x1") = b, x2 __asm__("x2") = c;
  __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}

/* The compiler calls these by itself. */
void *memset(void *to, int byte, size_t size) {
  unsigned char *at = to;
  while (size--) *at++ = byte;
  return to;
}
void *memcpy(void *to, const void *from, size_t size) {
  unsigned char *at = to;
  const unsigned char *source = from;
  while (size--) *at++ = *source++;
  return to;
}

#define TELL(name, results) (call(WRITE, 1, (long)name, 4), call(WRITE, 1, (long)(results), sizeof(results)))
#define PROGRAM __attribute__((noinline)) static void

static uint32_t seed;
static uint32_t next(void) { return seed = seed * 1664525 + 1013904223; }
static float fraction(void) { return (int32_t)next() * 0x1p-31f; }

enum { ROWS = 9, INNER = 21, COLUMNS = 37 };
static double left[ROWS][INNER], right[INNER][COLUMNS], product[ROWS][COLUMNS];

PROGRAM dense(void) {
  for (int i = 0; i < ROWS; i++)
    for (int k = 0; k < INNER; k++) left[i][k] = fraction();
  for (int k = 0; k < INNER; k++)
    for (int j = 0; j < COLUMNS; j++) right[k][j] = fraction();
  for (int i = 0; i < ROWS; i++)
    for (int j = 0; j < COLUMNS; j++) {
      double sum = 0;
      for (int k = 0; k < INNER; k++) sum += left[i][k] * right[k][j];
      product[i][j] = sum;
    }
  TELL("gemm", product);
}

enum { ENTRIES = 300, LINES = 20, WIDTH = 64 };
static float values[ENTRIES], dense_vector[WIDTH], sums[LINES];
static uint32_t places[ENTRIES], starts[LINES + 1];

PROGRAM sparse(void) {
  for (int n = 0; n < ENTRIES; n++) values[n] = fraction(), places[n] = next() >> 26;
  for (int n = 0; n < WIDTH; n++) dense_vector[n] = fraction();
  for (int line = 0; line <= LINES; line++) starts[line] = line * line * ENTRIES / (LINES * LINES);
  for (int line = 0; line < LINES; line++) {
    float sum = 0;
    for (uint32_t n = starts[line]; n < starts[line + 1]; n++) sum += values[n] * dense_vector[places[n]];
    sums[line] = sum;
  }
  TELL("spmv", sums);
}

static char text[700], copy[700];
static uint64_t lengths[8];

/* First-fault loads, as C libraries' string functions for SVE have them. */
static uint64_t length(const char *string) {
  const svbool_t all = svptrue_b8();
  uint64_t count = 0;
  while (1) {
    svsetffr();
    const svuint8_t bytes = svldff1_u8(all, (const uint8_t *)string + count);
    const svbool_t loaded = svrdffr();
    const svbool_t ends = svcmpeq_n_u8(loaded, bytes, 0);
    if (svptest_any(loaded, ends)) return count + svcntp_b8(all, svbrkb_z(loaded, ends));
    count += svcntp_b8(all, loaded);
  }
}

static int64_t compare(const char *one, const char *other) {
  for (uint64_t at = 0;; at += svcntb()) {
    const svbool_t all = svptrue_b8();
    const svuint8_t a = svld1_u8(all, (const uint8_t *)one + at), b = svld1_u8(all, (const uint8_t *)other + at);
    const svbool_t differ = svcmpne_u8(all, a, b), ends = svcmpeq_n_u8(all, a, 0);
    const svbool_t stop = svorr_z(all, differ, ends);
    if (!svptest_any(all, stop)) continue;
    const svbool_t before = svbrkb_z(all, stop);
    return (int64_t)svlasta_u8(before, a) - svlasta_u8(before, b);
  }
}

static uint64_t occurrences(const char *string, char wanted) {
  uint64_t count = 0;
  for (int n = 0; n < 600; n++) count += string[n] == wanted;
  return count;
}

PROGRAM strings(void) {
  for (int n = 0; n < 650; n++) text[n] = 'a' + next() % 26;
  for (int n = 0; n < 650; n++) copy[n] = text[n];
  lengths[0] = length(text);
  lengths[1] = length(text + 300);
  text[433] = 0;
  lengths[2] = length(text + 1);
  lengths[3] = compare(text, copy);
  copy[200]++;
  lengths[4] = compare(text + 3, copy + 3);
  lengths[5] = occurrences(copy, 'e');
  lengths[6] = compare(text, text);
  TELL("strn", lengths);
  for (int n = 0; n < 650; n++) copy[n] = text[n] >= 'a' && text[n] <= 'z' ? text[n] - 32 : text[n];
  TELL("uppr", copy);
}

enum { ITEMS = 96 };
static int32_t items[ITEMS];

/* Odd-even transposition: neighbours are loaded and stored as pairs. */
PROGRAM sort(void) {
  for (int n = 0; n < ITEMS; n++) items[n] = next();
  for (int pass = 0; pass < ITEMS; pass++) {
    int32_t *pairs = items + pass % 2;
    for (int n = 0; n < ITEMS / 2 - pass % 2; n++) {
      const int32_t a = pairs[2 * n], b = pairs[2 * n + 1];
      pairs[2 * n] = a < b ? a : b;
      pairs[2 * n + 1] = a < b ? b : a;
    }
  }
  TELL("sort", items);
}

static uint32_t digests[64];
static uint64_t wide[33];

PROGRAM hash(void) {
  for (uint32_t n = 0; n < 64; n++) {
    uint32_t h = n * 0x9e3779b1u;
    for (int byte = 0; byte < 8; byte++) {
      h ^= (h >> 15) + (uint32_t)byte;
      h *= 0x85ebca77u;
      h = h << 13 | h >> 19;
    }
    digests[n] = h / (n + 1) + h;
  }
  TELL("hash", digests);
  for (uint64_t n = 0; n < 33; n++) {
    const uint64_t x = (n + 1) * 0x9e3779b97f4a7c15u;
    wide[n] = (x ^ x >> 31) * 0xbf58476d1ce4e5b9u + (uint64_t)__builtin_popcountll(x) + __builtin_clzll(x);
  }
  TELL("wide", wide);
}

enum { POINTS = 64 };
static float re[POINTS], im[POINTS], cosine[POINTS / 2], sine[POINTS / 2];

PROGRAM transform(void) {
  /* Each from the one before, by a rotation. */
  const float c = 0.99518472667219693f, s = -0.09801714032956060f;
  cosine[0] = 1, sine[0] = 0;
  for (int n = 1; n < POINTS / 2; n++) {
    cosine[n] = cosine[n - 1] * c - sine[n - 1] * s;
    sine[n] = cosine[n - 1] * s + sine[n - 1] * c;
  }
  for (int n = 0; n < POINTS; n++) re[n] = fraction(), im[n] = fraction();
  for (int half = POINTS / 2, step = 1; half >= 1; half /= 2, step *= 2)
    for (int block = 0; block < POINTS; block += 2 * half) {
      float *restrict ar = re + block, *restrict ai = im + block;
      float *restrict br = ar + half, *restrict bi = ai + half;
      for (int n = 0; n < half; n++) {
        const float xr = ar[n] - br[n], xi = ai[n] - bi[n], wr = cosine[n * step], wi = sine[n * step];
        ar[n] += br[n], ai[n] += bi[n];
        br[n] = xr * wr - xi * wi, bi[n] = xr * wi + xi * wr;
      }
    }
  TELL("fftr", re);
  TELL("ffti", im);
}

static float numbers[80], turned[80];

/* Complex numbers in pairs, with the instructions that are made for them. */
PROGRAM complex_product(void) {
  for (int n = 0; n < 80; n++) numbers[n] = fraction(), turned[n] = fraction();
  for (int64_t n = 0; n < 80; n += svcntw()) {
    const svbool_t here = svwhilelt_b32(n, (int64_t)80);
    const svfloat32_t a = svld1(here, numbers + n), b = svld1(here, turned + n);
    svfloat32_t sum = svcmla_x(here, svdup_f32(0), a, b, 0);
    sum = svcmla_x(here, sum, a, b, 90);
    svst1(here, turned + n, svcadd_x(here, sum, a, 270));
  }
  TELL("cmul", turned);
}

enum { HIGH = 12, WIDE = 45 };
static uint8_t picture[HIGH][WIDE], blurred[HIGH][WIDE];
static int16_t edges[HIGH][WIDE];
static float roots[WIDE];

PROGRAM filter(void) {
  for (int y = 0; y < HIGH; y++)
    for (int x = 0; x < WIDE; x++) picture[y][x] = next() >> 24;
  for (int y = 1; y < HIGH - 1; y++)
    for (int x = 1; x < WIDE - 1; x++) {
      uint16_t sum = 0;
      for (int j = -1; j <= 1; j++)
        for (int i = -1; i <= 1; i++) sum += picture[y + j][x + i] * (uint16_t)((2 - j * j) * (2 - i * i));
      blurred[y][x] = (sum + 8) >> 4;
      const int16_t edge = 2 * (picture[y][x + 1] - picture[y][x - 1]) + picture[y - 1][x] - picture[y + 1][x];
      edges[y][x] = edge < 0 ? -edge : edge;
    }
  for (int x = 0; x < WIDE; x++) roots[x] = __builtin_sqrtf(picture[3][x]) / (1 + (float)edges[4][x]);
  TELL("blur", blurred);
  TELL("edge", edges);
  TELL("root", roots);
}

static int8_t bytes[2][333];
static int32_t dots[1];

PROGRAM dot(void) {
  int32_t sum = 0;
  for (int n = 0; n < 333; n++) bytes[0][n] = next() >> 24, bytes[1][n] = next() >> 24;
  for (int n = 0; n < 333; n++) sum += bytes[0][n] * bytes[1][n];
  dots[0] = sum;
  TELL("dotp", dots);
}

static uint8_t near[90], far[90], means[90];
static int16_t fixed[90], scaled[90];
static uint32_t masks[90], mixed[90];

/* Averages, absolute differences, fixed-point products, selected bits, rotated sums: each one instruction of SVE2. */
PROGRAM media(void) {
  for (int n = 0; n < 90; n++) near[n] = next() >> 24, far[n] = next() >> 24, masks[n] = next();
  for (int n = 0; n < 90; n++) fixed[n] = next() >> 16, mixed[n] = next();
  for (int n = 0; n < 90; n++) means[n] = (near[n] + far[n] + 1) >> 1;
  for (int n = 0; n < 90; n++) scaled[n] = ((((int32_t)fixed[n] * fixed[89 - n]) >> 14) + 1) >> 1;
  for (int n = 0; n < 90; n++) mixed[n] = (mixed[n] & masks[n]) | (masks[89 - n] & ~masks[n]);
  for (int n = 0; n < 90; n++) {
    const uint32_t x = mixed[n] ^ masks[n];
    mixed[n] = (x >> 7 | x << 25) ^ masks[89 - n] ^ near[n];
  }
  for (int n = 0; n < 90; n++) mixed[n] += near[n] > far[n] ? near[n] - far[n] : far[n] - near[n];
  TELL("mean", means);
  TELL("mulh", scaled);
  TELL("mixd", mixed);
}

static _Float16 halves[70];
static double doubles[70];
static int64_t integers[70];

PROGRAM convert(void) {
  for (int n = 0; n < 70; n++) doubles[n] = fraction() * 40000;
  for (int n = 0; n < 70; n++) halves[n] = (_Float16)(float)doubles[n];
  for (int n = 0; n < 70; n++) integers[n] = (int64_t)(doubles[n] * 3) / ((int32_t)doubles[n] | 1);
  for (int n = 0; n < 70; n++) halves[n] = halves[n] * halves[69 - n] + (_Float16)1;
  TELL("half", halves);
  TELL("conv", integers);
}

enum { PAGE = 4096 };
static uint8_t across[2 * PAGE] __attribute__((aligned(PAGE)));
static uint64_t read_across[4][16];

/* Loads and stores of 2, 4, 8 and 16 bytes at every place around a page's end. */
PROGRAM pages(void) {
  for (int n = 0; n < 2 * PAGE; n++) across[n] = next() >> 24;
  for (int n = 0; n < 16; n++) {
    uint8_t *at = across + PAGE - 16 + n;
    uint16_t two;
    uint32_t four;
    uint64_t eight, sixteen[2];
    __asm__ volatile("ldrh %w0, [%5]\n\tldr %w1, [%5]\n\tldr %2, [%5]\n\tldr q0, [%5]\n\tumov %3, v0.d[0]\n\t"
                     "umov %4, v0.d[1]"
                     : "=&r"(two), "=&r"(four), "=&r"(eight), "=&r"(sixteen[0]), "=&r"(sixteen[1])
                     : "r"(at)
                     : "v0", "memory");
    read_across[0][n] = two + ((uint64_t)four << 32);
    read_across[1][n] = eight;
    read_across[2][n] = sixteen[0];
    read_across[3][n] = sixteen[1];
    __asm__ volatile("strh %w0, [%3, #4]\n\tstr %w1, [%3, #-2]\n\tstr %2, [%3, #1]\n\tadd v0.16b, v0.16b, v0.16b\n\t"
                     "str q0, [%3, #-5]"
                     :
                     : "r"(two + 1), "r"(four ^ 0x1234567), "r"(eight * 3), "r"(at)
                     : "v0", "memory");
  }
  TELL("cros", read_across);
  TELL("page", across);
}

void _start(void) {
  const uint64_t vector_length[] = {svcntb()};
  seed = 12345;
  TELL("bits", vector_length);
  dense();
  sparse();
  strings();
  sort();
  hash();
  transform();
  complex_product();
  filter();
  dot();
  media();
  convert();
  pages();
  call(EXIT, 0, 0, 0);
  __builtin_unreachable();
}
