// Steps of trigonometric functions and of powers (Arm DDI 0487, "FTMAD", "FTSMUL", "FTSSEL", "FEXPA", and the
// shared pseudocode "FPTrigMAD", "FPTrigSMul", "FPTrigSSel", "FPExpA").

import type { Definition } from "../definition.ts";
import { FPMul } from "../float/arithmetic.ts";
import { DOUBLE, type FloatFormat, FPAbs, FPConstant, FPNeg, HALF, SINGLE } from "../float/format.ts";
import { FPMulAdd } from "../float/fused.ts";
import type { Binary, Unary } from "./float_formats.ts";
import { zNames } from "./sve_assembly.ts";
import { floatOfTwo, formatOfSize, sveFloat } from "./sve_float_formats.ts";
import { eachLane, laneOf, lanesOf, setLanes } from "./sve_registers.ts";

/** FPTrigMADCoefficient: of sines, then of cosines; those that are not there are zero. */
const coefficients: ReadonlyMap<FloatFormat, readonly (readonly bigint[])[]> = new Map([
  [HALF, [[0x3c00n, 0xb155n, 0x2030n], [0x3c00n, 0xb800n, 0x293an]]],
  [SINGLE, [
    [0x3f80_0000n, 0xbe2a_aaabn, 0x3c08_8886n, 0xb950_08b9n, 0x3636_9d6dn],
    [0x3f80_0000n, 0xbf00_0000n, 0x3d2a_aaa6n, 0xbab6_0705n, 0x37cd_37ccn],
  ]],
  [DOUBLE, [
    [
      0x3ff0_0000_0000_0000n,
      0xbfc5_5555_5555_5543n,
      0x3f81_1111_1110_f30cn,
      0xbf2a_01a0_19b9_2fc6n,
      0x3ec7_1de3_51f3_d22bn,
      0xbe5a_e5e2_b60f_7b91n,
      0x3de5_d840_8868_552fn,
    ],
    [
      0x3ff0_0000_0000_0000n,
      0xbfe0_0000_0000_0000n,
      0x3fa5_5555_5555_5536n,
      0xbf56_c16c_16c1_3a0bn,
      0x3efa_01a0_19b1_e8d8n,
      0xbe92_7e4f_7282_f468n,
      0x3e21_ee96_d264_1b13n,
      0xbda8_f763_80fb_b401n,
    ],
  ]],
]);

const isNegative = (value: bigint, format: FloatFormat) => (value & format.signMask) !== 0n;

/** The second operand's sign chooses the cosine's. */
const FPTrigMAD = (imm3: number): Binary => (a, b, format, status) => {
  const addend = coefficients.get(format)![isNegative(b, format) ? 1 : 0]![imm3] ?? 0n;
  return FPMulAdd(addend, a, FPAbs(b, format), format, status);
};

const isNumber = (value: bigint, format: FloatFormat) => FPAbs(value, format) <= format.infinity;

/** A square, with the sign that the second operand's lowest bit says. */
const FPTrigSMul: Binary = (a, b, format, status) => {
  const square = FPMul(a, a, format, status);
  if (!isNumber(square, format)) return square;
  return FPAbs(square, format) | (b & 1n ? format.signMask : 0n);
};

/** The first operand or 1.0, negated or not: by the quadrant in the second's lowest bits. */
const FPTrigSSel: Binary = (a, b, format) => {
  const value = b & 1n ? FPConstant(false, 2, format) : a;
  return b & 2n ? FPNeg(value, format) : value;
};

/** Rounded down. */
function squareRoot(value: bigint): bigint {
  let root = 1n << BigInt(value.toString(2).length + 1 >> 1);
  while (true) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** More than the widest fraction there is, by enough to round. */
const extraBits = 128n;
const one = 1n << extraBits;
const indexBits = (format: FloatFormat) => format === HALF ? 5 : 6;

/** 2^(n / 2^bits) for each n, as fractions of the format rounded to nearest. */
function powers(format: FloatFormat): bigint[] {
  let step = 2n * one;
  for (let n = 0; n < indexBits(format); n++) step = squareRoot(step << extraBits);
  const rest = extraBits - format.fraction, half = 1n << rest - 1n;
  let power = one;
  return Array.from({ length: 2 ** indexBits(format) }, () => {
    const fraction = (power + half >> rest) & format.fractionMask;
    power = power * step >> extraBits;
    return fraction;
  });
}

const powersOf = new Map([HALF, SINGLE, DOUBLE].map((format) => [format, powers(format)]));

/** An exponent as it stands, above the index of a fraction. */
const FPExpA: Unary = (a, format) => {
  const bits = BigInt(indexBits(format)), index = Number(BigInt.asUintN(Number(bits), a));
  const exponent = BigInt.asUintN(format.exponentBits, a >> bits);
  return exponent << format.fraction | powersOf.get(format)![index]!;
};

export const sveFloatTrigonometry: readonly Definition[] = [
  sveFloat("FTMAD", "01100101 size:2 010 imm3:3 100000 Zm:5 Zdn:5", {
    assembly: (f) => `ftmad ${zNames(f, f.size!, "Zdn", "Zdn", "Zm")}, #${f.imm3}`,
    run(cpu, { Zdn, Zm, size, imm3 }) {
      const format = formatOfSize(size!), compute = FPTrigMAD(imm3!);
      const of = (lane: number) =>
        compute(laneOf(cpu, Zdn!, size!, lane), laneOf(cpu, Zm!, size!, lane), format, cpu);
      setLanes(cpu, Zdn!, size!, eachLane(cpu, size!, of));
    },
  }),
  sveFloat("FTSMUL", "01100101 size:2 0 Zm:5 000 011 Zn:5 Zd:5", {
    assembly: (f) => `ftsmul ${zNames(f, f.size!, "Zd", "Zn", "Zm")}`,
    run: floatOfTwo(FPTrigSMul),
  }),
  sveFloat("FTSSEL", "00000100 size:2 1 Zm:5 101100 Zn:5 Zd:5", {
    assembly: (f) => `ftssel ${zNames(f, f.size!, "Zd", "Zn", "Zm")}`,
    run: floatOfTwo(FPTrigSSel),
  }),
  sveFloat("FEXPA", "00000100 size:2 1 00000 101110 Zn:5 Zd:5", {
    assembly: (f) => `fexpa ${zNames(f, f.size!, "Zd", "Zn")}`,
    run(cpu, { Zd, Zn, size }) {
      const format = formatOfSize(size!);
      setLanes(cpu, Zd!, size!, lanesOf(cpu, Zn!, size!).map((value) => FPExpA(value, format, cpu)));
    },
  }),
];
