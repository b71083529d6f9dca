// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD two-register
// miscellaneous" and "Advanced SIMD scalar two-register miscellaneous": integers.

import { type Definition, type Fields, instruction } from "../definition.ts";
import { UnsignedRecipEstimate, UnsignedRSqrtEstimate } from "../float/estimate.ts";
import { scalarName, vectorName } from "../simd_assembly.ts";
import type { Lane } from "../simd_lanes.ts";
import {
  absolute,
  countOnes,
  equal,
  greaterEqualS,
  greaterS,
  keepLow,
  negate,
  notBits,
  rearrange,
} from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import type { V128 } from "../vocabulary.ts";
import { zeroQ } from "./load_store_lanes.ts";
import {
  allSizes,
  emitForSizes,
  hasScalarSize,
  hasSize,
  type OfTwo,
  oneVector,
  only32,
  only64,
  only8,
  runOne,
  type Sizes,
  upTo16,
  upTo32,
} from "./simd_class.ts";

interface Row {
  readonly name: string;
  readonly U: 0 | 1;
  readonly opcode: string;
  readonly sizes: Sizes;
  /** Of the scalar instruction, where there is one. */
  readonly scalar?: Sizes;
  readonly emit?: (size: number, n: V128) => V128;
  readonly isSigned?: boolean;
  /** Of lanes of Rn and Rd. */
  readonly run?: OfTwo;
  /** Written after the operands. */
  readonly suffix?: string;
}

/** Lanes in the reverse order in groups of so many bytes. */
const reverse = (bytes: number) => (size: number, n: V128) => {
  const flip = bytes - (1 << size);
  // A shuffle of lanes larger than the group is no encoding.
  return flip < 0 ? n : rearrange(n, (byte) => byte ^ flip);
};

const leadingZeroes = (value: bigint, bits: number): bigint =>
  BigInt(bits - (value === 0n ? 0 : value.toString(2).length));

/** Bits after the highest that are the same as it. */
const leadingSigns = (value: bigint, { bits }: Lane) => leadingZeroes(value < 0n ? ~value : value, bits) - 1n;

const absoluteOf = (value: bigint) => value < 0n ? -value : value;

function reverseBits(value: bigint): bigint {
  let reversed = 0n;
  for (let bit = 0n; bit < 8n; bit++) reversed |= (value >> bit & 1n) << 7n - bit;
  return reversed;
}

/** Rd's numbers are signed and Rn's are not, or the other way round. */
const signedPlusUnsigned: OfTwo = (n, d, lane) => lane.fit(d + BigInt.asUintN(lane.bits, n));
const unsignedPlusSigned: OfTwo = (n, d, lane) => lane.fit(d + BigInt.asIntN(lane.bits, n));

const comparison = (
  name: string,
  U: 0 | 1,
  opcode: string,
  emit: (size: number, n: V128, zero: V128) => V128,
): Row => ({
  name,
  U,
  opcode,
  sizes: allSizes,
  scalar: only64,
  suffix: ", #0",
  emit: (size, n) => emit(size, n, zeroQ),
});

const rows: readonly Row[] = [
  { name: "REV64", U: 0, opcode: "00000", sizes: upTo32, emit: reverse(8) },
  { name: "REV32", U: 1, opcode: "00000", sizes: upTo16, emit: reverse(4) },
  { name: "REV16", U: 0, opcode: "00001", sizes: only8, emit: reverse(2) },
  {
    name: "SUQADD",
    U: 0,
    opcode: "00011",
    sizes: allSizes,
    scalar: allSizes,
    isSigned: true,
    run: signedPlusUnsigned,
  },
  { name: "USQADD", U: 1, opcode: "00011", sizes: allSizes, scalar: allSizes, run: unsignedPlusSigned },
  {
    name: "CLS",
    U: 0,
    opcode: "00100",
    sizes: upTo32,
    isSigned: true,
    run: (n, _, lane) => leadingSigns(n, lane),
  },
  { name: "CLZ", U: 1, opcode: "00100", sizes: upTo32, run: (n, _, { bits }) => leadingZeroes(n, bits) },
  { name: "CNT", U: 0, opcode: "00101", sizes: only8, emit: (_, n) => countOnes(n) },
  {
    name: "SQABS",
    U: 0,
    opcode: "00111",
    sizes: allSizes,
    scalar: allSizes,
    isSigned: true,
    run: (n, _, lane) => lane.fit(absoluteOf(n)),
  },
  {
    name: "SQNEG",
    U: 1,
    opcode: "00111",
    sizes: allSizes,
    scalar: allSizes,
    isSigned: true,
    run: (n, _, lane) => lane.fit(-n),
  },
  comparison("CMGT", 0, "01000", greaterS),
  comparison("CMGE", 1, "01000", greaterEqualS),
  comparison("CMEQ", 0, "01001", equal),
  comparison("CMLE", 1, "01001", (size, n, zero) => greaterEqualS(size, zero, n)),
  comparison("CMLT", 0, "01010", (size, n, zero) => greaterS(size, zero, n)),
  { name: "ABS", U: 0, opcode: "01011", sizes: allSizes, scalar: only64, emit: absolute },
  { name: "NEG", U: 1, opcode: "01011", sizes: allSizes, scalar: only64, emit: negate },
  {
    name: "URECPE",
    U: 0,
    opcode: "11100",
    sizes: only32,
    run: (n) => BigInt(UnsignedRecipEstimate(Number(n))),
  },
  {
    name: "URSQRTE",
    U: 1,
    opcode: "11100",
    sizes: only32,
    run: (n) => BigInt(UnsignedRSqrtEstimate(Number(n))),
  },
];

function vectorForm({ name, U, opcode, sizes, emit, isSigned = false, run, suffix = "" }: Row): Definition {
  return instruction(`${name} (vector)`, `0 Q:1 ${U} 01110 size:2 10000 ${opcode} 10 Rn:5 Rd:5`, {
    uses: "fp",
    valid: hasSize(sizes),
    assembly: ({ Rd, Rn, size, Q }) =>
      `${name.toLowerCase()} ${vectorName(Rd!, size!, Q!)}, ${vectorName(Rn!, size!, Q!)}${suffix}`,
    ...(emit && {
      operands: oneVector,
      forms: ["size", "Q"],
      emit: emitForSizes(sizes, (t, { size }) => emit(size!, t.q("Rn"))),
    }),
    ...(run && { run: runOne(isSigned, false, run) }),
  });
}

function scalarForm(
  { name, U, opcode, emit, isSigned = false, run, suffix = "" }: Row,
  sizes: Sizes,
): Definition {
  return instruction(`${name} (scalar)`, `01 ${U} 11110 size:2 10000 ${opcode} 10 Rn:5 Rd:5`, {
    uses: "fp",
    valid: hasScalarSize(sizes),
    assembly: ({ Rd, Rn, size }) =>
      `${name.toLowerCase()} ${scalarName(Rd!, size!)}, ${scalarName(Rn!, size!)}${suffix}`,
    ...(emit && {
      operands: oneVector,
      emit: (t: Target) => t.setQ("Rd", keepLow(8, emit(3, t.q("Rn")))),
    }),
    ...(run && { run: runOne(isSigned, true, run) }),
  });
}

const bytesAssembly = (name: string) => ({ Rd, Rn, Q }: Fields) =>
  `${name} ${vectorName(Rd!, 0, Q!)}, ${vectorName(Rn!, 0, Q!)}`;

/** Of bits, whose size is no lane's. */
const bitwise: readonly Definition[] = [
  instruction("NOT", "0 Q:1 1 01110 00 10000 00101 10 Rn:5 Rd:5", {
    operands: oneVector,
    forms: ["Q"],
    uses: "fp",
    assembly: bytesAssembly("mvn"),
    emit: (t, { Q }) => t.setQ("Rd", keepLow(Q ? 16 : 8, notBits(t.q("Rn")))),
  }),
  instruction("RBIT (vector)", "0 Q:1 1 01110 01 10000 00101 10 Rn:5 Rd:5", {
    uses: "fp",
    assembly: bytesAssembly("rbit"),
    run: (cpu, f) => runOne(false, false, reverseBits)(cpu, { ...f, size: 0 }),
  }),
];

export const simdTwoRegisterMiscellaneous: readonly Definition[] = [
  ...rows.map(vectorForm),
  ...rows.flatMap((each) => each.scalar ? [scalarForm(each, each.scalar)] : []),
  ...bitwise,
];
