// Arm DDI 0487, "SVE encodings", "SVE Integer Reduction": one number of all active lanes, to a SIMD&FP
// register.

import { type Definition, predicate, vector } from "../definition.ts";
import { addLanes, andBits, bindQ, keepLow, orBits, splatBits, widen, xorBits } from "../simd_vocabulary.ts";
import type { QuadwordTarget, Target } from "../target.ts";
import { const64, type V128 } from "../vocabulary.ts";
import type { Statement } from "../wasm/code.ts";
import { bitselect } from "./load_store_lanes.ts";
import { type Combine, fold } from "./simd_across_lanes.ts";
import { hasSizes, sve, v, z } from "./sve_assembly.ts";
import { type Both, max, min } from "./sve_lanes.ts";

/** All quadwords' lanes as one's, from what there is where no lane is active. */
const gathered = (
  t: Target,
  none: V128,
  each: (all: V128, quadword: QuadwordTarget) => V128,
  use: (all: V128) => Statement,
): Statement =>
(c) => {
  const all = c.local("v128");
  const set = (value: V128): Statement => (code) => {
    value(code);
    code.set(all);
  };
  set(none)(c);
  t.eachQuadword((quadword) => set(each((code) => code.get(all), quadword)))(c);
  use((code) => code.get(all))(c);
  c.release("v128", all);
};

/** The sums of a quadword's lanes, of so many in each doubleword. */
function doublewordSums(size: number, lanes: V128, isSigned: boolean): V128 {
  if (size === 3) return lanes;
  const half = (once: V128, isUpper: boolean) => widen(size + 1, once, isSigned, isUpper);
  const pairs = bindQ(lanes, (once) => addLanes(size + 1, half(once, false), half(once, true)));
  return doublewordSums(size + 1, pairs, isSigned);
}

const doubleword = 3;
const operands = { Vd: vector("Vd"), Pg: predicate("Pg"), Zn: vector("Zn") };
const encoding = (opcode: string) => `00000100 size:2 ${opcode} 001 Pg:3 Zn:5 Vd:5`;

/** Of 64 bits, whatever the lanes are. */
const sum = (name: string, opcode: string, isSigned: boolean): Definition =>
  sve(name, encoding(opcode), {
    valid: hasSizes(...(isSigned ? [0, 1, 2] : [0, 1, 2, 3])),
    assembly: ({ size, Pg, Zn, Vd }) =>
      `${name.toLowerCase()} ${v(Vd!, doubleword)}, p${Pg}, ${z(Zn!, size!)}`,
    operands,
    forms: ["size"],
    emit: (t, { size }) =>
      gathered(
        t,
        splatBits(doubleword, const64(0)),
        (all, { z, mask }) =>
          addLanes(doubleword, all, doublewordSums(size!, andBits(z("Zn"), mask("Pg", size!)), isSigned)),
        (all) => t.setQ("Vd", keepLow(8, fold(doubleword, all, 16, addLanes))),
      ),
  });

const ones = (bits: number) => (1n << BigInt(bits)) - 1n;

/** @param none what a lane is that is not active */
const reduction = (
  name: string,
  opcode: string,
  combine: Combine,
  none: (bits: number) => bigint,
): Definition =>
  sve(name, encoding(opcode), {
    valid: hasSizes(0, 1, 2, 3),
    assembly: ({ size, Pg, Zn, Vd }) => `${name.toLowerCase()} ${v(Vd!, size!)}, p${Pg}, ${z(Zn!, size!)}`,
    operands,
    forms: ["size"],
    emit(t, { size }) {
      const inactive = splatBits(size!, const64(BigInt.asIntN(64, none(8 << size!))));
      return gathered(
        t,
        inactive,
        (all, { z, mask }) => combine(size!, all, bitselect(z("Zn"), inactive, mask("Pg", size!))),
        (all) => t.setQ("Vd", keepLow(1 << size!, fold(size!, all, 16, combine))),
      );
    },
  });

const ofLanes = (combine: Both, isSigned: boolean): Combine => (size, a, b) => combine(size, isSigned, a, b);
const bitwise = (combine: (a: V128, b: V128) => V128): Combine => (_, a, b) => combine(a, b);

export const sveIntegerReduce: readonly Definition[] = [
  sum("SADDV", "000 000", true),
  sum("UADDV", "000 001", false),
  reduction("SMAXV", "001 000", ofLanes(max, true), (bits) => 1n << BigInt(bits - 1)),
  reduction("UMAXV", "001 001", ofLanes(max, false), () => 0n),
  reduction("SMINV", "001 010", ofLanes(min, true), (bits) => ones(bits - 1)),
  reduction("UMINV", "001 011", ofLanes(min, false), ones),
  reduction("ORV", "011 000", bitwise(orBits), () => 0n),
  reduction("EORV", "011 001", bitwise(xorBits), () => 0n),
  reduction("ANDV", "011 010", bitwise(andBits), ones),
];
