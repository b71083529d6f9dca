// Register ids of KVM_GET_ONE_REG and KVM_SET_ONE_REG (KVM document, "4.68 KVM_SET_ONE_REG", the arm64
// patterns), and their names, both ways.

import { array, type Field, struct, u32, u64 } from "./struct.ts";
import { type Encoding, systemRegisters, timerRegisters } from "./system_registers.ts";

declare const brand: unique symbol;
/** The id of one register; made only by the functions of this file. */
export type RegisterId = bigint & { readonly [brand]: true };

/** A register id the kernel gave, or one that a test makes up. */
export function registerIdOf(id: bigint): RegisterId {
  return id as RegisterId;
}

const KVM_REG_ARM64 = 0x6000_0000_0000_0000n;
const sizeShift = 52n;

/** The part of an id that tells the families of registers apart: bits 31 to 16. */
const family = { core: 0x10, demux: 0x11, sysreg: 0x13, firmware: 0x14, sve: 0x15, firmwareBitmap: 0x16 };

function makeId(bits: 32 | 64 | 128 | 256 | 512 | 2048, of: keyof typeof family, rest: number): RegisterId {
  const size = BigInt(Math.log2(bits / 8));
  return registerIdOf(KVM_REG_ARM64 | size << sizeShift | BigInt(family[of]) << 16n | BigInt(rest));
}

/** Bytes of the register's value. */
export function registerSize(id: RegisterId): number {
  return 1 << Number(id >> sizeShift & 0xfn);
}

const u128: Field<bigint> = {
  size: 16,
  align: 16,
  read: (view, offset) => u64.read(view, offset) | u64.read(view, offset + 8) << 64n,
  write: (view, offset, value) => {
    u64.write(view, offset, value & 0xffff_ffff_ffff_ffffn);
    u64.write(view, offset + 8, value >> 64n);
  },
};

/** arm64's asm/kvm.h: a core register's id holds the offset of its member here, in words of 32 bits. */
const kvm_regs = struct("kvm_regs", {
  regs: array(u64, 31),
  sp: u64,
  pc: u64,
  pstate: u64,
  sp_el1: u64,
  elr_el1: u64,
  spsr: array(u64, 5),
  vregs: array(u128, 32),
  fpsr: u32,
  fpcr: u32,
});

const coreId = (bits: 32 | 64 | 128, member: keyof typeof kvm_regs.offsets, index = 0) =>
  makeId(bits, "core", (kvm_regs.offsets[member] + index * bits / 8) / 4);

const numbered = (prefix: string, count: number, id: (n: number) => RegisterId): [string, RegisterId][] =>
  Array.from({ length: count }, (_, n) => [`${prefix}${n}`, id(n)]);

/** The core registers of the document's table. V0 to V31 are not there on a vcpu with SVE. */
const coreRegisters = new Map<string, RegisterId>([
  ...numbered("X", 31, (n) => coreId(64, "regs", n)),
  ["SP", coreId(64, "sp")],
  ["PC", coreId(64, "pc")],
  ["PSTATE", coreId(64, "pstate")],
  ["SP_EL1", coreId(64, "sp_el1")],
  ["ELR_EL1", coreId(64, "elr_el1")],
  ...["SPSR_EL1", "SPSR_ABT", "SPSR_UND", "SPSR_IRQ", "SPSR_FIQ"].map((name, n): [string, RegisterId] => [
    name,
    coreId(64, "spsr", n),
  ]),
  ...numbered("V", 32, (n) => coreId(128, "vregs", n)),
  ["FPSR", coreId(32, "fpsr")],
  ["FPCR", coreId(32, "fpcr")],
]);

const firmwareRegisters = new Map<string, RegisterId>([
  ["KVM_REG_ARM_PSCI_VERSION", makeId(64, "firmware", 0)],
  ["KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_1", makeId(64, "firmware", 1)],
  ["KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_2", makeId(64, "firmware", 2)],
  ["KVM_REG_ARM_SMCCC_ARCH_WORKAROUND_3", makeId(64, "firmware", 3)],
  ["KVM_REG_ARM_STD_BMAP", makeId(64, "firmwareBitmap", 0)],
  ["KVM_REG_ARM_STD_HYP_BMAP", makeId(64, "firmwareBitmap", 1)],
  ["KVM_REG_ARM_VENDOR_HYP_BMAP", makeId(64, "firmwareBitmap", 2)],
]);

/** A system register by its encoding. */
export function sysreg(...[op0, op1, crn, crm, op2]: Encoding): RegisterId {
  return makeId(64, "sysreg", op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2);
}

/** Bits 2048 × slice + 2047 to 2048 × slice of Z`n`. */
export const sveZ = (n: number, slice = 0) => makeId(2048, "sve", n << 5 | slice);
/** Bits 256 × slice + 255 to 256 × slice of P`n`. */
export const sveP = (n: number, slice = 0) => makeId(256, "sve", 0x400 | n << 5 | slice);
/** Bits 256 × slice + 255 to 256 × slice of FFR. */
export const sveFfr = (slice = 0) => makeId(256, "sve", 0x600 | slice);
/** The set of vector lengths: eight words of 64 bits, bit vq - 1 for a length of vq × 128 bits. */
export const KVM_REG_ARM64_SVE_VLS = makeId(512, "sve", 0xffff);
/** CCSIDR_EL1 as it reads with this value in CSSELR_EL1. */
export const ccsidr = (csselr: number) => makeId(32, "demux", csselr);

const namedIds = new Map<string, RegisterId>([
  ...[...systemRegisters, ...timerRegisters].map(([name, encoding]): [string, RegisterId] => [
    name,
    sysreg(...encoding),
  ]),
  ...coreRegisters,
  ...firmwareRegisters,
  ["KVM_REG_ARM64_SVE_VLS", KVM_REG_ARM64_SVE_VLS],
]);

const idNames = new Map<bigint, string>([...namedIds].map(([name, id]) => [id, name]));

/**
 * A register by a name of the tables, or by a pattern: `Z3 slice 0`, `P1`, `FFR slice 0`, `CCSIDR 2`,
 * `S3_0_C4_C2_0`, `0x603000000010003e`. Slice 0 is meant where none is named. `undefined` if there is none.
 */
export function registerByName(name: string): RegisterId | undefined {
  const known = namedIds.get(name);
  if (known) return known;
  const sve = /^(?:Z(\d+)|P(\d+)|FFR)(?: slice (\d+))?$/.exec(name);
  if (sve) return sveByNumbers(sve);
  const cache = /^CCSIDR (\d+)$/.exec(name);
  if (cache) return within(cache[1], 255) ? ccsidr(Number(cache[1])) : undefined;
  const generic = /^S([23])_([0-7])_C(\d+)_C(\d+)_([0-7])$/.exec(name);
  if (generic) {
    const encoding = generic.slice(1).map(Number) as unknown as Encoding;
    return encoding[2] < 16 && encoding[3] < 16 ? sysreg(...encoding) : undefined;
  }
  return /^0x60[0-9a-f]{14}$/i.test(name) ? BigInt(name) as RegisterId : undefined;
}

const within = (digits: string | undefined, most: number) => digits === undefined || Number(digits) <= most;

function sveByNumbers([, z, p, slice]: RegExpExecArray): RegisterId | undefined {
  if (!within(z, 31) || !within(p, 15) || !within(slice, 31)) return undefined;
  const at = Number(slice ?? 0);
  if (z) return sveZ(Number(z), at);
  return p ? sveP(Number(p), at) : sveFfr(at);
}

/** The id of a register that must be in the tables. */
export function registerNamed(name: string): RegisterId {
  const id = registerByName(name);
  if (id === undefined) throw new Error(`no register is called ${name}`);
  return id;
}

/** The name by which `registerByName` finds this id again. */
export function registerName(id: RegisterId): string {
  const known = idNames.get(id);
  if (known) return known;
  const rest = Number(id & 0xffffn);
  const made = patternName(Number(id >> 16n & 0xffffn), rest);
  const isSame = made !== undefined && registerByName(made) === id;
  return isSame ? made : "0x" + id.toString(16).padStart(16, "0");
}

function patternName(of: number, rest: number): string | undefined {
  const n = rest >> 5;
  const slice = rest & 31;
  if (of === family.demux) return `CCSIDR ${rest}`;
  if (of === family.sysreg) {
    return `S${rest >> 14}_${rest >> 11 & 7}_C${rest >> 7 & 15}_C${rest >> 3 & 15}_${rest & 7}`;
  }
  if (of !== family.sve) return undefined;
  if (rest < 0x400) return `Z${n} slice ${slice}`;
  return rest < 0x600 ? `P${n - 32} slice ${slice}` : `FFR slice ${slice}`;
}
