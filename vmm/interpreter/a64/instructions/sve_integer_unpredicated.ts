// Arm DDI 0487, "SVE encodings", "SVE Integer Arithmetic - Unpredicated", "SVE Bitwise Logical -
// Unpredicated" and "SVE Bitwise Immediate": every lane of Zd. Saturation leaves FPSR.QC as it is.

import type { Definition, Fields } from "../definition.ts";
import { logicalMask } from "./logical_mask.ts";
import { sve, z, zNames } from "./sve_assembly.ts";
import { saturate } from "./sve_element_count.ts";
import { bothSigned, changeLanes, type OfTwo, ofTwo, type Signs, unsigned } from "./sve_lane_operations.ts";
import { eachLane, setLanes } from "./sve_registers.ts";

const arithmetic = (name: string, opcode: string, signs: Signs, compute: OfTwo): Definition =>
  sve(`${name} (vectors, unpredicated)`, `00000100 size:2 1 Zm:5 000 ${opcode} Zn:5 Zd:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zd", "Zn", "Zm")}`,
    run: ofTwo(compute, signs),
  });

const logical = (name: string, opcode: string, compute: OfTwo): Definition =>
  sve(`${name} (vectors, unpredicated)`, `00000100 ${opcode} 1 Zm:5 001 100 Zn:5 Zd:5`, {
    assembly: (f) =>
      name === "ORR" && f.Zn === f.Zm
        ? `mov ${zNames(f, 3, "Zd", "Zn")}`
        : `${name.toLowerCase()} ${zNames(f, 3, "Zd", "Zn", "Zm")}`,
    run: (cpu, f) => ofTwo(compute)(cpu, { ...f, size: 3 }),
  });

/** Of 64 bits, in which the encoding's element repeats; undefined where it is reserved. */
const mask = ({ imm13 }: Fields) => logicalMask(1, imm13! >> 12, imm13! & 0x3f, imm13! >> 6 & 0x3f);
const isMask = (f: Fields) => mask(f) !== undefined;
const maskOf = (f: Fields) => mask(f)!;

/** Bytes where halves of the element are the same, and so on: what binutils names the register by. */
function elementSize(value: bigint): number {
  for (let size = 0; size < 3; size++) {
    const bits = 8 << size, part = BigInt.asUintN(bits, value);
    let repeated = part;
    for (let width = bits; width < 64; width *= 2) repeated |= repeated << BigInt(width);
    if (repeated === value) return size;
  }
  return 3;
}

const elementText = (value: bigint) => `#0x${BigInt.asUintN(8 << elementSize(value), value).toString(16)}`;

const logicalImmediate = (
  name: string,
  opcode: string,
  compute: (value: bigint, immediate: bigint) => bigint,
): Definition =>
  sve(`${name} (immediate)`, `00000101 ${opcode} 0000 imm13:13 Zdn:5`, {
    valid: isMask,
    assembly: (f) => {
      const Zdn = z(f.Zdn!, elementSize(maskOf(f)));
      return `${name.toLowerCase()} ${Zdn}, ${Zdn}, ${elementText(maskOf(f))}`;
    },
    run(cpu, f) {
      const immediate = maskOf(f);
      changeLanes(cpu, f.Zdn!, 3, false, (value) => compute(value, immediate));
    },
  });

/**
 * Whether DUP could make it (the pseudocode's SVEMoveMaskPreferred says no): then binutils prints DUPM, else
 * MOV.
 */
function isDuplicate(value: bigint): boolean {
  const size = elementSize(value), part = BigInt.asIntN(8 << size, value);
  const isByte = part >= -128n && part < 128n;
  return isByte || size > 0 && (part & 0xffn) === 0n && part >= -32768n && part < 32768n;
}

const DUPM = sve("DUPM", "00000101 11 0000 imm13:13 Zd:5", {
  valid: isMask,
  assembly: (f) => {
    const value = maskOf(f), size = elementSize(value);
    return `${isDuplicate(value) ? "dupm" : "mov"} ${z(f.Zd!, size)}, ${elementText(value)}`;
  },
  run: (cpu, f) => setLanes(cpu, f.Zd!, 3, eachLane(cpu, 3, () => maskOf(f))),
});

export const sveIntegerUnpredicated: readonly Definition[] = [
  arithmetic("ADD", "000", unsigned, (a, b) => a + b),
  arithmetic("SUB", "001", unsigned, (a, b) => a - b),
  arithmetic("SQADD", "100", bothSigned, (a, b, bits) => saturate(a + b, bits, false)),
  arithmetic("UQADD", "101", unsigned, (a, b, bits) => saturate(a + b, bits, true)),
  arithmetic("SQSUB", "110", bothSigned, (a, b, bits) => saturate(a - b, bits, false)),
  arithmetic("UQSUB", "111", unsigned, (a, b, bits) => saturate(a - b, bits, true)),
  logical("AND", "00", (a, b) => a & b),
  logical("ORR", "01", (a, b) => a | b),
  logical("EOR", "10", (a, b) => a ^ b),
  logical("BIC", "11", (a, b) => a & ~b),
  logicalImmediate("ORR", "00", (a, b) => a | b),
  logicalImmediate("EOR", "01", (a, b) => a ^ b),
  logicalImmediate("AND", "10", (a, b) => a & b),
  DUPM,
];
