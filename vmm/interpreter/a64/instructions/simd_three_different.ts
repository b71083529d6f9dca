// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD three different"
// and "Advanced SIMD scalar three different": of operands half as wide as the result, or a result half as
// wide.

import { pmull2_64, pmull2_8, pmull64, pmull8 } from "../crypto/polynomial.ts";
import { type Definition, type Fields, instruction } from "../definition.ts";
import { scalarName, upperHalf, vectorName } from "../simd_assembly.ts";
import { clearAbove, readLane } from "../simd_lanes.ts";
import {
  addLanes,
  maxS,
  maxU,
  minS,
  minU,
  splatBits,
  subLanes,
  widen,
  widenProduct,
} from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { const64, type V128 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { wordIndex, words } from "./crypto_words.ts";
import {
  bitsOf,
  doubling,
  hasScalarSize,
  hasSize,
  runLanes,
  twoVectors,
  unreachable,
  upTo32,
} from "./simd_class.ts";
import { accumulateDoubled, type Accumulation, accumulations } from "./simd_doubling_long.ts";
import { setNarrow } from "./simd_narrow.ts";

type Shape = "long" | "wide" | "narrow";
/** What is done with lanes of two vectors. */
type Combine = (size: number, n: V128, m: V128) => V128;

const encodingOf = (U: number, size: string, opcode: string) =>
  `0 Q:1 ${U} 01110 ${size} 1 Rm:5 ${opcode} 00 Rn:5 Rd:5`;

/** The widths of Rd, Rn and Rm beyond `size`. */
const widths: Record<Shape, readonly [number, number, number]> = {
  long: [1, 0, 0],
  wide: [1, 1, 0],
  narrow: [0, 1, 1],
};

const assembly = (name: string, shape: Shape) => (f: Fields) => {
  const of = (register: number, isWider: number) =>
    vectorName(register, f.size! + isWider, isWider ? 1 : f.Q!);
  const [d, n, m] = widths[shape];
  return `${name.toLowerCase()}${upperHalf(f.Q!)} ${of(f.Rd!, d)}, ${of(f.Rn!, n)}, ${of(f.Rm!, m)}`;
};

const definition = (
  name: string,
  U: number,
  opcode: string,
  shape: Shape,
  emit: (t: Target, form: Fields) => Statement,
): Definition =>
  instruction(name, encodingOf(U, "size:2", opcode), {
    operands: twoVectors,
    forms: ["size", "Q"],
    uses: "fp",
    valid: hasSize(upTo32),
    assembly: assembly(name, shape),
    emit: (t, form) => form.size! < 3 ? emit(t, form) : unreachable,
  });

/** S and U, both operands widened. */
const long = (name: string, opcode: string, combine: Combine) =>
  [true, false].map((isSigned) =>
    definition(`${isSigned ? "S" : "U"}${name}`, isSigned ? 0 : 1, opcode, "long", (t, { size, Q }) => {
      const of = (operand: string) => widen(size! + 1, t.q(operand), isSigned, Q === 1);
      return t.setQ("Rd", combine(size! + 1, of("Rn"), of("Rm")));
    })
  );

const wide = (name: string, opcode: string, combine: Combine) =>
  [true, false].map((isSigned) =>
    definition(`${isSigned ? "S" : "U"}${name}`, isSigned ? 0 : 1, opcode, "wide", (t, { size, Q }) => {
      const m = widen(size! + 1, t.q("Rm"), isSigned, Q === 1);
      return t.setQ("Rd", combine(size! + 1, t.q("Rn"), m));
    })
  );

const product = (name: string, opcode: string, combine: (size: number, product: V128, d: V128) => V128) =>
  [true, false].map((isSigned) =>
    definition(`${isSigned ? "S" : "U"}${name}`, isSigned ? 0 : 1, opcode, "long", (t, { size, Q }) => {
      const value = widenProduct(size! + 1, t.q("Rn"), t.q("Rm"), isSigned, Q === 1);
      return t.setQ("Rd", combine(size! + 1, value, t.q("Rd")));
    })
  );

/** The upper half of each lane, rounded where U is set. */
const narrow = (name: string, opcode: string, combine: Combine) =>
  [0, 1].map((U) =>
    definition(`${U ? "R" : ""}${name}`, U, opcode, "narrow", (t, form) => {
      const size = form.size! + 1;
      const value = combine(size, t.q("Rn"), t.q("Rm"));
      const half = splatBits(size, const64(1n << BigInt(bitsOf(form) - 1)));
      return setNarrow(t, form, U ? addLanes(size, value, half) : value, true);
    })
  );

/** The distance of narrow lanes, which as an unsigned number fits them. */
const distance = (name: string, opcode: string, accumulates: boolean) =>
  [true, false].map((isSigned) =>
    definition(`${isSigned ? "S" : "U"}${name}`, isSigned ? 0 : 1, opcode, "long", (t, { size, Q }) => {
      const n = t.q("Rn"), m = t.q("Rm");
      const narrowDistance = isSigned
        ? subLanes(size!, maxS(size!, n, m), minS(size!, n, m))
        : subLanes(size!, maxU(size!, n, m), minU(size!, n, m));
      const value = widen(size! + 1, narrowDistance, false, Q === 1);
      return t.setQ("Rd", accumulates ? addLanes(size! + 1, t.q("Rd"), value) : value);
    })
  );

const doublingVector = (accumulation: Accumulation) =>
  instruction(`${accumulation.name} (vector)`, encodingOf(0, "size:2", accumulation.opcode), {
    uses: "fp",
    valid: hasSize(doubling),
    assembly: assembly(accumulation.name, "long"),
    run(cpu, f) {
      const bits = bitsOf(f), count = 64 / bits, first = f.Q ? count : 0;
      runLanes(cpu, f, count, 2 * bits, true, (index, lane) =>
        accumulateDoubled(
          accumulation,
          readLane(cpu, f.Rn!, first + index, bits, true),
          readLane(cpu, f.Rm!, first + index, bits, true),
          readLane(cpu, f.Rd!, index, 2 * bits, true),
          lane,
        ));
    },
  });

const doublingScalar = (accumulation: Accumulation) =>
  instruction(
    `${accumulation.name} (scalar)`,
    `01 0 11110 size:2 1 Rm:5 ${accumulation.opcode} 00 Rn:5 Rd:5`,
    {
      uses: "fp",
      valid: hasScalarSize(doubling),
      assembly: ({ Rd, Rn, Rm, size }) =>
        `${accumulation.name.toLowerCase()} ${scalarName(Rd!, size! + 1)}, ${scalarName(Rn!, size!)}, ${
          scalarName(Rm!, size!)
        }`,
      run(cpu, f) {
        const bits = bitsOf(f);
        const of = (register: number, width: number) => readLane(cpu, register, 0, width, true);
        runLanes(cpu, f, 1, 2 * bits, true, (_, lane) =>
          accumulateDoubled(accumulation, of(f.Rn!, bits), of(f.Rm!, bits), of(f.Rd!, 2 * bits), lane));
      },
    },
  );

const polynomial = (size: "00" | "11", lower: typeof pmull8, upper: typeof pmull8): Definition => {
  const from = size === "00" ? 0 : 3;
  return instruction(`PMULL (${8 << from} bits)`, encodingOf(0, size, "1110"), {
    uses: "fp",
    ...(from === 3 && { needs: ["ID_AA64ISAR0_EL1", 4, 2] as const }),
    assembly: ({ Rd, Rn, Rm, Q }) =>
      `pmull${upperHalf(Q!)} ${vectorName(Rd!, from + 1, 1)}, ${vectorName(Rn!, from, Q!)}, ${
        vectorName(Rm!, from, Q!)
      }`,
    run(cpu, { Rd, Rn, Rm, Q }) {
      (Q ? upper : lower)(words(cpu), wordIndex(Rd!), wordIndex(Rn!), wordIndex(Rm!));
      clearAbove(cpu, Rd!, 16);
    },
  });
};

export const simdThreeDifferent: readonly Definition[] = [
  ...long("ADDL", "0000", addLanes),
  ...wide("ADDW", "0001", addLanes),
  ...long("SUBL", "0010", subLanes),
  ...wide("SUBW", "0011", subLanes),
  ...narrow("ADDHN", "0100", addLanes),
  ...distance("ABAL", "0101", true),
  ...narrow("SUBHN", "0110", subLanes),
  ...distance("ABDL", "0111", false),
  ...product("MLAL", "1000", (size, value, d) => addLanes(size, d, value)),
  ...product("MLSL", "1010", (size, value, d) => subLanes(size, d, value)),
  ...product("MULL", "1100", (_, value) => value),
  ...accumulations.map(doublingVector),
  ...accumulations.map(doublingScalar),
  polynomial("00", pmull8, pmull2_8),
  polynomial("11", pmull64, pmull2_64),
];
