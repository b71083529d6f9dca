// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Compare - Vectors" and "- with Zero": a predicate of the
// active lanes for which it holds. The flags stay as they were.

import { type Definition, type Meaning, predicate, vector } from "../definition.ts";
import { FPCompare, FPCompareEQ, FPCompareGE, FPCompareGT } from "../float/compare.ts";
import { type FloatFormat, FPAbs } from "../float/format.ts";
import type { FloatStatus } from "../float/status.ts";
import { andBits, bindQ, byteBits, extract64, notBits, splat } from "../simd_vocabulary.ts";
import type { QuadwordTarget } from "../target.ts";
import { and32, bind32, const32, or32, sequence, type V128, when, wrap, xor32 } from "../vocabulary.ts";
import { isPlain } from "./float_vocabulary.ts";
import { zeroQ } from "./load_store_lanes.ts";
import { unreachable } from "./simd_class.ts";
import { abs, eq, ge, gt, isNumber } from "./simd_float_fast.ts";
import { p, z, zeroing } from "./sve_assembly.ts";
import { formatOfSize, sveFloat } from "./sve_float_formats.ts";
import { type Kept, lanesIn, withKept } from "./sve_predicate_bits.ts";
import { laneOf, predicateOf, setPredicate } from "./sve_registers.ts";

type Holds = (a: bigint, b: bigint, format: FloatFormat, status: FloatStatus) => boolean;

/** FPCompare's flags of what cannot be compared. */
const unordered = 0b0011;

const notEqual: Holds = (a, b, format, status) => !FPCompareEQ(a, b, format, status);
const isUnordered: Holds = (a, b, format, status) => FPCompare(a, b, false, format, status) === unordered;
const ofMagnitudes = (holds: Holds): Holds => (a, b, format, status) =>
  holds(FPAbs(a, format), FPAbs(b, format), format, status);
const swapped = (holds: Holds): Holds => (a, b, format, status) => holds(b, a, format, status);

type Lanes = (type: number, a: V128, b: V128) => V128;

/** By name, where both operands are numbers and no exception is raised. */
const lanes: Readonly<Record<string, Lanes>> = {
  FCMGE: ge,
  FCMGT: gt,
  FCMEQ: eq,
  FCMNE: (type, a, b) => notBits(eq(type, a, b)),
  FCMUO: () => zeroQ,
  FACGE: (type, a, b) => ge(type, abs(type, a), abs(type, b)),
  FACGT: (type, a, b) => gt(type, abs(type, a), abs(type, b)),
  FCMLT: (type, a, b) => gt(type, b, a),
  FCMLE: (type, a, b) => ge(type, b, a),
};

/** The comparison's code: it waits in Pd's place in scratch memory until all active lanes are known to be numbers. */
function comparing(name: string, isWithZero: boolean): Pick<Meaning, "operands" | "forms" | "emit"> {
  const compare = lanes[name]!;
  const each = (type: number, size: number) => ({ z, bits, setScratch }: QuadwordTarget, reject: Kept) =>
    bind32(
      lanesIn(size, bits("Pg")),
      (active) =>
        bindQ(z("Zn"), (a) =>
          bindQ(isWithZero ? zeroQ : z("Zm"), (b) => {
            const numbers = andBits(isNumber(type, a), isNumber(type, b));
            return sequence(
              reject.set(or32(reject.get, and32(active, xor32(byteBits(numbers), const32(0xffff))))),
              setScratch(splat(1, and32(active, byteBits(compare(type, a, b))))),
            );
          })),
    );
  return {
    operands: {
      Pd: predicate("Pd"),
      Pg: predicate("Pg"),
      Zn: vector("Zn"),
      ...(!isWithZero && { Zm: vector("Zm") }),
    },
    forms: ["size"],
    emit(t, { size }) {
      if (size === 0) return unreachable;
      // Half precision has no arithmetic here.
      if (size === 1) return t.fallBack();
      const type = size! - 2;
      const all = withKept(1, (reject) =>
        sequence(
          t.eachQuadword((quadword) => each(type, size!)(quadword, reject)),
          when(
            reject.get,
            t.fallBack(),
            t.eachQuadword(({ setBits, scratch }) => setBits("Pd", wrap(extract64(scratch(), 0)))),
          ),
        ));
      return when(isPlain(t), all, t.fallBack());
    },
  };
}

/** @param bits 15 to 13 of the encoding, and bit 4 */
const vectors = (name: string, bits: readonly [string, 0 | 1], holds: Holds): Definition =>
  sveFloat(`${name} (vectors)`, `01100101 size:2 0 Zm:5 ${bits[0]} Pg:3 Zn:5 ${bits[1]} Pd:4`, {
    assembly: (f) =>
      `${name.toLowerCase()} ${p(f.Pd!, f.size!)}, ${zeroing(f)}, ${z(f.Zn!, f.size!)}, ${z(f.Zm!, f.size!)}`,
    ...comparing(name, false),
    run(cpu, { Pd, Pg, Zn, Zm, size }) {
      const format = formatOfSize(size!), of = (n: number, lane: number) => laneOf(cpu, n, size!, lane);
      const result = predicateOf(cpu, Pg!, size!).map((isActive, lane) =>
        isActive && holds(of(Zn!, lane), of(Zm!, lane), format, cpu)
      );
      setPredicate(cpu, Pd!, size!, result);
    },
  });

/** @param bits 17 and 16 of the encoding, and bit 4 */
const withZero = (name: string, bits: readonly [string, 0 | 1], holds: Holds): Definition =>
  sveFloat(`${name} (zero)`, `01100101 size:2 0100 ${bits[0]} 001 Pg:3 Zn:5 ${bits[1]} Pd:4`, {
    assembly: (f) => `${name.toLowerCase()} ${p(f.Pd!, f.size!)}, ${zeroing(f)}, ${z(f.Zn!, f.size!)}, #0.0`,
    ...comparing(name, true),
    run(cpu, { Pd, Pg, Zn, size }) {
      const format = formatOfSize(size!);
      const result = predicateOf(cpu, Pg!, size!).map((isActive, lane) =>
        isActive && holds(laneOf(cpu, Zn!, size!, lane), 0n, format, cpu)
      );
      setPredicate(cpu, Pd!, size!, result);
    },
  });

export const sveFloatCompare: readonly Definition[] = [
  vectors("FCMGE", ["010", 0], FPCompareGE),
  vectors("FCMGT", ["010", 1], FPCompareGT),
  vectors("FCMEQ", ["011", 0], FPCompareEQ),
  vectors("FCMNE", ["011", 1], notEqual),
  vectors("FCMUO", ["110", 0], isUnordered),
  vectors("FACGE", ["110", 1], ofMagnitudes(FPCompareGE)),
  vectors("FACGT", ["111", 1], ofMagnitudes(FPCompareGT)),
  withZero("FCMGE", ["00", 0], FPCompareGE),
  withZero("FCMGT", ["00", 1], FPCompareGT),
  withZero("FCMLT", ["01", 0], swapped(FPCompareGT)),
  withZero("FCMLE", ["01", 1], swapped(FPCompareGE)),
  withZero("FCMEQ", ["10", 0], FPCompareEQ),
  withZero("FCMNE", ["11", 0], notEqual),
];
