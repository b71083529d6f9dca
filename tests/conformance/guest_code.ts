// A few A64 instructions as words (Arm DDI 0487, "A64 Instruction Set Encoding"), for guests of a dozen
// instructions that one case needs. Registers are given by number.

import { type Encoding, systemRegisters } from "../../vmm/kvm/system_registers.ts";

/** MOVZ and three MOVK: Xd = value. */
export function set(rd: number, value: bigint): number[] {
  return [0, 1, 2, 3].map((hw) => {
    const imm16 = Number(value >> BigInt(16 * hw) & 0xffffn);
    return ((hw ? 0xf280_0000 : 0xd280_0000) | hw << 21 | imm16 << 5 | rd) >>> 0;
  });
}

type Size = 1 | 2 | 4 | 8;

/** STRB, STRH, STR Wt, STR Xt: stores the low `size` bytes at [Xn]. */
export const store = (size: Size, rt: number, rn: number) => memoryAccess(size, 0, rt, rn);
/** LDRB, LDRH, LDR Wt, LDR Xt: zero-extended. */
export const load = (size: Size, rt: number, rn: number) => memoryAccess(size, 1, rt, rn);
/** LDRSB, LDRSH, LDRSW: sign-extended to 64 bits. */
export const loadSigned = (size: 1 | 2 | 4, rt: number, rn: number) => memoryAccess(size, 2, rt, rn);

function memoryAccess(size: Size, opc: number, rt: number, rn: number): number {
  return (Math.log2(size) << 30 | 0x3900_0000 | opc << 22 | rn << 5 | rt) >>> 0;
}

/** STP Xt, Xt2, [Xn] and LDP: aborts that carry no syndrome a hypervisor could act on. */
export const storePair = (rt: number, rt2: number, rn: number) =>
  (0xa900_0000 | rt2 << 10 | rn << 5 | rt) >>> 0;
export const loadPair = (rt: number, rt2: number, rn: number) =>
  (0xa940_0000 | rt2 << 10 | rn << 5 | rt) >>> 0;

export const HVC = 0xd400_0002;
export const SMC = 0xd400_0003;
export const BRK = 0xd420_0000;
export const NOP = 0xd503_201f;
export const WFI = 0xd503_207f;
export const ISB = 0xd503_3fdf;
/** To itself, for ever. */
export const HERE = 0x1400_0000;
/** BR Xn. */
export const branchTo = (rn: number) => (0xd61f_0000 | rn << 5) >>> 0;
/** CBNZ Xt: `offset` in instructions. */
export const branchIfNot = (rt: number, offset: number) =>
  (0xb500_0000 | (offset & 0x7_ffff) << 5 | rt) >>> 0;
/** ORR Xd, Xd, Xm. */
export const or = (rd: number, rm: number) => (0xaa00_0000 | rm << 16 | rd << 5 | rd) >>> 0;
/** AND Xd, Xd, Xm. */
export const and = (rd: number, rm: number) => (0x8a00_0000 | rm << 16 | rd << 5 | rd) >>> 0;
/** SUB Xd, Xd, #1. */
export const decrement = (rd: number) => (0xd100_0400 | rd << 5 | rd) >>> 0;
/** RDVL Xd, #1: the vector length in bytes. */
export const readVectorLength = (rd: number) => (0x04bf_5020 | rd) >>> 0;
/** PACIA Xd, Xn and AUTIA. */
export const pacia = (rd: number, rn: number) => (0xdac1_0000 | rn << 5 | rd) >>> 0;
export const autia = (rd: number, rn: number) => (0xdac1_1000 | rn << 5 | rd) >>> 0;

type Register = string | Encoding;

/** MRS Xt, register. */
export const readSystem = (rt: number, register: Register) => systemMove(0xd520_0000, rt, register);
/** MSR register, Xt. */
export const writeSystem = (rt: number, register: Register) => systemMove(0xd500_0000, rt, register);

function systemMove(opcode: number, rt: number, register: Register): number {
  const encoding = typeof register === "string" ? systemRegisters.get(register) : register;
  if (!encoding) throw new Error(`no system register is called ${register}`);
  const [op0, op1, crn, crm, op2] = encoding;
  return (opcode | op0 << 19 | op1 << 16 | crn << 12 | crm << 8 | op2 << 5 | rt) >>> 0;
}
