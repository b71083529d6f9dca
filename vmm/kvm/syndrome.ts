// What an exception's syndrome says, in words (Arm DDI 0487, "ESR_EL1, Exception Syndrome Register (EL1)", "ISS
// encoding for ...").

import { type Encoding, systemRegisters } from "./system_registers.ts";

/** An exception that a vcpu took. */
export interface TakenException {
  readonly kind: ExceptionKind;
  /** ESR_EL1, and FAR_EL1, as they were then: an interrupt does not change them. */
  readonly esr: number;
  readonly far: bigint;
  /** The instruction that took it, or before which it was taken. */
  readonly pc: bigint;
  readonly returnAddress: bigint;
  readonly spsr: number;
  /** Where it led to. */
  readonly vector: bigint;
  /** How often it was taken in a row, each time by the first instruction of the vector that the last one led to. */
  readonly times: number;
}

export type ExceptionKind = "synchronous" | "irq" | "fiq" | "serror";

export interface Syndrome {
  /** ESR_EL1.EC. */
  readonly class: number;
  readonly className: string;
  /** What ESR_EL1.ISS adds; empty where it has nothing to add. */
  readonly details: string;
  /** Whether FAR_EL1 has an address that belongs to it. */
  readonly hasAddress: boolean;
}

interface Row {
  readonly name: string;
  readonly hasAddress?: true;
  details?(iss: number): string;
}

const classShift = 26;
const issMask = 0x1ff_ffff;

/** Abort status codes that say at which level of the tables, in their lowest two bits. */
const leveled: readonly (readonly [code: number, name: string])[] = [
  [0b000000, "address size fault"],
  [0b000100, "translation fault"],
  [0b001000, "access flag fault"],
  [0b001100, "permission fault"],
  [0b010100, "external abort on a table walk"],
];
const single: Readonly<Record<number, string>> = {
  0b010000: "external abort",
  0b010001: "tag check fault",
  0b010011: "external abort on a table walk, level -1",
  0b100001: "alignment fault",
  0b101001: "address size fault, level -1",
  0b101011: "translation fault, level -1",
  0b110000: "TLB conflict",
  0b110001: "unsupported atomic update of a descriptor",
  0b110101: "unsupported exclusive or atomic access",
};

const hex = (value: number) => "0x" + value.toString(16);

/** ISS.DFSC or IFSC. */
export function faultStatusName(code: number): string {
  const found = leveled.find(([first]) => code >> 2 === first >> 2);
  if (found) return `${found[1]}, level ${code & 3}`;
  return single[code] ?? `fault status ${hex(code)}`;
}

const statusOf = (iss: number) => faultStatusName(iss & 0x3f);
const CM = 1 << 8, WnR = 1 << 6, S1PTW = 1 << 7;

function dataAbort(iss: number): string {
  const access = iss & CM ? "cache maintenance or translation" : iss & WnR ? "write" : "read";
  return `${statusOf(iss)} on a ${access}${iss & S1PTW ? ", during a stage 1 walk" : ""}`;
}

/** What can be trapped and is no register that KVM lists by its own encoding. */
const furtherRegisters: readonly (readonly [string, Encoding])[] = [
  ["CNTPCT_EL0", [3, 3, 14, 0, 1]],
  ["CNTVCT_EL0", [3, 3, 14, 0, 2]],
  ...["CNTP", "CNTV"].flatMap((timer, n) =>
    ["TVAL", "CTL", "CVAL"].map((part, op2): [string, Encoding] => [
      `${timer}_${part}_EL0`,
      [3, 3, 14, 2 + n, op2],
    ])
  ),
  ["DAIF", [3, 3, 4, 2, 1]],
  ["IC IVAU", [1, 3, 7, 5, 1]],
  ["DC ZVA", [1, 3, 7, 4, 1]],
  ["DC CVAC", [1, 3, 7, 10, 1]],
  ["DC CVAU", [1, 3, 7, 11, 1]],
  ["DC CVAP", [1, 3, 7, 12, 1]],
  ["DC CVADP", [1, 3, 7, 13, 1]],
  ["DC CIVAC", [1, 3, 7, 14, 1]],
];

function encodingName(encoding: Encoding): string {
  const isIt = ([, other]: readonly [string, Encoding]) => other.every((part, n) => part === encoding[n]);
  const [op0, op1, crn, crm, op2] = encoding;
  return [...furtherRegisters, ...systemRegisters].find(isIt)?.[0] ?? `S${op0}_${op1}_C${crn}_C${crm}_${op2}`;
}

function trappedMove(iss: number): string {
  const field = (shift: number, bits: number) => iss >> shift & 2 ** bits - 1;
  const name = encodingName([field(20, 2), field(14, 3), field(10, 4), field(1, 4), field(17, 3)]);
  const Rt = field(5, 5) === 31 ? "XZR" : `X${field(5, 5)}`;
  return iss & 1 ? `read of ${name} to ${Rt}` : `write of ${name} from ${Rt}`;
}

const immediate = (iss: number) => `immediate ${hex(iss & 0xffff)}`;
const waits = ["WFI", "WFE", "WFIT", "WFET"];
const keys = ["instruction key A", "instruction key B", "data key A", "data key B"];
const debugWords = (iss: number) => (iss & 0x3f) === 0b100010 ? "" : statusOf(iss);
const watched = (iss: number) => iss & WnR ? "on a write" : "on a read";

const instructionAbort: Row = { name: "Instruction Abort", hasAddress: true, details: statusOf };
const abort: Row = { name: "Data Abort", hasAddress: true, details: dataAbort };

const rows: Readonly<Record<number, Row>> = {
  0x00: { name: "undefined instruction" },
  0x01: { name: "trapped WFI or WFE", details: (iss) => waits[iss & 3]! },
  0x07: { name: "trapped FP, AdvSIMD or SVE instruction" },
  0x09: { name: "trapped pointer authentication" },
  0x0d: { name: "Branch Target exception", details: (iss) => `PSTATE.BTYPE ${iss & 3}` },
  0x0e: { name: "Illegal Execution state" },
  0x15: { name: "SVC", details: immediate },
  0x16: { name: "HVC", details: immediate },
  0x17: { name: "SMC", details: immediate },
  0x18: { name: "trapped system register or instruction", details: trappedMove },
  0x19: { name: "trapped SVE instruction" },
  0x1c: { name: "pointer authentication failure", details: (iss) => keys[iss & 3]! },
  0x20: instructionAbort,
  0x21: instructionAbort,
  0x22: { name: "PC alignment fault", hasAddress: true },
  0x24: abort,
  0x25: abort,
  0x26: { name: "SP alignment fault" },
  0x27: { name: "memory copy or set exception" },
  0x2c: { name: "floating-point exception" },
  0x2f: { name: "SError interrupt", details: (iss) => `syndrome ${hex(iss)}` },
  0x30: { name: "Breakpoint exception", details: debugWords },
  0x31: { name: "Breakpoint exception", details: debugWords },
  0x32: { name: "Software Step exception", details: debugWords },
  0x33: { name: "Software Step exception", details: debugWords },
  0x34: { name: "Watchpoint exception", hasAddress: true, details: watched },
  0x35: { name: "Watchpoint exception", hasAddress: true, details: watched },
  0x3c: { name: "BRK", details: immediate },
};

/** @param esr ESR_EL1, of which the low 32 bits are looked at */
export function syndrome(esr: number): Syndrome {
  const ec = esr >>> classShift;
  const row = rows[ec];
  return {
    class: ec,
    className: row?.name ?? `exception class ${hex(ec)}`,
    details: row?.details?.(esr & issMask) ?? "",
    hasAddress: row?.hasAddress ?? false,
  };
}

/** PSTATE.EL, in SPSR_EL1's place. */
export const exceptionLevel = (pstate: number) => pstate >> 2 & 3;

export const isInterrupt = ({ kind }: TakenException) => kind === "irq" || kind === "fiq";

const wide = (value: bigint) => "0x" + value.toString(16);
/** Of the address in VBAR_EL1. */
const vectorTable = 0x7ffn;

/** `Data Abort: …, ESR_EL1 0x…, FAR_EL1 0x…, from EL1 to EL1, vector 0x… (VBAR_EL1+0x200)`. */
export function describeTaken(taken: TakenException): string {
  const { className, details, hasAddress } = syndrome(taken.esr);
  const what = isInterrupt(taken) ? [taken.kind.toUpperCase()] : [
    details ? `${className}: ${details}` : className,
    `ESR_EL1 ${hex(taken.esr)}`,
    ...hasAddress ? [`FAR_EL1 ${wide(taken.far)}`] : [],
  ];
  const vector = `vector ${wide(taken.vector)} (VBAR_EL1+${wide(taken.vector & vectorTable)})`;
  return [...what, `from EL${exceptionLevel(taken.spsr)} to EL1`, vector].join(", ");
}

/** The same, where, and how often. */
export function describeException(taken: TakenException): string {
  const often = taken.times > 1 ? ` (${taken.times} times)` : "";
  return `at ${wide(taken.pc)}: ${describeTaken(taken)}${often}`;
}
