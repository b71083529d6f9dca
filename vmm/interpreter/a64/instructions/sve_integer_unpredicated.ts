// Arm DDI 0487, "SVE encodings", "SVE Integer Arithmetic - Unpredicated", "SVE Bitwise Logical -
// Unpredicated" and "SVE Bitwise Immediate": every lane of Zd. Saturation leaves FPSR.QC as it is.

import type { Definition, Fields } from "../definition.ts";
import { addLanes, andBits, andNot, orBits, splatBits, subLanes, xorBits } from "../simd_vocabulary.ts";
import type { V128 } from "../vocabulary.ts";
import { logicalMask } from "./logical_mask.ts";
import { sve, z, zNames } from "./sve_assembly.ts";
import { type Both, saturatedDifference, saturatedSum } from "./sve_lanes.ts";
import { quadwords } from "./sve_quadwords.ts";

const sizes = [0, 1, 2, 3];

const arithmetic = (name: string, opcode: string, isSigned: boolean, compute: Both): Definition =>
  sve(`${name} (vectors, unpredicated)`, `00000100 size:2 1 Zm:5 000 ${opcode} Zn:5 Zd:5`, {
    assembly: (f) => `${name.toLowerCase()} ${zNames(f, f.size!, "Zd", "Zn", "Zm")}`,
    ...quadwords(
      { operands: ["Zd", "Zn", "Zm"], sizes },
      (size, of) => compute(size, isSigned, of("Zn"), of("Zm")),
    ),
  });

const logical = (name: string, opcode: string, compute: (a: V128, b: V128) => V128): Definition =>
  sve(`${name} (vectors, unpredicated)`, `00000100 ${opcode} 1 Zm:5 001 100 Zn:5 Zd:5`, {
    assembly: (f) =>
      name === "ORR" && f.Zn === f.Zm
        ? `mov ${zNames(f, 3, "Zd", "Zn")}`
        : `${name.toLowerCase()} ${zNames(f, 3, "Zd", "Zn", "Zm")}`,
    ...quadwords({ operands: ["Zd", "Zn", "Zm"], sizes: 3 }, (_, of) => compute(of("Zn"), of("Zm"))),
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
  compute: (value: V128, immediate: V128) => V128,
): Definition =>
  sve(`${name} (immediate)`, `00000101 ${opcode} 0000 imm13:13 Zdn:5`, {
    valid: isMask,
    assembly: (f) => {
      const Zdn = z(f.Zdn!, elementSize(maskOf(f)));
      return `${name.toLowerCase()} ${Zdn}, ${Zdn}, ${elementText(maskOf(f))}`;
    },
    ...quadwords(
      { operands: ["Zdn"], sizes: 3, immediate: maskOf },
      (_, of, __, t) => compute(of("Zdn"), splatBits(3, t.immediate())),
    ),
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
  ...quadwords(
    { operands: ["Zd"], sizes: 3, immediate: maskOf },
    (_, __, ___, t) => splatBits(3, t.immediate()),
  ),
});

export const sveIntegerUnpredicated: readonly Definition[] = [
  arithmetic("ADD", "000", false, (size, _, n, m) => addLanes(size, n, m)),
  arithmetic("SUB", "001", false, (size, _, n, m) => subLanes(size, n, m)),
  arithmetic("SQADD", "100", true, saturatedSum),
  arithmetic("UQADD", "101", false, saturatedSum),
  arithmetic("SQSUB", "110", true, saturatedDifference),
  arithmetic("UQSUB", "111", false, saturatedDifference),
  logical("AND", "00", andBits),
  logical("ORR", "01", orBits),
  logical("EOR", "10", xorBits),
  logical("BIC", "11", andNot),
  logicalImmediate("ORR", "00", orBits),
  logicalImmediate("EOR", "01", xorBits),
  logicalImmediate("AND", "10", andBits),
  DUPM,
];
