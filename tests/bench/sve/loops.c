// Loops of SVE, the bare guest that sve_loops.ts measures: each is run some times, and the fastest time in
// microseconds is printed with the result, as in "daxpy 1234 56".

#include <arm_sve.h>
#include <stdint.h>

#define LENGTH 4096
#define ROUNDS 25

static volatile uint32_t *const uart = (volatile uint32_t *)0x09000000;
static double x[LENGTH], y[LENGTH];
static uint8_t from[LENGTH + 1], to[LENGTH];

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

static uint64_t microseconds(void) {
    uint64_t ticks, frequency;
    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks)::"memory");
    __asm__ volatile("mrs %0, cntfrq_el0" : "=r"(frequency));
    return ticks * 1000000 / frequency;
}

static __attribute__((noinline)) uint64_t daxpy(void) {
    for (int64_t i = 0; i < LENGTH; i += svcntd()) {
        svbool_t active = svwhilelt_b64(i, (int64_t)LENGTH);
        svfloat64_t sum = svmla_n_f64_m(active, svld1(active, y + i), svld1(active, x + i), 1.0000001);
        svst1(active, y + i, sum);
    }
    return (uint64_t)y[100];
}

static __attribute__((noinline)) uint64_t copy(void) {
    for (int64_t i = 0; i < LENGTH; i += svcntb()) {
        svbool_t active = svwhilelt_b8(i, (int64_t)LENGTH);
        svst1(active, to + i, svld1(active, from + i));
    }
    return to[1000];
}

static __attribute__((noinline)) uint64_t length(void) {
    const uint8_t *at = from;
    svsetffr();
    for (;;) {
        svuint8_t bytes = svldff1(svptrue_b8(), at);
        svbool_t loaded = svrdffr_z(svptrue_b8());
        svbool_t ends = svcmpeq(loaded, bytes, 0);
        if (svptest_any(loaded, ends)) return at - from + svcntp_b8(loaded, svbrkb_z(loaded, ends));
        at += svcntp_b8(svptrue_b8(), loaded);
        svsetffr();
    }
}

static __attribute__((noinline)) uint64_t dot(void) {
    svint32_t sums = svdup_s32(0);
    for (int64_t i = 0; i < LENGTH; i += svcntb()) {
        svbool_t active = svwhilelt_b8(i, (int64_t)LENGTH);
        sums = svdot(sums, svld1(active, (int8_t *)from + i), svld1(active, (int8_t *)to + i));
    }
    return svaddv(svptrue_b32(), sums);
}

struct loop {
    const char *name;
    uint64_t (*run)(void);
    int times;
    uint64_t best, result;
};

static struct loop loops[] = {
    {"daxpy", daxpy, 100, -1, 0},
    {"copy", copy, 400, -1, 0},
    {"length", length, 400, -1, 0},
    {"dot", dot, 400, -1, 0},
};

static void measure(struct loop *loop) {
    uint64_t start = microseconds();
    for (int n = 0; n < loop->times; n++) loop->result = loop->run();
    uint64_t took = microseconds() - start;
    if (took < loop->best) loop->best = took;
}

// PSCI SYSTEM_OFF (Arm DEN 0022).
static void power_off(void) {
    register uint64_t function __asm__("x0") = 0x84000008;
    __asm__ volatile("hvc #0" : "+r"(function)::"memory");
}

int main(void) {
    const int count = sizeof loops / sizeof *loops;
    for (int i = 0; i < LENGTH; i++) {
        x[i] = i * 0.37;
        y[i] = i * 1.1;
        from[i] = 1 + i % 100;
        to[i] = 1 + i % 77;
    }
    // All of them in turn, so that what a monitor translates or compiles in the background is there in time.
    for (int round = 0; round < ROUNDS; round++)
        for (int n = 0; n < count; n++) measure(&loops[n]);
    for (int n = 0; n < count; n++) {
        print(loops[n].name);
        print(" ");
        print_number(loops[n].best);
        print(" ");
        print_number(loops[n].result);
        print("\n");
    }
    power_off();
    return 0;
}
