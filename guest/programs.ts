// The tiny guests: bare-metal programs in A64 assembly for looking at a VM from inside. Each is a flat
// binary for 0x4008_0000 that stands, committed, beside its source; programs/README.md says how they work.

export interface Program {
  readonly name: string;
  /** One line for a list of guests. */
  readonly description: string;
  /** What the command line means to it; absent when it reads none. */
  readonly bootargs?: string;
  /** What it writes to the console, and its exit status where that is not always 0. */
  readonly prints: string;
}

const programDirectory = new URL("./programs/", import.meta.url);

export const programs: readonly Program[] = [
  {
    name: "hello",
    description: "one line of greeting, then exit",
    prints: "the exception level it runs at",
  },
  {
    name: "features",
    description: "what this vcpu has: ID registers, SVE vector lengths, pointer authentication, PMU",
    prints:
      "'name: value' lines: ten ID registers; 'sve:' the lengths in bits or none; 'pauth address:' and " +
      "'pauth generic:' the algorithm or none; 'pauth round trip:' ok or failed; 'pauth wrong modifier:' " +
      "poisoned, exception or accepted; 'pauth hints:' sign or nop; 'pauth pacia:' and 'pauth pacga:' one " +
      "result each; 'pmu version:' ID_AA64DFR0_EL1.PMUVer",
  },
  {
    name: "smp",
    description: "starts every vcpu through PSCI CPU_ON, one after the other",
    prints: "MPIDR_EL1 and longest vector length of each, then their number; status 1 when PSCI refuses one",
  },
  {
    name: "timer",
    description: "five interrupts of the virtual timer, 10 ms apart",
    prints: "'tick 1' to 'tick 5'",
  },
  {
    name: "vectors",
    description: "two sums with AdvSIMD and with SVE at every vector length, checked",
    prints: "ok or the wrong value for each; status 1 when one was wrong",
  },
  {
    name: "echo",
    description: "echoes console input, received by interrupt, until Ctrl-D or the line 'exit N'",
    prints: "each character, and after each line 'you said: ' and the line; status N",
  },
  {
    name: "button",
    description: "waits for the power button, and ends when it is pressed",
    bootargs: "the number of presses that end it; without one the first does",
    prints: "a line before, and one after each press; status 2 when the command line is malformed",
  },
  {
    name: "spin",
    description: "never exits and takes no interrupt",
    prints: "one line",
  },
  {
    name: "wild",
    description: "loads and stores of every width where nothing is",
    bootargs: "'nisv' adds a load of a pair, which leaves a monitor no syndrome to emulate it by",
    prints: "what each load gave, or the abort it ended in; then 'survived'",
  },
  {
    name: "exit",
    description: "exits with the status given on the command line",
    bootargs: "a decimal number from 0 to 255; none means 0",
    prints: "nothing; one line and status 2 when the command line is malformed",
  },
  {
    name: "mmio",
    description: "reads a device register in a tight loop, to measure what an exit costs",
    bootargs: "the number of reads; without one they never end",
    prints: "a line before and a line after; status 2 when the command line is malformed",
  },
  {
    name: "panic",
    description: "reports a guest panic through the pvpanic device, then hangs",
    prints: "one line",
  },
];

/** The program of that name, or undefined when there is none. */
export function findProgram(name: string): Program | undefined {
  return programs.find((program) => program.name === name);
}

/** The flat binary of a program. */
export function programFile(program: Program): URL {
  return new URL(`${program.name}.bin`, programDirectory);
}
