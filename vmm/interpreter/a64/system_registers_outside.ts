// Registers whose meaning is elsewhere: the generic timer's and the interrupt controller's; random numbers;
// and those that Linux's KVM gives its guests as zero (Arm DDI 0487, "Generic Timer registers"; Arm IHI 0069,
// "AArch64 System register descriptions").

import type { Cpu } from "./cpu.ts";
import type { Encoding } from "../../kvm/system_registers.ts";
import { always, placeOf, row, type SystemRegisterRow, withBit, zero } from "./system_register_row.ts";
import { undefinedInstruction } from "./system_register_row.ts";

const cntkctl = placeOf("CNTKCTL_EL1");
/** CNTKCTL_EL1: what EL0 may use of the timers. */
const EL0PCTEN = 0, EL0VCTEN = 1, EL0VTEN = 8, EL0PTEN = 9;
const eitherCounter = BigInt(1 << EL0PCTEN | 1 << EL0VCTEN);

type CheckAtEl0 = NonNullable<SystemRegisterRow["atEl0"]>;

const readsWith = (bit: number): CheckAtEl0 => {
  const check = withBit("CNTKCTL_EL1", bit);
  return (cpu, isWrite) => isWrite ? "undefined" : check(cpu, isWrite);
};
const frequencyAtEl0: CheckAtEl0 = (cpu, isWrite) =>
  isWrite ? "undefined" : cpu.u64(cntkctl) & eitherCounter ? "allowed" : "trapped";

function counter(name: string, op2: number, atEl0: CheckAtEl0, rest: Partial<SystemRegisterRow> = {}) {
  return row([name, 3, 3, 14, 0, op2], {
    atEl0,
    read: (cpu) => cpu.surroundings.readTimer(cpu, name),
    ...rest,
  });
}

const timer = (prefix: string, crm: number, bit: number): SystemRegisterRow[] =>
  ["TVAL", "CTL", "CVAL"].map((part, op2) => {
    const name = `${prefix}_${part}_EL0`;
    return row([name, 3, 3, 14, crm, op2], {
      atEl0: withBit("CNTKCTL_EL1", bit),
      read: (cpu) => cpu.surroundings.readTimer(cpu, name),
      write: (cpu, value) => cpu.surroundings.writeTimer(cpu, name, value),
    });
  });

const hasEcv = (cpu: Cpu) => cpu.idField("ID_AA64MMFR0_EL1", 60) > 0;

type Kind = "read" | "write" | "both";
const interruptRegisters:
  readonly (readonly [name: string, kind: Kind, crn: number, crm: number, op2: number])[] = [
    ["ICC_PMR_EL1", "both", 4, 6, 0],
    ["ICC_IAR0_EL1", "read", 12, 8, 0],
    ["ICC_EOIR0_EL1", "write", 12, 8, 1],
    ["ICC_HPPIR0_EL1", "read", 12, 8, 2],
    ["ICC_BPR0_EL1", "both", 12, 8, 3],
    ["ICC_AP0R0_EL1", "both", 12, 8, 4],
    ["ICC_AP1R0_EL1", "both", 12, 9, 0],
    ["ICC_DIR_EL1", "write", 12, 11, 1],
    ["ICC_RPR_EL1", "read", 12, 11, 3],
    ["ICC_SGI1R_EL1", "write", 12, 11, 5],
    ["ICC_ASGI1R_EL1", "write", 12, 11, 6],
    ["ICC_SGI0R_EL1", "write", 12, 11, 7],
    ["ICC_IAR1_EL1", "read", 12, 12, 0],
    ["ICC_EOIR1_EL1", "write", 12, 12, 1],
    ["ICC_HPPIR1_EL1", "read", 12, 12, 2],
    ["ICC_BPR1_EL1", "both", 12, 12, 3],
    ["ICC_CTLR_EL1", "both", 12, 12, 4],
    ["ICC_SRE_EL1", "both", 12, 12, 5],
    ["ICC_IGRPEN0_EL1", "both", 12, 12, 6],
    ["ICC_IGRPEN1_EL1", "both", 12, 12, 7],
  ];

function interruptRegister(
  [name, kind, crn, crm, op2]: (typeof interruptRegisters)[number],
): SystemRegisterRow {
  const read = (cpu: Cpu) => cpu.surroundings.readInterruptRegister(cpu, name);
  const write = (cpu: Cpu, value: bigint) => cpu.surroundings.writeInterruptRegister(cpu, name, value);
  return row([name, 3, 0, crn, crm, op2], {
    isThere: (cpu) => cpu.surroundings.hasInterruptRegisters,
    ...(kind === "write" ? {} : { read }),
    ...(kind === "read" ? {} : { write }),
  });
}

const Z = 1 << 30;

/** RNDR and RNDRRS: with no number the result is zero and the flags say so. */
function random(cpu: Cpu): bigint {
  const value = cpu.surroundings.random(cpu);
  cpu.nzcv = value === undefined ? Z : 0;
  return value ?? 0n;
}

const hasRng = (cpu: Cpu) => cpu.idField("ID_AA64ISAR0_EL1", 60) > 0;
const hasRas = (cpu: Cpu) => cpu.idField("ID_AA64PFR0_EL1", 28) > 0;
const hasLor = (cpu: Cpu) => cpu.idField("ID_AA64MMFR1_EL1", 16) > 0;

const errorRecords: readonly [string, ...Encoding][] = [
  ["ERRIDR_EL1", 3, 0, 5, 3, 0],
  ["ERRSELR_EL1", 3, 0, 5, 3, 1],
  ["ERXFR_EL1", 3, 0, 5, 4, 0],
  ["ERXCTLR_EL1", 3, 0, 5, 4, 1],
  ["ERXSTATUS_EL1", 3, 0, 5, 4, 2],
  ["ERXADDR_EL1", 3, 0, 5, 4, 3],
  ["ERXMISC0_EL1", 3, 0, 5, 5, 0],
  ["ERXMISC1_EL1", 3, 0, 5, 5, 1],
];
const limitedOrdering: readonly [string, ...Encoding][] = [
  ["LORSA_EL1", 3, 0, 10, 4, 0],
  ["LOREA_EL1", 3, 0, 10, 4, 1],
  ["LORN_EL1", 3, 0, 10, 4, 2],
  ["LORC_EL1", 3, 0, 10, 4, 3],
  ["LORID_EL1", 3, 0, 10, 4, 7],
];

export const outsideRegisters: readonly SystemRegisterRow[] = [
  counter("CNTFRQ_EL0", 0, frequencyAtEl0),
  counter("CNTPCT_EL0", 1, readsWith(EL0PCTEN)),
  counter("CNTVCT_EL0", 2, readsWith(EL0VCTEN)),
  counter("CNTPCTSS_EL0", 5, readsWith(EL0PCTEN), { isThere: hasEcv }),
  counter("CNTVCTSS_EL0", 6, readsWith(EL0VCTEN), { isThere: hasEcv }),
  ...timer("CNTP", 2, EL0PTEN),
  ...timer("CNTV", 3, EL0VTEN),
  ...interruptRegisters.map(interruptRegister),
  row(["RNDR", 3, 3, 2, 4, 0], { isThere: hasRng, atEl0: always, read: random }),
  row(["RNDRRS", 3, 3, 2, 4, 1], { isThere: hasRng, atEl0: always, read: random }),
  ...errorRecords.map((named) => zero(named, { isThere: hasRas })),
  ...limitedOrdering.map((named) =>
    zero(named, {
      isThere: hasLor,
      write: () => {
        if (named[0] === "LORID_EL1") throw undefinedInstruction();
      },
    })
  ),
];
