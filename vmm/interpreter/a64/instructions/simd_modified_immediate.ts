// Arm DDI 0487, "Data Processing -- Scalar Floating-Point and Advanced SIMD", "Advanced SIMD modified
// immediate", and the shared pseudocode "AdvSIMDExpandImm" and "VFPExpandImm".

import { type Definition, type Fields, instruction, type Meaning, vector } from "../definition.ts";
import { vectorName } from "../simd_assembly.ts";
import { andNot, orBits } from "../simd_vocabulary.ts";
import type { Target } from "../target.ts";
import type { V128 } from "../vocabulary.ts";
import { bothHalves } from "./load_store_lanes.ts";
import { setResult } from "./simd_class.ts";

const imm8 = ({ abc, defgh }: Fields) => abc! << 5 | defgh!;

const everyWord = 0x1_0000_0001n, everyHalf = 0x1_0001_0001_0001n, everyByte = 0x101_0101_0101_0101n;

const words = (f: Fields) => BigInt(imm8(f)) << BigInt(8 * f.amount!);
/** Shifted in ones in place of zeroes. */
function wordsOfOnes(f: Fields): bigint {
  const amount = BigInt(8 << f.amount!);
  return BigInt(imm8(f)) << amount | (1n << amount) - 1n;
}

/** Eight bits, each eight times. */
function everyBit(f: Fields): bigint {
  let value = 0n;
  for (let bit = 0; bit < 8; bit++) if (imm8(f) >> bit & 1) value |= 0xffn << BigInt(8 * bit);
  return value;
}

/** A floating-point number with so many bits of exponent and of fraction. */
function expandFloat(imm: number, exponent: number, fraction: number): bigint {
  const sign = BigInt(imm >> 7), b = imm >> 6 & 1;
  const ones = (1n << BigInt(exponent - 3)) - 1n;
  const high = b ? 0n : 1n;
  const upper = (sign << 1n | high) << BigInt(exponent - 3) | (b ? ones : 0n);
  return (upper << 6n | BigInt(imm & 0x3f)) << BigInt(fraction - 4);
}

const replicated = (value: (f: Fields) => bigint, every: bigint) => (f: Fields) => value(f) * every;

const encodingOf = (op: 0 | 1, cmode: string, o2: 0 | 1) =>
  `0 Q:1 ${op} 0111100000 abc:3 ${cmode} ${o2} 1 defgh:5 Rd:5`;

const floatValue = (f: Fields) => {
  const imm = imm8(f);
  const exponent = (imm >> 4 & 7 ^ 4) - 3;
  return (imm >> 7 ? -1 : 1) * (16 + (imm & 15)) / 16 * 2 ** exponent;
};

const hexadecimal = (f: Fields) => `#0x${imm8(f).toString(16)}`;
const shifted = (f: Fields) => f.amount ? `, lsl #${8 * f.amount}` : "";

const move = (
  value: (f: Fields) => bigint,
  assembly: Meaning["assembly"],
): Pick<Meaning, "operands" | "immediate" | "forms" | "uses" | "assembly" | "emit"> => ({
  operands: { Rd: vector("Rd") },
  immediate: value,
  forms: ["Q"],
  uses: "fp",
  assembly,
  emit: (t: Target, form: Fields) => setResult(t, form, bothHalves(t.immediate())),
});

const change = (
  value: (f: Fields) => bigint,
  combine: (d: V128, immediate: V128) => V128,
  assembly: Meaning["assembly"],
) => ({
  ...move(value, assembly),
  emit: (t: Target, form: Fields) => setResult(t, form, combine(t.q("Rd"), bothHalves(t.immediate()))),
});

const inverted = (value: (f: Fields) => bigint) => (f: Fields) => ~value(f);

const text = (name: string, size: number, after: (f: Fields) => string = shifted) => (f: Fields) =>
  `${name} ${vectorName(f.Rd!, size, f.Q!)}, ${hexadecimal(f)}${after(f)}`;

type Float = Pick<Meaning, "needs" | "valid">;

const float = (
  name: string,
  op: 0 | 1,
  o2: 0 | 1,
  size: number,
  value: (f: Fields) => bigint,
  more: Float = {},
) =>
  instruction(`FMOV (vector, immediate, ${name} precision)`, encodingOf(op, "1111", o2), {
    ...move(value, (f) => `fmov ${vectorName(f.Rd!, size, f.Q!)}, #${floatText(floatValue(f))}`),
    ...more,
  });

/** As binutils prints it. */
function floatText(value: number): string {
  const [digits, exponent] = value.toExponential(18).split("e");
  return `${digits}e${exponent![0]}${exponent!.slice(1).padStart(2, "0")}`;
}

const word = replicated(words, everyWord), half = replicated(words, everyHalf);
const ones = replicated(wordsOfOnes, everyWord);
const ofOnes = (f: Fields) => `, msl #${8 << f.amount!}`;

export const simdModifiedImmediate: readonly Definition[] = [
  instruction("MOVI (32 bits)", encodingOf(0, "0 amount:2 0", 0), move(word, text("movi", 2))),
  instruction(
    "ORR (immediate, 32 bits)",
    encodingOf(0, "0 amount:2 1", 0),
    change(word, orBits, text("orr", 2)),
  ),
  instruction("MOVI (16 bits)", encodingOf(0, "10 amount:1 0", 0), move(half, text("movi", 1))),
  instruction(
    "ORR (immediate, 16 bits)",
    encodingOf(0, "10 amount:1 1", 0),
    change(half, orBits, text("orr", 1)),
  ),
  instruction("MOVI (32 bits, ones)", encodingOf(0, "110 amount:1", 0), move(ones, text("movi", 2, ofOnes))),
  instruction(
    "MOVI (8 bits)",
    encodingOf(0, "1110", 0),
    move((f) => BigInt(imm8(f)) * everyByte, text("movi", 0)),
  ),
  instruction("MVNI (32 bits)", encodingOf(1, "0 amount:2 0", 0), move(inverted(word), text("mvni", 2))),
  instruction(
    "BIC (immediate, 32 bits)",
    encodingOf(1, "0 amount:2 1", 0),
    change(word, andNot, text("bic", 2)),
  ),
  instruction("MVNI (16 bits)", encodingOf(1, "10 amount:1 0", 0), move(inverted(half), text("mvni", 1))),
  instruction(
    "BIC (immediate, 16 bits)",
    encodingOf(1, "10 amount:1 1", 0),
    change(half, andNot, text("bic", 1)),
  ),
  instruction(
    "MVNI (32 bits, ones)",
    encodingOf(1, "110 amount:1", 0),
    move(inverted(ones), text("mvni", 2, ofOnes)),
  ),
  instruction(
    "MOVI (64 bits)",
    encodingOf(1, "1110", 0),
    move(
      everyBit,
      (f) => `movi ${f.Q ? vectorName(f.Rd!, 3, 1) : `d${f.Rd}`}, #0x${everyBit(f).toString(16)}`,
    ),
  ),
  float("single", 0, 0, 2, (f) => expandFloat(imm8(f), 8, 23) * everyWord),
  float("half", 0, 1, 1, (f) => expandFloat(imm8(f), 5, 10) * everyHalf, {
    needs: ["ID_AA64PFR0_EL1", 16, 1],
  }),
  float("double", 1, 0, 3, (f) => expandFloat(imm8(f), 11, 52), { valid: ({ Q }) => Q === 1 }),
];
