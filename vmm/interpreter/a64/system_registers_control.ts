// The registers that control EL1 and EL0, and those in which exceptions leave their marks (Arm DDI 0487,
// "General system control registers"). A write that changes what generated code relies on says so.

import type { Cpu } from "./cpu.ts";
import { cpuWord } from "./cpu_layout.ts";
import { contextChanged, trapClass, vectorLengthChanged } from "./execution_context.ts";
import { readStackPointer, writeStackPointer } from "./exceptions.ts";
import { GuestException } from "./guest_exception.ts";
import { refreshRegime } from "./mmu_regime.ts";
import { PSTATE } from "./pstate.ts";
import {
  always,
  onlyReads,
  placeOf,
  readOnly,
  row,
  storage,
  type SystemRegisterRow,
  undefinedInstruction,
  zero,
} from "./system_register_row.ts";
import { flushAddressSpace, flushTlb } from "./tlb.ts";

const word = 0xffff_ffffn;
/** SCTLR_EL1's bits that are always one while no feature gives them a meaning. */
const SCTLR_RES1 = 1n << 29n | 1n << 28n | 1n << 23n | 1n << 22n | 1n << 20n | 1n << 11n;
/** Of those: SPAN, EIS, EOS, LSMAOE and nTLSMD, TSCXT by feature. */
const sctlrFeatures: readonly (readonly [bits: bigint, register: string, shift: number])[] = [
  [1n << 23n, "ID_AA64MMFR1_EL1", 20],
  [1n << 22n | 1n << 11n, "ID_AA64MMFR0_EL1", 44],
  [1n << 29n | 1n << 28n, "ID_AA64MMFR2_EL1", 8],
  [1n << 20n, "ID_AA64PFR0_EL1", 56],
];

function sctlrRes1(cpu: Cpu): bigint {
  return sctlrFeatures.reduce(
    (bits, [feature, register, shift]) => cpu.idField(register, shift) > 0 ? bits & ~feature : bits,
    SCTLR_RES1,
  );
}

/**
 * EE and E0E: big-endian data is not implemented, and these stay zero as where FEAT_MixedEnd is not there.
 */
const bigEndian = 1n << 25n | 1n << 24n;

/** Whether translations that are remembered stay true is not looked into: a new value forgets them. */
function changesTranslation(
  name: string,
  encoding: SystemRegisterRow["encoding"],
  res1: (cpu: Cpu) => bigint = () => 0n,
  res0 = 0n,
): SystemRegisterRow {
  const at = placeOf(name);
  return row([name, ...encoding], {
    read: (cpu) => cpu.u64(at),
    write(cpu, value) {
      const kept = (value | res1(cpu)) & ~res0;
      if (kept === cpu.u64(at)) return;
      cpu.setU64(at, kept);
      contextChanged(cpu);
      flushTlb(cpu);
      // The next instruction is fetched anew.
      return next(cpu);
    },
  });
}

const ASID = 0xffffn << 48n;

/** TTBR0_EL1 and TTBR1_EL1: as long as the kernel's tables stay, so does what is global of its half. */
function tableBase(
  name: string,
  encoding: SystemRegisterRow["encoding"],
  isUpper: boolean,
): SystemRegisterRow {
  const at = placeOf(name);
  return row([name, ...encoding], {
    read: (cpu) => cpu.u64(at),
    write(cpu, value) {
      const changed = value ^ cpu.u64(at);
      if (changed === 0n) return;
      cpu.setU64(at, value);
      refreshRegime(cpu);
      if (isUpper && (changed & ~ASID) !== 0n) flushTlb(cpu);
      else flushAddressSpace(cpu);
      return next(cpu);
    },
  });
}

function next(cpu: Cpu): "jump" {
  cpu.pc += 4n;
  return "jump";
}

const hasRas = (cpu: Cpu) => cpu.idField("ID_AA64PFR0_EL1", 28) > 0;
const hasSve = (cpu: Cpu) => cpu.idField("ID_AA64PFR0_EL1", 32) > 0;
const hasAddressKeys = (cpu: Cpu) =>
  [4, 8].some((shift) => cpu.idField("ID_AA64ISAR1_EL1", shift) > 0) ||
  cpu.idField("ID_AA64ISAR2_EL1", 12) > 0;
const hasGenericKey = (cpu: Cpu) =>
  [24, 28].some((shift) => cpu.idField("ID_AA64ISAR1_EL1", shift) > 0) ||
  cpu.idField("ID_AA64ISAR2_EL1", 8) > 0;

const keys: readonly (readonly [key: string, crm: number, op2: number])[] = [
  ["APIA", 1, 0],
  ["APIB", 1, 2],
  ["APDA", 2, 0],
  ["APDB", 2, 2],
  ["APGA", 3, 0],
];

/** ISS of a trapped access to floating point: CV set, COND 0b1110. */
const fpTrapIss = 0x1e0_0000;
const fpTrap = (cpu: Cpu) =>
  cpu.u32(cpuWord.fpTrap) ? new GuestException(trapClass.fp, fpTrapIss) : undefined;
/** For ZCR_EL1 only ZEN counts. */
const sveTrap = (cpu: Cpu) =>
  cpu.u32(cpuWord.sveTrap) === trapClass.sve ? new GuestException(trapClass.sve, 0) : undefined;

const FPCR_BITS = 0x07f7_0000, FZ16 = 1 << 19, AFP = 7;
const FPSR_BITS = 0x0800_009f;

/** FPCR's bits that the vcpu has: no traps of floating-point exceptions; FZ16 with FEAT_FP16. */
function fpcrBits(cpu: Cpu): number {
  const half = cpu.idField("ID_AA64PFR0_EL1", 16) === 1 ? FZ16 : 0;
  const alternative = cpu.idField("ID_AA64MMFR1_EL1", 44) > 0 ? AFP : 0;
  return FPCR_BITS & ~FZ16 & ~(3 << 20) | half | alternative;
}

/** ZCR_EL1.LEN. */
const LEN = 0xfn;

export const controlRegisters: readonly SystemRegisterRow[] = [
  changesTranslation("SCTLR_EL1", [3, 0, 1, 0, 0], sctlrRes1, bigEndian),
  zero(["ACTLR_EL1", 3, 0, 1, 0, 1]),
  storage(["CPACR_EL1", 3, 0, 1, 0, 2], 3n << 16n | 3n << 20n, contextChanged),
  {
    ...storage(["ZCR_EL1", 3, 0, 1, 2, 0], LEN, vectorLengthChanged),
    isThere: hasSve,
    trap: sveTrap,
  },
  tableBase("TTBR0_EL1", [3, 0, 2, 0, 0], false),
  tableBase("TTBR1_EL1", [3, 0, 2, 0, 1], true),
  changesTranslation("TCR_EL1", [3, 0, 2, 0, 2]),
  changesTranslation("MAIR_EL1", [3, 0, 10, 2, 0]),
  storage(["AMAIR_EL1", 3, 0, 10, 3, 0]),
  ...keys.flatMap(([key, crm, op2]) =>
    ["LO", "HI"].map((part, n) => ({
      ...storage([`${key}KEY${part}_EL1`, 3, 0, 2, crm, op2 + n]),
      isThere: key === "APGA" ? hasGenericKey : hasAddressKeys,
    }))
  ),
  storage(["SPSR_EL1", 3, 0, 4, 0, 0], word),
  storage(["ELR_EL1", 3, 0, 4, 0, 1]),
  row(["SP_EL0", 3, 0, 4, 1, 0], {
    read(cpu) {
      if (!(cpu.pstate & PSTATE.SP)) throw undefinedInstruction();
      return readStackPointer(cpu, "SP_EL0");
    },
    write(cpu, value) {
      if (!(cpu.pstate & PSTATE.SP)) throw undefinedInstruction();
      writeStackPointer(cpu, "SP_EL0", value);
    },
  }),
  storage(["AFSR0_EL1", 3, 0, 5, 1, 0], 0n),
  storage(["AFSR1_EL1", 3, 0, 5, 1, 1], 0n),
  storage(["ESR_EL1", 3, 0, 5, 2, 0]),
  storage(["FAR_EL1", 3, 0, 6, 0, 0]),
  storage(["PAR_EL1", 3, 0, 7, 4, 0]),
  storage(["VBAR_EL1", 3, 0, 12, 0, 0], ~0x7ffn),
  readOnly(["ISR_EL1", 3, 0, 12, 1, 0], (cpu) => BigInt(cpu.surroundings.pendingInterrupts(cpu))),
  { ...storage(["DISR_EL1", 3, 0, 12, 1, 1]), isThere: hasRas },
  storage(["CONTEXTIDR_EL1", 3, 0, 13, 0, 1], word),
  storage(["TPIDR_EL1", 3, 0, 13, 0, 4]),
  { ...storage(["TPIDR_EL0", 3, 3, 13, 0, 2]), atEl0: always },
  { ...storage(["TPIDRRO_EL0", 3, 3, 13, 0, 3]), atEl0: onlyReads },
  storage(["CNTKCTL_EL1", 3, 0, 14, 1, 0], word),
  row(["FPCR", 3, 3, 4, 4, 0], {
    atEl0: always,
    trap: fpTrap,
    read: (cpu) => BigInt(cpu.fpcr),
    write: (cpu, value) => {
      cpu.fpcr = Number(value & word) & fpcrBits(cpu);
    },
  }),
  row(["FPSR", 3, 3, 4, 4, 1], {
    atEl0: always,
    trap: fpTrap,
    read: (cpu) => BigInt(cpu.fpsr),
    write: (cpu, value) => {
      cpu.fpsr = Number(value & word) & FPSR_BITS;
    },
  }),
];
