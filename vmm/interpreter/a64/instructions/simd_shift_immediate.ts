// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD shift by
// immediate" and "Advanced SIMD scalar shift by immediate": integers whose width stays. The highest bit of
// immh is the size: each size is a definition.

import { type Definition, type Fields, instruction } from "../definition.ts";
import { scalarName, vectorName } from "../simd_assembly.ts";
import {
  addLanes,
  andBits,
  keepLow,
  shiftRight,
  shlLanes,
  shrSLanes,
  shrULanes,
  splatBits,
} from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import { const32, const64, type I32, sub32, type V128, wrap } from "../vocabulary.ts";
import { bitselect } from "./load_store_lanes.ts";
import { allSizes, type OfOne, oneVector, only64, runOne, setResult, type Sizes } from "./simd_class.ts";

/** immh and immb of a size, of which the size's bits are `imm`. */
export const immediateBits = (size: number) => `${"0".repeat(3 - size)}1 imm:${3 + size}`;
/** 1 to the lane's bits. */
export const rightShift = (size: number) => ({ imm }: Fields) => (8 << size) - imm!;
/** 0 to one less. */
const leftShift = ({ imm }: Fields) => imm!;

type Emit = (size: number, n: V128, amount: I32, d: V128) => V128;

interface Row {
  readonly name: string;
  readonly U: 0 | 1;
  readonly opcode: string;
  readonly isLeft: boolean;
  /** Sizes of the scalar instruction. */
  readonly scalar: Sizes;
  readonly emit?: Emit;
  /** Of operands that are signed or not. */
  readonly isSigned?: boolean;
  readonly run?: (amount: bigint) => OfOne;
}

/** With the highest bit that is lost added. */
const rounding = (isSigned: boolean): Emit => (size, n, amount) => {
  const shift = isSigned ? shrSLanes : shrULanes;
  const lost = shift(size, n, sub32(amount, const32(1)));
  return addLanes(size, shiftRight(size, n, amount, isSigned), andBits(lost, splatBits(size, const64(1))));
};
const plain = (isSigned: boolean): Emit => (size, n, amount) => shiftRight(size, n, amount, isSigned);
const accumulating = (shift: Emit): Emit => (size, n, amount, d) =>
  addLanes(size, d, shift(size, n, amount, d));

/** Bits that are shifted in are Rd's. */
const inserting = (isLeft: boolean): Emit => (size, n, amount, d) => {
  const shift = (value: V128) =>
    isLeft ? shlLanes(size, value, amount) : shiftRight(size, value, amount, false);
  return bitselect(shift(n), d, shift(splatBits(size, const64(-1))));
};

const right = (name: string, U: 0 | 1, opcode: string, emit: Emit): Row => ({
  name,
  U,
  opcode,
  isLeft: false,
  scalar: only64,
  emit,
});

const saturating = (
  name: string,
  U: 0 | 1,
  opcode: string,
  isSigned: boolean,
  run: (amount: bigint) => OfOne,
): Row => ({ name, U, opcode, isLeft: true, scalar: allSizes, isSigned, run });

const rows: readonly Row[] = [
  right("SSHR", 0, "00000", plain(true)),
  right("USHR", 1, "00000", plain(false)),
  right("SSRA", 0, "00010", accumulating(plain(true))),
  right("USRA", 1, "00010", accumulating(plain(false))),
  right("SRSHR", 0, "00100", rounding(true)),
  right("URSHR", 1, "00100", rounding(false)),
  right("SRSRA", 0, "00110", accumulating(rounding(true))),
  right("URSRA", 1, "00110", accumulating(rounding(false))),
  right("SRI", 1, "01000", inserting(false)),
  { ...right("SLI", 1, "01010", inserting(true)), isLeft: true },
  { ...right("SHL", 0, "01010", (size, n, amount) => shlLanes(size, n, amount)), isLeft: true },
  saturating("SQSHL", 0, "01110", true, (amount) => (n, lane) => lane.fit(n << amount)),
  saturating("UQSHL", 1, "01110", false, (amount) => (n, lane) => lane.fit(n << amount)),
  saturating("SQSHLU", 1, "01100", true, (amount) => (n, lane) => lane.fit(n << amount, false)),
];

const amountOf = ({ isLeft }: Row, size: number) => isLeft ? leftShift : rightShift(size);

const operate = (emit: Emit, t: Target, size: number) =>
  emit(size, t.q("Rn"), wrap(t.immediate()), t.q("Rd"));

type Run = NonNullable<Definition["run"]>;

const runOf = (row: Row, size: number, isScalar: boolean): { run?: Run } => {
  const { run, isSigned = false } = row;
  if (!run) return {};
  const amount = amountOf(row, size);
  return {
    run(cpu, f) {
      const ofOne = run(BigInt(amount(f)));
      return runOne(isSigned, isScalar, (n, _, lane) => ofOne(n, lane))(cpu, { ...f, size });
    },
  };
};

function vectorForm(row: Row, size: number): Definition {
  const { name, U, opcode, emit } = row;
  const amount = amountOf(row, size);
  return instruction(
    `${name} (vector, immediate, ${8 << size} bits)`,
    `0 Q:1 ${U} 011110 ${immediateBits(size)} ${opcode} 1 Rn:5 Rd:5`,
    {
      uses: "fp",
      valid: ({ Q }) => size < 3 || Q === 1,
      assembly: (f) =>
        `${name.toLowerCase()} ${vectorName(f.Rd!, size, f.Q!)}, ${vectorName(f.Rn!, size, f.Q!)}, #${
          amount(f)
        }`,
      ...(emit && {
        operands: oneVector,
        immediate: amount,
        forms: ["Q"],
        emit: (t: Target, form: Fields) => setResult(t, form, operate(emit, t, size)),
      }),
      ...runOf(row, size, false),
    },
  );
}

function scalarForm(row: Row, size: number): Definition {
  const { name, U, opcode, emit } = row;
  const amount = amountOf(row, size);
  return instruction(
    `${name} (scalar, immediate, ${8 << size} bits)`,
    `01 ${U} 111110 ${immediateBits(size)} ${opcode} 1 Rn:5 Rd:5`,
    {
      uses: "fp",
      assembly: (f) =>
        `${name.toLowerCase()} ${scalarName(f.Rd!, size)}, ${scalarName(f.Rn!, size)}, #${amount(f)}`,
      ...(emit && {
        operands: oneVector,
        immediate: amount,
        emit: (t: Target) => t.setQ("Rd", keepLow(8, operate(emit, t, size))),
      }),
      ...runOf(row, size, true),
    },
  );
}

export const simdShiftImmediate: readonly Definition[] = rows.flatMap((row) => [
  ...allSizes.map((size) => vectorForm(row, size)),
  ...row.scalar.map((size) => scalarForm(row, size)),
]);
