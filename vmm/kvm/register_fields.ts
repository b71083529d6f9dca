// The fields of registers that people look at when a guest stands still, and what their values mean (Arm DDI 0487,
// "AArch64 System register descriptions"; "Saved Program Status Register" for PSTATE as KVM has it). ID registers
// have a table of their own, id_register_fields.ts.

import { featuresOf, fieldsOfIdRegister, readField } from "./id_register_fields.ts";
import { syndrome } from "./syndrome.ts";

interface Field {
  readonly name: string;
  /** The lowest bit. */
  readonly at: number;
  readonly width: number;
  readonly meaning?: (value: number) => string;
}

const bit = (name: string, at: number): Field => ({ name, at, width: 1 });
const bits = (name: string, at: number, width: number, meaning?: Field["meaning"]): Field => ({
  name,
  at,
  width,
  ...meaning && { meaning },
});
const named = (table: Readonly<Record<number, string>>) => (value: number) => table[value] ?? "";

const modes = named({ 0: "EL0t", 4: "EL1t", 5: "EL1h", 8: "EL2t", 9: "EL2h" });

const pstate: readonly Field[] = [
  bits("M", 0, 4, modes),
  bit("AArch32", 4),
  bit("F", 6),
  bit("I", 7),
  bit("A", 8),
  bit("D", 9),
  bits("BTYPE", 10, 2),
  bit("SSBS", 12),
  bit("IL", 20),
  bit("SS", 21),
  bit("PAN", 22),
  bit("UAO", 23),
  bit("DIT", 24),
  bit("TCO", 25),
  bit("V", 28),
  bit("C", 29),
  bit("Z", 30),
  bit("N", 31),
];

const traps = named({ 0: "trapped", 1: "trapped at EL0", 2: "trapped", 3: "not trapped" });
const inputSize = (value: number) => `${64 - value} bits of address`;

const tables: Readonly<Record<string, readonly Field[]>> = {
  PSTATE: pstate,
  SPSR_EL1: pstate,
  SCTLR_EL1: [
    ...[
      "M",
      "A",
      "C",
      "SA",
      "SA0",
      "CP15BEN",
      "nAA",
      "ITD",
      "SED",
      "UMA",
      "EnRCTX",
      "EOS",
      "I",
      "EnDB",
      "DZE",
    ]
      .map((name, at) => bit(name, at)),
    ...[
      "UCT",
      "nTWI",
      "",
      "nTWE",
      "WXN",
      "TSCXT",
      "IESB",
      "EIS",
      "SPAN",
      "E0E",
      "EE",
      "UCI",
      "EnDA",
      "nTLSMD",
    ]
      .map((name, n) => bit(name, 15 + n)).filter(({ name }) => name),
    ...["LSMAOE", "EnIB", "EnIA"].map((name, n) => bit(name, 29 + n)),
    bit("BT0", 35),
    bit("BT1", 36),
    bit("DSSBS", 44),
    bit("EPAN", 57),
  ],
  ESR_EL1: [
    bits("ISS", 0, 25),
    bit("IL", 25),
    bits("EC", 26, 6, (value) => syndrome(value << 26 >>> 0).className),
  ],
  CPACR_EL1: [
    bits("ZEN", 16, 2, traps),
    bits("FPEN", 20, 2, traps),
    bits("SMEN", 24, 2, traps),
    bit("TTA", 28),
  ],
  ZCR_EL1: [bits("LEN", 0, 4, (value) => `at most ${128 * (value + 1)} bits`)],
  TCR_EL1: [
    bits("T0SZ", 0, 6, inputSize),
    bit("EPD0", 7),
    bits("TG0", 14, 2, named({ 0: "4 KiB", 1: "64 KiB", 2: "16 KiB" })),
    bits("T1SZ", 16, 6, inputSize),
    bit("A1", 22),
    bit("EPD1", 23),
    bits("TG1", 30, 2, named({ 1: "16 KiB", 2: "4 KiB", 3: "64 KiB" })),
    bits("IPS", 32, 3, (value) => `${[32, 36, 40, 42, 44, 48, 52, 56][value]} bits of address`),
    bit("AS", 36),
    bit("HA", 39),
    bit("HD", 40),
  ],
  MPIDR_EL1: [bits("Aff0", 0, 8), bits("Aff1", 8, 8), bits("Aff2", 16, 8), bit("U", 30), bits("Aff3", 32, 8)],
  MDSCR_EL1: [bit("SS", 0), bit("TDCC", 12), bit("KDE", 13), bit("MDE", 15)],
  FPCR: [bits("RMode", 22, 2), bit("FZ", 24), bit("DN", 25), bit("AHP", 26)],
  FPSR: [
    bit("IOC", 0),
    bit("DZC", 1),
    bit("OFC", 2),
    bit("UFC", 3),
    bit("IXC", 4),
    bit("IDC", 7),
    bit("QC", 27),
  ],
  CNTV_CTL_EL0: [bit("ENABLE", 0), bit("IMASK", 1), bit("ISTATUS", 2)],
};

/** KVM's own names of registers that have Arm ones. */
const aliases: Readonly<Record<string, string>> = { KVM_REG_ARM_TIMER_CTL: "CNTV_CTL_EL0" };

export interface DecodedField {
  readonly name: string;
  readonly value: number;
  /** What the value means or announces, where it has a name. */
  readonly means?: string;
}

/** The fields of a register that are not zero, from the lowest bit up; none of a register without a table. */
export function decodeFields(register: string, value: bigint): DecodedField[] {
  const idFields = fieldsOfIdRegister(register).map((field) => {
    const read = readField(value, field);
    return decoded(field.name, read, featuresOf(field, read).join(", "));
  });
  const fields = (tables[aliases[register] ?? register] ?? []).map(({ name, at, width, meaning }) => {
    const read = Number(value >> BigInt(at) & (1n << BigInt(width)) - 1n);
    return decoded(name, read, meaning?.(read) ?? "");
  });
  return [...idFields, ...fields].filter(({ value, means }) => value !== 0 || means !== undefined);
}

const decoded = (name: string, value: number, means: string): DecodedField => ({
  name,
  value,
  ...means && { means },
});
