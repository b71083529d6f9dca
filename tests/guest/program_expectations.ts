// What the tiny guests must do on a machine, as data: the same list for QEMU, for real KVM and for the
// interpreter. A case says what the guest is given; its outcome follows from what the machine has.

export interface MachineUnderTest {
  readonly cpus: number;
  readonly gic: 2 | 3;
  /** SVE vector lengths in bits, ascending; empty without SVE. */
  readonly lengths: readonly number[];
  readonly ptrauth: boolean;
  /** What a load from an address with nothing behind it gives: a monitor answers zero, hardware aborts. */
  readonly unbacked: "zero" | "abort";
  /** The same for a load of a pair, which no monitor can emulate: the guest's abort, or the VM's end. */
  readonly unbackedPair: "abort" | "ends the VM";
  /** Whether there is a pvpanic device. Without one, its address aborts. */
  readonly pvpanic: boolean;
}

/** A guest either exits with a status, or reports a panic, or is stopped by the monitor, or never ends. */
export type Ending = number | "panic" | "stopped" | "never";

export interface Outcome {
  readonly ending: Ending;
  /** The console, line by line; the last one has no line feed when the guest did not get to write it. */
  readonly lines: readonly (string | RegExp)[];
}

export interface ProgramCase {
  readonly program: string;
  readonly bootargs?: string;
  readonly stdin?: string;
  /** Whether the power button is pressed when the guest has written its first line. */
  readonly isPressed?: true;
  readonly outcome: (machine: MachineUnderTest) => Outcome;
}

/** The name of a case, unique in the list. */
export function caseName({ program, bootargs, stdin, isPressed }: ProgramCase): string {
  return [program, bootargs, stdin && JSON.stringify(stdin), isPressed && "pressed"].filter(Boolean).join(
    " ",
  );
}

const always = (ending: Ending, ...lines: (string | RegExp)[]) => (): Outcome => ({ ending, lines });

const idRegisters = [
  "midr_el1",
  "mpidr_el1",
  "id_aa64pfr0_el1",
  "id_aa64pfr1_el1",
  "id_aa64zfr0_el1",
  "id_aa64dfr0_el1",
  "id_aa64isar0_el1",
  "id_aa64isar1_el1",
  "id_aa64isar2_el1",
  "id_aa64mmfr0_el1",
];

const withPointerAuthentication = [
  /^pauth address: (QARMA5|QARMA3|implementation defined)$/,
  /^pauth pacia: 0x[0-9a-f]{8}40080000$/,
  "pauth round trip: ok",
  /^pauth wrong modifier: (poisoned|exception)$/,
  "pauth hints: sign",
  /^pauth generic: (QARMA5|QARMA3|implementation defined)$/,
  /^pauth pacga: 0x[0-9a-f]{8}00000000$/,
  "pauth pacga depends on modifier: yes",
];

const withoutPointerAuthentication = ["pauth address: none", "pauth hints: nop", "pauth generic: none"];

function features({ lengths, ptrauth }: MachineUnderTest): Outcome {
  return {
    ending: 0,
    lines: [
      ...idRegisters.map((name) => new RegExp(`^${name}: 0x[0-9a-f]{16}$`)),
      `sve: ${lengths.length === 0 ? "none" : lengths.join(" ")}`,
      ...(ptrauth ? withPointerAuthentication : withoutPointerAuthentication),
      /^pmu version: \d+$/,
    ],
  };
}

function smp({ cpus, lengths }: MachineUnderTest): Outcome {
  const length = lengths.length === 0 ? "no sve" : `vector length ${Math.max(...lengths)} bits`;
  const lines = Array.from(
    { length: cpus },
    (_, cpu) => `cpu ${cpu}: mpidr 0x000000008000000${cpu.toString(16)}, ${length}`,
  );
  return { ending: 0, lines: [...lines, `cpus up: ${cpus}`] };
}

function vectors({ lengths }: MachineUnderTest): Outcome {
  const units = ["advsimd", ...lengths.map((length) => `sve ${length}`)];
  const sums = units.flatMap((unit) => [`${unit} dot product: ok`, `${unit} sum of squares: ok`]);
  return { ending: 0, lines: lengths.length === 0 ? [...sums, "sve: none"] : sums };
}

const wildLoads = ["ldrb w", "ldrh w", "ldr w", "ldr x", "ldrsb x", "ldrsh w", "ldrsw x", "ldar w"];
const wildStores = ["strb w", "strh w", "str w", "str x", "str xzr", "stlr w"];

function wildAt(address: string, access: "zero" | "abort"): (string | RegExp)[] {
  const abort = (name: string) => new RegExp(`^${name}: abort, ESR_EL1 0x[0-9a-f]{16}$`);
  return [
    `at ${address}`,
    ...wildLoads.map((name) => access === "zero" ? `${name}: 0x0000000000000000` : abort(name)),
    ...wildStores.map((name) => access === "zero" ? `${name}: stored` : abort(name)),
  ];
}

function wild({ unbacked }: MachineUnderTest): (string | RegExp)[] {
  return [
    ...wildAt("0x000000000b000000", unbacked),
    ...wildAt("0x0000000800000000", unbacked),
    ...wildAt("0x0000000009010800", "zero"), // inside a device, where it has no register
  ];
}

function wildPair(machine: MachineUnderTest): Outcome {
  if (machine.unbackedPair === "ends the VM") {
    return { ending: "stopped", lines: [...wild(machine), "ldp: "] };
  }
  const abort = /^ldp: abort, ESR_EL1 0x[0-9a-f]{16}$/;
  return { ending: 0, lines: [...wild(machine), abort, "survived"] };
}

function panic({ pvpanic }: MachineUnderTest): Outcome {
  if (pvpanic) return { ending: "panic", lines: ["panic: telling the monitor"] };
  const exception = /^unhandled exception: ESR_EL1 0x\w{16} ELR_EL1 0x\w{16} FAR_EL1 0x0000000009060000$/;
  return { ending: 70, lines: ["panic: telling the monitor", exception] };
}

const exitRange = "exit: the command line must be a number from 0 to 255, not";
const echoPrompt = "echo: type something; a line 'exit N' or Ctrl-D ends this";

export const programCases: readonly ProgramCase[] = [
  { program: "hello", outcome: always(0, "hello from EL1") },
  { program: "features", outcome: features },
  { program: "smp", outcome: smp },
  { program: "timer", outcome: always(0, "tick 1", "tick 2", "tick 3", "tick 4", "tick 5") },
  { program: "vectors", outcome: vectors },
  {
    program: "echo",
    stdin: "hello there\n\nexited\nexit 5\n",
    outcome: always(
      5,
      echoPrompt,
      "hello there",
      "you said: hello there",
      "",
      "exited",
      "you said: exited",
      "exit 5",
    ),
  },
  { program: "echo", stdin: "ab\x04", outcome: always(0, echoPrompt, "ab") },
  {
    program: "button",
    isPressed: true,
    outcome: always(0, "button: press the power button", "button: pressed"),
  },
  {
    program: "button",
    bootargs: "2",
    isPressed: true,
    outcome: always("never", "button: press the power button", "button: pressed"),
  },
  {
    program: "button",
    bootargs: "0",
    outcome: always(2, "button: the command line must be a number of presses from 1, not '0'"),
  },
  { program: "spin", outcome: always("never", "spin: from here on nothing happens") },
  { program: "wild", outcome: (machine) => ({ ending: 0, lines: [...wild(machine), "survived"] }) },
  { program: "wild", bootargs: "nisv", outcome: wildPair },
  { program: "exit", outcome: always(0) },
  { program: "exit", bootargs: "7", outcome: always(7) },
  { program: "exit", bootargs: "255", outcome: always(255) },
  { program: "exit", bootargs: "256", outcome: always(2, `${exitRange} '256'`) },
  { program: "exit", bootargs: "7x", outcome: always(2, `${exitRange} '7x'`) },
  {
    program: "exit",
    bootargs: "18446744073709551617", // 2^64 + 1
    outcome: always(2, `${exitRange} '18446744073709551617'`),
  },
  { program: "mmio", bootargs: "1000", outcome: always(0, "mmio: reading", "mmio: done") },
  { program: "mmio", bootargs: "0", outcome: always(0, "mmio: done") },
  {
    program: "mmio",
    bootargs: "many",
    outcome: always(2, "mmio: the command line must be a number of reads, not 'many'"),
  },
  { program: "mmio", outcome: always("never", "mmio: reading") },
  { program: "panic", outcome: panic },
];

/** The first line of a console that is not as expected, as a sentence; undefined when all are. */
export function findDifference(lines: Outcome["lines"], console: string): string | undefined {
  const printed = console.replace(/\n$/, "").split("\n");
  const count = Math.max(lines.length, console === "" ? 0 : printed.length);
  for (let i = 0; i < count; i++) {
    const expected = lines[i];
    const line = printed[i];
    const same = typeof expected === "string"
      ? line === expected
      : expected !== undefined && line !== undefined && expected.test(line);
    if (!same) return `line ${i + 1} is ${JSON.stringify(line)}, expected ${expected ?? "no such line"}`;
  }
  return undefined;
}
