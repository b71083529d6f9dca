// The loops that the interpreter is measured with, one of which is compiled in by its name: -DLOOP=crc. The guest runs
// it once for the monitor to warm up, says "begin", runs it again, and says "end" with the loop's result, which every
// monitor must agree on, and how many ticks of CNTVCT_EL0 it took.

#include <arm_neon.h>
#include <stdint.h>

#define LENGTH 4096

static volatile uint32_t *const uart = (volatile uint32_t *)0x09000000;

static void print(const char *text) {
    while (*text) *uart = *text++;
}

static void print_number(uint64_t number) {
    char digits[21];
    char *at = digits + 20;
    *at = 0;
    do *--at = '0' + number % 10;
    while (number /= 10);
    print(at);
}

static uint64_t counter(void) {
    uint64_t value;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
    return value;
}

// Not volatile, but no constants either: the compiler may not know what is in them.
static uint64_t left[LENGTH], right[LENGTH];
static float singles[LENGTH], others[LENGTH];
static uint8_t bytes[LENGTH];

#define UNROLLED_BY_NOBODY __attribute__((noinline, optimize("no-tree-vectorize")))

// Shifts, rotations and multiplications in registers.
static UNROLLED_BY_NOBODY uint64_t integer(void) {
    uint64_t x = 88172645463325252, sum = 0;
    for (uint64_t n = 0; n < 15000000; n++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        if (x & 1) sum += x * n;
        else sum ^= x;
    }
    return sum;
}

// A byte and a table's entry for each step, and a branch.
static UNROLLED_BY_NOBODY uint64_t crc(void) {
    static uint32_t table[256];
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t c = n;
        for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ c >> 1 : c >> 1;
        table[n] = c;
    }
    uint32_t crc = ~0u;
    for (int round = 0; round < 5000; round++)
        for (int n = 0; n < LENGTH; n++) crc = table[(crc ^ bytes[n]) & 0xff] ^ crc >> 8;
    return crc;
}

// Two loads, an addition and a store of 64 bits for each step.
static UNROLLED_BY_NOBODY uint64_t memory(void) {
    for (int round = 0; round < 8000; round++)
        for (int n = 0; n < LENGTH; n++) left[n] += right[n];
    return left[LENGTH - 1];
}

// Insertion sort: loads, compares and stores that depend on each other.
static UNROLLED_BY_NOBODY uint64_t sort(void) {
    uint64_t sum = 0;
    for (int round = 0; round < 60; round++) {
        for (int n = 0; n < 1024; n++) left[n] = (n * 2654435761u + round) & 0xffff;
        for (int n = 1; n < 1024; n++) {
            uint64_t key = left[n];
            int at = n;
            for (; at > 0 && left[at - 1] > key; at--) left[at] = left[at - 1];
            left[at] = key;
        }
        sum += left[512];
    }
    return sum;
}

// Calls and returns, with their stack.
static __attribute__((noinline, optimize("no-optimize-sibling-calls", "no-inline"))) uint64_t fibonacci(uint64_t n) {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static uint64_t call(void) {
    return fibonacci(32);
}

// Doubles: Horner's rule and a division.
static UNROLLED_BY_NOBODY uint64_t fp(void) {
    double sum = 0, x = 0.5;
    for (int n = 0; n < 2000000; n++) {
        double value = 0.25;
        for (int k = 0; k < 6; k++) value = value * x + 0.125 * k;
        sum += value / (1 + x);
        x = x < 0.9 ? x + 1e-3 : 0.1;
    }
    return (uint64_t)(sum * 1000);
}

// Vectors of four words and of four singles.
static UNROLLED_BY_NOBODY uint64_t simd(void) {
    uint32x4_t total = vdupq_n_u32(0);
    float32x4_t floats = vdupq_n_f32(0);
    const uint32_t *words = (const uint32_t *)right;
    for (int round = 0; round < 3000; round++)
        for (int n = 0; n < LENGTH; n += 4) {
            uint32x4_t value = vld1q_u32(words + n);
            total = vaddq_u32(total, veorq_u32(value, vshrq_n_u32(total, 3)));
            floats = vaddq_f32(vmulq_f32(floats, vdupq_n_f32(0.5f)), vmulq_f32(vld1q_f32(singles + n), vld1q_f32(others + n)));
            vst1q_f32(others + n, vminq_f32(floats, vdupq_n_f32(2)));
        }
    return vaddvq_u32(total) + (uint64_t)vaddvq_f32(floats);
}

int main(void) {
    for (int n = 0; n < LENGTH; n++) {
        left[n] = n;
        right[n] = 3 * n + 1;
        bytes[n] = 7 * n;
        singles[n] = n % 7;
        others[n] = n % 5;
    }
    uint64_t (*volatile loop)(void) = LOOP;
    loop();
    print("begin\n");
    uint64_t before = counter();
    uint64_t result = loop();
    uint64_t ticks = counter() - before;
    print("end ");
    print_number(result);
    print(" ");
    print_number(ticks);
    print("\n");
    return 0;
}
