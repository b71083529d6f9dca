// The oracle's arm64 half: runs A64 instructions from given states and says what came of them. It is written
// against the Linux signal ABI alone (struct sigcontext of the arm64 uapi header <asm/sigcontext.h>): a case is
// entered by returning from a signal handler whose frame holds its registers, and left by the signal that its
// end or its fault raises. So every register is the case's own, and nothing here is in assembly.
//
//   oracle VECTOR_BYTES
//
// VECTOR_BYTES: the SVE vector length, or 0 for V registers alone. Standard input holds batches, a struct batch
// and its cases each; standard output answers each with a struct batch and its outcomes. Little-endian.

#define _GNU_SOURCE
#include <err.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>
#include "signal_frame.h"
#include "streams.h"

// The same numbers stand in case.ts and protocol.ts.
enum {
    MEMORY_BASE = 0x50000000,
    MEMORY_SIZE = 0x1000,
    CODE_BASE = 0x5ff00000,
    CODE_SIZE = 0x200000,
    MOST_WORDS = 4,
    HAS_MEMORY = 1,
    MOST_BATCH_BYTES = 16 << 20,
};

/** What the code window holds wherever a case has put nothing: BRK #0. */
static const uint32_t FILL = 0xd4200000;

/** After this many ticks of CPU time a case is taken to loop for ever. */
enum { MOST_TICKS = 2, TICK_MICROSECONDS = 100000 };

struct batch {
    uint32_t count, bytes;
};

struct registers {
    uint64_t x[31], sp, pc;
    uint32_t nzcv, fpcr, fpsr, zero;
};

/** Then Z0..Z31 (V0..V31 without SVE), P0..P15, FFR; then the memory's contents if flags say so. */
struct test_case {
    struct registers registers;
    uint32_t flags, words[MOST_WORDS];
};

/** Then the vector registers as above; then the memory's changed bytes, padded to a multiple of 8. */
struct outcome {
    struct registers registers;
    uint32_t signal, zero;
    uint64_t fault_address;
    uint32_t changed_from, changed_to;
};

_Static_assert(sizeof(struct test_case) == 304 && sizeof(struct outcome) == 304, "as in protocol.ts");

static uint8_t *const memory = (uint8_t *)MEMORY_BASE;
static uint8_t initial_memory[MEMORY_SIZE];
static int memory_is_changed;
static uint64_t code_at = CODE_BASE;
static size_t vector_bytes, vectors_size;
static uint64_t thread_pointer;

static uint8_t *input, *output;
static struct batch batch;
static const struct test_case *current;
static uint32_t current_index;
static size_t output_size;
static int ticks;

static void load_vectors(ucontext_t *context, const uint8_t *vectors)
{
    struct fpsimd_context *fpsimd = (struct fpsimd_context *)record(context, FPSIMD_MAGIC);
    fpsimd->fpcr = current->registers.fpcr;
    fpsimd->fpsr = current->registers.fpsr;
    size_t stride = vector_bytes ? vector_bytes : 16;
    for (int n = 0; n < 32; n++)
        memcpy(&fpsimd->vregs[n], vectors + n * stride, 16);
    // Z, P and FFR stand in the frame one after another, as in a case.
    if (vector_bytes)
        memcpy(sve_registers(context, vector_bytes), vectors, vectors_size);
}

static void store_vectors(ucontext_t *context, struct outcome *outcome)
{
    struct fpsimd_context *fpsimd = (struct fpsimd_context *)record(context, FPSIMD_MAGIC);
    outcome->registers.fpcr = fpsimd->fpcr;
    outcome->registers.fpsr = fpsimd->fpsr;
    const void *from = vector_bytes ? (void *)sve_registers(context, vector_bytes) : (void *)fpsimd->vregs;
    memcpy(outcome + 1, from, vectors_size);
}

static void put_code(uint64_t at, const uint32_t *words)
{
    uint32_t *code = (uint32_t *)at;
    if (memcmp(code, words, MOST_WORDS * sizeof *words) == 0)
        return;
    memcpy(code, words, MOST_WORDS * sizeof *words);
    __builtin___clear_cache((char *)code, (char *)(code + MOST_WORDS));
}

static void put_current_code(void)
{
    static const uint32_t nothing[MOST_WORDS] = { FILL, FILL, FILL, FILL };
    uint64_t at = current->registers.pc;
    if (at < CODE_BASE || at > CODE_BASE + CODE_SIZE - sizeof nothing || at % 4)
        errx(EXIT_FAILURE, "case %u is not in the code window", current_index);
    if (at != code_at)
        put_code(code_at, nothing);
    put_code(at, current->words);
    code_at = at;
}

static void load_current(ucontext_t *context)
{
    mcontext_t *machine = &context->uc_mcontext;
    memcpy(machine->regs, current->registers.x, sizeof machine->regs);
    machine->sp = current->registers.sp;
    machine->pc = current->registers.pc;
    machine->pstate = current->registers.nzcv;
    load_vectors(context, (const uint8_t *)(current + 1));
    if (memory_is_changed)
        memcpy(memory, initial_memory, MEMORY_SIZE);
    put_current_code();
}

static void start_current(ucontext_t *context)
{
    if (current->flags & HAS_MEMORY) {
        memcpy(initial_memory, (const uint8_t *)(current + 1) + vectors_size, MEMORY_SIZE);
        memory_is_changed = 1;
    }
    ticks = 0;
    load_current(context);
}

static size_t size_of_current(void)
{
    return sizeof *current + vectors_size + (current->flags & HAS_MEMORY ? MEMORY_SIZE : 0);
}

/** Appends the bytes from the first changed one to the last. */
static void store_memory(struct outcome *outcome)
{
    memory_is_changed = memcmp(memory, initial_memory, MEMORY_SIZE) != 0;
    if (!memory_is_changed)
        return;
    uint32_t from = 0, to = MEMORY_SIZE;
    while (memory[from] == initial_memory[from])
        from++;
    while (memory[to - 1] == initial_memory[to - 1])
        to--;
    outcome->changed_from = from;
    outcome->changed_to = to;
    memcpy(output + output_size, memory + from, to - from);
    output_size += (to - from + 7) & ~7u;
}

static void store_outcome(int signal, void *fault_address, ucontext_t *context)
{
    struct outcome *outcome = (struct outcome *)(output + output_size);
    mcontext_t *machine = &context->uc_mcontext;
    memset(outcome, 0, sizeof *outcome);
    memcpy(outcome->registers.x, machine->regs, sizeof machine->regs);
    outcome->registers.sp = machine->sp;
    outcome->registers.pc = machine->pc;
    outcome->registers.nzcv = machine->pstate & 0xf0000000;
    outcome->signal = signal;
    outcome->fault_address = (uint64_t)fault_address;
    store_vectors(context, outcome);
    output_size += sizeof *outcome + vectors_size;
    store_memory(outcome);
}

static void next_batch(void)
{
    struct batch answer = { current_index, output_size };
    if (current) {
        write_all(&answer, sizeof answer);
        write_all(output, output_size);
    }
    read_all_or_end(&batch, sizeof batch);
    if (batch.bytes > MOST_BATCH_BYTES || batch.count == 0)
        errx(EXIT_FAILURE, "a batch of %u cases in %u bytes", batch.count, batch.bytes);
    read_all_or_end(input, batch.bytes);
    current = (const struct test_case *)input;
    current_index = 0;
    output_size = 0;
}

static void on_signal(int signal, siginfo_t *info, void *frame)
{
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(thread_pointer)); // a case may have changed it
    if (signal == SIGPROF && ++ticks < MOST_TICKS && current) {
        memory_is_changed = 1;
        load_current(frame);
        return;
    }
    if (current) {
        store_outcome(signal, info->si_addr, frame);
        current = (const struct test_case *)((const uint8_t *)current + size_of_current());
        current_index++;
    }
    if (!current || current_index == batch.count)
        next_batch();
    start_current(frame);
}

static void *map(uintptr_t at, size_t size, int protection)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | (at ? MAP_FIXED_NOREPLACE : 0);
    void *mapped = mmap((void *)at, size, protection, flags, -1, 0);
    if (mapped == MAP_FAILED)
        err(EXIT_FAILURE, "mmap");
    return mapped;
}

static void catch_signals(void)
{
    static const int signals[] = { SIGILL, SIGSEGV, SIGBUS, SIGTRAP, SIGFPE, SIGPROF };
    stack_t stack = { .ss_size = 1 << 20 };
    stack.ss_sp = map(0, stack.ss_size, PROT_READ | PROT_WRITE);
    if (sigaltstack(&stack, NULL))
        err(EXIT_FAILURE, "sigaltstack");
    struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigfillset(&action.sa_mask);
    for (size_t n = 0; n < sizeof signals / sizeof *signals; n++)
        if (sigaction(signals[n], &action, NULL))
            err(EXIT_FAILURE, "sigaction");
    struct itimerval tick = { { 0, TICK_MICROSECONDS }, { 0, TICK_MICROSECONDS } };
    if (setitimer(ITIMER_PROF, &tick, NULL))
        err(EXIT_FAILURE, "setitimer");
}

int main(int count, char **arguments)
{
    if (count != 2)
        errx(EXIT_FAILURE, "usage: oracle VECTOR_BYTES");
    vector_bytes = strtoul(arguments[1], NULL, 10);
    vectors_size = vector_bytes ? (vector_bytes * 32 + vector_bytes / 8 * 17 + 7) & ~7ul : 512;
    if (vector_bytes && prctl(PR_SVE_SET_VL, vector_bytes) != (int)vector_bytes)
        errx(EXIT_FAILURE, "no vectors of %zu bytes here", vector_bytes);
    map(MEMORY_BASE, MEMORY_SIZE, PROT_READ | PROT_WRITE);
    uint32_t *code = map(CODE_BASE, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC);
    for (size_t n = 0; n < CODE_SIZE / sizeof *code; n++)
        code[n] = FILL;
    input = map(0, MOST_BATCH_BYTES, PROT_READ | PROT_WRITE);
    // An outcome is its case's size and at most a whole changed memory more, which is less than eight times it.
    output = map(0, 8ul * MOST_BATCH_BYTES, PROT_READ | PROT_WRITE);
    __asm__("mrs %0, tpidr_el0" : "=r"(thread_pointer));
    catch_signals();
    raise(SIGTRAP);
}
