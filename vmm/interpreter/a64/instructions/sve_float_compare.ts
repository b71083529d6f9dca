// Arm DDI 0487, "SVE encodings", "SVE Floating-Point Compare - Vectors" and "- with Zero": a predicate of the
// active lanes for which it holds. The flags stay as they were.

import type { Definition } from "../definition.ts";
import { FPCompare, FPCompareEQ, FPCompareGE, FPCompareGT } from "../float/compare.ts";
import { type FloatFormat, FPAbs } from "../float/format.ts";
import type { FloatStatus } from "../float/status.ts";
import { p, z, zeroing } from "./sve_assembly.ts";
import { formatOfSize, sveFloat } from "./sve_float_formats.ts";
import { laneOf, predicateOf, setPredicate } from "./sve_registers.ts";

type Holds = (a: bigint, b: bigint, format: FloatFormat, status: FloatStatus) => boolean;

/** FPCompare's flags of what cannot be compared. */
const unordered = 0b0011;

const notEqual: Holds = (a, b, format, status) => !FPCompareEQ(a, b, format, status);
const isUnordered: Holds = (a, b, format, status) => FPCompare(a, b, false, format, status) === unordered;
const ofMagnitudes = (holds: Holds): Holds => (a, b, format, status) =>
  holds(FPAbs(a, format), FPAbs(b, format), format, status);
const swapped = (holds: Holds): Holds => (a, b, format, status) => holds(b, a, format, status);

/** @param bits 15 to 13 of the encoding, and bit 4 */
const vectors = (name: string, bits: readonly [string, 0 | 1], holds: Holds): Definition =>
  sveFloat(`${name} (vectors)`, `01100101 size:2 0 Zm:5 ${bits[0]} Pg:3 Zn:5 ${bits[1]} Pd:4`, {
    assembly: (f) =>
      `${name.toLowerCase()} ${p(f.Pd!, f.size!)}, ${zeroing(f)}, ${z(f.Zn!, f.size!)}, ${z(f.Zm!, f.size!)}`,
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
