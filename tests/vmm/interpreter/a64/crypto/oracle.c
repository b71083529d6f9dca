// The oracle's arm64 half: what the CPU itself makes of the instructions of the cryptographic extensions.
//
//   oracle COUNT INSTRUCTION...
//
// For each named instruction standard input holds COUNT times four 128-bit registers (d, n, m, a) and standard
// output answers each with d afterwards. CRC32 takes its accumulator from d and its bytes from n.

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t registers[64];

struct instruction {
    const char *name;
    void (*run)(registers operands);
};

#define INSTRUCTION(name, assembly) \
    static void run_##name(registers operands) \
    { \
        __asm__ volatile("ldp q0, q1, [%0]\n ldp q2, q3, [%0, #32]\n" assembly "\n str q0, [%0]" \
                         : : "r"(operands) : "v0", "v1", "v2", "v3", "x9", "x10", "memory"); \
    }
#define CRC(name, register) \
    INSTRUCTION(name, "fmov w9, s0\n fmov x10, d1\n" #name " w9, w9, " #register "10\n fmov s0, w9")
#include "instructions.inc"
#undef CRC
#undef INSTRUCTION

#define INSTRUCTION(name, assembly) { #name, run_##name },
#define CRC(name, register) { #name, run_##name },
static const struct instruction instructions[] = {
#include "instructions.inc"
};

static const struct instruction *find(const char *name)
{
    for (size_t n = 0; n < sizeof instructions / sizeof *instructions; n++)
        if (strcmp(instructions[n].name, name) == 0)
            return &instructions[n];
    errx(EXIT_FAILURE, "no instruction %s", name);
}

int main(int count, char **arguments)
{
    long cases = count > 1 ? atol(arguments[1]) : 0;
    for (int n = 2; n < count; n++) {
        const struct instruction *instruction = find(arguments[n]);
        for (long done = 0; done < cases; done++) {
            registers operands;
            if (fread(operands, sizeof operands, 1, stdin) != 1)
                errx(EXIT_FAILURE, "standard input ended early");
            instruction->run(operands);
            if (fwrite(operands, 16, 1, stdout) != 1)
                err(EXIT_FAILURE, "standard output");
        }
    }
}
