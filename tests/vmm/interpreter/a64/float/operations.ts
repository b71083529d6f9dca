// Every operation of the reference beside the instruction that the processor executes for it.

import * as arithmetic from "../../../../../vmm/interpreter/a64/float/arithmetic.ts";
import { BFDotAdd } from "../../../../../vmm/interpreter/a64/float/bfloat_dot.ts";
import * as compare from "../../../../../vmm/interpreter/a64/float/compare.ts";
import { FPConvert, FPConvertBF } from "../../../../../vmm/interpreter/a64/float/convert.ts";
import * as estimate from "../../../../../vmm/interpreter/a64/float/estimate.ts";
import * as extremes from "../../../../../vmm/interpreter/a64/float/extremes.ts";
import {
  BFLOAT,
  DOUBLE,
  type FloatFormat,
  FPNeg,
  HALF,
  SINGLE,
} from "../../../../../vmm/interpreter/a64/float/format.ts";
import * as fused from "../../../../../vmm/interpreter/a64/float/fused.ts";
import * as integer from "../../../../../vmm/interpreter/a64/float/integer.ts";
import { type FloatStatus, FPRoundingMode } from "../../../../../vmm/interpreter/a64/float/status.ts";

export interface Operation {
  readonly text: string;
  /** The formats of a, b and c; "integer" for integers and pairs of BFloat16. */
  readonly operands: readonly (FloatFormat | "integer")[];
  readonly result: "vector" | "general" | "nzcv";
  readonly resultBits: number;
  readonly run: (a: bigint, b: bigint, c: bigint, status: FloatStatus) => bigint;
}

const formats = [["h", HALF], ["s", SINGLE], ["d", DOUBLE]] as const;
type Binary = (a: bigint, b: bigint, format: FloatFormat, status: FloatStatus) => bigint;
type Unary = (a: bigint, format: FloatFormat, status: FloatStatus) => bigint;

const binary: Record<string, Binary> = {
  fadd: arithmetic.FPAdd,
  fsub: arithmetic.FPSub,
  fmul: arithmetic.FPMul,
  fmulx: arithmetic.FPMulX,
  fnmul: arithmetic.FPNegMul,
  fdiv: arithmetic.FPDiv,
  fmax: extremes.FPMax,
  fmin: extremes.FPMin,
  fmaxnm: extremes.FPMaxNum,
  fminnm: extremes.FPMinNum,
  frecps: fused.FPRecipStepFused,
  frsqrts: fused.FPRSqrtStepFused,
  fcmeq: (a, b, f, s) => mask(compare.FPCompareEQ(a, b, f, s), f),
  fcmge: (a, b, f, s) => mask(compare.FPCompareGE(a, b, f, s), f),
  fcmgt: (a, b, f, s) => mask(compare.FPCompareGT(a, b, f, s), f),
};
const unary: Record<string, Unary> = {
  fsqrt: arithmetic.FPSqrt,
  frecpe: estimate.FPRecipEstimate,
  frsqrte: estimate.FPRSqrtEstimate,
  frecpx: estimate.FPRecpX,
  frintx: (a, f, s) => integer.FPRoundInt(a, FPRoundingMode(s), true, f, s),
  frinti: (a, f, s) => integer.FPRoundInt(a, FPRoundingMode(s), false, f, s),
};
/** The instruction's last letter for each FPRounding but the last. */
const roundings = ["n", "p", "m", "z", "a"];

function mask(holds: boolean, format: FloatFormat): bigint {
  return holds ? (1n << BigInt(format.bits)) - 1n : 0n;
}

function vector(
  text: string,
  operands: Operation["operands"],
  resultBits: number,
  run: Operation["run"],
): Operation {
  return { text, operands, result: "vector", resultBits, run };
}

function* inFormat(r: string, f: FloatFormat): Generator<Operation> {
  for (const [name, op] of Object.entries(binary)) {
    yield vector(`${name} ${r}0, ${r}1, ${r}2`, [f, f], f.bits, (a, b, _, s) => op(a, b, f, s));
  }
  for (const [name, op] of Object.entries(unary)) {
    yield vector(`${name} ${r}0, ${r}1`, [f], f.bits, (a, _b, _c, s) => op(a, f, s));
  }
  yield vector(`fmadd ${r}0, ${r}1, ${r}2, ${r}0`, [f, f, f], f.bits, (a, b, c, s) => {
    return fused.FPMulAdd(c, a, b, f, s);
  });
  yield vector(`fnmsub ${r}0, ${r}1, ${r}2, ${r}0`, [f, f, f], f.bits, (a, b, c, s) => {
    return fused.FPMulAdd(FPNeg(c, f), a, b, f, s);
  });
  for (const signal of [false, true]) {
    const text = `fcmp${signal ? "e" : ""} ${r}1, ${r}2`;
    const run: Operation["run"] = (a, b, _, s) => BigInt(compare.FPCompare(a, b, signal, f, s));
    yield { text, operands: [f, f], result: "nzcv", resultBits: 4, run };
  }
  for (const [rounding, letter] of roundings.entries()) {
    const run: Operation["run"] = (a, _b, _c, s) => integer.FPRoundInt(a, rounding, false, f, s);
    yield vector(`frint${letter} ${r}0, ${r}1`, [f], f.bits, run);
  }
  yield* toIntegers(r, f);
}

function* toIntegers(r: string, f: FloatFormat): Generator<Operation> {
  for (const unsigned of [false, true]) {
    const u = unsigned ? "u" : "s";
    for (const [x, bits] of [["w", 32], ["x", 64]] as const) {
      for (const [rounding, letter] of roundings.entries()) {
        const run: Operation["run"] = (a, _b, _c, s) =>
          integer.FPToFixed(a, 0, unsigned, bits, rounding, f, s);
        const text = `fcvt${letter}${u} ${x}0, ${r}1`;
        yield { text, operands: [f], result: "general", resultBits: bits, run };
      }
      for (const places of [1, 13, bits]) {
        const run: Operation["run"] = (a, _b, _c, s) => integer.FPToFixed(a, places, unsigned, bits, 3, f, s);
        const text = `fcvtz${u} ${x}0, ${r}1, #${places}`;
        yield { text, operands: [f], result: "general", resultBits: bits, run };
      }
      for (const places of [0, 1, 13, bits]) {
        const text = `${u}cvtf ${r}0, ${x}1${places === 0 ? "" : `, #${places}`}`;
        yield vector(text, ["integer"], f.bits, (a, _b, _c, s) => {
          return integer.FixedToFP(a, places, unsigned, bits, f, s);
        });
      }
    }
    yield* halfIntegers(r, f, u, unsigned);
  }
}

/** 16-bit integers exist beside half precision only. */
function* halfIntegers(r: string, f: FloatFormat, u: string, unsigned: boolean): Generator<Operation> {
  if (f !== HALF) return;
  for (const places of [1, 16]) {
    yield vector(`fcvtz${u} ${r}0, ${r}1, #${places}`, [f], 16, (a, _b, _c, s) => {
      return integer.FPToFixed(a, places, unsigned, 16, 3, f, s);
    });
    yield vector(`${u}cvtf ${r}0, ${r}1, #${places}`, ["integer"], 16, (a, _b, _c, s) => {
      return integer.FixedToFP(a, places, unsigned, 16, f, s);
    });
  }
}

function* betweenFormats(): Generator<Operation> {
  for (const [r, from] of formats) {
    for (const [q, to] of formats) {
      if (from === to) continue;
      yield vector(`fcvt ${q}0, ${r}1`, [from], to.bits, (a, _b, _c, s) => {
        return FPConvert(a, from, to, FPRoundingMode(s), s);
      });
    }
  }
  yield vector("fcvtxn s0, d1", [DOUBLE], 32, (a, _b, _c, s) => FPConvert(a, DOUBLE, SINGLE, 5, s));
  yield vector("bfcvt h0, s1", [SINGLE], 16, (a, _b, _c, s) => FPConvertBF(a, s));
  yield {
    text: "fjcvtzs w0, d1\\n cset x1, eq\\n orr x0, x0, x1, lsl #32",
    operands: [DOUBLE],
    result: "general",
    resultBits: 33,
    run: (a, _b, _c, s) => integer.FPToFixedJS(a, s),
  };
  for (const [r, f] of [["s", SINGLE], ["d", DOUBLE]] as const) {
    for (const bits of [32, 64] as const) {
      yield vector(`frint${bits}x ${r}0, ${r}1`, [f], f.bits, (a, _b, _c, s) => {
        return integer.FPRoundIntN(a, FPRoundingMode(s), bits, f, s);
      });
      yield vector(`frint${bits}z ${r}0, ${r}1`, [f], f.bits, (a, _b, _c, s) => {
        return integer.FPRoundIntN(a, 3, bits, f, s);
      });
    }
  }
}

function* mixed(): Generator<Operation> {
  yield vector(
    "fmlal v0.2s, v1.2h, v2.2h",
    [HALF, HALF, SINGLE],
    32,
    (a, b, c, s) => fused.FPMulAddH(c, a, b, s),
  );
  yield vector("fmlsl v0.2s, v1.2h, v2.2h", [HALF, HALF, SINGLE], 32, (a, b, c, s) => {
    return fused.FPMulAddH(c, FPNeg(a, HALF), b, s);
  });
  yield vector("bfmlalb v0.4s, v1.8h, v2.8h", [BFLOAT, BFLOAT, SINGLE], 32, (a, b, c, s) => {
    return fused.BFMulAddH(c, a, b, s);
  });
  // Two BFloat16 stand in one single-precision operand.
  yield vector("bfdot v0.2s, v1.4h, v2.4h", [SINGLE, SINGLE, SINGLE], 32, (a, b, c) => {
    return BFDotAdd(c, a & 0xffffn, a >> 16n, b & 0xffffn, b >> 16n);
  });
  yield vector("urecpe v0.2s, v1.2s", ["integer"], 32, (a) => {
    return BigInt(estimate.UnsignedRecipEstimate(Number(BigInt.asUintN(32, a))));
  });
  yield vector("ursqrte v0.2s, v1.2s", ["integer"], 32, (a) => {
    return BigInt(estimate.UnsignedRSqrtEstimate(Number(BigInt.asUintN(32, a))));
  });
}

export const operations: readonly Operation[] = [
  ...formats.flatMap(([r, f]) => [...inFormat(r, f)]),
  ...betweenFormats(),
  ...mixed(),
];
