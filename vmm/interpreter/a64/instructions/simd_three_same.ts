// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD three same" and
// "Advanced SIMD scalar three same": integers.

import { type Definition, type Fields, instruction, type Meaning } from "../definition.ts";
import { pmul } from "../crypto/polynomial.ts";
import {
  addLanes,
  andBits,
  andNot,
  bindQ,
  equal,
  everySecond,
  greaterEqualS,
  greaterEqualU,
  greaterS,
  greaterU,
  keepLow,
  maxS,
  maxU,
  minS,
  minU,
  mulLanes,
  notBits,
  orBits,
  pick,
  subLanes,
  xorBits,
} from "../simd_vocabulary.ts";
import { scalarName, vectorName } from "../simd_assembly.ts";
import { clearAbove } from "../simd_lanes.ts";
import type { Target } from "../target.ts";
import type { V128 } from "../vocabulary.ts";
import { bitselect } from "./load_store_lanes.ts";
import {
  allSizes,
  doubling,
  emitForSizes,
  hasScalarSize,
  hasSize,
  type OfTwo,
  only64,
  only8,
  runTwo,
  setResult,
  type Sizes,
  twoVectors,
  upTo32,
} from "./simd_class.ts";
import { halvingDifference, halvingSum, roundingHalvingSum } from "./simd_halving.ts";
import { doublingHigh, roundingDoublingHigh, shiftBy } from "./simd_lane_arithmetic.ts";
import { shiftLanes } from "./simd_lane_shift.ts";
import { simdSaturatingAdd } from "./simd_saturating_add.ts";
import { wordIndex, words } from "./crypto_words.ts";

type Emit = (size: number, n: V128, m: V128, d: V128, form: Fields) => V128;

interface Row {
  readonly name: string;
  readonly U: 0 | 1;
  readonly opcode: string;
  readonly sizes: Sizes;
  /** Of the scalar instruction, where there is one. */
  readonly scalar?: Sizes;
  readonly emit?: Emit;
  /** Of signed lanes, or of unsigned ones. */
  readonly isSigned?: boolean;
  readonly run?: OfTwo;
}

const row = (name: string, U: 0 | 1, opcode: string, sizes: Sizes, emit: Emit, scalar?: Sizes): Row => (
  scalar ? { name, U, opcode, sizes, scalar, emit } : { name, U, opcode, sizes, emit }
);

type Either = (size: number, isSigned: boolean, n: V128, m: V128) => V128;

/** S and U before the name, with the encoding's bit U: of signed lanes and of unsigned ones. */
const either = (name: string, opcode: string, sizes: Sizes, emit: Either, scalar?: Sizes): Row[] => [
  row(`S${name}`, 0, opcode, sizes, (size, n, m) => emit(size, true, n, m), scalar),
  row(`U${name}`, 1, opcode, sizes, (size, n, m) => emit(size, false, n, m), scalar),
];

/** The same of meanings in TypeScript. */
const eitherRun = (name: string, opcode: string, scalar: Sizes, run: OfTwo): Row[] => [
  { name: `S${name}`, U: 0, opcode, sizes: allSizes, scalar, isSigned: true, run },
  { name: `U${name}`, U: 1, opcode, sizes: allSizes, scalar, isSigned: false, run },
];

const isNonzero = (size: number, value: V128) => notBits(equal(size, value, xorBits(value, value)));

const absoluteDifference = (isSigned: boolean) => (size: number, n: V128, m: V128) =>
  isSigned
    ? subLanes(size, maxS(size, n, m), minS(size, n, m))
    : subLanes(size, maxU(size, n, m), minU(size, n, m));

/** Of neighbours: first those of Rn, then those of Rm. */
const pairwise = (operation: (size: number, a: V128, b: V128) => V128): Emit => (size, n, m, _, { Q }) => {
  const of = (a: V128, b: V128) =>
    operation(size, everySecond(size, a, b, false), everySecond(size, a, b, true));
  if (Q) return of(n, m);
  return bindQ(pick(n, m, (byte) => byte < 8 ? byte : byte + 8), (joined) => of(joined, joined));
};

const doublingProduct = (name: string, U: 0 | 1, run: OfTwo): Row => ({
  name,
  U,
  opcode: "10110",
  sizes: doubling,
  scalar: doubling,
  isSigned: true,
  run,
});

const rows: readonly Row[] = [
  ...either("HADD", "00000", upTo32, halvingSum),
  ...either("RHADD", "00010", upTo32, roundingHalvingSum),
  ...either("HSUB", "00100", upTo32, halvingDifference),
  ...either("SHL", "01000", allSizes, shiftLanes, only64),
  ...eitherRun("QSHL", "01001", allSizes, (n, m, lane) => lane.fit(shiftBy(n, m, false))),
  ...eitherRun("RSHL", "01010", only64, (n, m) => shiftBy(n, m, true)),
  ...eitherRun("QRSHL", "01011", allSizes, (n, m, lane) => lane.fit(shiftBy(n, m, true))),
  doublingProduct("SQDMULH", 0, doublingHigh),
  doublingProduct("SQRDMULH", 1, roundingDoublingHigh),
  row("CMGT", 0, "00110", allSizes, greaterS, only64),
  row("CMHI", 1, "00110", allSizes, greaterU, only64),
  row("CMGE", 0, "00111", allSizes, greaterEqualS, only64),
  row("CMHS", 1, "00111", allSizes, greaterEqualU, only64),
  row("SMAX", 0, "01100", upTo32, maxS),
  row("UMAX", 1, "01100", upTo32, maxU),
  row("SMIN", 0, "01101", upTo32, minS),
  row("UMIN", 1, "01101", upTo32, minU),
  row("SABD", 0, "01110", upTo32, absoluteDifference(true)),
  row("UABD", 1, "01110", upTo32, absoluteDifference(false)),
  row("SABA", 0, "01111", upTo32, (size, n, m, d) => addLanes(size, d, absoluteDifference(true)(size, n, m))),
  row(
    "UABA",
    1,
    "01111",
    upTo32,
    (size, n, m, d) => addLanes(size, d, absoluteDifference(false)(size, n, m)),
  ),
  row("ADD", 0, "10000", allSizes, addLanes, only64),
  row("SUB", 1, "10000", allSizes, subLanes, only64),
  row("CMTST", 0, "10001", allSizes, (size, n, m) => bindQ(andBits(n, m), (v) => isNonzero(size, v)), only64),
  row("CMEQ", 1, "10001", allSizes, equal, only64),
  row("MLA", 0, "10010", upTo32, (size, n, m, d) => addLanes(size, d, mulLanes(size, n, m))),
  row("MLS", 1, "10010", upTo32, (size, n, m, d) => subLanes(size, d, mulLanes(size, n, m))),
  row("MUL", 0, "10011", upTo32, mulLanes),
  row("SMAXP", 0, "10100", upTo32, pairwise(maxS)),
  row("UMAXP", 1, "10100", upTo32, pairwise(maxU)),
  row("SMINP", 0, "10101", upTo32, pairwise(minS)),
  row("UMINP", 1, "10101", upTo32, pairwise(minU)),
  row("ADDP", 0, "10111", allSizes, pairwise(addLanes)),
];

const vectorAssembly = (name: string) => ({ Rd, Rn, Rm, size, Q }: Fields) =>
  `${name.toLowerCase()} ${[Rd!, Rn!, Rm!].map((n) => vectorName(n, size!, Q!)).join(", ")}`;

function operate(emit: Emit, t: Target, form: Fields): V128 {
  return emit(form.size!, t.q("Rn"), t.q("Rm"), t.q("Rd"), form);
}

function vectorForm({ name, U, opcode, sizes, emit, isSigned = false, run }: Row): Definition {
  const meaning: Meaning = {
    uses: "fp",
    valid: hasSize(sizes),
    assembly: vectorAssembly(name),
  };
  return instruction(`${name} (vector)`, `0 Q:1 ${U} 01110 size:2 1 Rm:5 ${opcode} 1 Rn:5 Rd:5`, {
    ...meaning,
    ...(emit && {
      operands: twoVectors,
      forms: ["size", "Q"],
      emit: emitForSizes(sizes, (t, form) => operate(emit, t, form)),
    }),
    ...(run && { run: runTwo(isSigned, false, (n, m, _, lane) => run(n, m, lane)) }),
  });
}

function scalarForm({ name, U, opcode, scalar, emit, isSigned = false, run }: Row, sizes: Sizes): Definition {
  return instruction(`${name} (scalar)`, `01 ${U} 11110 size:2 1 Rm:5 ${opcode} 1 Rn:5 Rd:5`, {
    uses: "fp",
    valid: hasScalarSize(sizes),
    assembly: ({ Rd, Rn, Rm, size }) =>
      `${name.toLowerCase()} ${[Rd!, Rn!, Rm!].map((n) => scalarName(n, size!)).join(", ")}`,
    ...(emit && scalar && {
      operands: twoVectors,
      emit: (t: Target) => t.setQ("Rd", keepLow(8, operate(emit, t, { size: 3, Q: 1 }))),
    }),
    ...(run && { run: runTwo(isSigned, true, (n, m, _, lane) => run(n, m, lane)) }),
  });
}

type Logical = (n: V128, m: V128, d: V128) => V128;

const logical = (name: string, U: 0 | 1, size: string, compute: Logical) =>
  instruction(`${name} (vector)`, `0 Q:1 ${U} 01110 ${size} 1 Rm:5 00011 1 Rn:5 Rd:5`, {
    operands: twoVectors,
    forms: ["Q"],
    uses: "fp",
    assembly: (f) =>
      name === "ORR" && f.Rn === f.Rm
        ? `mov ${vectorName(f.Rd!, 0, f.Q!)}, ${vectorName(f.Rn!, 0, f.Q!)}`
        : vectorAssembly(name)({ ...f, size: 0 }),
    emit: (t, form) => setResult(t, form, compute(t.q("Rn"), t.q("Rm"), t.q("Rd"))),
  });

const logicals: readonly Definition[] = [
  logical("AND", 0, "00", andBits),
  logical("BIC", 0, "01", andNot),
  logical("ORR", 0, "10", orBits),
  logical("ORN", 0, "11", (n, m) => orBits(n, notBits(m))),
  logical("EOR", 1, "00", xorBits),
  logical("BSL", 1, "01", (n, m, d) => bitselect(n, m, d)),
  logical("BIT", 1, "10", (n, m, d) => bitselect(n, d, m)),
  logical("BIF", 1, "11", (n, m, d) => bitselect(d, n, m)),
];

const polynomialProduct = instruction("PMUL", "0 Q:1 1 01110 size:2 1 Rm:5 10011 1 Rn:5 Rd:5", {
  uses: "fp",
  valid: hasSize(only8),
  assembly: vectorAssembly("pmul"),
  run(cpu, { Rd, Rn, Rm, Q }) {
    pmul(words(cpu), wordIndex(Rd!), wordIndex(Rn!), wordIndex(Rm!));
    clearAbove(cpu, Rd!, Q ? 16 : 8);
  },
});

export const simdThreeSame: readonly Definition[] = [
  ...rows.map(vectorForm),
  ...rows.flatMap((each) => each.scalar ? [scalarForm(each, each.scalar)] : []),
  ...simdSaturatingAdd,
  ...logicals,
  polynomialProduct,
];
