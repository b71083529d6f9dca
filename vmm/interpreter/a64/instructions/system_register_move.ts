// MRS and MSR (register): Arm DDI 0487, "A64 instruction set encoding", "System register move". Registers
// that are plain storage and that kernels use all the time have definitions of their own, which are generated
// code.

import type { Encoding } from "../../../kvm/system_registers.ts";
import type { Cpu } from "../cpu.ts";
import { cpuWord, systemRegisterAt } from "../cpu_layout.ts";
import {
  type After,
  type Definition,
  type Fields,
  instruction,
  type Meaning,
  read,
  write,
} from "../definition.ts";
import { hasUnmaskedInterrupt } from "../exceptions.ts";
import {
  findSystemRegister,
  keyOf,
  readSystemRegister,
  systemRegisterRows,
  writeSystemRegister,
} from "../system_registers.ts";
import { PSTATE } from "../pstate.ts";
import { BS, DZP } from "../system_registers_identification.ts";
import type { Target } from "../target.ts";
import { and32, const32, const64, extendU32, select, wrap } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { generalRegister } from "./assembly_names.ts";
import { atEl1h, mayZeroBlocks, readPstate, unlessAtEl0 } from "./system_level.ts";

/** Generated code of the access, which stands where the level allows it. */
type Guard = (t: Target, access: Statement) => Statement;

interface Hot {
  readonly guard: Guard;
  readonly canWrite: boolean;
}

const byAll: Guard = (_, access) => access;

const hot: Readonly<Record<string, Hot>> = {
  TPIDR_EL0: { guard: byAll, canWrite: true },
  TPIDRRO_EL0: { guard: byAll, canWrite: false },
  TPIDR_EL1: { guard: unlessAtEl0, canWrite: true },
  SP_EL0: { guard: atEl1h, canWrite: true },
  ELR_EL1: { guard: unlessAtEl0, canWrite: true },
  ESR_EL1: { guard: unlessAtEl0, canWrite: false },
  FAR_EL1: { guard: unlessAtEl0, canWrite: false },
  SPSR_EL1: { guard: unlessAtEl0, canWrite: false },
  TCR_EL1: { guard: unlessAtEl0, canWrite: false },
};

const flags = 0xf000_0000;
const isRead = 1;

const bits = (value: number, width: number) => value.toString(2).padStart(width, "0");
const encodingBits = ([op0, op1, crn, crm, op2]: Encoding) =>
  [bits(op0, 2), bits(op1, 3), bits(crn, 4), bits(crm, 4), bits(op2, 3)].join(" ");

const assemblyName = (key: number): string => {
  const name = findSystemRegister(key)?.name;
  if (name) return name.toLowerCase();
  return `s${key >> 14}_${key >> 11 & 7}_c${key >> 7 & 15}_c${key >> 3 & 15}_${key & 7}`;
};

const mrsText = (key: number, Rt: number) => `mrs ${generalRegister(Rt, 1)}, ${assemblyName(key)}`;
const msrText = (key: number, Rt: number) => `msr ${assemblyName(key)}, ${generalRegister(Rt, 1)}`;

function mrs(name: string, encoding: Encoding, emit: NonNullable<Meaning["emit"]>): Definition {
  const key = keyOf(...encoding);
  return instruction(`MRS ${name}`, `1101010100 1 ${encodingBits(encoding)} Rt:5`, {
    isHot: true,
    operands: { Rt: write("Rt") },
    assembly: ({ Rt }) => mrsText(key, Rt!),
    emit,
    run: (cpu, { Rt }) => readSystemRegister(cpu, key, Rt!),
  });
}

function msr(name: string, encoding: Encoding, emit: NonNullable<Meaning["emit"]>): Definition {
  const key = keyOf(...encoding);
  return instruction(`MSR ${name}`, `1101010100 0 ${encodingBits(encoding)} Rt:5`, {
    isHot: true,
    operands: { Rt: read("Rt") },
    assembly: ({ Rt }) => msrText(key, Rt!),
    emit,
    run: (cpu, { Rt }) => writeSystemRegister(cpu, key, Rt!),
  });
}

function hotMoves(name: string, { guard, canWrite }: Hot): Definition[] {
  const { encoding } = systemRegisterRows.find((row) => row.name === name)!;
  const at = systemRegisterAt.get(name)!;
  const reads = mrs(name, encoding, (t) => guard(t, t.setX("Rt", t.state64(at))));
  if (!canWrite) return [reads];
  return [reads, msr(name, encoding, (t) => guard(t, t.setState64(at, t.x("Rt"))))];
}

const NZCV: Encoding = [3, 3, 4, 2, 0], DAIF: Encoding = [3, 3, 4, 2, 1];
const CTR_EL0: Encoding = [3, 3, 0, 0, 1], DCZID_EL0: Encoding = [3, 3, 0, 0, 7];

export const hotSystemMoves: readonly Definition[] = [
  ...Object.entries(hot).flatMap(([name, each]) => hotMoves(name, each)),
  mrs("NZCV", NZCV, (t) => t.setX("Rt", extendU32(t.nzcv()))),
  mrs(
    "DAIF",
    DAIF,
    (t) => unlessAtEl0(t, t.setX("Rt", extendU32(and32(readPstate(t), const32(PSTATE.DAIF))))),
  ),
  mrs("CTR_EL0", CTR_EL0, (t) => unlessAtEl0(t, t.setX("Rt", t.state64(cpuWord.cacheType)))),
  mrs("DCZID_EL0", DCZID_EL0, (t) => t.setX("Rt", select(mayZeroBlocks(t), const64(BS), const64(BS | DZP)))),
  msr("NZCV", NZCV, (t) => t.setNzcv(and32(wrap(t.x("Rt")), const32(flags)))),
];

const keyOfFields = ({ o0, op1, CRn, CRm, op2 }: Fields) => keyOf(2 + o0!, op1!, CRn!, CRm!, op2!);

/** By L, which says that it is a read, and the key. */
const taken = new Set(hotSystemMoves.map(({ pattern: { value } }) => value >>> 5 & 0x1_ffff));
const isFree = (L: number) => (fields: Fields) => {
  // Bit 20 is the upper one of op0, which is set; L is bit 21.
  return !taken.has(L << 16 | keyOfFields(fields));
};

function run(cpu: Cpu, fields: Fields): After {
  const after = writeSystemRegister(cpu, keyOfFields(fields), fields.Rt!);
  if (after || !hasUnmaskedInterrupt(cpu)) return after;
  // DAIF may have been opened, or the interrupt controller.
  cpu.pc += 4n;
  return "leave";
}

export const systemRegisterMove: readonly Definition[] = [
  ...hotSystemMoves,
  instruction("MRS", "1101010100 1 1 o0:1 op1:3 CRn:4 CRm:4 op2:3 Rt:5", {
    valid: isFree(isRead),
    assembly: (fields) => mrsText(keyOfFields(fields), fields.Rt!),
    run: (cpu, fields) => readSystemRegister(cpu, keyOfFields(fields), fields.Rt!),
  }),
  instruction("MSR", "1101010100 0 1 o0:1 op1:3 CRn:4 CRm:4 op2:3 Rt:5", {
    valid: isFree(0),
    assembly: (fields) => msrText(keyOfFields(fields), fields.Rt!),
    run,
  }),
];
